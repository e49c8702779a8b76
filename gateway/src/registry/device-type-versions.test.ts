import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { seedTestOrganisations, testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import { isGatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createDeviceTypeStore } from '../store/device-types.ts';
import { createTypePreview } from './device-type-preview.ts';
import { createDeviceTypeServing } from './device-type-serving.ts';
import { createDeviceTypeVersions } from './device-type-versions.ts';
import { type DeviceTypeCatalogue, loadDeviceTypes } from './device-types.ts';

const BUILT_IN = fileURLToPath(new URL('../../../device-schemas', import.meta.url));

const pump = (max: number, id = 'acme/pump') => `# written by hand
id: ${id}
title: { zh: 水泵, en: Pump }
module: twin
adapter: mqtt
topics: ["acme/{serial}/data"]
identify: { from: "{serial}", match: serial }
time: { from: /at, format: local, zone: Asia/Shanghai }
metrics:
  flow: { type: number, unit: L/min, min: 0, max: ${max}, title: { zh: 流量, en: Flow } }
alarms:
  dry: { title: { zh: 缺水, en: Dry }, when: flow < 1, for: 1m, clear: flow > 2, severity: minor }
health: { interval: 1m }
examples:
  - { name: usual, topic: acme/7/data, payload: { flow: 5 }, readings: { flow: 5 } }
  - { name: broken, topic: acme/7/data, payload: { flow: -5 }, refused: READING_OUT_OF_RANGE }
`;

const vendor = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
const other = testActor('vendor', { kind: 'vendor', vendorId: 'globex' });
const lead = testActor('lead', { kind: 'orgs', orgIds: ['street-a'] });
const admin = testActor('admin');

describe.each(ENGINES)('versions of device types on %s', (engine) => {
  let database: TestDatabase;
  let types: DeviceTypeCatalogue;
  let elsewhere: DeviceTypeCatalogue;
  let folder: string;
  const clock = createManualClock();
  const log = createLogger('silent');

  const part = (catalogue: DeviceTypeCatalogue) => {
    const deps = {
      db: database.db,
      types: catalogue,
      store: createDeviceTypeStore(),
      audit: createAuditStore(),
      clock,
      log,
    };
    const serving = createDeviceTypeServing({ ...deps, folder });
    return { serving, versions: createDeviceTypeVersions({ ...deps, changed: serving.refresh }) };
  };
  let here: ReturnType<typeof part>;
  let there: ReturnType<typeof part>;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
    folder = await mkdtemp(join(tmpdir(), 'cgw-uploads-'));
    [types, elsewhere] = [await loadDeviceTypes(BUILT_IN), await loadDeviceTypes(BUILT_IN)];
    [here, there] = [part(types), part(elsewhere)];
  });
  afterAll(async () => {
    await database?.close();
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}-imported`, { recursive: true, force: true });
  });

  const flow = (catalogue: DeviceTypeCatalogue, value: number, lifecycle: 'active' | 'trial' = 'active') => {
    const payload = Buffer.from(JSON.stringify({ flow: value }));
    return catalogue.decode('acme/pump', { topic: 'acme/7/data', payload, receivedAt: 0 }, { lifecycle })?.ok;
  };
  const refusedAs = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (caught: unknown) => caught,
    );
    if (!isGatewayError(error)) throw error ?? new Error('was not refused');
    return error.code;
  };

  it('go from draft to service, and other processes follow', async () => {
    const { version } = await here.versions.save(vendor, pump(900), { submit: false });
    expect(version).toMatchObject({
      version: 1,
      state: 'draft',
      author: 'user:u-vendor',
      report: { examples: 2, metrics: 1 },
    });
    expect(flow(types, 5, 'trial')).toBeUndefined();
    // Saved again it is the same draft.
    expect((await here.versions.save(vendor, pump(800), { submit: false })).version.version).toBe(1);
    expect((await here.versions.submit(vendor, 'acme/pump')).state).toBe('submitted');
    expect([flow(types, 5, 'trial'), flow(types, 5)]).toEqual([true, undefined]);
    expect(await refusedAs(here.versions.decide(vendor, 'acme/pump', 'approve', { reason: 'mine' }))).toBe('FORBIDDEN');
    const stale = here.versions.decide(lead, 'acme/pump', 'approve', { reason: 'read', version: 7 });
    expect(await refusedAs(stale)).toBe('TRANSITION_NOT_ALLOWED');
    expect(await here.versions.decide(lead, 'acme/pump', 'approve', { reason: '样例齐全', version: 1 })).toMatchObject({
      state: 'approved',
      decidedBy: 'user:u-lead',
      reason: '样例齐全',
    });
    expect([flow(types, 5), flow(elsewhere, 5)]).toEqual([true, undefined]);
    await there.serving.refresh();
    expect(flow(elsewhere, 5)).toBe(true);
    expect((await here.versions.version(vendor, 'acme/pump', 1)).source).toBe(pump(800));
  });

  it('a second one is tried out on trial devices while the first serves; it may be rejected and exchanged', async () => {
    await here.versions.save(vendor, pump(5_000), { submit: true });
    expect([flow(types, 4_000), flow(types, 4_000, 'trial')]).toEqual([false, true]);
    expect(await here.versions.decide(lead, 'acme/pump', 'reject', { reason: '量程不对' })).toMatchObject({
      version: 2,
      state: 'rejected',
    });
    expect(flow(types, 4_000, 'trial')).toBe(false);
    await here.versions.save(vendor, pump(6_000), { submit: true });
    await here.versions.save(vendor, pump(7_000), { submit: true });
    await here.versions.decide(lead, 'acme/pump', 'approve', { reason: 'good' });
    expect([flow(types, 6_500), flow(types, 7_500)]).toEqual([true, false]);
    const states = (await here.versions.versions(vendor, 'acme/pump')).map(
      ({ version, state }) => `${version} ${state}`,
    );
    expect(states).toEqual(['4 approved', '3 superseded', '2 rejected', '1 superseded']);
  });

  it('an earlier approved one comes back as a new one, with its reason', async () => {
    const roll = (version: number) => here.versions.decide(lead, 'acme/pump', 'rollback', { reason: '误判', version });
    expect(await refusedAs(roll(3))).toBe('TRANSITION_NOT_ALLOWED');
    expect(await refusedAs(roll(2))).toBe('TRANSITION_NOT_ALLOWED');
    expect(await roll(1)).toMatchObject({ version: 5, state: 'approved', restoredFrom: 1, reason: '误判' });
    expect([flow(types, 700), flow(types, 6_500)]).toEqual([true, false]);
    const { rows } = await sql(database.db.autocommit).query<{ action: string }>(
      `select action from audit where resource = 'deviceTypes' and resource_id = 'acme/pump' order by id`,
    );
    expect(rows.map(({ action }) => action).slice(-4)).toEqual(['submit', 'submit', 'approve', 'rollback']);
  });

  it('belong to their vendor alone', async () => {
    expect(await refusedAs(here.versions.save(other, pump(1), { submit: true }))).toBe('INVALID_INPUT');
    expect(await refusedAs(here.versions.versions(other, 'acme/pump'))).toBe('NOT_FOUND');
    expect(await refusedAs(here.versions.version(other, 'acme/pump', 1))).toBe('NOT_FOUND');
    expect(await refusedAs(here.versions.submit(other, 'acme/pump'))).toBe('NOT_FOUND');
    expect(types.isVisible('acme/pump', other.scope)).toBe(false);
    expect((await here.versions.share(admin, 'acme/pump', true)).shared).toBe(true);
    expect(types.isVisible('acme/pump', other.scope)).toBe(true);
    expect((await here.versions.versions(other, 'acme/pump')).map(({ state }) => state)).toEqual(['approved']);
    expect(await refusedAs(here.versions.save(vendor, pump(1, 'generic/camera'), { submit: true }))).toBe(
      'INVALID_INPUT',
    );
    expect(await refusedAs(here.versions.decide(admin, 'generic/camera', 'approve', { reason: 'x' }))).toBe('CONFLICT');
  });

  it('a type with devices is not retired, one without is, and an approval brings it back', async () => {
    await sql(database.db.autocommit).query(
      `insert into device (id, type, name, lifecycle, vendor_id, serial) values ('p7', 'acme/pump', 'P7', 'trial', 'acme', '7')`,
    );
    expect(await refusedAs(here.versions.retire(admin, 'acme/pump', 'old'))).toBe('CONFLICT');
    await sql(database.db.autocommit).query(`update device set lifecycle = 'retired' where id = 'p7'`);
    await here.versions.retire(admin, 'acme/pump', 'old');
    expect(types.get('acme/pump')).toBeUndefined();
    await here.versions.save(admin, pump(300), { submit: false });
    expect([flow(types, 200), flow(types, 500)]).toEqual([true, false]);
  });

  it('two at once make two versions, one of them served', async () => {
    await Promise.all([1_000, 2_000, 3_000].map((max) => here.versions.save(admin, pump(max), { submit: false })));
    const approved = (await here.versions.versions(admin, 'acme/pump')).filter(({ state }) => state === 'approved');
    expect(approved).toHaveLength(1);
  });

  it('files of an older installation are imported once', async () => {
    await mkdir(join(folder, 'old'));
    await writeFile(join(folder, 'old/pump.yaml'), pump(50, 'old/pump'));
    await writeFile(join(folder, 'old/bad.yaml'), 'id: 5');
    await there.serving.start();
    await here.serving.start();
    expect(elsewhere.isApproved('old/pump')).toBe(true);
    expect(types.isApproved('old/pump')).toBe(true);
    expect(await here.versions.versions(admin, 'old/pump')).toHaveLength(1);
    expect([await readdir(folder), await readdir(`${folder}-imported`)]).toEqual([[], ['old']]);
  });

  it('a dry run says what would be stored, when, for whom and what to do', async () => {
    const device = { key: 1, id: 'p7', type: 'acme/pump', lifecycle: 'trial', vendorId: 'acme' } as never;
    const preview = createTypePreview({
      types,
      clock,
      versions: here.versions,
      directory: {
        byId: () => undefined,
        bySerial: (serial) => (serial === '7' ? device : undefined),
        byExternalId: () => undefined,
      },
      window: () => ({ pastMs: 90 * 86_400_000, futureMs: 600_000 }),
    });
    const at = new Date(clock.now() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    const message = { topic: 'acme/7/data', payload: Buffer.from(JSON.stringify({ flow: 0.5, at, colour: 1 })) };
    const found = await preview.decode(vendor, { id: 'acme/pump' }, message);
    expect(found).toMatchObject({
      accepted: true,
      devices: [{ id: 'p7', stored: true }],
      items: [
        {
          identity: { match: 'serial', value: '7' },
          time: { given: at, zone: 'Asia/Shanghai', device: Math.floor(clock.now() / 1_000) * 1_000, skew: false },
          readings: [{ metric: 'flow', value: 0.5, unit: 'L/min' }],
          unknown: ['colour'],
          alarms: [{ code: 'dry', forMs: 60_000 }],
        },
      ],
    });
    const old = { ...message, payload: Buffer.from(JSON.stringify({ flow: '5 L', at: '2001-01-01 00:00:00' })) };
    const bad = await preview.decode(
      vendor,
      { source: pump(10).replace('readings: { flow: 5 }', 'readings: { flow: 6 }') },
      old,
    );
    expect(bad.faults).toMatchObject([{ path: '/examples/0', line: 15, column: 5 }]);
    expect(bad.refused[0]).toMatchObject({
      code: 'READING_WRONG_TYPE',
      remedy: { zh: expect.stringContaining('fromText') },
    });
    expect(await refusedAs(preview.decode(vendor, { id: 'acme/none' }, message))).toBe('NOT_FOUND');
    expect(preview.check(vendor, 'id: [').faults[0]).toMatchObject({ code: 'yaml', line: 1 });
  });
});
