import { setTimeout as sleep } from 'node:timers/promises';
import type { LeasedRow, SendingChannel } from '../domain/notification-rows.ts';
import type { Transactor } from '../domain/tx.ts';
import type { ChannelLimits, OutgoingMessage, SendResult } from './channel.ts';
import type { OutboxStore, PaceStore } from './ports.ts';

/** Messages for these rows; more rows than one = a digest, more messages than one = a long text. */
export interface Planned {
  readonly rows: readonly LeasedRow[];
  readonly messages: readonly OutgoingMessage[];
}

/** What may go out now. */
export interface Room {
  /** 0 = nothing; then `notBefore` says when to look again, null = nothing waits. */
  readonly messages: number;
  /** Rows to take. */
  readonly rows: number;
  /** They go into one message. */
  readonly merged: boolean;
  readonly notBefore: number | null;
}

/** Rows one digest is tried with. */
const DIGEST_ROWS = 200;
/** Counted no further: more than any platform takes in a minute. */
const COUNTED = 1_000;
const NO_ROOM_MS = 5_000;

/**
 * Keeps to the limits of the platforms. What was handed over is counted in the database, over every 61 seconds, so a
 * restart bursts no more than a second gateway does. Life and limb may use what is reserved for it.
 */
export function createPace({
  store,
  transactor,
  clock,
}: {
  readonly store: PaceStore & Pick<OutboxStore, 'waiting'>;
  readonly transactor: Transactor;
  readonly clock: { now(): number; monotonic(): number };
}) {
  /** Monotonic time from which the next message may go, by channel. */
  const turns = new Map<string, number>();
  const nothing = (notBefore: number | null): Room => ({ messages: 0, rows: 0, merged: false, notBefore });
  const perMinute = (limits: ChannelLimits, lifeSafety: boolean) =>
    lifeSafety ? limits.perMinute : limits.perMinute - limits.reserved;

  return {
    async room(
      channel: SendingChannel,
      limits: ChannelLimits | undefined,
      lifeSafety: boolean,
      atOnce: number,
    ): Promise<Room> {
      if (!limits) return { messages: atOnce, rows: atOnce, merged: false, notBefore: null };
      const now = clock.now();
      // Life and limb tries all the same: the platform may have forgotten sooner than it said.
      if (!lifeSafety && (channel.restingUntil ?? 0) > now) return nothing(channel.restingUntil);
      const query = { channelId: channel.id, lifeSafety, now, limit: COUNTED };
      const waiting = await store.waiting(transactor.autocommit, query);
      if (waiting === 0) return nothing(null);
      const notBefore = limits.digestNotBefore?.(now) ?? now;
      if (!lifeSafety && waiting > perMinute(limits, false) && notBefore > now) return nothing(notBefore);
      const { granted, merged, nextAt } = await transactor.transaction((tx) =>
        store.take(tx, { channelId: channel.id, now, waiting, atOnce, perMinute: perMinute(limits, lifeSafety) }),
      );
      if (granted === 0) return nothing(nextAt);
      return { messages: granted, rows: merged ? DIGEST_ROWS : granted, merged, notBefore: null };
    },

    /** Room for the further parts of a long text; a result to hand on when there is none. */
    async more(
      channel: SendingChannel,
      limits: ChannelLimits | undefined,
      lifeSafety: boolean,
      parts: number,
    ): Promise<SendResult | undefined> {
      if (!limits || parts <= 0) return undefined;
      const now = clock.now();
      const { granted, nextAt } = await transactor.transaction((tx) =>
        store.take(tx, {
          ...{ channelId: channel.id, now, waiting: parts, atOnce: parts },
          perMinute: perMinute(limits, lifeSafety),
        }),
      );
      if (granted === parts) return undefined;
      const retryAfter = Math.max(NO_ROOM_MS, (nextAt ?? now) - now);
      return { outcome: 'retry', detail: 'waits for the limit of the platform', retryAfter };
    },

    /** Resolves when the next message to this channel may leave. */
    async turn(channelId: string, limits: ChannelLimits | undefined): Promise<void> {
      if (!limits || limits.spacing === 0) return;
      const now = clock.monotonic();
      const mine = Math.max(now, turns.get(channelId) ?? 0);
      turns.set(channelId, mine + limits.spacing);
      if (mine > now) await sleep(mine - now);
    },
  };
}
