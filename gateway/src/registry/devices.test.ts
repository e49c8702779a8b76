import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { createTestRegistry, seedTestOrganisations, testActor } from '../../test/support/registry.ts';
import { isGatewayError } from '../errors.ts';
import { sql } from '../store/database.ts';
import { createQuietStore } from '../store/quiet.ts';

const admin = testActor();
const acme = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
const globex = testActor('vendor', { kind: 'vendor', vendorId: 'globex' });
const streetA = testActor('dispatcher', { kind: 'orgs', orgIds: ['street-a'] });

async function refusal(work: Promise<unknown>): Promise<{ code: string; paths: string[]; extra: object }> {
  try {
    await work;
  } catch (error) {
    if (isGatewayError(error)) {
      return { code: error.code, paths: error.errors.map(({ path, code }) => `${path} ${code}`), extra: error.extra };
    }
    throw error;
  }
  throw new Error('it was accepted');
}

describe.each(ENGINES)('devices on %s', (engine) => {
  let database: TestDatabase;
  let registry: ReturnType<typeof createTestRegistry>;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
  });
  afterAll(() => database?.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'device');
    registry = createTestRegistry(database.db);
    await registry.directory.load(database.db.autocommit);
  });

  const count = async (table: string) =>
    (await sql(database.db.autocommit).query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows[0]?.n;

  it('while 重保 goes on nothing there leaves service unless whoever may declare one confirms it', async () => {
    const { devices, clock } = registry;
    const quiet = createQuietStore();
    await devices.create(admin, { type: 'generic/camera', name: '主会场', id: 'cam-in', orgId: 'street-a' });
    await devices.create(admin, { type: 'generic/camera', name: '别处', id: 'cam-out', orgId: 'street-b' });
    const at = { startsAt: clock.now() - 1_000, endsAt: clock.now() + 3_600_000 };
    const timing = { ...at, repeats: null, repeatsUntil: null, endedAt: null, endedBy: null, settled: at.startsAt };
    const decided = { createdBy: 'u', createdAt: 0, decidedBy: 'u', decidedAt: 0, decisionNote: null };
    const scope = { orgs: ['street-a'] };
    const named = { id: 'sp_1', kind: 'security', name: '进博会', reason: '保障', scope, reach: null } as const;
    await quiet.insert(database.db.autocommit, { ...named, ...timing, ...decided, state: 'approved' });
    const lead = testActor('lead');
    for (const action of ['suspend', 'retire'] as const)
      expect((await refusal(devices.lifecycle(lead, 'cam-in', action, '坏了'))).code).toBe('CONFLICT');
    expect(await devices.bulk(lead, { ids: ['cam-in', 'cam-out'], action: 'suspend', reason: '改造' })).toEqual({
      matched: 2,
      done: 1,
      failed: [{ id: 'cam-in', code: 'CONFLICT', security: '进博会' }],
    });
    const only = { ...lead, rights: { devices: ['read', 'decide'] as const } };
    const meant = { confirm: true };
    expect((await refusal(devices.lifecycle(only, 'cam-in', 'retire', '坏了', meant))).code).toBe('FORBIDDEN');
    expect((await devices.lifecycle(lead, 'cam-in', 'retire', '被车撞毁', meant)).lifecycle).toBe('retired');
    const turns = await devices.turns(admin, 'cam-in');
    expect(turns.map(({ what, reason }) => [what, reason])).toContainEqual(['confirmInSecurity', '被车撞毁']);
    await sql(database.db.autocommit).query('delete from quiet_time');
  });

  it('registers a device with everything, shows its secret once and knows it in memory at once', async () => {
    const { devices, directory, secrets, reactions } = registry;
    const { device, credentials } = await devices.create(admin, {
      type: 'generic/camera',
      name: '东门枪机',
      id: 'cam-1',
      serial: 'SN/1'.replace('/', '-'),
      siteId: 'site-a',
      nationalCode: '31011500081326000001',
      location: { lat: 40.0013047896019, lon: 120.00567568355486, crs: 'gcj02', address: '东门' },
      connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.9/1', username: 'u', password: 'canary-password' },
      maintenanceUnitId: 'fixers',
      installedOn: '2026-02-28',
      healthPolicy: { interval: '30s', freshWithin: { fps: '5m' } },
      labels: { 批次: '2026-1' },
    });
    expect(device).toMatchObject({
      id: 'cam-1',
      lifecycle: 'active',
      module: 'video',
      orgId: 'hood-a',
      hasConnectionPassword: true,
      connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.9/1', username: 'u' },
      healthPolicy: { interval: 30_000, freshWithin: { fps: 300_000 } },
      health: { state: 'unknown', suspect: false },
      flags: ['neverSeen'],
      installedOn: '2026-02-28',
      labels: { 批次: '2026-1' },
      createdAt: registry.clock.now(),
    });
    expect(device.location?.lat).toBeCloseTo(40, 9);
    expect(device.location?.lon).toBeCloseTo(120, 9);
    expect(device.location?.source?.crs).toBe('gcj02');
    expect(JSON.stringify(device)).not.toContain('canary');
    expect(JSON.stringify(device)).not.toContain(credentials.password);
    const brief = directory.byId('cam-1');
    expect(brief).toMatchObject({
      type: 'generic/camera',
      lifecycle: 'active',
      serial: 'SN-1',
      healthPolicy: { interval: 30_000 },
    });
    expect(secrets.matches(credentials.password, directory.secretHash(brief?.key ?? 0))).toBe(true);
    expect(reactions.probed).toEqual([brief?.key]);
    const dump = JSON.stringify(
      (
        await sql(database.db.autocommit).query(
          'select (select json_agg(d) from device d), (select json_agg(h) from device_history h), (select json_agg(a) from audit a)',
        )
      ).rows,
    );
    expect(dump).not.toContain('canary');
    expect(dump).not.toContain(credentials.password);
  });

  it('takes a login out of an address, and keeps it where passwords are kept', async () => {
    const { devices, deps, store } = registry;
    const url = 'rtsp://ad%40min:p%40ss%2Fword@10.0.0.9:554/ch1?x=1';
    const { device } = await devices.create(admin, {
      id: 'split',
      type: 'generic/camera',
      name: 'x',
      connection: { protocol: 'rtsp', url },
    });
    expect(device.connection).toEqual({
      protocol: 'rtsp',
      url: 'rtsp://10.0.0.9:554/ch1?x=1',
      username: 'ad@min',
    });
    const [sealed] = await store.targets(database.db.autocommit, { keys: [device.key] });
    expect(deps.sealing.open(sealed?.connectionSecret ?? '', 'device:split:connection')).toBe('p@ss/word');
  });

  it('makes a readable id when there is none, and leaves a vendor to wait for approval', async () => {
    const { device } = await registry.devices.create(acme, { type: 'generic/ebike-charger', name: '充电柜' });
    expect(device.id).toMatch(/^ebike-charger-[0-9a-z]{8}$/);
    expect(device).toMatchObject({ lifecycle: 'pending', vendorId: 'acme', module: 'charging' });
  });

  it('names field, rule and remedy of everything that is wrong', async () => {
    const create = (input: object) => registry.devices.create(admin, { type: 'generic/camera', name: 'x', ...input });
    const cases: [object, string[]][] = [
      [{ type: 'no/such' }, ['/type notFound']],
      [{ id: '-x' }, ['/id pattern']],
      [{ name: 'a'.repeat(101) }, ['/name tooLong']],
      [{ name: 'a\u0000b' }, ['/name controlCharacters']],
      [{ name: 'a\ud800' }, ['/name controlCharacters']],
      [{ name: ' ' }, ['/name pattern']],
      [{ lifecycle: 'active' }, ['/lifecycle unknownField']],
      [{ orgId: 'nowhere', vendorId: 'nobody' }, ['/orgId notFound', '/vendorId notFound']],
      [{ maintenanceUnitId: 'street-a' }, ['/maintenanceUnitId notFound']],
      [{ nationalCode: '123' }, ['/nationalCode length']],
      [{ nationalCode: '99011500081326000001' }, ['/nationalCode province']],
      [{ location: { lat: 121.5, lon: 31.1 } }, ['/location/lat swapped']],
      [{ location: { lat: 0, lon: 0 } }, ['/location nullIsland']],
      [{ location: { lat: 31, lon: 121, crs: 'bd09' } }, ['/location/crs enum']],
      [{ installedOn: '2026-02-30' }, ['/installedOn date']],
      [{ healthPolicy: { interval: '500ms' } }, ['/healthPolicy/interval duration']],
      [{ healthPolicy: { interval: 'soon' } }, ['/healthPolicy/interval pattern']],
      [{ externalId: 'a/+' }, ['/externalId pattern']],
      [{ connection: { protocol: 'rtsp', url: 'http://10.0.0.1/' } }, ['/connection/url url']],
      [{ connection: { protocol: 'rtsp', url: 'rtsp://u:p@10.0.0.1/', password: 'q' } }, ['/connection/url urlLogin']],
      [{ connection: { protocol: 'rtsp', url: 'rtsp://u:%ff@10.0.0.1/' } }, ['/connection/url urlLogin']],
      [{ connection: { protocol: 'rtsp', url: 'rtsp://admin:12/34@10.0.0.1/ch1' } }, ['/connection/url urlLogin']],
      [
        { connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.1/user=u_password=p_1.sdp' } },
        ['/connection/url urlPassword'],
      ],
      [{ location: { lat: 87.6, lon: 43.8 } }, ['/location/lat swapped']],
      [{ connection: { protocol: 'onvif', host: '10.0.0.1:80' } }, ['/connection/host host']],
      [{ connection: { protocol: 'onvif' } }, ['/connection/host required']],
      [{ labels: JSON.parse('{"__proto__":"x"}') }, ['/labels unknownField']],
    ];
    for (const [input, paths] of cases) {
      expect([input, await refusal(create(input))]).toEqual([input, { code: 'INVALID_INPUT', paths, extra: {} }]);
    }
    expect(await count('device')).toBe(0);
  });

  it('refuses a name that is taken, by whichever field', async () => {
    const { devices } = registry;
    const input = {
      type: 'generic/camera',
      name: 'x',
      id: 'a',
      serial: 's',
      externalId: 'e',
      nationalCode: '31011500081326000001',
    };
    await devices.create(admin, { ...input, vendorId: 'acme' });
    expect(await refusal(devices.create(acme, input))).toMatchObject({
      code: 'CONFLICT',
      paths: ['/id duplicate', '/nationalCode duplicate', '/serial duplicate', '/externalId duplicate'],
    });
    const { device } = await devices.create(globex, { ...input, id: 'b', nationalCode: '31011500081326000002' });
    expect(device.vendorId).toBe('globex');
    expect(registry.directory.bySerial('s', 'acme')?.id).toBe('a');
    expect(registry.directory.bySerial('s', null)).toBeUndefined();
    expect(registry.directory.byExternalId('e', 'globex')?.id).toBe('b');
  });

  it('two requests at once for one id: one device, one conflict', async () => {
    const create = () => registry.devices.create(admin, { type: 'generic/camera', name: 'x', id: 'same' });
    const results = await Promise.allSettled([create(), create(), create()]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason.code).toBe('CONFLICT');
    expect(await count('device')).toBe(1);
  });

  it('shows and changes only what lies in the scope; the rest is not found', async () => {
    const { devices } = registry;
    await devices.create(admin, { type: 'generic/camera', name: 'a', id: 'a', vendorId: 'acme', orgId: 'hood-a' });
    await devices.create(admin, { type: 'generic/camera', name: 'b', id: 'b', vendorId: 'globex', orgId: 'hood-b' });
    await devices.create(admin, {
      type: 'generic/camera',
      name: 'c',
      id: 'c',
      orgId: 'hood-b',
      maintenanceUnitId: 'fixers',
    });
    const seen = async (actor: typeof admin) => (await devices.list(actor, {})).items.map(({ id }) => id);
    expect(await seen(admin)).toEqual(['a', 'b', 'c']);
    expect(await seen(acme)).toEqual(['a']);
    expect(await seen(streetA)).toEqual(['a']);
    expect(await seen(testActor('maintainer', { kind: 'orgs', orgIds: ['fixers'] }))).toEqual(['c']);
    expect(await seen(testActor('viewer', { kind: 'orgs', orgIds: [] }))).toEqual([]);
    for (const actor of [acme, streetA]) {
      expect((await refusal(devices.get(actor, 'b'))).code).toBe('NOT_FOUND');
      expect((await refusal(devices.get(actor, 'no-such'))).code).toBe('NOT_FOUND');
      expect((await refusal(devices.update(actor, 'b', { name: 'mine' }))).code).toBe('NOT_FOUND');
    }
    expect((await refusal(devices.rotateCredentials(acme, 'b'))).code).toBe('NOT_FOUND');
    expect(await refusal(devices.update(streetA, 'a', { orgId: 'hood-b' }))).toMatchObject({
      paths: ['/orgId notFound'],
    });
    expect(
      await refusal(devices.create(acme, { type: 'generic/camera', name: 'x', vendorId: 'globex' })),
    ).toMatchObject({
      paths: ['/vendorId notFound'],
    });
    expect(await refusal(devices.create(acme, { type: 'generic/camera', name: 'x', parentId: 'b' }))).toMatchObject({
      paths: ['/parentId notFound'],
    });
    expect((await refusal(devices.lifecycle(acme, 'a', 'approve', 'x'))).code).toBe('FORBIDDEN');
    expect((await refusal(devices.update(acme, 'a', { name: 'x' }))).code).toBe('FORBIDDEN');
  });

  it('lists by filter, word and order, page by page without losing or repeating a device', async () => {
    const { devices } = registry;
    for (let i = 0; i < 7; i++) {
      await devices.create(admin, {
        type: 'generic/camera',
        name: i % 2 ? '同名' : '100%_真',
        id: `d${i}`,
        orgId: 'hood-a',
      });
    }
    await devices.lifecycle(admin, 'd3', 'suspend', '检修');
    for (const sort of ['id', '-id', 'name', '-name', 'createdAt', '-createdAt'] as const) {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await devices.list(admin, { sort, limit: 2, ...(cursor ? { cursor } : {}) });
        expect(page.total).toBe(7);
        found.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect([sort, [...found].sort()]).toEqual([sort, ['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6']]);
    }
    const ids = async (query: object) => (await devices.list(admin, query)).items.map(({ id }) => id);
    expect(await ids({ lifecycle: ['suspended'] })).toEqual(['d3']);
    expect(await ids({ q: '0%_' })).toEqual(['d0', 'd2', 'd4', 'd6']);
    expect(await ids({ q: 'D3' })).toEqual(['d3']);
    expect(await ids({ orgId: 'district', type: ['generic/camera'], module: ['video'] })).toHaveLength(7);
    expect(await ids({ orgId: 'street-b' })).toEqual([]);
    expect(await ids({ healthState: ['unknown'] })).toHaveLength(7);
    expect((await refusal(devices.list(admin, { cursor: 'nonsense' }))).paths).toEqual(['/cursor invalid']);
    const { nextCursor } = await devices.list(admin, { limit: 1 });
    expect((await refusal(devices.list(admin, { sort: 'name', cursor: nextCursor ?? '' }))).paths).toEqual([
      '/cursor invalid',
    ]);
  });

  it('changes what is named, keeps the rest, and writes what changed into history and audit', async () => {
    const { devices } = registry;
    await devices.create(admin, {
      type: 'generic/camera',
      name: 'old',
      id: 'a',
      nickname: '老名',
      connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.1/1', username: 'u', password: 'p' },
    });
    const changed = await devices.update(admin, 'a', { name: 'new', nickname: null });
    expect(changed).toMatchObject({ name: 'new', nickname: null, hasConnectionPassword: true });
    // Same host and user: the password stays. Another host must never be sent it.
    expect(
      (await devices.update(admin, 'a', { connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.1/2', username: 'u' } }))
        .hasConnectionPassword,
    ).toBe(true);
    expect(
      (await devices.update(admin, 'a', { connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.2/2', username: 'u' } }))
        .hasConnectionPassword,
    ).toBe(false);
    const turns = await devices.turns(admin, 'a');
    expect(turns.map(({ what }) => what)).toEqual(['updated', 'updated', 'updated', 'created']);
    expect(turns[2]).toMatchObject({
      by: 'user:u-admin',
      before: { name: 'old', nickname: '老名' },
      after: { name: 'new', nickname: null },
    });
  });

  it('says in history and audit that a secret changed, never what it is', async () => {
    const { devices } = registry;
    const connection = { protocol: 'rtsp', url: 'rtsp://10.0.0.1/1' } as const;
    await devices.create(admin, { type: 'generic/camera', name: 'a', id: 'a' });
    await devices.update(admin, 'a', { connection: { ...connection, password: 'p' } });
    await devices.rotateCredentials(admin, 'a');
    const turns = await devices.turns(admin, 'a');
    expect(turns.map(({ after }) => after).slice(0, 2)).toEqual([
      { credentials: 'rotated' },
      { connection, connectionPassword: 'set' },
    ]);
    const { rows } = await sql(database.db.autocommit).query('select before, after from audit');
    expect(JSON.stringify([turns, rows])).not.toMatch(/secretHash|connectionSecret/);
  });

  it('does not let a device become its own ancestor', async () => {
    const { devices } = registry;
    await devices.create(admin, { type: 'generic/camera', name: 'nvr', id: 'nvr' });
    await devices.create(admin, { type: 'generic/camera', name: 'cam', id: 'cam', parentId: 'nvr' });
    expect((await devices.get(admin, 'cam')).parentId).toBe('nvr');
    expect((await refusal(devices.update(admin, 'nvr', { parentId: 'cam' }))).paths).toEqual(['/parentId cycle']);
    expect((await refusal(devices.update(admin, 'nvr', { parentId: 'nvr' }))).paths).toEqual(['/parentId cycle']);
  });

  it('retires: ends the session, voids tickets in the transaction, and answers 409 with what is possible', async () => {
    const { devices, reactions, directory } = registry;
    await devices.create(admin, { type: 'generic/camera', name: 'a', id: 'a' });
    const key = directory.byId('a')?.key ?? 0;
    expect((await devices.lifecycle(admin, 'a', 'retire', '拆除')).lifecycle).toBe('retired');
    expect(directory.byId('a')?.lifecycle).toBe('retired');
    expect(reactions.retired).toEqual([[[key], '拆除']]);
    expect(reactions.disconnected).toEqual([['a', 'retired']]);
    expect(await refusal(devices.lifecycle(admin, 'a', 'suspend', 'x'))).toEqual({
      code: 'TRANSITION_NOT_ALLOWED',
      paths: [],
      extra: { allowed: ['reactivate'] },
    });
    expect((await refusal(devices.lifecycle(admin, 'a', 'reactivate', ''))).paths).toEqual(['/reason tooShort']);
  });

  it('keeps a device in service when voiding its tickets fails', async () => {
    const { devices, directory, deps } = registry;
    await devices.create(admin, { type: 'generic/camera', name: 'a', id: 'a' });
    Object.assign(deps.reactions, { onRetired: () => Promise.reject(new Error('tickets are locked')) });
    await expect(devices.lifecycle(admin, 'a', 'retire', 'x')).rejects.toThrow('tickets are locked');
    expect((await devices.get(admin, 'a')).lifecycle).toBe('active');
    expect(directory.byId('a')?.lifecycle).toBe('active');
    expect((await devices.turns(admin, 'a')).map(({ what }) => what)).toEqual(['created']);
  });

  it('换机 keeps id and key, changes serial and secret, cuts the old session and probes at once', async () => {
    const { devices, directory, secrets, reactions } = registry;
    const first = await devices.create(admin, { type: 'generic/camera', name: 'a', id: 'a', serial: 'old' });
    const key = directory.byId('a')?.key ?? 0;
    const { device, credentials } = await devices.replace(admin, 'a', { serial: 'new', reason: '雷击' });
    expect(device).toMatchObject({ id: 'a', key, serial: 'new', lifecycle: 'active' });
    const hash = directory.secretHash(key);
    expect([secrets.matches(first.credentials.password, hash), secrets.matches(credentials.password, hash)]).toEqual([
      false,
      true,
    ]);
    expect(directory.bySerial('old', null)).toBeUndefined();
    expect(directory.bySerial('new', null)?.key).toBe(key);
    expect(reactions).toMatchObject({ disconnected: [['a', 'replaced']], probed: [key] });
    await devices.lifecycle(admin, 'a', 'retire', 'x');
    expect((await refusal(devices.replace(admin, 'a', { serial: 'z', reason: 'x' }))).code).toBe('CONFLICT');
  });

  it('hands out the new secret even when the old session cannot be cut', async () => {
    const { devices, directory, secrets, deps } = registry;
    await devices.create(admin, { type: 'generic/camera', name: 'a', id: 'a' });
    Object.assign(deps.reactions, { disconnect: () => Promise.reject(new Error('no broker')) });
    const { password } = await devices.rotateCredentials(admin, 'a');
    expect(secrets.matches(password, directory.secretHash(directory.byId('a')?.key ?? 0))).toBe(true);
  });

  it('a retired serial may live on in another device, but not twice', async () => {
    const { devices } = registry;
    await devices.create(admin, { type: 'generic/camera', name: 'a', id: 'a', serial: 's' });
    await devices.lifecycle(admin, 'a', 'retire', 'x');
    await devices.create(admin, { type: 'generic/camera', name: 'b', id: 'b', serial: 's' });
    expect(registry.directory.bySerial('s', null)?.id).toBe('b');
    expect((await refusal(devices.lifecycle(admin, 'a', 'reactivate', 'x'))).code).toBe('CONFLICT');
  });

  it('acts in bulk and says which devices it could not turn', async () => {
    const { devices } = registry;
    for (const id of ['a', 'b', 'c']) await devices.create(admin, { type: 'generic/camera', name: id, id });
    await devices.lifecycle(admin, 'c', 'suspend', 'x');
    expect(await devices.bulk(admin, { ids: ['a', 'c', 'zz'], action: 'suspend', reason: '停电' })).toEqual({
      matched: 2,
      done: 1,
      failed: [
        { id: 'c', code: 'TRANSITION_NOT_ALLOWED', allowed: ['reactivate', 'retire'] },
        { id: 'zz', code: 'NOT_FOUND' },
      ],
    });
    expect(
      await devices.bulk(admin, { filter: { lifecycle: ['suspended'] }, action: 'retire', reason: 'x' }),
    ).toMatchObject({ done: 2 });
    expect(await refusal(devices.bulk(admin, { action: 'retire', reason: 'x' }))).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('follows what another process changed', async () => {
    const other = createTestRegistry(database.db);
    await other.directory.load(database.db.autocommit);
    const heard: string[] = [];
    other.directory.onChange((changes) =>
      heard.push(...changes.map(({ before, after }) => `${after.id} ${before?.lifecycle}→${after.lifecycle}`)),
    );
    await registry.devices.create(admin, { type: 'generic/camera', name: 'a', id: 'a' });
    await other.directory.poll(database.db.autocommit);
    await registry.devices.lifecycle(admin, 'a', 'suspend', 'x');
    await other.directory.poll(database.db.autocommit);
    await other.directory.poll(database.db.autocommit);
    expect(heard).toEqual(['a undefined→active', 'a active→suspended']);
  });
});
