import type { DeviceBrief, DeviceKey } from './device.ts';
import type { DeviceRecord } from './device-record.ts';

/** What is looked up about devices: the directory in memory, names that are taken, references, what to probe. */

/** A directory row: the brief, the hash of its secret, and the revision that orders copies of it. */
export interface DirectoryRow extends DeviceBrief {
  readonly secretHash: string | null;
  readonly revision: number;
}

/** Ids a device may point at; the store answers those that do not exist. */
export interface References {
  readonly orgIds: readonly string[];
  readonly siteIds: readonly string[];
  readonly vendorIds: readonly string[];
  readonly modules: readonly string[];
  readonly maintenanceUnitIds: readonly string[];
  readonly parentIds: readonly string[];
}

/** What identifies a device; `key` excludes the device itself when taken names are looked for. */
export interface Identity {
  readonly key: DeviceKey | null;
  readonly id: string;
  readonly serial: string | null;
  readonly externalId: string | null;
  readonly nationalCode: string | null;
  readonly vendorId: string | null;
}

/** A value that names one device only and is taken. `row` is the index of the asking row. */
export interface Clash {
  readonly row: number;
  readonly field: 'id' | 'serial' | 'externalId' | 'nationalCode';
  readonly deviceId: string;
}

/** A device to probe, its password still sealed (base64). */
export interface SealedTarget {
  readonly key: DeviceKey;
  readonly id: string;
  readonly type: string;
  readonly connection: NonNullable<DeviceRecord['connection']>;
  readonly connectionSecret: string | null;
}
