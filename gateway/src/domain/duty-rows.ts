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

export interface Shift {
  readonly orgId: string;
  /** null = every module. */
  readonly module: string | null;
  readonly userId: string;
  /** ISO week days on which the shift starts. */
  readonly days: readonly number[];
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
