import { CLOCKED_STAGES, type ClockedStage, type StageLimits } from './stage-limits.ts';
import { TICKET_PRIORITIES, type TicketHistoryEntry, type TicketPriority, type TicketStage } from './ticket.ts';
import type { WorkingTime } from './working-time.ts';

export interface TicketDeadline {
  /** Epoch milliseconds; null in stages without a clock and while suspended. */
  readonly dueAt: number | null;
  /** Counted seconds past the deadline; keeps its value while suspended. */
  readonly overdueSeconds: number;
}

/** The clock that runs, or stands while suspended. */
export interface StageClock extends TicketDeadline {
  readonly stage: ClockedStage;
  /** Since when this clock runs, epoch milliseconds; a new dispatch starts a new one. */
  readonly since: number;
  readonly suspended: boolean;
  /** The time it counts in. */
  readonly time: WorkingTime;
}

/** What of a ticket chooses its limits. */
export interface Limited {
  readonly module: string | null;
  /** The priority it has now; earlier ones stand in the log. */
  readonly priority: TicketPriority;
}

type LogLine = Pick<TicketHistoryEntry, 'from' | 'to' | 'at'> & {
  /**
   * An `extension` moves the deadline of its stage to `values.until` (epoch milliseconds); a `priority` line tells that
   * the priority was `values.before` until then.
   */
  readonly kind?: string;
  readonly values?: TicketHistoryEntry['values'];
};

/** Deadline of the current stage; see {@link stageClock}. */
export function deadline(log: readonly LogLine[], about: Limited, now: number, limits: StageLimits): TicketDeadline {
  const { dueAt, overdueSeconds } = stageClock(log, about, now, limits) ?? { dueAt: null, overdueSeconds: 0 };
  return { dueAt, overdueSeconds };
}

/**
 * The clock of the current stage, recomputed from the log alone, so nothing drifts and a changed setting counts at once.
 * A suspension stops it. A repair sent back by verification goes on with the clock it had; a new dispatch (return,
 * re-opening) starts afresh. An extension counts from when it was granted, so a later suspension moves it too. When the
 * priority changes, what was counted and paused before stays: only what follows counts in the new priority's time.
 */
export function stageClock(
  log: readonly LogLine[],
  { module, priority }: Limited,
  now: number,
  limits: StageLimits,
): StageClock | undefined {
  const moves = log.filter((line) => line.from !== line.to);
  const current = moves.at(-1);
  if (!current) return undefined;
  const suspended = current.to === 'suspended';
  const stage = suspended ? current.from : current.to;
  if (stage === null || !isClocked(stage)) return undefined;

  const { limit: allowed, time: present } = limits.of(module, priority, stage);
  const time = piecewise(
    changesOf(log).map(({ at, before }) => ({ until: at, time: limits.of(module, before, stage).time })),
    present,
  );
  const whole = periods(moves, stage, now);
  const since = whole[0]?.from ?? now;
  const extension = extensionOf(log, stage, since);
  const spans = extension ? after(whole, extension.at) : whole;
  const limit = extension ? time.between(extension.at, extension.until) : allowed;
  let used = 0;
  let dueAt: number | null = null;
  for (const [index, { from, to }] of spans.entries()) {
    if (dueAt === null) {
      const counted = extension && index === 0 ? extension.until : time.after(from, limit - used);
      // Working time ends before an evening that was granted: a pause gives time back, it takes none.
      const due = counted === null || !extension ? counted : Math.max(counted, extension.until);
      const open = index === spans.length - 1 && !suspended;
      if (due !== null && (due <= to || open)) dueAt = due;
    }
    used += time.between(from, to);
  }
  return {
    stage,
    since,
    suspended,
    time: present,
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

function changesOf(log: readonly LogLine[]): { at: number; before: TicketPriority }[] {
  return log.flatMap(({ kind, at, values }) => {
    const before = TICKET_PRIORITIES.find((one) => one === values?.before);
    return kind === 'priority' && before ? [{ at, before }] : [];
  });
}

function after(spans: readonly { from: number; to: number }[], at: number) {
  return spans.flatMap(({ from, to }) => (to < at ? [] : [{ from: Math.max(from, at), to }]));
}

/** One time until a moment, another behind it. */
function piecewise(parts: readonly { until: number; time: WorkingTime }[], rest: WorkingTime): WorkingTime {
  if (parts.length === 0) return rest;
  const all = [...parts, { until: Number.POSITIVE_INFINITY, time: rest }];
  return {
    between(from, to) {
      let sum = 0;
      let start = from;
      for (const { until, time } of all) {
        const end = Math.min(to, until);
        if (end > start) sum += time.between(start, end);
        start = Math.max(start, end);
      }
      return sum;
    },
    after(from, duration) {
      let left = duration;
      let start = from;
      for (const { until, time } of all) {
        if (until <= start) continue;
        const due = time.after(start, left);
        if (due !== null && due <= until) return due;
        if (until === Number.POSITIVE_INFINITY) return due;
        left -= time.between(start, until);
        start = until;
      }
      return null;
    },
  };
}

function startsAfresh(move: LogLine, stage: ClockedStage): boolean {
  if (move.from === 'suspended') return false;
  return move.to === 'dispatched' || (stage === 'verifying' && move.to === 'verifying');
}

function isClocked(stage: TicketStage): stage is ClockedStage {
  return (CLOCKED_STAGES as readonly TicketStage[]).includes(stage);
}
