import type { DeviceKey, Lifecycle } from './device.ts';

/** Who handles what: the parties of a device, and who is on duty. */

/** What a ticket takes over from a device. */
export interface DeviceFacts {
  readonly key: DeviceKey;
  readonly id: string;
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly module: string | null;
  readonly siteId: string | null;
  readonly siteName: string | null;
  /** The device's organisation, else its site's. */
  readonly orgId: string | null;
  readonly maintenanceUnitId: string | null;
}

/** On which days a shift is: week days whatever the calendar says, or what the calendar makes of them. */
export const SHIFT_DAYS = ['always', 'workdays', 'restDays', 'holidays', 'makeUpDays'] as const;
export type ShiftDays = (typeof SHIFT_DAYS)[number];

export interface Shift {
  readonly orgId: string;
  /** null = every module. */
  readonly module: string | null;
  readonly userId: string;
  /** ISO week days on which the shift starts; only of shifts `always`. */
  readonly days: readonly number[];
  /** Absent = `always`. `workdays` hold make-up days too, `restDays` weekends and holidays. */
  readonly on?: ShiftDays;
  /** Local minutes since midnight; `to` before `from` ends on the next day. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** Local dates `YYYY-MM-DD`, both included. */
  readonly validFrom: string | null;
  readonly validTo: string | null;
}

/** A shift as a person entered it into the roster. */
export interface ShiftRecord extends Shift {
  readonly id: string;
  /** Lower is asked first. */
  readonly position: number;
}

/** A name for the roster. */
export interface RosterPerson {
  readonly id: string;
  readonly name: string;
  readonly orgId: string | null;
  /** False: is on a roster, but nobody the reader may put on duty (disabled, or of another organisation). */
  readonly mayServe: boolean;
}

/** Somebody away from duty (请假) and who stands in (替班). Times in epoch milliseconds. */
export interface Absence {
  readonly id: string;
  readonly userId: string;
  readonly from: number;
  /** Not included. */
  readonly to: number;
  /** null = nobody; the next of the roster is asked. */
  readonly substituteId: string | null;
  readonly reason: string | null;
}
