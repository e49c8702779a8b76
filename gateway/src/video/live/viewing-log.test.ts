import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { createTestRegistry, seedTestOrganisations, testActor } from '../../../test/support/registry.ts';
import { createManualClock } from '../../clock.ts';
import { createLogger } from '../../log.ts';
import { createAuditStore } from '../../store/audit.ts';
import { createCameraClipStore } from '../../store/camera-clips.ts';
import { createCameraMaskStore } from '../../store/camera-masks.ts';
import { createViewingStore } from '../../store/viewings.ts';
import { createMasks } from './masks.ts';
import { createViewingLog } from './viewing-log.ts';

const admin = testActor();
const dispatcher = testActor('dispatcher');
const nowhere = testActor('dispatcher', { kind: 'orgs', orgIds: ['nowhere'] });

describe.each(ENGINES)('调阅登记 and masks on %s', (engine) => {
  let database: TestDatabase;
  const clock = createManualClock();
  const changed: number[] = [];
  let viewings: ReturnType<typeof createViewingLog>;
  let masks: ReturnType<typeof createMasks>;
  let camera: { key: number; id: string };

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    const { db } = database;
    const registry = createTestRegistry(db, clock);
    await seedTestOrganisations(db);
    const { device } = await registry.devices.create(admin, { type: 'generic/camera', name: '东门', id: 'cam-1' });
    camera = device;
    const common = { db, audit: createAuditStore(), cameras: registry.devices, clock, log: createLogger('silent') };
    viewings = createViewingLog({ ...common, store: createViewingStore() });
    masks = createMasks({ ...common, store: createCameraMaskStore(), onChange: (key) => changed.push(key) });
  });
  afterAll(() => database?.close());

  it('says who looked at what, how long and what for; a crash ends it when it was last seen', async () => {
    const begun = clock.now();
    const mine = await viewings.begin(dispatcher, camera, { mode: 'live', purpose: ' 日常巡查 ' });
    clock.advance(10_000);
    const lost = await viewings.begin(admin, camera, { mode: 'masked', purpose: '事件处置' });
    await viewings.touch([
      { id: mine, at: clock.now(), bytes: 500 },
      { id: lost, at: clock.now() + 5_000, bytes: 70 },
    ]);
    clock.advance(60_000);
    await viewings.end(mine, { bytes: 900, reason: 'closed' });
    await viewings.touch([{ id: mine, at: clock.now() + 9_000, bytes: 1_000 }]);
    await viewings.sweep();
    expect((await viewings.list(admin, { userId: admin.id })).items[0]?.endedAt).toBeNull();
    clock.advance(120_000);
    await viewings.sweep();
    const { items } = await viewings.ofCamera(admin, 'cam-1', {});
    expect(items).toMatchObject([
      { id: lost, userId: admin.id, mode: 'masked', endedAt: begun + 15_000, endReason: 'interrupted', bytes: 70 },
      {
        id: mine,
        userName: 'dispatcher',
        deviceId: 'cam-1',
        purpose: '日常巡查',
        address: '127.0.0.1',
        startedAt: begun,
        endedAt: begun + 70_000,
        endReason: 'closed',
        bytes: 900,
      },
    ]);
    const range = { from: begun, to: clock.now() };
    expect(await viewings.usage(admin, range)).toEqual([{ deviceId: 'cam-1', count: 2, seconds: 75 }]);
    const first = await viewings.list(dispatcher, { limit: 1 });
    const next = await viewings.list(dispatcher, { limit: 1, cursor: first.nextCursor ?? '' });
    expect([first, next].map(({ items: [row] }) => row?.id)).toEqual([lost, mine]);
  });

  it('is shown to nobody without the right or outside his scope', async () => {
    await expect(viewings.list(testActor('maintainer'), {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect((await viewings.list(nowhere, {})).items).toEqual([]);
    await expect(viewings.ofCamera(nowhere, 'cam-1', {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('masks are set by who may, told at once, counted up and refused when they cover nothing', async () => {
    const areas = [
      {
        shape: 'polygon' as const,
        points: [
          [0, 0],
          [0.5, 0],
          [0.5, 0.5],
        ] as [number, number][],
      },
    ];
    expect(await masks.get(dispatcher, 'cam-1')).toMatchObject({ areas: [], revision: 0 });
    await expect(masks.put(testActor('viewer'), 'cam-1', { areas })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await masks.put(admin, 'cam-1', { areas, reason: '居民窗户' })).toMatchObject({ areas, revision: 1 });
    expect(await masks.put(admin, 'cam-1', { areas: [] })).toMatchObject({
      areas: [],
      revision: 2,
      updatedBy: 'user:u-admin',
    });
    expect(changed).toEqual([camera.key, camera.key]);
    for (const wrong of [
      { shape: 'rectangle', x: 0.1, y: 0.1, width: 0, height: 0.2 },
      { shape: 'rectangle', x: 0.1, y: 0.1, width: 1.2, height: 0.2 },
      {
        shape: 'polygon',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
      { shape: 'circle' },
    ]) {
      await expect(masks.put(admin, 'cam-1', { areas: [wrong as never] })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
    }
  });

  it('clips end once, expire after their time, and count their bytes while they stand', async () => {
    const { db } = database;
    const store = createCameraClipStore();
    const now = clock.now();
    const clip = (id: string) => ({
      id,
      device: camera.key,
      userId: admin.id,
      userName: 'admin',
      purpose: '取证',
      seconds: 5,
      masked: false,
      createdAt: now,
      expiresAt: now + 1_000,
    });
    for (const id of ['a', 'b']) await store.insert(db.autocommit, clip(id));
    await store.finish(db.autocommit, 'a', { state: 'ready', bytes: 42, sha256: 'ff' });
    await store.finish(db.autocommit, 'a', { state: 'failed', reason: 'late' });
    expect(await store.get(db.autocommit, camera.key, 'a')).toMatchObject({ state: 'ready', bytes: 42, reason: null });
    expect(await store.bytes(db.autocommit)).toBe(42);
    expect(await store.failAbandoned(db.autocommit, now + 1)).toBe(1);
    expect(await store.expire(db.autocommit, now + 1_000)).toEqual(['a']);
    expect(await store.bytes(db.autocommit)).toBe(0);
    const { items } = await store.list(db.autocommit, camera.key, { userId: admin.id });
    expect(items.map(({ id, state, reason }) => [id, state, reason])).toEqual([
      ['b', 'failed', 'interrupted'],
      ['a', 'expired', null],
    ]);
  });
});
