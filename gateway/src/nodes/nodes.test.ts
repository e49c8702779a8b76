import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createSystemClock } from '../clock.ts';
import type { NodeRole } from '../domain/node.ts';
import { createLogger } from '../log.ts';
import { createNodeStore } from '../store/nodes.ts';
import { claimDirectory } from './identity.ts';
import { createNodes, type NodesOptions } from './nodes.ts';

const log = createLogger('error');
/** Three of them missed must be more than a busy machine is late. */
const BEAT_MS = 700;

describe.each(ENGINES)('processes that share a database on %s', (engine) => {
  let database: TestDatabase;
  const store = createNodeStore();
  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterAll(() => database.close());
  const made: ReturnType<typeof createNodes>[] = [];
  afterEach(async () => void (await Promise.all(made.splice(0).map((each) => each.leave()))));

  const node = (id: string, roles: readonly NodeRole[], extra: Partial<NodesOptions> = {}) => {
    const fresh = createNodes({
      store,
      db: database.db,
      clock: createSystemClock(),
      log,
      self: { id, roles },
      beatMs: BEAT_MS,
      ...extra,
    });
    made.push(fresh);
    fresh.announce({ url: () => `http://${id}:8080` });
    return fresh;
  };
  const idsOf = (nodes: ReturnType<typeof node>, role: NodeRole) => nodes.live(role).map(({ id }) => id);

  test('find each other, agree on owners, and are missed when they fall silent', async () => {
    const [a, b] = [node('a', ['video', 'api']), node('b', ['video'])];
    let changes = 0;
    a.changed(() => changes++);
    await a.start();
    expect(idsOf(a, 'video')).toEqual(['a']);
    await b.start();
    await expect.poll(() => idsOf(a, 'video')).toEqual(['a', 'b']);
    for (let camera = 1; camera <= 50; camera++) {
      expect(a.owner(camera, 'video')?.id).toBe(b.owner(camera, 'video')?.id);
      expect(Number(a.mine(camera, 'video')) + Number(b.mine(camera, 'video'))).toBe(1);
    }
    expect(a.owner(1, 'video')?.url).toMatch(/^http:/);
    expect(b.mine(1, 'api')).toBe(false);

    // A process that was killed says nothing any more.
    await store.enter(database.db.autocommit, { id: 'c', session: 's', roles: ['video'], url: null });
    await expect.poll(() => idsOf(a, 'video')).toEqual(['a', 'b', 'c']);
    await expect.poll(() => a.all().find(({ id }) => id === 'c')?.state).toBe('away');
    expect(idsOf(a, 'video')).toEqual(['a', 'b']);

    // Each has a number of its own, and the same one when it comes back.
    expect([a.slot(), b.slot()]).toEqual([0, 1]);
    expect(await store.slot(database.db.autocommit, 'b')).toBe(1);

    await b.leave();
    await expect.poll(() => idsOf(a, 'video')).toEqual(['a']);
    expect(a.all().find(({ id }) => id === 'b')?.state).toBe('left');
    expect(changes).toBeGreaterThanOrEqual(4);
    await a.leave();
  });

  test('tell what a process that is away still has in its spool', async () => {
    const watcher = node('w', ['monitor']);
    await watcher.start();
    const [x, y] = [
      { id: 'x', session: '1', url: null },
      { id: 'y', session: '2', url: null },
    ];
    for (const each of [x, y]) await store.enter(database.db.autocommit, { ...each, roles: ['ingest'] });
    const oldestUndrainedAt = Date.now() - 60_000;
    expect(await store.beat(database.db.autocommit, { ...x, undrained: 7, oldestUndrainedAt })).toBe(true);
    expect(
      await store.beat(database.db.autocommit, { ...y, session: 'another', undrained: 0, oldestUndrainedAt: null }),
    ).toBe(false);
    const of = (id: string) => watcher.all().find((each) => each.id === id);
    await expect.poll(() => of('y')?.state).toBe('away');
    expect(of('x')).toMatchObject({ undrained: 7, oldestUndrainedAt, backlogSince: oldestUndrainedAt });
    // What it took after its last sign of life nobody knows.
    expect(of('y')).toMatchObject({ undrained: 0, backlogSince: of('y')?.seenAt });
    await store.drained(database.db.autocommit, 'x');
    await expect.poll(() => of('x')).toMatchObject({ state: 'left', undrained: 0, backlogSince: null });
    await watcher.leave();
  });

  test('do not run twice under one identity', async () => {
    const first = node('twin', ['api']);
    await first.start();
    await expect(node('twin', ['api'], { takenOver: true }).start()).rejects.toMatchObject({ code: 'CONFLICT' });
    // Nobody asked before: the one that was there finds out and ends.
    let replaced = false;
    const older = node('pair', ['api'], { onReplaced: () => (replaced = true) });
    await older.start();
    const newer = node('pair', ['api']);
    await newer.start();
    await expect.poll(() => replaced).toBe(true);
    await Promise.all([first.leave(), older.leave(), newer.leave()]);
  });
});

test('one process alone owns everything and writes nothing', async () => {
  const alone = createNodes({
    store: {} as never,
    db: {} as never,
    clock: createSystemClock(),
    log,
    self: { id: 'only', roles: ['api', 'video'] },
    alone: true,
  });
  await alone.start();
  expect(alone.mine(7, 'video')).toBe(true);
  expect(alone.owner('anything', 'video')?.id).toBe('only');
  expect(alone.owner(7, 'ingest')).toBeUndefined();
  await alone.leave();
});

describe('a data directory', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cgw-node-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('keeps the identity of its process, and is given again to a process that tries its start anew', async () => {
    const first = await claimDirectory(directory);
    const again = await claimDirectory(directory);
    expect(again.id).toBe(first.id);
    expect(first.takenOver).toBe(false);
    await again.release();
  });

  test('is refused while another process uses it, and taken from one that is dead', async () => {
    const { lock, dead } = await locks();
    await writeFile(join(directory, 'process-lock'), lock);
    await expect(claimDirectory(directory)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('CGW_DATA_DIR'),
    });
    await writeFile(join(directory, 'process-lock'), dead);
    expect((await claimDirectory(directory)).takenOver).toBe(false);
  });

  test('that came from another machine is taken with a doubt', async () => {
    await writeFile(
      join(directory, 'process-lock'),
      JSON.stringify({ pid: 1, started: 'x', boot: 'y', host: 'elsewhere' }),
    );
    const claimed = await claimDirectory(directory);
    expect(claimed.takenOver).toBe(true);
    await claimed.release();
  });
});

/** Lock files as our parent process, which lives, and one that is gone would have written them. */
async function locks() {
  const { readFile } = await import('node:fs/promises');
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const stat = await readFile(`/proc/${process.ppid}/stat`, 'utf8');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const lock = { pid: process.ppid, started, boot, host: hostname() };
  return { lock: JSON.stringify(lock), dead: JSON.stringify({ ...lock, started: '1' }) };
}
