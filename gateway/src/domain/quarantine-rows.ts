import type { TimeRange } from './page.ts';

/** Messages that were refused, as those see them who look at them and feed them in again. */

export interface QuarantinedRow {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly via: string;
  readonly principal: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly code: string;
  readonly detail: string;
  /** Public id; null when the message belongs to no known device. */
  readonly deviceId: string | null;
  readonly deviceType: string | null;
  readonly replayedAt: number | null;
}

export interface QuarantineFilter {
  readonly code?: string;
  readonly deviceId?: string;
  readonly topic?: string;
  /** Only messages in which no device could be found. */
  readonly unattributed?: boolean;
}

export interface QuarantineQuery extends QuarantineFilter, TimeRange {}

/** One reason of refusals: how many messages, and how many of them were not fed in again. */
export interface QuarantineReason {
  readonly code: string;
  readonly count: number;
  readonly waiting: number;
  /** Known devices among them. */
  readonly devices: number;
  /** Epoch milliseconds of the newest. */
  readonly newestAt: number;
}

/** Which messages to feed in again. */
export type ReplayChoice = { readonly ids: readonly string[] } | { readonly filter: QuarantineFilter };
