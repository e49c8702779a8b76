import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestCameras, factsFixture } from '../../../test/support/cameras.ts';
import { createTestDatabase, type TestDatabase } from '../../../test/support/databases.ts';
import { emptyTables } from '../../../test/support/empty-tables.ts';
import { seedTestOrganisations, testActor } from '../../../test/support/registry.ts';
import { until } from '../../../test/support/until.ts';
import type { ArchivePatch } from '../../domain/camera-archive.ts';
import { isGatewayError } from '../../errors.ts';
import { DEFAULT_LOGINS } from './default-passwords.ts';
import type { CameraAccess } from './ports.ts';
import { hasTurn, phaseOf } from './rounds.ts';

const admin = testActor();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const onvif = { protocol: 'onvif', host: '10.0.0.9', username: 'u', password: 'Not-a-default-1' } as const;
const whole = {
  nationalCode: '31011500081326000001',
  location: { lat: 31.14, lon: 121.51, address: '东明路' },
  manufacturer: '海康',
  model: 'X',
  cameraType: 3,
  direction: 1,
  positionType: 96,
  maintenanceUnitId: 'fixers',
  orgId: 'hood-a',
  installedOn: '2026-11-01',
} as ArchivePatch;

describe('a camera as time goes by', () => {
  let database: TestDatabase;
  let test: ReturnType<typeof createTestCameras>;
  /** What the camera does; each test sets its own. */
  let camera: Partial<CameraAccess> = {};
  const { signal } = new AbortController();

  beforeAll(async () => {
    database = await createTestDatabase('pglite');
    await seedTestOrganisations(database.db);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'device');
    camera = {};
    test = createTestCameras(database.db, {
      describe: async (...args) =>
        camera.describe?.(...args) ?? { ok: true, facts: factsFixture({ readAt: test.clock.now() }) },
      clockOffset: async (...args) => camera.clockOffset?.(...args) ?? null,
      tryLogin: async (...args) => camera.tryLogin?.(...args) ?? 'refused',
      takeFirstFrame: async (...args) => camera.takeFirstFrame?.(...args) ?? null,
    });
    await test.directory.load(database.db.autocommit);
  });
  afterEach(() => test.part.stop());

  const add = async (id = 'cam', over: object = {}) =>
    (await test.devices.create(admin, { id, type: 'generic/camera', name: id, connection: onvif, ...over })).device;
  const get = (id = 'cam') => test.cameras.get(admin, id);
  const told = () => test.conditions.map(({ code, active }) => `${code} ${active}`);
  const visit = async (key: number) => {
    // A turn an hour; what follows a round in the background is short.
    test.clock.advance(HOUR_MS);
    await test.part.visit([key], signal);
  };

  describe('until it is in use', () => {
    it('is in use only with a whole archive and a first frame, whichever comes last', async () => {
      const one = await add('one');
      const two = await add('two', { connection: { ...onvif, host: '10.0.0.8' } });
      test.clock.advance(4_000);
      await test.part.firstFrame(one.key, test.clock.now());
      expect(await get('one')).toMatchObject({
        stage: 'awaitingArchive',
        firstFrameAt: test.clock.now(),
        inUseAt: null,
      });
      await test.cameras.patchArchive(admin, 'one', whole);
      await test.cameras.patchArchive(admin, 'two', { ...whole, nationalCode: '31011500081326000002' });
      expect(await get('two')).toMatchObject({ stage: 'awaitingStream', lifecycle: 'active' });
      await test.part.firstFrame(two.key, test.clock.now());
      expect(await get('two')).toMatchObject({ stage: 'inUse', inUseAt: test.clock.now() });
      expect(await get('one')).toMatchObject({ stage: 'inUse', firstFrameAt: test.clock.now() });
      expect(test.firstFrames).toEqual([4_000, 4_000]);
      expect(await test.part.countByStage()).toEqual({ inUse: 2 });
      await test.part.firstFrame(one.key, test.clock.now() + 1);
      expect(test.firstFrames).toHaveLength(2);
    });

    it('takes a frame at once after the registration, and notes since when it is in use', async () => {
      const asked: number[] = [];
      camera.takeFirstFrame = async (key) => {
        asked.push(key);
        return test.clock.now();
      };
      test.part.start();
      const { key } = await add();
      await test.cameras.patchArchive(admin, 'cam', whole);
      await until('the camera is in use', async () => (await get()).inUseAt !== null);
      expect(asked).toEqual([key]);
      expect(test.firstFrames).toEqual([0]);
    });

    it('asks again and again, each time later, as long as none comes', async () => {
      let asked = 0;
      camera.takeFirstFrame = async () => {
        asked++;
        if (asked === 2) throw new Error('no supervisor');
        return null;
      };
      test.part.start();
      await add();
      const askedAfter = async (ms: number) => {
        test.clock.advance(ms);
        await sleep(1_300);
        return asked;
      };
      expect(await askedAfter(0)).toBe(1);
      expect(await askedAfter(4_999)).toBe(1);
      expect(await askedAfter(1)).toBe(2);
      expect(await askedAfter(15_000)).toBe(3);
    });

    it('begins anew after 换机, and a frame of the box before does not count', async () => {
      const { key } = await add();
      await test.cameras.patchArchive(admin, 'cam', { ...whole, manufacturer: null, model: null } as ArchivePatch);
      await test.cameras.refresh(admin, 'cam');
      const before = test.clock.now();
      await test.part.firstFrame(key, before);
      expect(await get()).toMatchObject({ stage: 'inUse', serial: 'SN-1' });
      test.clock.advance(60_000);
      await test.devices.replace(admin, 'cam', {
        serial: 'SN-2',
        connection: { ...onvif, host: '10.0.0.7' },
        reason: '雷击',
      });
      expect(await get()).toMatchObject({
        stage: 'awaitingArchive',
        missing: ['manufacturer', 'model'],
        firstFrameAt: null,
        inUseAt: null,
        facts: null,
        roundSince: test.clock.now(),
      });
      test.part.connectionChanged(key);
      await test.part.firstFrame(key, before);
      expect((await get()).firstFrameAt).toBeNull();
      await test.part.firstFrame(key, test.clock.now());
      expect((await get()).firstFrameAt).toBe(test.clock.now());
    });
  });

  describe('what it says of itself', () => {
    it('fills empty fields, never a person’s, and shows where they differ', async () => {
      await add();
      await test.cameras.patchArchive(admin, 'cam', { manufacturer: '大华' });
      const view = await test.cameras.refresh(admin, 'cam');
      expect(view).toMatchObject({
        differences: [{ field: 'manufacturer', archive: '大华', camera: 'Hikvision' }],
        facts: { firmware: '5.7' },
        exchanged: false,
      });
      expect(await test.cameras.archive(admin, 'cam')).toMatchObject({
        archive: { manufacturer: '大华', model: 'DS-2CD', codec: 'H264', serial: 'SN-1' },
        prefilled: ['model', 'codec'],
      });
      await test.cameras.patchArchive(admin, 'cam', { model: 'DS-2CD-X' });
      expect((await test.cameras.archive(admin, 'cam')).prefilled).toEqual(['codec']);
    });

    it('flags another serial than the registered one, once on the timeline', async () => {
      await add('cam', { serial: 'SN-0' });
      await test.cameras.refresh(admin, 'cam');
      const view = await test.cameras.refresh(admin, 'cam');
      expect(view).toMatchObject({ serial: 'SN-0', exchanged: true });
      const turns = (await test.devices.turns(admin, 'cam')).filter(({ what }) => what === 'exchangedUnannounced');
      expect(turns).toMatchObject([{ before: { serial: 'SN-0' }, after: { serial: 'SN-1' } }]);
    });

    it('leaves the serial empty when another device has it', async () => {
      await add('first', { serial: 'SN-1', connection: { ...onvif, host: '10.0.0.8' } });
      await add();
      expect((await test.cameras.refresh(admin, 'cam')).serial).toBeNull();
    });

    it('keeps what it knew when the camera does not answer, and says why', async () => {
      await add();
      await test.cameras.refresh(admin, 'cam');
      camera.describe = async () => ({ ok: false, reason: 'wrongPassword', detail: '401' });
      const refused = await test.cameras.refresh(admin, 'cam').catch((error: unknown) => error);
      expect(isGatewayError(refused, 'UNAVAILABLE') && refused.extra).toEqual({ reason: 'wrongPassword' });
      expect(await get()).toMatchObject({ factsError: 'wrongPassword', facts: { model: 'DS-2CD' } });
    });

    it('never keeps a password that stands in the address of a stream', async () => {
      const [stream] = factsFixture().streams;
      camera.describe = async () => ({
        ok: true,
        facts: factsFixture({
          streams: stream
            ? [{ ...stream, uri: 'rtsp://u:Not-a-default-1@10.0.0.9/user=u_password=Not-a-default-1' }]
            : [],
          snapshotUri: 'http://u:Not-a-default-1@10.0.0.9/snap?pwd=Not-a-default-1',
        }),
      });
      const { key } = await add();
      await test.cameras.refresh(admin, 'cam');
      const [kept] = await test.cameraStore.byKeys(database.db.autocommit, [key]);
      expect(kept?.camera.facts?.streams[0]?.uri).toBe('rtsp://10.0.0.9/user=u_password={password}');
      expect(kept?.camera.facts?.snapshotUri).toBe('http://10.0.0.9/snap?pwd={password}');
    });
  });

  describe('what is wrong with it', () => {
    it('is a clock more than a minute off twice, until it is less than half a minute off', async () => {
      const { key } = await add();
      await visit(key);
      for (const offset of [61_000, null, -61_000, 45_000, 29_000, 29_000]) {
        camera.clockOffset = async () => offset;
        await visit(key);
      }
      expect(told()).toEqual(['clockWrong true', 'clockWrong true', 'clockWrong false']);
      expect(test.conditions[0]).toMatchObject({
        device: key,
        path: 'rtsp',
        evidence: { offsetSeconds: -61, limitSeconds: 60 },
      });
    });

    it('is not a clock that was wrong once', async () => {
      const { key } = await add();
      await visit(key);
      for (const offset of [90_000, 10, 90_000]) {
        camera.clockOffset = async () => offset;
        await visit(key);
      }
      expect(told()).toEqual([]);
    });

    it('is another codec than the archive confirms, twice; updating the archive ends it', async () => {
      const { key } = await add('cam', { connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.9/1' } });
      await test.cameras.refresh(admin, 'cam');
      const probe = (codec: string) =>
        test.part.onProbe({
          device: key,
          path: 'rtsp',
          at: test.clock.now(),
          ok: true,
          reason: 'ok',
          detail: '',
          facts: { codec },
        });
      const streak = async () =>
        (await test.cameraStore.byKeys(database.db.autocommit, [key]))[0]?.camera.watch.codecChanged?.streak;
      probe('H265');
      await until('the first look', async () => (await streak()) === 1);
      expect(told()).toEqual([]);
      probe('H265');
      await until('the second look', async () => (await streak()) === 2);
      expect(told()).toEqual(['codecChanged true']);
      expect(test.conditions[0]?.evidence).toEqual({ confirmed: 'H264', seen: 'H265' });
      await test.cameras.patchArchive(admin, 'cam', { codec: 'H265' });
      probe('H265');
      await until('the end', async () => told().at(-1) === 'codecChanged false');
      probe('H265');
      await sleep(50);
      expect(told().filter((word) => word === 'codecChanged false').length).toBeLessThanOrEqual(2);
    });

    it('is a registered factory password, without a single try', async () => {
      let tries = 0;
      camera.tryLogin = async () => {
        tries++;
        return 'accepted';
      };
      const { key } = await add('cam', { connection: { ...onvif, username: 'admin', password: 'admin12345' } });
      await visit(key);
      expect(told()).toEqual(['defaultPassword true']);
      expect(JSON.stringify(test.conditions)).not.toContain('admin12345');
      await test.devices.update(admin, 'cam', { connection: onvif });
      await visit(key);
      expect(told()).toEqual(['defaultPassword true', 'defaultPassword false']);
      expect(tries).toBe(0);
    });

    it('tries others only when asked to, two a day, and goes on in the list the next day', async () => {
      const tried: string[] = [];
      camera.tryLogin = async (_, { username, password }) => {
        tried.push(`${username} ${password}`);
        return 'refused';
      };
      const { key } = await add();
      await visit(key);
      expect(tried).toEqual([]);
      test.settings.defaultPasswordCheck = true;
      for (let hour = 0; hour < 20; hour++) await visit(key);
      expect(tried).toHaveLength(2);
      test.clock.advance(DAY_MS);
      await visit(key);
      expect(tried).toEqual(DEFAULT_LOGINS.slice(0, 4).map(({ username, password }) => `${username} ${password}`));
      expect(told()).toEqual([]);
      camera.tryLogin = async () => 'accepted';
      test.clock.advance(DAY_MS);
      await visit(key);
      expect(told()).toEqual(['defaultPassword true']);
      camera.tryLogin = async () => 'refused';
      test.clock.advance(DAY_MS);
      await visit(key);
      expect(told().at(-1)).toBe('defaultPassword false');
    });

    it('tries nothing more once an account is locked, until the connection changes', async () => {
      let tries = 0;
      camera.tryLogin = async () => {
        tries++;
        return 'locked';
      };
      test.settings.defaultPasswordCheck = true;
      const { key } = await add();
      for (let day = 0; day < 3; day++) {
        await visit(key);
        test.clock.advance(DAY_MS);
      }
      expect(tries).toBe(1);
    });
  });

  it('has one turn an hour, wherever the hour is cut, spread over the cameras', () => {
    for (const key of [1, 2, 77, 100_000]) {
      let turns = 0;
      for (let at = 0; at < HOUR_MS; at += 10_000) if (hasTurn(key, HOUR_MS, at, at + 10_000)) turns++;
      expect(turns).toBe(1);
    }
    const minutes = new Set(Array.from({ length: 600 }, (_, key) => Math.floor(phaseOf(key, HOUR_MS) / 60_000)));
    expect(minutes.size).toBe(60);
  });
});
