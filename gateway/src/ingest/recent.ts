import type { MessageOwner, RecentMessage } from '../domain/recent-message.ts';

/** The last messages of every device with what became of them, in memory. */
export interface RecentMessages {
  /** Epoch milliseconds from which on messages are recorded: the start of this process. */
  readonly since: number;
  /** Newest first; empty when nothing came, or when others needed the room. */
  of(owner: MessageOwner): readonly RecentMessage[];
  add(owner: MessageOwner, message: RecentMessage): void;
}

/** Bytes as a text of Latin-1: a text is made in a fraction of the time, and costs no buffer of its own to collect. */
type Kept = Omit<RecentMessage, 'payload'> & { readonly bytes: string };

interface Ring {
  readonly messages: Kept[];
  bytes: number;
}

const MAX_PAYLOAD = 4_096;
/** What an entry costs beside its texts and bytes. */
const OVERHEAD = 400;

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
    of: (owner) => (rings.get(owner)?.messages ?? []).map(shown).reverse(),
    add(owner, message) {
      const ring = rings.get(owner) ?? { messages: [], bytes: 0 };
      rings.delete(owner);
      rings.set(owner, ring);
      const entry = keep(message);
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
function keep({
  receivedAt,
  topic,
  size,
  payload,
  verdict,
  code,
  detail,
  readings,
  via,
  principal,
}: RecentMessage): Kept {
  const { buffer, byteOffset, byteLength } = payload;
  const bytes = Buffer.from(buffer, byteOffset, Math.min(byteLength, MAX_PAYLOAD)).toString('latin1');
  return { receivedAt, topic, size, bytes, verdict, code, detail, readings, via, principal };
}

function shown({ bytes, ...rest }: Kept): RecentMessage {
  return { ...rest, payload: new Uint8Array(Buffer.from(bytes, 'latin1')) };
}

function costOf({ bytes, topic, detail }: Kept): number {
  return OVERHEAD + bytes.length + 2 * (topic.length + (detail?.length ?? 0));
}
