import type { StageLimits } from '../domain/stage-limits.ts';
import type { TicketRecord } from '../domain/ticket.ts';
import { deadline, type TicketDeadline } from '../domain/ticket-clock.ts';
import type { LoggedEntry } from '../domain/ticket-rows.ts';

/**
 * Deadline of the stage. What a person reported waits for a person to dispatch it, so it has one before that too: as long
 * as accepting it may take.
 */
export function dueOf(
  log: readonly LoggedEntry[],
  ticket: TicketRecord,
  now: number,
  limits: StageLimits,
): TicketDeadline {
  const { kind, stage, stageSince, module, priority } = ticket;
  if (kind !== 'manual' || (stage !== 'discovered' && stage !== 'filed')) return deadline(log, ticket, now, limits);
  const { limit, time } = limits.of(module, priority, 'dispatched');
  const over = time.between(stageSince, now) - limit;
  return { dueAt: time.after(stageSince, limit), overdueSeconds: Math.max(0, Math.floor(over / 1_000)) };
}
