import { beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../api/problem.ts';
import { type Entry, outcomeOf, ready, stageAfter, type Task } from './entry.ts';
import { createQueue, type EntryStore, MOST_ENTRIES, QueueFull } from './queue.ts';

const comment = (note: string, ticketId = 't1'): Task => ({ kind: 'comment', ticketId, note });

/** A gateway that takes each key once, on a line that can be cut before or after it. */
function gateway() {
  const took = new Map<string, string>();
  const refusals = new Map<string, Problem>();
  const world = { cut: 'no' as 'no' | 'before' | 'after', user: 'zhou' as string | null, took, refusals, sent: 0 };
  return {
    world,
    line: {
      async send({ id, task }: Entry) {
        if (world.cut === 'before') throw new TypeError('no line');
        world.sent++;
        const note = task.kind === 'comment' ? task.note : task.kind;
        const refusal = refusals.get(note);
        if (refusal) throw refusal;
        took.set(id, note);
        if (world.cut === 'after') throw new TypeError('no answer');
      },
      async taken({ id }: Entry) {
        if (world.cut !== 'no') throw new TypeError('no line');
        return took.has(id);
      },
      async who() {
        if (world.cut === 'before') throw new TypeError('no line');
        return world.user;
      },
    },
  };
}

function disk(): EntryStore {
  const rows = new Map<string, Entry>();
  return {
    of: async (owner) => [...rows.values()].filter((row) => row.owner === owner),
    put: async (row) => void rows.set(row.id, structuredClone(row)),
    remove: async (id) => void rows.delete(id),
  };
}

let store: EntryStore;
let net: ReturnType<typeof gateway>;
const open = (owner = 'zhou') => createQueue({ owner, store, line: net.line, now: () => 1_000 });
beforeEach(() => {
  store = disk();
  net = gateway();
});
const said = () => [...net.world.took.values()];

describe('what is done without a line', () => {
  it('outlives the page and goes in its order when there is a line', async () => {
    net.world.cut = 'before';
    const first = open();
    await first.add(comment('a'));
    await first.add(comment('b'));
    await first.flush();
    expect(first.state().entries).toHaveLength(2);
    net.world.cut = 'no';
    const second = open();
    await second.flush();
    expect(said()).toEqual(['a', 'b']);
    expect(second.state().entries).toEqual([]);
    expect(await store.of('zhou')).toEqual([]);
  });

  it('is not sent twice when only the answer was lost', async () => {
    const queue = open();
    await queue.add(comment('a'));
    net.world.cut = 'after';
    await queue.flush();
    expect(queue.state().entries[0]).toMatchObject({ unsure: true, refused: null });
    net.world.cut = 'no';
    await open().flush();
    expect(net.world.sent).toBe(1);
    expect(await store.of('zhou')).toEqual([]);
  });

  it('keeps the same key until it is answered', async () => {
    const queue = open();
    const { id } = await queue.add(comment('a'));
    net.world.cut = 'before';
    await queue.flush();
    net.world.cut = 'no';
    await queue.flush();
    expect([...net.world.took.keys()]).toEqual([id]);
  });

  it('belongs to who did it: nobody else sees it, and it does not go under another name', async () => {
    await open('zhou').add(comment('a'));
    const other = open('wu');
    await other.flush();
    expect(other.state().entries).toEqual([]);
    net.world.user = 'wu';
    const own = open('zhou');
    await own.flush();
    expect(own.state()).toMatchObject({ signedOut: true, entries: [{ refused: null }] });
    expect(net.world.sent).toBe(0);
  });

  it('stays with its refusal and holds up only its own ticket', async () => {
    net.world.refusals.set('a', new Problem(409, { code: 'TRANSITION_NOT_ALLOWED', detail: 'moved on' }));
    const queue = open();
    const { id } = await queue.add(comment('a'));
    await queue.add(comment('b'));
    await queue.add(comment('c', 't2'));
    await queue.flush();
    expect(said()).toEqual(['c']);
    expect(queue.state().entries.map(({ refused }) => refused?.message)).toEqual(['moved on', undefined]);
    await queue.discard(id);
    await queue.flush();
    expect(said()).toEqual(['c', 'b']);
  });

  it('asks anew under a new key when the person tries again', async () => {
    net.world.refusals.set('a', new Problem(422, { code: 'UNPROCESSABLE' }));
    const queue = open();
    const { id } = await queue.add(comment('a'));
    await queue.flush();
    net.world.refusals.clear();
    await queue.retry(id);
    await queue.flush();
    expect([...net.world.took.keys()]).not.toContain(id);
    expect(said()).toEqual(['a']);
  });

  it('tells when it is full instead of losing something', async () => {
    const queue = open();
    for (let i = 0; i < MOST_ENTRIES; i++) await queue.add(comment(`${i}`));
    await expect(queue.add(comment('one more'))).rejects.toThrow(QueueFull);
  });

  it('takes what is added while it sends', async () => {
    const queue = open();
    await queue.add(comment('a'));
    const going = queue.flush();
    await queue.add(comment('b'));
    await queue.flush();
    await going;
    expect(said()).toEqual(['a', 'b']);
  });
});

describe('an answer', () => {
  const sure = { unsure: false };
  it.each([
    [new TypeError('failed to fetch'), 'later'],
    [new Problem(0, {}), 'later'],
    [new Problem(503, { code: 'UNAVAILABLE' }), 'later'],
    [new Problem(429, {}), 'later'],
    [new Problem(401, { code: 'UNAUTHENTICATED' }), 'signedOut'],
    [new Problem(403, { code: 'FORBIDDEN' }), 'refused'],
    [new Problem(409, { code: 'CONFLICT' }), 'refused'],
  ])('%s means %s', (error, kind) => {
    expect(outcomeOf(error, sure).kind).toBe(kind);
  });

  it('that the first sending still runs is waited for', () => {
    expect(outcomeOf(new Problem(409, { code: 'CONFLICT' }), { unsure: true }).kind).toBe('later');
  });
});

it('shows where a ticket will stand, and sends the oldest of each first', () => {
  const at = (order: number, task: Task): Entry => ({
    ...{ id: `${order}`, owner: 'zhou', subject: 't1', order, task, bytes: 0, createdAt: 0 },
    ...{ unsure: false, tries: 0, refused: null },
  });
  const entries = [
    at(2, { kind: 'transition', ticketId: 't1', body: { to: 'verifying' } }),
    at(1, { kind: 'transition', ticketId: 't1', body: { to: 'handling' } }),
  ];
  expect(stageAfter('dispatched', entries)).toBe('verifying');
  expect(ready(entries).map(({ id }) => id)).toEqual(['1']);
});
