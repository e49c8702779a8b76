import type { DeviceKey } from './device.ts';

/** What became of a message: `partly` was stored with a part refused, `rejected` was refused before anybody read it. */
export const MESSAGE_VERDICTS = ['stored', 'partly', 'duplicate', 'quarantined', 'rejected'] as const;
export type MessageVerdict = (typeof MESSAGE_VERDICTS)[number];

/** One of the last messages of a device, or of a vendor's login where no device could be found. */
export interface RecentMessage {
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly topic: string;
  /** Bytes; null when a rejected message was not kept. */
  readonly size: number | null;
  /** The first 4 KiB. */
  readonly payload: Uint8Array;
  readonly verdict: MessageVerdict;
  /** Why it, or the first part of it, was refused. */
  readonly code: string | null;
  readonly detail: string | null;
  /** Readings it carried. */
  readonly readings: number;
  readonly via: string;
  readonly principal: string;
}

/** A device by key, or a vendor's login. */
export type MessageOwner = DeviceKey | `vendor:${string}`;
