import type { Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { TicketEvidence } from '../domain/ticket.ts';
import type { TransitionRules } from '../domain/ticket-transition.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { type Draft, draftOf, moveBySystem, tell, tellStage, warn } from './draft.ts';
import type { Conditions, DeviceCondition } from './ports.ts';
import { groupByTicket, type SaveContext, saveDrafts } from './save.ts';
import { stillDown } from './still-down.ts';
import { watch } from './watchdog.ts';

/** How many tickets each part of a sweep moved. */
export interface SweepResult {
  readonly closed: number;
  readonly resumed: number;
  readonly overdue: number;
}

interface SweepOptions {
  readonly transactor: Transactor;
  readonly conditions: Conditions;
  readonly log: Logger;
  readonly context: () => SaveContext & { readonly now: number; readonly rules: TransitionRules };
}

/** Tickets a transaction; a sweep after a long outage stays in short transactions. */
const BATCH = 500;

export function createSweep({ transactor, conditions, log, context }: SweepOptions): () => Promise<SweepResult> {
  /** 核查 by fresh data and 自恢复; a device that is not good now keeps its ticket open, however long ago it recovered. */
  async function closeRecovered(): Promise<number> {
    let closed = 0;
    let after = '';
    for (;;) {
      const page = await transactor.transaction(async (tx) => {
        const c = context();
        const found = await c.store.recovered(tx, c.now - c.settings.stableFor, after, BATCH);
        const drafts = found.map(draftOf);
        const rows = await conditions(tx, [...new Set(drafts.flatMap((draft) => draft.devices))]);
        const known = new Map(rows.map((row) => [row.device, row]));
        const names = new Map(found.flatMap((one) => one.devices.map((key, i) => [key, one.deviceIds[i]] as const)));
        const proved = drafts.filter((draft) => isProved(draft, known));
        const bad = [...new Set(proved.flatMap(({ devices }) => devices.filter((key) => !known.get(key)?.good)))];
        const facts = new Map(
          (bad.length === 0 ? [] : await c.directory.devices(tx, bad)).map((device) => [device.key, device]),
        );
        for (const draft of proved) {
          const good = draft.devices.filter((key) => known.get(key)?.good);
          const evidence = good.flatMap((key) => proof(known.get(key), names.get(key), c.now));
          const code = draft.ticket.acceptedAt === null ? 'selfRecovered' : 'verified';
          const down = stillDown(
            draft.devices.filter((key) => !good.includes(key)).flatMap((key) => facts.get(key) ?? []),
          );
          if (down) {
            const left = { kind: 'decision', at: c.now, by: 'system', detail: { stillDown: down.devices } } as const;
            const values = { devices: down.devices };
            const request = { to: 'closed', code: `${code}Mostly`, values, evidence: [...evidence, left] } as const;
            moveBySystem(draft, request, c.now, c.rules);
            tell(draft, 'stage', c.now, { reason: code, words: down.words });
            continue;
          }
          moveBySystem(draft, { to: 'closed', code, evidence }, c.now, c.rules);
          tellStage(draft, c.now, { reason: code });
        }
        await saveDrafts(tx, proved, c.now, c);
        return { read: found.length, closed: proved.length, last: found.at(-1)?.ticket.id ?? '' };
      });
      closed += page.closed;
      after = page.last;
      if (page.read < BATCH) return closed;
    }
  }

  async function resume(): Promise<number> {
    return inBatches(async (tx, c) => {
      const drafts = (await c.store.resumable(tx, c.now, BATCH)).map(draftOf);
      for (const draft of drafts) {
        const { kind, resumeStage, firing, recoveredAt } = draft.ticket;
        if (resumeStage === null) continue;
        moveBySystem(draft, { to: resumeStage, code: 'resumed' }, c.now, c.rules);
        if (kind !== 'event' && !firing && recoveredAt !== null)
          moveBySystem(draft, { to: 'verifying', code: 'recovered' }, c.now, c.rules);
        tellStage(draft, c.now);
      }
      return drafts;
    });
  }

  async function markOverdue(): Promise<number> {
    return inBatches(async (tx, c) => {
      const drafts = (await c.store.markOverdue(tx, c.now, BATCH)).map(draftOf);
      const silent = await toldHigher(tx, drafts, c);
      for (const draft of drafts) {
        warn(draft, 'overdue', c.now);
        if (!silent.has(draft)) tell(draft, 'overdue', c.now);
      }
      return drafts;
    });
  }

  async function inBatches(
    work: (tx: Parameters<Conditions>[0], c: ReturnType<typeof context>) => Promise<Draft[]>,
  ): Promise<number> {
    for (let sum = 0; ; ) {
      const count = await transactor.transaction(async (tx) => {
        const c = context();
        const drafts = await work(tx, c);
        await saveDrafts(tx, drafts, c.now, c);
        return drafts.length;
      });
      sum += count;
      if (count < BATCH) return sum;
    }
  }

  return async () => {
    const result = { closed: await closeRecovered(), resumed: await resume(), overdue: await markOverdue() };
    if (result.closed + result.resumed + result.overdue > 0) log.info({ ...result }, 'tickets swept');
    return result;
  };
}

/**
 * Tickets whose missed deadline takes them higher as well: that notice tells of both. A deadline that was put off and missed
 * again takes nothing higher, and is told by itself.
 */
async function toldHigher(
  tx: Tx,
  drafts: readonly Draft[],
  c: ReturnType<SweepOptions['context']>,
): Promise<Set<Draft>> {
  if (drafts.length === 0) return new Set();
  const ids = drafts.map(({ ticket }) => ticket.id);
  const logs = groupByTicket(await c.store.history(tx, ids));
  const done = (await c.store.escalations(tx, ids)).filter(({ level }) => level === 1);
  return new Set(
    drafts.filter(({ ticket }) => {
      const watched = watch(ticket, logs.get(ticket.id) ?? [], c);
      const before = done.find(({ ticketId, round }) => ticketId === ticket.id && round === watched?.round);
      return watched !== undefined && (before === undefined || before.at >= (ticket.dueAt ?? 0));
    }),
  );
}

/** All devices are well; of a group most of them: what stays silent has a ticket of its own by then. */
function isProved({ devices, ticket }: Draft, known: ReadonlyMap<DeviceKey, DeviceCondition>): boolean {
  const good = devices.filter((key) => known.get(key)?.good).length;
  return ticket.subject?.startsWith('group:') ? good * 2 > devices.length : good === devices.length;
}

function proof(row: DeviceCondition | undefined, deviceId: string | undefined, now: number): TicketEvidence[] {
  if (!row) return [];
  return [{ kind: 'freshData', at: now, by: 'system', detail: row.detail, ...(deviceId ? { deviceId } : {}) }];
}
