import type { Logger } from '../../../adapters/adapter.ts';
import {
  DISPUTED_RETURNS,
  type Escalation,
  type EscalationLevel,
  escalationPlan,
  escalationRule,
  isPartyRound,
  partyOf,
  partyRound,
  reasonIn,
  type Watched,
} from '../domain/escalation.ts';
import type { TicketRecord } from '../domain/ticket.ts';
import { stageClock } from '../domain/ticket-clock.ts';
import type { LoggedEntry, StoredTicket } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { bilingual } from '../messages/index.ts';
import type { Desk } from './desk.ts';
import { amend, type Draft, draftOf, note, tell } from './draft.ts';
import { dueOf } from './due.ts';
import { groupByTicket } from './save.ts';

export interface WatchResult {
  /** Levels reached by themselves. */
  readonly escalated: number;
  /** Decisions now waited for (视情). */
  readonly asked: number;
}

type Context = ReturnType<Desk['context']>;
/** Tickets a transaction. */
const BATCH = 200;

/**
 * Looks at every open ticket when it changed or its time has come, and takes it higher where its limit has passed. What
 * was done is read from the database each time: a restart forgets nothing, and two gateways tell no level twice.
 */
export function createWatchdog(desk: Desk, log: Logger): () => Promise<WatchResult> {
  const { store, transactor } = desk.options;
  let reckoned = '';

  /** Limits or the calendar changed: stored deadlines are reckoned anew, once for all gateways. */
  async function reckon(): Promise<void> {
    const { limits } = desk.context();
    if (reckoned === limits.fingerprint) return;
    await transactor.transaction(async (tx) => {
      if ((await store.reckonedWith(tx)) === limits.fingerprint) return;
      const c = desk.context();
      for (let after = ''; ; ) {
        const found = await store.openAfter(tx, after, BATCH);
        const logs = groupByTicket(await store.history(tx, found.map(idOf)));
        const rows = found.map(({ ticket }) => {
          const { dueAt } = dueOf(logs.get(ticket.id) ?? [], ticket, c.now, limits);
          return { ticketId: ticket.id, dueAt };
        });
        await store.setDue(tx, rows);
        after = found.at(-1)?.ticket.id ?? '';
        if (found.length < BATCH) break;
      }
      await store.setReckonedWith(tx, limits.fingerprint);
      log.info({}, 'deadlines reckoned anew with the changed limits');
    });
    reckoned = limits.fingerprint;
  }

  async function batch(tx: Tx, c: Context) {
    const found = await store.watchable(tx, c.now, BATCH);
    const looks = await lookAt(tx, found, c);
    const rows = looks.flatMap((one) => one.rows);
    const lapsed = looks.flatMap((one) => one.lapsed);
    const won = new Set([
      ...(await store.addEscalations(
        tx,
        rows.filter((row) => row.state !== 'confirmed'),
      )),
      ...(await store.decideEscalations(tx, [...rows.filter((row) => row.state === 'confirmed'), ...lapsed])),
    ]);
    const names = await store.orgNames(tx, namedIn(rows));
    const drafts = looks.map(({ draft, rows: own }) => {
      const reached = own.filter((row) => won.has(escalationKey(row)));
      // The stage and each 协办 have clocks of their own: what they take higher are different notices.
      for (const round of new Set(reached.map((row) => row.round))) {
        const together = reached.filter((row) => row.round === round);
        amend(draft, {});
        for (const row of together) record(draft, row, names, c.now);
        tellHigher(draft, together, names, c.now);
      }
      return draft;
    });
    await desk.save(tx, drafts, c);
    await store.setWatched(
      tx,
      looks.map(({ draft, nextAt }) => ({ ticketId: draft.ticket.id, revision: draft.ticket.revision, nextAt })),
    );
    const done = rows.filter((row) => won.has(escalationKey(row)));
    const asked = done.filter((row) => row.state === 'pending').length;
    return { looked: found.length, escalated: done.length - asked, asked };
  }

  async function lookAt(tx: Tx, found: readonly StoredTicket[], c: Context) {
    const ids = found.map(idOf);
    const logs = groupByTicket(await store.history(tx, ids));
    const done = await store.escalations(tx, ids);
    const waiting = await store.unanswered(tx, ids);
    const modules = [...new Set(found.flatMap(({ ticket }) => ticket.module ?? []))];
    const leads = await desk.options.directory.leads(tx, modules);
    return found.map((stored) => {
      const { ticket } = stored;
      const lead = leads.get(ticket.module ?? '') ?? null;
      const own = done.filter((row) => row.ticketId === ticket.id);
      const centre = c.settings.dutyDesk?.orgId ?? null;
      const rule = escalationRule(c.settings.escalation, ticket.module, ticket.priority);
      const watched = watch(ticket, logs.get(ticket.id) ?? [], c);
      const helping = watched ? waiting.filter(({ ticketId }) => ticketId === ticket.id) : [];
      const clocks = [
        ...(watched ? [{ ...watched, about: ticket }] : []),
        ...helping.map((party) => responseOf(party, ticket, c)),
      ];
      const plans = clocks.map((clock) => {
        const inRound = own.filter((row) => row.round === clock.round);
        const plan = escalationPlan(clock, rule, lead === null || lead === centre, inRound, c.now);
        const rows = plan.steps.map(({ level, state }): Escalation => {
          const before = inRound.find((row) => row.level === level);
          const decided = state === 'confirmed' ? { decidedBy: 'system', decidedAt: c.now } : NOT_DECIDED;
          return {
            ticketId: ticket.id,
            round: clock.round,
            level,
            reason: clock.reason,
            state,
            orgIds: targets(level, clock.about, lead, centre),
            at: before?.at ?? c.now,
            ...decided,
            decisionNote: null,
          };
        });
        return { rows, nextAt: plan.nextAt };
      });
      // Nobody needs to decide any more about a stage that is over, or about who answered.
      const rounds = clocks.map(({ round }) => round);
      const lapsed = own
        .filter((row) => row.state === 'pending' && !rounds.includes(row.round))
        .map((row) => ({ ...row, state: 'declined' as const, decidedBy: 'system', decidedAt: c.now }));
      const next = plans.flatMap(({ nextAt }) => nextAt ?? []);
      const nextAt = next.length === 0 ? null : Math.min(...next);
      return { draft: draftOf(stored), rows: plans.flatMap(({ rows }) => rows), lapsed, nextAt };
    });
  }

  return async () => {
    await reckon();
    const sum = { escalated: 0, asked: 0 };
    for (;;) {
      const one = await transactor.transaction((tx) => batch(tx, desk.context()));
      sum.escalated += one.escalated;
      sum.asked += one.asked;
      if (one.looked < BATCH) break;
    }
    if (sum.escalated + sum.asked > 0) log.info({ ...sum }, 'tickets escalated');
    return sum;
  };
}

