import type { DeviceKey, Lifecycle } from './device.ts';
import type { PublicConnection } from './device-record.ts';
import type { Title } from './device-type/types.ts';

export const DUPLICATE_FIELDS = ['serial', 'mac', 'nationalCode', 'rtspUrl', 'ipPort'] as const;
export type DuplicateField = (typeof DUPLICATE_FIELDS)[number];

/** What a device is looked up by. `key` excludes the device itself. */
export interface DuplicateAsk {
  readonly key: DeviceKey | null;
  readonly serial: string | null;
  readonly vendorId: string | null;
  readonly mac: string | null;
  readonly nationalCode: string | null;
  readonly connection: PublicConnection | null;
  readonly parentKey: DeviceKey | null;
}

/** A device that carries the same mark. `ask` is the index of the asking one. */
export interface DuplicateRow {
  readonly ask: number;
  readonly field: DuplicateField;
  readonly key: DeviceKey;
  readonly id: string;
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly sameVendor: boolean;
  /** Recorder and channel, or channels of one recorder. */
  readonly related: boolean;
  /** Whether the asking person may see it. */
  readonly visible: boolean;
}

/** The answer to a person: what is foreign has no name. */
export interface DuplicateMatch extends Title {
  readonly field: DuplicateField;
  /** `exact` = the same device; `suspect` = worth a look. */
  readonly level: 'exact' | 'suspect';
  /** null = registered, but not for these eyes. */
  readonly deviceId: string | null;
  readonly deviceName: string | null;
  readonly lifecycle: Lifecycle | null;
}
