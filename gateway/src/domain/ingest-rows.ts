import type { DeviceKey } from './device.ts';
import type { Value } from './reading.ts';

/** What the ingest stage writes beside readings and events. Times are epoch milliseconds. */

export interface Ledger {
  readonly drained: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly quarantined: number;
  /** Sequence numbers whose records a damaged disk swallowed. */
  readonly lost: number;
}

export interface KeyClaim {
  readonly device: DeviceKey;
  readonly key: string;
  readonly time: number;
  readonly receivedAt: number;
}

export interface QuarantineEntry {
  readonly receivedAt: number;
  readonly via: string;
  readonly principal: string;
  readonly device: DeviceKey | null;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly code: string;
  readonly detail: string;
}

export interface Tally {
  readonly rejections: readonly { principal: string; code: string; count: number; at: number }[];
  readonly notes: readonly {
    device: DeviceKey;
    code: string;
    path: string;
    detail: string;
    count: number;
    at: number;
  }[];
  readonly unknown: readonly { type: string; name: string; count: number; at: number }[];
  /** Messages of retired devices that arrived all the same. */
  readonly zombies: readonly { device: DeviceKey; count: number; at: number }[];
  /** What of a device was not stored as it came, by the hour of its arrival. */
  readonly hours: readonly { device: DeviceKey; code: string; hour: number; count: number }[];
}

/** A keyless, DUP-flagged message, looked up among what was stored before it. */
export interface RepeatProbe {
  readonly device: DeviceKey;
  readonly receivedAt: number;
  readonly values: ReadonlyMap<string, Value>;
}

/** A device's answer to a command. */
export interface CommandAck {
  readonly device: DeviceKey;
  readonly id: string;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly at: number;
}