const NOT_DECIDED = { decidedBy: null, decidedAt: null };
const idOf = ({ ticket }: StoredTicket) => ticket.id;

/** Organisations whose names stand in what is said of escalations. */
export function namedIn(rows: readonly Escalation[]): string[] {
  const ids = rows.flatMap(({ orgIds, round }) => [...orgIds, partyOf(round)]);
  return [...new Set(ids.filter((id) => id !== null))];
}

export function escalationKey({ ticketId, round, level }: Escalation): string {
  return `${ticketId} ${round} ${level}`;
}

/** The limit a ticket is measured by now; undefined = nobody is waited for. Where no clock runs, it is the one to accept. */
export function watch(
  ticket: TicketRecord,
  log: readonly LoggedEntry[],
  { limits, now }: Pick<Context, 'limits' | 'now'>,
): Watched | undefined {
  const reason = reasonIn(ticket.stage, ticket.returnCount);
  if (!reason) return undefined;
  const clock = stageClock(log, ticket, now, limits);
  if (clock) return { round: `${clock.stage}:${clock.since}`, reason, limitAt: clock.dueAt, time: clock.time };
  const { time, limit } = limits.of(ticket.module, ticket.priority, 'dispatched');
  const { stage, stageSince } = ticket;
  // Two parties that both gave it back will not settle it by waiting.
  const limitAt = reason === 'disputed' ? stageSince : time.after(stageSince, limit);
  return { round: `${stage}:${stageSince}`, reason, limitAt, time };
}

/** 协办 that does not answer is taken up like a ticket nobody accepts; the organisation told is its own. */
function responseOf(
  { orgId, respondBy }: { readonly orgId: string; readonly respondBy: number },
  { module, priority, stage }: TicketRecord,
  { limits }: Context,
) {
  const { time } = limits.of(module, priority, 'dispatched');
  const about = { handlerOrgId: orgId, returnCount: 0, stage };
  return { round: partyRound(orgId, respondBy), reason: 'response' as const, limitAt: respondBy, time, about };
}

/** Whom a level tells: 承办单位负责人 and 牵头部门, 城运中心; 分管领导 are people, whom the rules of notices name. */
export function targets(
  level: EscalationLevel,
  { handlerOrgId, returnCount, stage }: Pick<TicketRecord, 'handlerOrgId' | 'returnCount' | 'stage'>,
  lead: string | null,
  centre: string | null,
): string[] {
  const disputed = stage === 'returned' && returnCount >= DISPUTED_RETURNS;
  const all = level === 1 ? [disputed ? null : handlerOrgId, lead ?? centre] : level === 2 ? [centre] : [];
  return [...new Set(all.filter((id) => id !== null))];
}

/** Writes what went up, or waits to, into the log. */
export function record(
  draft: Draft,
  row: Escalation,
  names: ReadonlyMap<string, string>,
  now: number,
  text: string | null = null,
  why: string = row.reason,
): void {
  const { stage } = draft.ticket;
  const pending = row.state === 'pending';
  const by = row.decidedBy ?? 'system';
  const orgs = row.orgIds.map((id) => names.get(id) ?? id).join('、') || '-';
  const line = { kind: 'escalation', from: stage, to: stage, by, at: now, note: text, cause: null } as const;
  const code = `${pending ? 'escalationAsked' : 'escalated'}${row.level}`;
  note(draft, { ...line, code, values: { reason: why, orgs, level: row.level } });
}

/** One notice of all that went up together: whoever gets it learns who else does. A deadline just missed needs no second one. */
export function tellHigher(
  draft: Draft,
  rows: readonly Escalation[],
  names: ReadonlyMap<string, string>,
  now: number,
  why?: string,
): void {
  const [first] = rows;
  if (!first) return;
  const late = partyOf(first.round);
  const levels = rows.filter(({ state }) => state !== 'pending').map(({ level }) => level);
  const undecided = rows.find(({ state }) => state === 'pending')?.level;
  const { dueAt } = draft.ticket;
  tell(draft, 'escalated', now, {
    reason: levels.length === 0 ? 'escalationAsked' : (why ?? first.reason),
    level: Math.max(...levels, (undecided ?? 1) - 1),
    ...(late === null ? {} : { words: bilingual('ticket.lateParty', { org: names.get(late) ?? late }) }),
    ...(levels.length === 0 ? {} : { levels }),
    ...(undecided === undefined ? {} : { undecided }),
    ...(levels.includes(1) && !isPartyRound(first.round) && dueAt !== null && dueAt <= now ? { overdue: true } : {}),
  });
}
