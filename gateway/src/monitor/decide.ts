import type { Decision } from '../domain/health.ts';
import type { DueIncident, IncidentRow } from '../domain/health-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { isGatewayError } from '../errors.ts';
import type { InTurn, SettleContext } from './context.ts';
import { type Grouped, groupDue } from './grouping/group.ts';
import { decision, resolve, suppressions } from './incidents.ts';
import { isJudged } from './judge.ts';

/** A held incident whose device has begun to return is looked at again after this. */
const WAIT_MS = 2_000;
const DECIDE_LIMIT = 1_000;
/** What breaks the deciding of others is put off by this much. */
const PUT_OFF_MS = 60_000;
/** Tests of our own path in one sweep; a verdict holds for longer than a sweep takes. */
const TESTS = 3;

interface Pass {
  /** Rows that were decided or put off. */
  readonly done: number;
  /** Paths of ours that must be tested before anything is decided. */
  readonly test: readonly string[];
  readonly windowMs: number;
}

/**
 * Transaction (b): held incidents whose time has come become open and are handed on, those that fell silent together as
 * one. What recovered meanwhile is no longer held, because transaction (a) of the recovery has dismissed it.
 */
async function decideDue(context: SettleContext, limit: number): Promise<Pass> {
  const { incidents } = context;
  return context.transactor.transaction(async (tx) => {
    const at = context.wall();
    const due = await incidents.due(tx, context.nows(), limit);
    const silent = due.filter(
      (row) => row.fault === 'offline' && !row.wait && isJudged(context.directory.get(row.device)),
    );
    const mine = silent.length === 0 || (await context.groups.turn(tx));
    const grouped = silent.length === 0 || !mine ? undefined : await groupDue(context, tx, silent, at);
    if (grouped && grouped.test.length > 0) return { done: 0, test: grouped.test, windowMs: grouped.windowMs };
    const rows = mine ? due : due.filter((row) => !silent.includes(row));
    const { updates, decisions } = single(context, rows, grouped, at);
    await incidents.update(tx, updates);
    await tell(context, tx, [...(grouped?.decisions ?? []), ...decisions]);
    return { done: rows.length, test: [], windowMs: 0 };
  });
}

function single(context: SettleContext, due: readonly DueIncident[], grouped: Grouped | undefined, at: number) {
  const updates: IncidentRow[] = [];
  const decisions: Decision[] = [];
  for (const { wait, ...row } of due) {
    const brief = context.directory.get(row.device);
    const isSilent = row.fault === 'offline';
    if (isSilent && grouped?.spokenFor.has(row.device)) continue;
    if (!isJudged(brief)) {
      updates.push(resolve(row, at).row);
    } else if (wait || (isSilent && grouped?.waiting.has(row.device))) {
      updates.push({ ...row, decideAt: context.now(row.path) + WAIT_MS });
    } else {
      const suppressed = suppressions(brief, row, context);
      const action = row.notified ? 'relapsed' : 'opened';
      const open: IncidentRow = {
        ...row,
        state: 'open',
        decideAt: null,
        suppressed,
        notified: row.notified || suppressed.length === 0,
      };
      updates.push(open);
      if (suppressed.length === 0) decisions.push(decision(open, action, at));
    }
  }
  return { updates, decisions };
}

async function tell(context: SettleContext, tx: Tx, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length > 0) await context.onDecision(tx, decisions);
}

/** Puts the first due incident off by `ms` of observed time. */
async function postponeFirst(context: SettleContext, ms: number): Promise<void> {
  await context.transactor.transaction(async (tx) => {
    const due = await context.incidents.due(tx, context.nows(), 1);
    const rows = due.map(({ wait: _, ...row }) => ({ ...row, decideAt: context.now(row.path) + ms }));
    await context.incidents.update(tx, rows);
  });
}

/** Decides all that is due, together as far as possible. */
export async function decideAll(
  context: SettleContext,
  inTurn: InTurn,
  onError: ((error: unknown) => void) | undefined,
): Promise<void> {
  try {
    let tests = 0;
    for (;;) {
      const pass = await inTurn(() => decideDue(context, DECIDE_LIMIT));
      if (pass.test.length > 0 && ++tests <= TESTS) await testPaths(context, inTurn, pass);
      else if (pass.done < DECIDE_LIMIT) return;
    }
  } catch (error) {
    if (isGatewayError(error, 'UNAVAILABLE')) throw error;
    context.log.error({ error }, 'held incidents cannot be decided together');
    onError?.(error);
    await decideOneByOne(context, inTurn);
  }
}

/** Out of turn, so that life safety does not wait for it. After a freeze the devices get their time to come back. */
async function testPaths(context: SettleContext, inTurn: InTurn, { test, windowMs }: Pass): Promise<void> {
  for (const path of await context.ownPaths.look(test)) {
    const decideAt = context.now(path) + windowMs;
    await inTurn(() => context.transactor.transaction((tx) => context.groups.putOff(tx, path, decideAt)));
  }
}

/** What one incident breaks is put off, so that it does not stop the others. */
async function decideOneByOne(context: SettleContext, inTurn: InTurn): Promise<void> {
  for (let left = DECIDE_LIMIT; left > 0; left--) {
    try {
      const { done, test } = await inTurn(() => decideDue(context, 1));
      if (done === 0 || test.length > 0) return;
    } catch (error) {
      if (isGatewayError(error, 'UNAVAILABLE')) throw error;
      await inTurn(() => postponeFirst(context, PUT_OFF_MS));
    }
  }
}
