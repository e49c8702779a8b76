import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestCameras } from '../../../test/support/cameras.ts';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { emptyTables } from '../../../test/support/empty-tables.ts';
import { seedTestOrganisations, testActor } from '../../../test/support/registry.ts';
import { type ArchiveInput, COMPLETE_FIELDS, type CompleteField } from '../../domain/camera-archive.ts';
import { fromWgs84 } from '../../domain/geo.ts';
import { isGatewayError } from '../../errors.ts';
import { sql } from '../../store/database.ts';

const admin = testActor();
const acme = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
const streetB = testActor('dispatcher', { kind: 'orgs', orgIds: ['street-b'] });
const STREET = { lat: 31.14, lon: 121.51 };

/** Everything the list of completeness wants, by field. */
const WHOLE: Readonly<Record<Exclude<CompleteField, 'name' | 'connection' | 'address'>, unknown>> = {
  nationalCode: '31011500081326000001',
  location: { ...STREET, address: '东明路 1 号' },
  manufacturer: '海康威视',
  model: 'DS-2CD3T46',
  cameraType: 3,
  direction: 1,
  positionType: 96,
  maintenanceUnitId: 'fixers',
  orgId: 'hood-a',
  installedOn: '2026-11-01',
};
const connection = { protocol: 'rtsp', url: 'rtsp://10.0.0.9/1', username: 'u', password: 'secret' } as const;

async function refusal(work: Promise<unknown>): Promise<{ code: string; paths: string[]; text: string }> {
  try {
    await work;
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    const paths = error.errors.map(({ path, code }) => `${path} ${code}`);
    return { code: error.code, paths, text: error.errors.map(({ message }) => message).join('\n') };
  }
  throw new Error('it was accepted');
}

