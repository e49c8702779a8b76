import type { Severity, Value } from '../reading.ts';
import type { RefusalCode } from './refusals.ts';

/** A text in both languages. */
export interface Title {
  readonly zh: string;
  readonly en: string;
}

export interface EventInfo {
  readonly code: string;
  readonly title: Title;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  readonly advice: Title | null;
}

export type Decoded =
  | { readonly ok: true; readonly items: readonly DecodedItem[] }
  | {
      readonly ok: false;
      readonly code: RefusalCode;
      readonly detail: string;
      /** Of the report that was refused first, when it could be read. */
      readonly msgId?: string;
      /** Whose message it is, when all its reports are of one device and said so. */
      readonly identity?: Identity;
    };

/** One report of one device: its readings, events and claims under one time. */
export interface DecodedItem {
  readonly identity?: Identity;
  readonly msgId?: string;
  /** The device's own time, epoch milliseconds; absent when it sent none. */
  readonly deviceTime?: number;
  /** The time as the message holds it; for those who look into it. */
  readonly givenTime?: unknown;
  /** Dotted metric name → value; a component's is `ports.3.current`. */
  readonly values: ReadonlyMap<string, Value>;
  readonly events: readonly DecodedEvent[];
  readonly claim?: 'online' | 'offline';
  readonly ack?: { readonly id: string; readonly ok: boolean; readonly result?: unknown };
  /** What was refused of a partly valid item. */
  readonly notes: readonly RefusalNote[];
  /** Names the type does not know; ignored, counted and listed. */
  readonly unknown: readonly string[];
}

export interface Identity {
  readonly match: 'id' | 'serial' | 'externalId';
  readonly value: string;
}

export interface DecodedEvent {
  readonly code: string;
  readonly component?: string;
  readonly severity: Severity;
  readonly lifeSafety: boolean;
  /** Epoch milliseconds; absent when only the item has a time. */
  readonly time?: number;
  readonly data?: unknown;
}

export interface RefusalNote {
  readonly code: RefusalCode;
  /** Dotted metric name or field; items of an array carry their index first, `/3/totalPower`. */
  readonly path: string;
  readonly detail: string;
}

export interface DecodeInput {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Epoch milliseconds, gateway clock. */
  readonly receivedAt: number;
}
