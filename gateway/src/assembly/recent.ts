import { randomUUID } from 'node:crypto';
import type { RecentMessagePort } from '../api/ports/devices.ts';
import type { MessageOwner, RecentMessage } from '../domain/recent-message.ts';
import type { RecentMessages } from '../ingest/recent.ts';
import type { Part } from '../lifecycle.ts';
import type { Foundation } from './foundation.ts';

const [ASK, TELL] = ['recent-messages', 'recent-messages-told'];
const WITHIN_MS = 2_000;
const PER_OWNER = 20;
/** One message has to fit into a hint of the database. */
const PAYLOAD_BYTES = 3_072;

interface Question {
  readonly id: string;
  readonly owner: MessageOwner;
}

interface Told {
  readonly id: string;
  readonly from: string;
  /** Payload in base64; absent = that was all. */
  readonly message?: Omit<RecentMessage, 'payload'> & { readonly payload: string };
}

/** The last messages of a device lie in the memory of the processes that took them in: each of them is asked. */
export function createRecentPart(
  { store, nodes, log }: Foundation,
  split: boolean,
  local: RecentMessages,
): { readonly recent: RecentMessagePort; readonly part: Part } {
  if (!split) return { recent: local, part: { name: 'recent messages' } };
  const { bus } = store;
  const self = nodes.self.id;
  const waiting = new Map<string, (told: Told) => void>();
  const unsubscribe: (() => void)[] = [];

  const answer = async ({ id, owner }: Question) => {
    for (const message of local.of(owner)) {
      const payload = Buffer.from(message.payload.subarray(0, PAYLOAD_BYTES)).toString('base64');
      await bus.publish(TELL, { id, from: self, message: { ...message, payload } } satisfies Told);
    }
    await bus.publish(TELL, { id, from: self } satisfies Told);
  };

  return {
    recent: {
      get since() {
        return Math.max(local.since, ...nodes.live('ingest').map(({ startedAt }) => startedAt));
      },
      async of(owner) {
        const missing = new Set(nodes.live('ingest').map(({ id }) => id));
        const found: RecentMessage[] = [];
        if (missing.size === 0) return found;
        const id = randomUUID();
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, WITHIN_MS);
        waiting.set(id, ({ from, message }) => {
          if (message) found.push({ ...message, payload: Buffer.from(message.payload, 'base64') });
          else missing.delete(from);
          if (missing.size === 0) resolve();
        });
        try {
          await bus.publish(ASK, { id, owner } satisfies Question);
          await promise;
        } finally {
          clearTimeout(timer);
          waiting.delete(id);
        }
        return found.sort((a, b) => b.receivedAt - a.receivedAt).slice(0, PER_OWNER);
      },
    },
    part: {
      name: 'recent messages',
      start() {
        unsubscribe.push(bus.subscribe(TELL, (told) => waiting.get((told as Told).id)?.(told as Told)));
        if (!nodes.self.roles.includes('ingest')) return;
        const asked = (question: unknown) => {
          answer(question as Question).catch((error) => log.warn({ error }, 'an answer to another process was lost'));
        };
        unsubscribe.push(bus.subscribe(ASK, asked));
      },
      stop() {
        for (const end of unsubscribe) end();
      },
    },
  };
}
