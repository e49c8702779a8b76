import { newId } from '../new-id.ts';
import { bytesOf, type Entry, outcomeOf, ready, subjectOf, type Task } from './entry.ts';

/** Where entries outlive the page. */
export interface EntryStore {
  of(owner: string): Promise<readonly Entry[]>;
  put(entry: Entry): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface Line {
  /** Sends; throws a Problem, or anything else when there was no answer. */
  send(entry: Entry): Promise<void>;
  /** Whether the gateway has it already, by looking at what it concerns. */
  taken(entry: Entry): Promise<boolean>;
  /** Who is signed in according to the gateway; null = nobody. Throws when there is no answer. */
  who(): Promise<string | null>;
}

/** What one phone keeps at most. */
export const MOST_BYTES = 200 * 1024 * 1024;
export const MOST_ENTRIES = 300;

/** The phone keeps no more before something has been sent. */
export class QueueFull extends Error {}

export interface QueueState {
  readonly entries: readonly Entry[];
  /** Id of the entry that is on its way. */
  readonly sending: string | null;
  readonly signedOut: boolean;
}

export type Queue = ReturnType<typeof createQueue>;

/**
 * What one person did without a line, sent later: in order per ticket, each once. A refusal stays until the person
 * decides what becomes of it.
 */
export function createQueue(deps: {
  readonly owner: string;
  readonly store: EntryStore;
  readonly line: Line;
  readonly now: () => number;
  /** One page at a time sends; answers when it is done, or at once when another page is at it. */
  readonly alone?: (work: () => Promise<void>) => Promise<void>;
  readonly onSent?: (entry: Entry) => void;
}) {
  const { owner, store, line, now, alone = (work) => work() } = deps;
  const listeners = new Set<() => void>();
  let state: QueueState = { entries: [], sending: null, signedOut: false };
  let running: Promise<void> | null = null;
  let again = false;

  function say(change: Partial<QueueState>): void {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }
  const replace = (id: string, entry: Entry | null) =>
    say({ entries: state.entries.flatMap((one) => (one.id === id ? (entry ? [entry] : []) : [one])) });

  async function put(entry: Entry): Promise<Entry> {
    await store.put(entry);
    replace(entry.id, entry);
    return entry;
  }
  async function drop({ id }: Entry): Promise<void> {
    await store.remove(id);
    replace(id, null);
  }

  /** Another page of the same person may have sent or added something. */
  async function reload(): Promise<void> {
    say({ entries: [...(await store.of(owner))].sort((a, b) => a.order - b.order) });
  }

  /** Answers whether the line still works. */
  async function sendOne(entry: Entry): Promise<boolean> {
    say({ sending: entry.id });
    // Written before it leaves: a page that is closed meanwhile must not forget that it did.
    const tried = await put({ ...entry, unsure: true, tries: entry.tries + 1 });
    try {
      if (!(entry.unsure && (await line.taken(entry)))) await line.send(entry);
      await drop(tried);
      deps.onSent?.(entry);
      return true;
    } catch (error) {
      const outcome = outcomeOf(error, entry);
      if (outcome.kind === 'refused') await put({ ...tried, unsure: false, refused: outcome.refusal });
      if (outcome.kind === 'later') await put({ ...tried, unsure: outcome.unsure });
      if (outcome.kind === 'signedOut') {
        await put({ ...tried, unsure: entry.unsure });
        say({ signedOut: true });
      }
      return outcome.kind === 'refused';
    } finally {
      say({ sending: null });
    }
  }

  async function round(): Promise<void> {
    await reload();
    if (ready(state.entries).length === 0) return;
    const signedIn = await line.who().catch(() => undefined);
    if (signedIn === undefined) return;
    say({ signedOut: signedIn !== owner });
    if (signedIn !== owner) return;
    for (let next = ready(state.entries)[0]; next; next = ready(state.entries)[0]) if (!(await sendOne(next))) return;
  }

  /** Sends what can be sent; calls while it is at it are answered by one more round. */
  function flush(): Promise<void> {
    if (running) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await alone(round);
      } while (again);
    })().finally(() => {
      running = null;
    });
    return running;
  }

  return {
    owner,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    state: (): QueueState => state,
    reload,
    flush,
    /**
     * Kept before this answers; sent as soon as there is a line.
     * @throws QueueFull when the phone keeps enough already.
     */
    async add(task: Task): Promise<Entry> {
      const { entries } = state;
      const bytes = bytesOf(task);
      if (entries.length >= MOST_ENTRIES || bytes + entries.reduce((sum, one) => sum + one.bytes, 0) > MOST_BYTES)
        throw new QueueFull();
      const createdAt = now();
      const order = Math.max(createdAt, ...entries.map((one) => one.order + 1));
      const of = { owner, subject: subjectOf(task), order, task, bytes, createdAt };
      const entry: Entry = { id: newId(), ...of, unsure: false, tries: 0, refused: null };
      await store.put(entry);
      say({ entries: [...state.entries, entry] });
      return entry;
    },
    /** Once more what was refused, under a new key: the old one answers the same refusal for a day. */
    async retry(id: string): Promise<void> {
      const entry = state.entries.find((one) => one.id === id);
      if (!entry?.refused) return;
      const fresh: Entry = { ...entry, id: newId(), refused: null, unsure: false };
      await store.put(fresh);
      await store.remove(id);
      replace(id, fresh);
      void flush();
    },
    /** The person gives it up; what is on its way cannot be held back. */
    async discard(id: string): Promise<void> {
      const entry = state.entries.find((one) => one.id === id);
      if (entry && state.sending !== id) await drop(entry);
      void flush();
    },
  };
}
