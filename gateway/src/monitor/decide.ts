import type { Decision } from '../domain/health.ts';
import type { IncidentRow } from '../domain/health-rows.ts';
import { isGatewayError } from '../errors.ts';
import type { InTurn, SettleContext } from './context.ts';
import { decision, resolve, suppressions } from './incidents.ts';
import { isJudged } from './judge.ts';

/** A held incident whose device has begun to return is looked at again after this. */
const WAIT_MS = 2_000;
const DECIDE_LIMIT = 1_000;
/** What breaks the deciding of others is put off by this much. */
const PUT_OFF_MS = 60_000;

/**
 * Transaction (b): held incidents whose time has come become open and are handed on. What recovered meanwhile is no longer
 * held, because transaction (a) of the recovery has dismissed it. Returns how many rows were looked at.
 */
async function decideDue(context: SettleContext, limit: number): Promise<number> {
  const { incidents } = context;
  return context.transactor.transaction(async (tx) => {
    const at = context.wall();
    const due = await incidents.due(tx, context.nows(), limit);
    const updates: IncidentRow[] = [];
    const decisions: Decision[] = [];
    for (const { wait, ...row } of due) {
      const brief = context.directory.get(row.device);
      if (!isJudged(brief)) {
        updates.push(resolve(row, at).row);
      } else if (wait) {
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
    await incidents.update(tx, updates);
    if (decisions.length > 0) await context.onDecision(tx, decisions);
    return due.length;
  });
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
    while ((await inTurn(() => decideDue(context, DECIDE_LIMIT))) === DECIDE_LIMIT);
  } catch (error) {
    if (isGatewayError(error, 'UNAVAILABLE')) throw error;
    context.log.error({ error }, 'held incidents cannot be decided together');
    onError?.(error);
    await decideOneByOne(context, inTurn);
  }
}

/** What one incident breaks is put off, so that it does not stop the others. */
async function decideOneByOne(context: SettleContext, inTurn: InTurn): Promise<void> {
  for (let left = DECIDE_LIMIT; left > 0; left--) {
    try {
      if ((await inTurn(() => decideDue(context, 1))) === 0) return;
    } catch (error) {
      if (isGatewayError(error, 'UNAVAILABLE')) throw error;
      await inTurn(() => postponeFirst(context, PUT_OFF_MS));
    }
  }
}
