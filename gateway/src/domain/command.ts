import type { DeviceKey } from './device.ts';
import type { TimeRange } from './page.ts';

export const COMMAND_STATES = ['sent', 'acknowledged', 'failed', 'timedOut', 'undeliverable'] as const;
/** `failed`: the device said no. `undeliverable`: it was never connected while the deadline stood. */
export type CommandState = (typeof COMMAND_STATES)[number];

/** What is asked of a device. */
export interface CommandInput {
  readonly name: string;
  readonly params?: unknown;
  /** Milliseconds until an answer no longer counts; the type's, else 10 s. At most 10 minutes. */
  readonly timeout?: number | undefined;
  /** How often it may be sent again under the same id while the deadline stands; 0 to 5. */
  readonly retries?: number | undefined;
  readonly reason?: string | undefined;
}

/** A command to a device as it is kept. Times are epoch milliseconds. */
export interface CommandRecord {
  readonly id: string;
  readonly device: DeviceKey;
  readonly name: string;
  readonly params: unknown;
  /** Written as in the audit table: `system`, `user:<id>` …. */
  readonly issuedBy: string;
  readonly issuedAt: number;
  /** Why it was sent; null when nobody said. */
  readonly reason: string | null;
  /** An answer after it is recorded and changes nothing. */
  readonly deadline: number;
  /** How often it may be sent again under the same id, and how long after each time, milliseconds. */
  readonly retriesLeft: number;
  readonly retryEvery: number | null;
  /** When it is looked at next: another delivery, or the deadline. */
  readonly nextAt: number;
}

/** A command with what became of it. */
export interface CommandStatus {
  readonly id: string;
  readonly name: string;
  readonly params: unknown;
  readonly state: CommandState;
  readonly issuedBy: string;
  readonly issuedAt: number;
  readonly reason: string | null;
  readonly deadline: number | null;
  readonly sentAt: number | null;
  /** Deliveries to a live session. */
  readonly attempts: number;
  readonly ackedAt: number | null;
  /** What the device said; null without an answer. */
  readonly ok: boolean | null;
  readonly result: unknown;
}

/** A command whose next moment has come. */
export interface DueCommand extends CommandStatus {
  readonly device: DeviceKey;
  readonly deviceId: string;
  readonly retriesLeft: number;
  readonly retryEvery: number | null;
}

export type CommandQuery = TimeRange;
