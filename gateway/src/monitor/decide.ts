import type { Decision } from '../domain/health.ts';
import { decision, resolve, suppressions } from './incidents.ts';
import { isJudged } from './judge.ts';
import type { IncidentRow } from './ports.ts';
import type { SettleContext } from './settle.ts';

/** A held incident whose device has begun to return is looked at again after this. */
const WAIT_MS = 2_000;

/**
 * Transaction (b): held incidents whose time has come become open and are handed on. What recovered meanwhile is no longer
 * held, because transaction (a) of the recovery has dismissed it. Returns how many rows were looked at.
 */
export async function decideDue(context: SettleContext, limit: number): Promise<number> {
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
        const suppressed = suppressions(brief);
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
export async function postponeFirst(context: SettleContext, ms: number): Promise<void> {
  await context.transactor.transaction(async (tx) => {
    const due = await context.incidents.due(tx, context.nows(), 1);
    const rows = due.map(({ wait: _, ...row }) => ({ ...row, decideAt: context.now(row.path) + ms }));
    await context.incidents.update(tx, rows);
  });
}
