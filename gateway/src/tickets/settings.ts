import { parseDuration } from '../domain/duration.ts';
import { DUTY_SETTINGS, type EscalationRule, type TicketLimit } from '../domain/duty-settings.ts';
import { DEFAULT_CLOCKS, type TicketClocks } from '../domain/stage-limits.ts';
import { DEFAULT_WORKING_HOURS, type WorkingHours } from '../domain/working-time.ts';

/** What an administrator may change; durations in milliseconds. */
export interface TicketSettings {
  readonly clocks: TicketClocks;
  /** Limits that differ from `clocks`, by module, priority and stage. */
  readonly limits: readonly TicketLimit[];
  readonly workingHours: WorkingHours;
  /** Quiet time after which a recovery closes the ticket: 核查 by data, and 自恢复 before anyone accepted. */
  readonly stableFor: number;
  /** A closed ticket may be re-opened, and takes up the same fault again, for this long. */
  readonly reopenWithin: number;
  /** The same fault again this long after the end is a recurrence of the ticket before. */
  readonly recurrenceWithin: number;
  /** 城运中心 duty desk: gets what has no other handler. */
  readonly dutyDesk: { readonly orgId: string; readonly userId: string | null } | null;
  readonly escalation: readonly EscalationRule[];
  /** A picture taken further from its device, in metres, is marked. */
  readonly photoDistance: number;
  /** So many faults of a device within a time are a 隐患; what was over by itself sooner than `ignoresShorter` is none. */
  readonly hazard: { readonly faults: number; readonly within: number; readonly ignoresShorter: number };
}

const shipped = (name: 'recurrenceWithin' | 'hazardWithin' | 'hazardIgnoresShorter') =>
  parseDuration(DUTY_SETTINGS[name].fallback) ?? 0;

export const DEFAULT_TICKET_SETTINGS: TicketSettings = {
  clocks: DEFAULT_CLOCKS,
  limits: DUTY_SETTINGS.ticketLimits.fallback,
  workingHours: DEFAULT_WORKING_HOURS,
  stableFor: 30 * 60_000,
  reopenWithin: 24 * 3_600_000,
  recurrenceWithin: shipped('recurrenceWithin'),
  dutyDesk: null,
  escalation: DUTY_SETTINGS.escalation.fallback,
  photoDistance: DUTY_SETTINGS.photoDistance.fallback,
  hazard: {
    faults: DUTY_SETTINGS.hazardFaults.fallback,
    within: shipped('hazardWithin'),
    ignoresShorter: shipped('hazardIgnoresShorter'),
  },
};
