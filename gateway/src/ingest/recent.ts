import type { MessageOwner, RecentMessage } from '../domain/recent-message.ts';

/** The last messages of every device with what became of them, in memory. */
export interface RecentMessages {
  /** Epoch milliseconds from which on messages are recorded: the start of this process. */
  readonly since: number;
  /** Newest first; empty when nothing came, or when others needed the room. */
  of(owner: MessageOwner): readonly RecentMessage[];
  add(owner: MessageOwner, message: RecentMessage): void;
}

interface Ring {
  readonly messages: RecentMessage[];
  bytes: number;
}

const MAX_PAYLOAD = 4_096;
/** What an entry costs beside its texts and bytes. */
const OVERHEAD = 400;
const NOTHING = new Uint8Array(0);

/** Bounded in bytes over all devices; when they are used up, whoever was silent longest is forgotten. */
export function createRecentMessages(options: {
  readonly since: number;
  readonly perOwner?: number;
  readonly maxBytes?: number;
}): RecentMessages {
  const { since, perOwner = 20, maxBytes = 32 * 1024 ** 2 } = options;
  /** In the order of their last message, oldest first. */
  const rings = new Map<MessageOwner, Ring>();
  let total = 0;
  const resize = (ring: Ring, by: number) => {
    ring.bytes += by;
    total += by;
  };
  return {
    since,
    of: (owner) => [...(rings.get(owner)?.messages ?? [])].reverse(),
    add(owner, message) {
      const ring = rings.get(owner) ?? { messages: [], bytes: 0 };
      rings.delete(owner);
      rings.set(owner, ring);
      const entry = { ...message, payload: copied(message.payload) };
      ring.messages.push(entry);
      resize(ring, costOf(entry));
      const gone = ring.messages.length > perOwner ? ring.messages.shift() : undefined;
      if (gone) resize(ring, -costOf(gone));
      while (total > maxBytes) {
        const [oldest] = rings;
        if (!oldest || oldest[1] === ring) break;
        total -= oldest[1].bytes;
        rings.delete(oldest[0]);
      }
    },
  };
}

/** A copy, because the bytes lie in a larger buffer of the spool that must go. */
function copied(payload: Uint8Array): Uint8Array {
  return payload.byteLength === 0 ? NOTHING : Uint8Array.prototype.slice.call(payload, 0, MAX_PAYLOAD);
}

function costOf({ payload, topic, detail }: RecentMessage): number {
  return OVERHEAD + payload.byteLength + 2 * (topic.length + (detail?.length ?? 0));
}
