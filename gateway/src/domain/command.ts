import type { DeviceKey } from './device.ts';

/** A command to a device as it is kept. */
export interface CommandRecord {
  readonly id: string;
  readonly device: DeviceKey;
  readonly name: string;
  readonly params: unknown;
  /** Written as in the audit table: `system`, `user:<id>` …. */
  readonly issuedBy: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
}
