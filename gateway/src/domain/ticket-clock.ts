import type { TicketHistoryEntry, TicketPriority, TicketStage } from './ticket.ts';
import { ALWAYS, type WorkingTime } from './working-time.ts';

/** The clocks of a ticket: to accept (派单), to repair (处置) and to verify (核查). */
export const CLOCKED_STAGES = ['dispatched', 'handling', 'verifying'] as const;
export type ClockedStage = (typeof CLOCKED_STAGES)[number];

/** Milliseconds allowed in a stage, by priority. */
export type TicketClocks = Readonly<Record<TicketPriority, Readonly<Record<ClockedStage, number>>>>;

const MIN = 60_000;
const HOUR = 60 * MIN;

/** Defaults until an administrator changes them. */
export const DEFAULT_CLOCKS: TicketClocks = {
  critical: { dispatched: 10 * MIN, handling: 2 * HOUR, verifying: 2 * HOUR },
  urgent: { dispatched: 30 * MIN, handling: 8 * HOUR, verifying: 8 * HOUR },
  normal: { dispatched: 2 * HOUR, handling: 24 * HOUR, verifying: 24 * HOUR },
};

export interface TicketDeadline {
  /** Epoch milliseconds; null in stages without a clock and while suspended. */
  readonly dueAt: number | null;
  /** Counted seconds past the deadline; keeps its value while suspended. */
  readonly overdueSeconds: number;
}

type LogLine = Pick<TicketHistoryEntry, 'from' | 'to' | 'at'> & {
  /** An `extension` moves the deadline of its stage to `values.until` (epoch milliseconds). */
  readonly kind?: string;
  readonly values?: TicketHistoryEntry['values'];
};

/**
 * Deadline of the current stage, recomputed from the log alone, so nothing drifts and a changed setting counts at once.
 * A suspension stops the clock. A repair sent back by verification goes on with the clock it had; a new dispatch
 * (return, re-opening) starts afresh. An extension counts from when it was granted, so a later suspension moves it too.
 */
export function deadline(
  log: readonly LogLine[],
  priority: TicketPriority,
  now: number,
  clocks: TicketClocks,
  working: WorkingTime,
): TicketDeadline {
  const moves = log.filter((line) => line.from !== line.to);
  const current = moves.at(-1);
  if (!current) return { dueAt: null, overdueSeconds: 0 };
  const suspended = current.to === 'suspended';
  const stage = suspended ? current.from : current.to;
  if (stage === null || !isClocked(stage)) return { dueAt: null, overdueSeconds: 0 };

  const time = priority === 'critical' ? ALWAYS : working;
  const whole = periods(moves, stage, now);
  const extension = extensionOf(log, stage, whole[0]?.from ?? now);
  const spans = extension ? since(whole, extension.at) : whole;
  const limit = extension ? time.between(extension.at, extension.until) : clocks[priority][stage];
  let used = 0;
  let dueAt: number | null = null;
  for (const [index, { from, to }] of spans.entries()) {
    if (dueAt === null) {
      const due = extension && index === 0 ? extension.until : time.after(from, limit - used);
      const open = to === now && !suspended;
      if (due !== null && (due <= to || open)) dueAt = due;
    }
    used += time.between(from, to);
  }
  return {
    dueAt: suspended ? null : dueAt,
    overdueSeconds: Math.max(0, Math.floor((used - limit) / 1_000)),
  };
}

/** Times spent in `stage` since its clock was last started. */
function periods(moves: readonly LogLine[], stage: ClockedStage, now: number): { from: number; to: number }[] {
  let found: { from: number; to: number }[] = [];
  for (const [index, move] of moves.entries()) {
    if (startsAfresh(move, stage)) found = [];
    if (move.to === stage) found.push({ from: move.at, to: Math.max(move.at, moves[index + 1]?.at ?? now) });
  }
  return found;
}

/** The last extension of the clock that runs; one of an earlier run is over with it. */
function extensionOf(log: readonly LogLine[], stage: ClockedStage, start: number) {
  const line = log.findLast((one) => one.kind === 'extension' && one.to === stage && one.at >= start);
  const until = Number(line?.values?.until);
  return line && Number.isFinite(until) ? { at: line.at, until } : undefined;
}

function since(spans: readonly { from: number; to: number }[], at: number) {
  return spans.flatMap(({ from, to }) => (to < at ? [] : [{ from: Math.max(from, at), to }]));
}

function startsAfresh(move: LogLine, stage: ClockedStage): boolean {
  if (move.from === 'suspended') return false;
  return move.to === 'dispatched' || (stage === 'verifying' && move.to === 'verifying');
}

function isClocked(stage: TicketStage): stage is ClockedStage {
  return (CLOCKED_STAGES as readonly TicketStage[]).includes(stage);
}
