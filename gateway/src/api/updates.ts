import { Readable } from 'node:stream';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';

/** What a console may have on its screen, by the words its questions begin with. */
export const TOPICS = [
  'overview',
  'devices',
  'incidents',
  'tickets',
  'quarantine',
  'notifications',
  'reports',
  'lists',
] as const;
export type Topic = (typeof TOPICS)[number];

/** What has moved in the database → what may look different. */
export const LOOKS = {
  health: ['overview', 'devices', 'incidents'],
  tickets: ['overview', 'tickets', 'incidents'],
  quarantine: ['overview', 'quarantine'],
  notifications: ['notifications'],
  people: TOPICS,
} as const satisfies Readonly<Record<string, readonly Topic[]>>;
/** Ends of indexes; equal = nothing changed. */
export type Marks = Readonly<Record<keyof typeof LOOKS, string | null>>;

export type Updates = ReturnType<typeof createUpdates>;

const LOOK_MS = 1_000;
const ALIVE_MS = 15_000;
/** Then the browser asks anew, and whether it still may is looked at again. */
const LIFE_MS = 10 * 60_000;
const MOST = 2_000;
const MOST_OF_ONE = 16;

/**
 * Tells consoles that something changed, never what: each asks for what it may see. The database is looked at once a
 * second while anybody listens, whatever their number.
 */
export function createUpdates(deps: { read: () => Promise<Marks>; clock: Clock; log: Logger }) {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;
  let known: Marks | undefined;

  async function look(): Promise<void> {
    try {
      const now = await deps.read();
      if (known) {
        const moved = (Object.keys(LOOKS) as (keyof typeof LOOKS)[]).filter((mark) => now[mark] !== known?.[mark]);
        const topics = new Set(moved.flatMap((mark): readonly Topic[] => LOOKS[mark]));
        if (topics.size > 0) for (const listener of listeners) listener.changed(topics);
      }
      known = now;
    } catch (error) {
      deps.log.warn({ error }, 'consoles cannot be told of changes');
    }
    const at = deps.clock.monotonic();
    for (const listener of listeners) listener.tick(at);
    timer = listeners.size > 0 ? setTimeout(look, LOOK_MS) : undefined;
    if (!timer) known = undefined;
  }

  return {
    /** A stream of server-sent events for one reader; ends by itself after a while. */
    open(reader: string): Readable {
      const own = [...listeners].filter((one) => one.reader === reader).length;
      if (listeners.size >= MOST || own >= MOST_OF_ONE) throw new GatewayError('TOO_MANY_REQUESTS');
      const listener = new Listener(reader, deps.clock.monotonic());
      listeners.add(listener);
      listener.once('close', () => listeners.delete(listener));
      timer ??= setTimeout(look, 0);
      return listener;
    },
    close(): void {
      clearTimeout(timer);
      timer = undefined;
      for (const listener of listeners) listener.destroy();
    },
  };
}

/** One console. Who reads slowly gets one notice of all that changed meanwhile, not a queue of them. */
class Listener extends Readable {
  readonly reader: string;
  readonly #since: number;
  readonly #waiting = new Set<Topic>();
  #heard: number;
  #full = false;

  constructor(reader: string, at: number) {
    super({ highWaterMark: 4_096 });
    this.reader = reader;
    this.#since = at;
    this.#heard = at;
    this.#say('retry: 2000\nevent: alive\ndata: {}\n\n');
  }

  override _read(): void {
    this.#full = false;
    if (this.#waiting.size > 0) this.changed([]);
  }

  changed(topics: Iterable<Topic>): void {
    for (const topic of topics) this.#waiting.add(topic);
    if (this.#full) return;
    const list = JSON.stringify([...this.#waiting]);
    this.#waiting.clear();
    this.#say(`event: changed\ndata: ${list}\n\n`);
  }

  tick(at: number): void {
    if (at - this.#since > LIFE_MS) this.push(null);
    else if (at - this.#heard > ALIVE_MS && !this.#full) {
      this.#heard = at;
      this.#say('event: alive\ndata: {}\n\n');
    }
  }

  #say(text: string): void {
    this.#full = !this.push(text);
  }
}