describe.each(ENGINES)('cameras on %s', (engine) => {
  let database: TestDatabase;
  let test: ReturnType<typeof createTestCameras>;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
    await sql(database.db.autocommit).query(`update org set code = '310115015000' where id = 'street-a'`);
    await sql(database.db.autocommit).query(`update org set code = '310115' where id = 'district'`);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'device', 'national_code_serial');
    test = createTestCameras(database.db);
    await test.directory.load(database.db.autocommit);
  });

  const add = async (id: string, over: object = {}) =>
    (await test.devices.create(admin, { id, type: 'generic/camera', name: id, connection, ...over })).device;
  const patch = (id: string, body: object) => test.cameras.patchArchive(admin, id, body as ArchiveInput);

  it('is complete with exactly the declared fields, in memory and in the database alike', async () => {
    await add('cam');
    expect(await test.cameras.archive(admin, 'cam')).toMatchObject({
      complete: false,
      stage: 'awaitingArchive',
      archive: { name: 'cam', manufacturer: null, cameraType: null },
      missing: Object.entries(COMPLETE_FIELDS)
        .filter(([field]) => field !== 'name' && field !== 'connection')
        .map(([field, title]) => ({ field, ...title })),
    });
    expect(await test.cameras.putArchive(admin, 'cam', WHOLE as ArchiveInput)).toMatchObject({
      complete: true,
      missing: [],
      stage: 'awaitingStream',
      warnings: [],
    });
    const emptied: [CompleteField, object][] = Object.keys(WHOLE).map((field) => [
      field as CompleteField,
      { [field]: null },
    ]);
    for (const [field, change] of [...emptied, ['address', { location: STREET }] as const]) {
      const { missing } = await patch('cam', change);
      const expected = field === 'location' ? ['location', 'address'] : [field];
      expect(missing.map((entry) => entry.field)).toEqual(expected);
      expect((await test.cameras.list(admin, { stage: ['awaitingArchive'] })).items, field).toHaveLength(1);
      await patch('cam', WHOLE);
      expect((await test.cameras.list(admin, { stage: ['awaitingStream'] })).items, field).toHaveLength(1);
    }
    await test.devices.update(admin, 'cam', { connection: null });
    expect((await test.cameras.list(admin, { stage: ['awaitingArchive'] })).items[0]?.missing).toEqual(['connection']);
  });

  it('keeps what PATCH does not name, empties what PUT does not name, and leaves the device its own', async () => {
    await add('cam', { nickname: '东门' });
    await patch('cam', { manufacturer: '大华', azimuth: 100, mountHeight: 4.5 });
    const { archive } = await patch('cam', { model: 'IPC', manufacturer: null });
    expect(archive).toMatchObject({ manufacturer: null, model: 'IPC', mountHeight: 4.5, direction: 1 });
    const after = await test.cameras.putArchive(admin, 'cam', { poleNo: 'P-7' });
    expect(after.archive).toMatchObject({ model: null, azimuth: null, poleNo: 'P-7', nickname: '东门' });
    const turns = await test.devices.turns(admin, 'cam');
    expect(turns.map(({ what }) => what)).toEqual(['archive', 'archive', 'archive', 'created']);
    expect(turns[0]).toMatchObject({ before: { model: 'IPC', poleNo: null }, after: { model: null, poleNo: 'P-7' } });
    await patch('cam', { poleNo: 'P-7' });
    expect(await test.devices.turns(admin, 'cam')).toHaveLength(4);
  });

  it('names field, rule and remedy of what is wrong, and writes nothing then', async () => {
    await add('cam');
    const cases: [object, string][] = [
      [{ cameraType: 8 }, '/cameraType enum'],
      [{ direction: 'east' }, '/direction type'],
      [{ positionType: 11 }, '/positionType enum'],
      [{ mac: '00:11:22' }, '/mac pattern'],
      [{ ipv4: '10.0.0.256' }, '/ipv4 pattern'],
      [{ recordDays: 29 }, '/recordDays range'],
      [{ azimuth: 270, direction: 1 }, '/azimuth contradiction'],
      [{ azimuth: 360 }, '/azimuth range'],
      [{ connection: null }, '/connection unknownField'],
      [{ nationalCode: '123' }, '/nationalCode length'],
      [{ maintenanceUnitId: 'nobody', manufacturer: 'x' }, '/maintenanceUnitId notFound'],
      [{ location: { lat: 121.5, lon: 31.1 } }, '/location/lat swapped'],
    ];
    for (const [input, path] of cases) {
      expect([input, (await refusal(patch('cam', input))).paths]).toEqual([input, [path]]);
    }
    expect((await refusal(patch('cam', { recordDays: 29 }))).text).toMatch(/录像至少保存 30 天.*留空.* \/ .*30 days/);
    expect((await test.cameras.archive(admin, 'cam')).archive.manufacturer).toBeNull();
    expect(await patch('cam', { ipv4: '10.0.0.255', mac: '00:1A:2b:3c:4d:5e', recordDays: 30 })).toBeDefined();
  });

  it('shows a camera only to whom it belongs, and answers the same of foreign and unknown ones', async () => {
    await add('cam', { orgId: 'hood-a' });
    await test.devices.create(admin, { id: 'box', type: 'generic/ebike-charger', name: 'box' });
    expect((await test.cameras.list(streetB, {})).items).toEqual([]);
    const wrong = [
      () => test.cameras.get(streetB, 'cam'),
      () => test.cameras.get(admin, 'nobody'),
      () => test.cameras.get(admin, 'box'),
      () => test.cameras.patchArchive(streetB, 'cam', {}),
      () => test.cameras.patchArchive(admin, 'box', { model: 'x' }),
      () => test.cameras.assign(streetB, 'cam', {}),
    ];
    for (const work of wrong) expect((await refusal(work())).code).toBe('NOT_FOUND');
    expect((await refusal(test.cameras.list(acme, {}))).code).toBe('FORBIDDEN');
    expect((await test.cameras.list(admin, {})).items.map(({ id }) => id)).toEqual(['cam']);
  });

  it('lists by stage, word and page', async () => {
    for (const id of ['a', 'b', 'c'])
      await add(id, { connection: { protocol: 'onvif', host: `10.1.1.${id === 'b' ? 7 : 9}` } });
    await patch('c', { poleNo: '灯杆-15' });
    const first = await test.cameras.list(admin, { limit: 2 });
    expect([first.items.map(({ id }) => id), first.total]).toEqual([['a', 'b'], 3]);
    const second = await test.cameras.list(admin, { limit: 2, cursor: first.nextCursor ?? '' });
    expect([second.items.map(({ id }) => id), second.nextCursor, second.total]).toEqual([['c'], null, 3]);
    expect((await test.cameras.list(admin, { q: '10.1.1.7' })).items.map(({ id }) => id)).toEqual(['b']);
    expect((await test.cameras.list(admin, { q: '灯杆' })).items.map(({ id }) => id)).toEqual(['c']);
    expect((await test.cameras.list(admin, { stage: ['inUse'] })).total).toBe(0);
    expect((await test.cameras.list(admin, { healthState: ['unknown'] })).total).toBe(3);
    expect((await refusal(test.cameras.list(admin, { cursor: 'x' }))).code).toBe('INVALID_INPUT');
  });

  it('answers places in the system asked for, and warns of those that look wrong', async () => {
    const gcj02 = fromWgs84(STREET, 'gcj02');
    await add('cam', { orgId: 'hood-a', location: STREET });
    expect((await test.cameras.get(admin, 'cam', 'gcj02')).location).toEqual({ ...gcj02, crs: 'gcj02' });
    expect((await test.cameras.archive(admin, 'cam', 'gcj02')).archive.location).toMatchObject({ crs: 'gcj02' });
    expect((await test.cameras.get(admin, 'cam')).location).toEqual({ ...STREET, crs: 'wgs84' });
    const codes = async (body: object) => (await patch('cam', body)).warnings.map(({ code }) => code);
    expect(await codes({ location: { lat: 31.3, lon: 121.5 } })).toEqual(['outsideStreet']);
    await sql(database.db.autocommit).query('update site set location = $1::jsonb where id = $2', [
      JSON.stringify(STREET),
      'site-a',
    ]);
    expect(await codes({ location: gcj02, siteId: 'site-a' })).toEqual(['looksGcj02']);
    expect(await codes({ location: { ...gcj02, crs: 'gcj02' } })).toEqual([]);
    expect(await codes({ nationalCode: '31010400081326000001' })).toEqual(['otherDistrict']);
  });

  describe('national codes', () => {
    it('come from the street, one after another, and step over those typed in by hand', async () => {
      await add('typed', { nationalCode: '31011500081326000002' });
      await add('cam', { orgId: 'hood-a' });
      const first = await test.cameras.assign(admin, 'cam', {});
      expect(first.code).toMatchObject({ code: '31011500081326000001', street: '310115015', regionFrom: 'street' });
      expect(first.camera.nationalCode).toBe('31011500081326000001');
      expect((await test.cameras.compose(admin, { orgId: 'hood-a' })).code).toBe('31011500081326000003');
      const other = { street: '310104001000', industry: '01', type: '118', network: '7' };
      expect(await test.cameras.compose(admin, other)).toMatchObject({
        code: '31010400011187000001',
        regionFrom: 'district',
      });
      await test.cameras.putStreet(admin, '310104001000', { name: '某街道', region8: '31010421' });
      expect((await test.cameras.compose(admin, other)).code).toBe('31010421011187000001');
      expect((await test.cameras.streets(admin)).items.map(({ street }) => street)).toContain('310104001');
    });

    it('are unique under concurrency', async () => {
      const ids = Array.from({ length: 8 }, (_, index) => `c${index}`);
      for (const id of ids) await add(id, { orgId: 'hood-a' });
      const codes = await Promise.all([
        ...ids.map(async (id) => (await test.cameras.assign(admin, id, {})).code.code),
        ...ids.map(async () => (await test.cameras.compose(admin, { orgId: 'street-a' })).code),
      ]);
      expect(new Set(codes).size).toBe(16);
    });

    it('are refused where nothing says which street, twice for one camera, and when all serials are gone', async () => {
      await add('cam', { orgId: 'hood-a' });
      expect((await refusal(test.cameras.compose(admin, {}))).paths).toEqual(['/orgId noStreet']);
      expect((await refusal(test.cameras.compose(admin, { street: '000000000' }))).paths).toEqual(['/street noStreet']);
      expect((await refusal(test.cameras.compose(admin, { type: '110' }))).paths).toEqual(['/type pattern']);
      await test.cameras.assign(admin, 'cam', {});
      expect((await refusal(test.cameras.assign(admin, 'cam', {}))).code).toBe('CONFLICT');
      await sql(database.db.autocommit).query('update national_code_serial set last = 999999');
      expect((await refusal(test.cameras.compose(admin, { orgId: 'hood-a' }))).code).toBe('CONFLICT');
    });
  });

  it('finds what stands near a point, where it looks, and what to do instead of building', async () => {
    const at = (metresNorth: number, metresEast: number) => ({
      lat: STREET.lat + metresNorth / 111_195,
      lon: STREET.lon + metresEast / (111_195 * Math.cos((STREET.lat / 180) * Math.PI)),
    });
    await add('same', { location: at(30, 0) });
    await patch('same', { direction: 5 });
    await add('other', { location: at(0, 10) });
    await patch('other', { direction: 2 });
    await add('blank', { location: at(0, -40) });
    await add('old', { location: at(-20, 0) });
    await test.devices.lifecycle(admin, 'old', 'retire', '拆除');
    await add('far', { location: at(0, 55) });
    const check = (body: object) =>
      test.cameras.duplicateCheck(admin, { location: STREET, ...body } as Parameters<
        typeof test.cameras.duplicateCheck
      >[1]);
    const report = await check({ direction: 1 });
    expect(
      report.items.map((item) => [item.camera.id, Math.round(item.distance), item.bearing, item.advice.code]),
    ).toEqual([
      ['other', 10, 90, 'sharePole'],
      ['old', 20, 180, 'reusePoint'],
      ['same', 30, 0, 'share'],
      ['blank', 40, 270, 'checkDirection'],
    ]);
    expect(report).toMatchObject({ radius: 50, direction: 1, conclusion: { code: 'duplicate' } });
    expect((await check({ direction: 4 })).conclusion.code).toBe('review');
    expect((await check({ radius: 5 })).conclusion.code).toBe('clear');
    expect((await check({ radius: 60 })).items).toHaveLength(5);
    const gcj02 = { location: { ...fromWgs84(STREET, 'gcj02'), crs: 'gcj02' } };
    expect((await check(gcj02)).items.map(({ camera }) => camera.id)).toEqual(['other', 'old', 'same', 'blank']);
    expect((await refusal(check({ location: { lat: 121.51, lon: 31.14 } }))).paths).toEqual(['/location/lat swapped']);
    // What is not for these eyes is counted, so that nobody builds beside it unknowingly.
    const foreign = await test.cameras.duplicateCheck(streetB, { location: STREET });
    expect(foreign.items).toEqual([]);
    expect(foreign.hidden).toBeGreaterThan(0);
    expect(foreign.conclusion.code).toBe('review');
    expect(JSON.stringify(foreign)).not.toContain('hood-a');
  });
});
