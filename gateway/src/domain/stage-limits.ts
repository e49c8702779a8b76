import { parseDuration } from './duration.ts';
import type { CountedTime, TicketLimit } from './duty-settings.ts';
import type { TicketPriority } from './ticket.ts';
import { ALWAYS, createWorkingTime, type WorkingHours, type WorkingTime } from './working-time.ts';

/** The clocks of a ticket: to accept (派单), to repair (处置) and to verify (核查). */
export const CLOCKED_STAGES = ['dispatched', 'handling', 'verifying'] as const;
export type ClockedStage = (typeof CLOCKED_STAGES)[number];

/** Milliseconds allowed in a stage, by priority. */
export type TicketClocks = Readonly<Record<TicketPriority, Readonly<Record<ClockedStage, number>>>>;

const MIN = 60_000;
const HOUR = 60 * MIN;

/** Shipped limits; they count working time except for critical tickets. */
export const DEFAULT_CLOCKS: TicketClocks = {
  critical: { dispatched: 10 * MIN, handling: 2 * HOUR, verifying: 2 * HOUR },
  urgent: { dispatched: 30 * MIN, handling: 8 * HOUR, verifying: 8 * HOUR },
  normal: { dispatched: 2 * HOUR, handling: 24 * HOUR, verifying: 24 * HOUR },
};

/** Milliseconds, and which time counts. */
export interface StageLimit {
  readonly limit: number;
  readonly time: WorkingTime;
}

export interface StageLimits {
  of(module: string | null, priority: TicketPriority, stage: ClockedStage): StageLimit;
  /** Differs when any deadline could; the same as long as none does. */
  readonly fingerprint: string;
}

interface About {
  readonly module?: string;
  readonly priority?: TicketPriority;
}

/** The row that says most about module and priority; of equals the first. */
export function mostSpecific<R extends About>(
  rows: readonly R[],
  module: string | null,
  priority: TicketPriority,
): R | undefined {
  const weight = (row: R) => (row.module === undefined ? 0 : 2) + (row.priority === undefined ? 0 : 1);
  return rows
    .filter((row) => (row.module ?? module) === module && (row.priority === undefined || row.priority === priority))
    .sort((a, b) => weight(b) - weight(a))[0];
}

/** Throws a RangeError for working hours that make no sense. */
export function createStageLimits(
  rows: readonly TicketLimit[],
  hours: WorkingHours,
  clocks: TicketClocks = DEFAULT_CLOCKS,
): StageLimits {
  const times: Readonly<Record<CountedTime, WorkingTime>> = {
    always: ALWAYS,
    working: createWorkingTime(hours),
    // Midnight to midnight, so five working days end at the same minute five working days later.
    workingDays: createWorkingTime({ ...hours, from: '00:00', to: '24:00' }),
  };
  return {
    fingerprint: JSON.stringify([rows, hours, clocks]),
    of(module, priority, stage) {
      const row = mostSpecific(
        rows.filter((one) => one.stage === stage),
        module,
        priority,
      );
      const counts = row?.counts ?? (priority === 'critical' ? 'always' : 'working');
      const limit = row ? parseDuration(row.limit) : undefined;
      return { limit: limit ?? clocks[priority][stage], time: times[counts] };
    },
  };
}
