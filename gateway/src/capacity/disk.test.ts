import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createManualClock } from '../clock.ts';
import type { DiskState } from '../domain/capacity.ts';
import type { Notice } from '../domain/notice.ts';
import { createLogger } from '../log.ts';
import { createCapacityStore } from '../store/capacity.ts';
import { createDiskWatch, type DiskDeps } from './disk.ts';
import { createRoom } from './room.ts';
import { createSampler } from './samples.ts';

const HOUR = 3_600_000;
const GIB = 1024 ** 3;

describe.each(ENGINES)('the watch over the disks on %s', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(engine);
  });
  afterAll(() => test?.close());

  const bench = (node: string, changed: Partial<DiskDeps> = {}) => {
    const clock = createManualClock();
    const store = createCapacityStore();
    const room = createRoom();
    const disk = { usedBytes: 10 * GIB, totalBytes: 100 * GIB };
    const told: Notice[] = [];
    const states: string[] = [];
    const seen: DiskState[] = [];
    const create = () =>
      createDiskWatch({
        store,
        db: test.db,
        clock,
        log: createLogger('error'),
        node,
        dataDir: '/',
        embedded: true,
        databaseBudget: () => 0,
        room,
        notices: async (_, notices) => void told.push(...notices),
        onState: (state, reason) => void states.push(`${state} ${reason}`),
        onDisk: (disk) => void seen.push(disk),
        measure: async () => disk,
        ...changed,
      });
    return { clock, store, room, disk, told, states, seen, create };
  };

  it('tells each level once, over a restart too, stops what may stop, and tells the end', async () => {
    const { room, disk, told, states, create } = bench('levels');
    let watch = create();
    await watch.look();
    expect(told).toEqual([]);
    disk.usedBytes = 81 * GIB;
    await watch.look();
    watch = create();
    await watch.look();
    expect(told.map(({ event, severity }) => `${event} ${severity}`)).toEqual(['firing major']);
    expect(room.allows('pictures')).toBe(true);
    disk.usedBytes = 91 * GIB;
    await watch.look();
    await watch.look();
    expect(told).toHaveLength(2);
    expect(room.stopped()).toEqual(['clips', 'pictures']);
    disk.usedBytes = 98 * GIB;
    await watch.look();
    expect(room.stopped()).toEqual(['clips', 'pictures', 'evidence', 'backups']);
    disk.usedBytes = 50 * GIB;
    await watch.look();
    expect(room.stopped()).toEqual([]);
    expect(told.map(({ event }) => event)).toEqual(['firing', 'firing', 'firing', 'resolved']);
    expect(new Set(told.map(({ subject }) => subject)).size).toBe(1);
    expect(new Set(states)).toEqual(
      new Set(['ready ok', 'ready DISK_WARNING', 'degraded DISK_SERIOUS', 'degraded DISK_FULL']),
    );
  });

  it('warns of a disk that its growth fills within 14 days, once a day of samples is there', async () => {
    const { clock, store, disk, told, seen, create } = bench('growing');
    const sampler = createSampler({
      store,
      db: test.db,
      clock,
      node: 'growing',
      dataDir: '/nowhere',
      series: { stats: async () => ({ rows: 0, bytes: 0, oldestDay: null }) },
      pictureBytes: async () => 0,
    });
    const watch = create();
    for (let hour = 0; hour <= 26; hour += 1) {
      await sampler.own(disk.usedBytes);
      await watch.look();
      if (hour < 24) expect(seen.at(-1)?.growthPerDay).toBeNull();
      disk.usedBytes += GIB / 2;
      clock.advance(HOUR);
    }
    const last = seen.at(-1);
    expect(last?.level).toBe('warning');
    expect(last?.growthPerDay).toBeGreaterThan(11 * GIB);
    expect(last?.fullInDays).toBeLessThan(14);
    expect(told).toHaveLength(1);
    expect(told[0]?.login?.who).toContain('写满');
  });

  it('judges a database elsewhere by its budget, and not at all without one', async () => {
    let budget = 0;
    const { seen, told, create } = bench('elsewhere', { embedded: false, databaseBudget: () => budget });
    const watch = create();
    await watch.look();
    expect(seen.find(({ area }) => area === 'database')).toMatchObject({ totalBytes: null, level: 'ok' });
    budget = 1;
    await watch.look();
    expect(told.map(({ fault }) => fault)).toEqual(['databaseFilling']);
  });

  it('makes room from what it sees also while the database is away', async () => {
    const { room, disk, states, create } = bench('away', {
      db: { autocommit: test.db.autocommit, transaction: () => Promise.reject(new Error('away')) },
    });
    disk.usedBytes = 95 * GIB;
    await expect(create().look()).rejects.toThrow('away');
    expect(room.allows('clips')).toBe(false);
    expect(states).toEqual(['degraded DISK_SERIOUS']);
  });
});
