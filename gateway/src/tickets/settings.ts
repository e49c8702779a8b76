import { DEFAULT_CLOCKS, type TicketClocks } from '../domain/ticket-clock.ts';
import { DEFAULT_WORKING_HOURS, type WorkingHours } from '../domain/working-time.ts';

/** What an administrator may change; durations in milliseconds. */
export interface TicketSettings {
  readonly clocks: TicketClocks;
  readonly workingHours: WorkingHours;
  /** Quiet time after which a recovery closes the ticket: 核查 by data, and 自恢复 before anyone accepted. */
  readonly stableFor: number;
  /** A closed ticket may be re-opened, and takes up the same fault again, for this long. */
  readonly reopenWithin: number;
  /** 城运中心 duty desk: gets what has no other handler. */
  readonly dutyDesk: { readonly orgId: string; readonly userId: string | null } | null;
}

export const DEFAULT_TICKET_SETTINGS: TicketSettings = {
  clocks: DEFAULT_CLOCKS,
  workingHours: DEFAULT_WORKING_HOURS,
  stableFor: 30 * 60_000,
  reopenWithin: 24 * 3_600_000,
  dutyDesk: null,
};

/** The duty desk of the seeded organisation. */
const DUTY_DESK = { orgId: 'ops-center', userId: null };

/** Settings in force with working hours in the gateway's time zone; what may change is given at every call. */
export function createTicketSettings(zone: string): (changing: { stableFor: number }) => TicketSettings {
  const fixed = { ...DEFAULT_TICKET_SETTINGS, workingHours: { ...DEFAULT_WORKING_HOURS, zone }, dutyDesk: DUTY_DESK };
  return (changing) => ({ ...fixed, ...changing });
}
