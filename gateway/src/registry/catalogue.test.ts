import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createTestRegistry, testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import { isGatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createModuleStore } from '../store/modules.ts';
import { createOrgStore, createSiteStore } from '../store/organisations.ts';
import { createQuietStore } from '../store/quiet.ts';
import { createSettingStore } from '../store/settings.ts';
import { createOrganisations } from './organisations.ts';
import { createProbeTargets } from './probe-targets.ts';
import { seedOrganisations } from './seed.ts';
import { createSettings } from './settings.ts';
import { createUnexpectedLogins } from './unexpected.ts';

const admin = testActor();
const ALL = { kind: 'all' } as const;

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isGatewayError(error))
      return [error.code, ...error.errors.map(({ path, code }) => `${path} ${code}`)].join(' ');
    throw error;
  }
  return 'accepted';
}

describe.each(ENGINES)('organisations, modules and settings on %s', (engine) => {
  let database: TestDatabase;
  let rig: ReturnType<typeof createRig>;

  function createRig() {
    const { db } = database;
    const deps = {
      db,
      clock: createManualClock(),
      audit: createAuditStore(),
      orgs: createOrgStore(),
      sites: createSiteStore(),
      modules: createModuleStore(),
      settings: createSettingStore(),
    };
    return {
      deps,
      ...createOrganisations(deps),
      settings: createSettings(deps),
    };
  }

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    rig = createRig();
    // As several processes do that are started together.
    const filled = await Promise.all([seedOrganisations(rig.deps), seedOrganisations(rig.deps)]);
    expect(filled.sort()).toEqual([false, true]);
  });
  afterAll(() => database?.close());

  it('starts with the street, its departments and the module matrix, and only once', async () => {
    expect(await seedOrganisations(rig.deps)).toBe(false);
    const { items } = await rig.modules.list(admin, {});
    expect(items.map(({ id, leadOrgId, cooperatingOrgIds }) => [id, leadOrgId, cooperatingOrgIds.length])).toEqual([
      ['video', 'ops-center', 7],
      ['charging', 'ops-center', 3],
      ['garbage', 'management-office', 3],
      ['twin', 'ops-center', 3],
      ['parking', 'safety-office', 5],
    ]);
    expect((await rig.orgs.list(admin, { q: '城运' })).items).toMatchObject([
      { id: 'ops-center', parentId: 'dongming' },
    ]);
  });

  it('has at most one lead department a module, in the database too', async () => {
    const changed = await rig.modules.update(admin, 'garbage', {
      leadOrgId: 'safety-office',
      cooperatingOrgIds: ['ops-center'],
    });
    expect(changed).toMatchObject({ leadOrgId: 'safety-office', cooperatingOrgIds: ['ops-center'] });
    expect(await refusal(rig.modules.update(admin, 'garbage', { cooperatingOrgIds: ['safety-office'] }))).toBe(
      'INVALID_INPUT /cooperatingOrgIds lead',
    );
    expect(await refusal(rig.modules.update(admin, 'garbage', { leadOrgId: 'nobody' }))).toBe(
      'INVALID_INPUT /leadOrgId notFound',
    );
    expect(await refusal(rig.modules.update(testActor('dispatcher'), 'garbage', {}))).toBe('FORBIDDEN');
    const second = sql(database.db.autocommit).query(
      `insert into module_org (module_id, org_id, duty) values ('garbage', 'police-station', 'lead')`,
    );
    await expect(second).rejects.toThrow(/module_one_lead/);
  });

  it('keeps the tree a tree, with levels falling', async () => {
    const { orgs } = rig;
    await orgs.create(admin, { id: 'grid-1', kind: 'area', level: 4, name: '一网格', parentId: 'dongming' });
    await orgs.create(admin, { id: 'hood-1', kind: 'area', level: 5, name: '一居', parentId: 'grid-1' });
    const create = (input: object) => refusal(orgs.create(admin, { kind: 'area', name: 'x', ...input } as never));
    expect(await create({ level: 3, parentId: 'dongming' })).toBe('INVALID_INPUT /level level');
    expect(await create({ parentId: 'dongming' })).toBe('INVALID_INPUT /level level');
    expect(await create({ kind: 'department', level: 4 })).toBe('INVALID_INPUT /level level');
    expect(await create({ level: 6 })).toBe('INVALID_INPUT /level range');
    expect(await create({ level: 4, parentId: 'nowhere' })).toBe('INVALID_INPUT /parentId notFound');
    expect(await create({ id: 'hood-1', level: 5 })).toBe('CONFLICT /id duplicate');
    expect(await refusal(orgs.update(admin, 'grid-1', { parentId: 'hood-1' }))).toMatch(/^INVALID_INPUT/);
    expect(await refusal(orgs.remove(admin, 'dongming'))).toBe('CONFLICT');
    await orgs.remove(admin, 'hood-1');
    expect(await refusal(orgs.get(admin, 'hood-1'))).toBe('NOT_FOUND');
  });

  it('shows a subtree only to whom it was given', async () => {
    const local = testActor('viewer', { kind: 'orgs', orgIds: ['dongming'] });
    const seen = (await rig.orgs.list(local, { limit: 500 })).items.map(({ id }) => id);
    expect(seen).toContain('ops-center');
    expect(seen).not.toContain('shanghai');
    expect(await refusal(rig.orgs.get(local, 'pudong'))).toBe('NOT_FOUND');
    expect(await rig.orgs.get(local, 'dongming')).toMatchObject({ level: 3 });
    const clerk = testActor('dispatcher', { kind: 'orgs', orgIds: ['dongming'] });
    expect(await refusal(rig.sites.create(clerk, { name: 'x' }))).toBe('INVALID_INPUT /orgId required');
    expect(await refusal(rig.sites.create(clerk, { name: 'x', orgId: 'pudong' }))).toBe(
      'INVALID_INPUT /orgId notFound',
    );
    const site = await rig.sites.create(clerk, {
      name: '三号厢房',
      orgId: 'dongming',
      location: { lat: 31.1379, lon: 121.5144, crs: 'gcj02' },
    });
    expect(site.location).toMatchObject({ crs: 'wgs84', source: { crs: 'gcj02' } });
    expect((await rig.sites.list(clerk, {})).total).toBe(1);
    expect((await rig.sites.update(clerk, site.id, { location: null })).location).toBeNull();
  });

  it('lists page by page', async () => {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await rig.orgs.list(admin, { limit: 5, ...(cursor ? { cursor } : {}) });
      found.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      expect(page.total).toBeGreaterThan(10);
    } while (cursor);
    expect(found).toHaveLength(new Set(found).size);
    expect(found.length).toBeGreaterThan(10);
  });

  it('keeps maintenance units apart from other organisations', async () => {
    const unit = await rig.maintenanceUnits.create(admin, {
      name: '甲维保',
      contractFrom: '2026-01-01',
      contractTo: '2026-12-31',
    });
    expect(await rig.maintenanceUnits.get(admin, unit.id)).toMatchObject({
      kind: 'maintenance',
      contractTo: '2026-12-31',
    });
    expect((await rig.maintenanceUnits.list(admin, {})).items).toHaveLength(1);
    expect(await refusal(rig.maintenanceUnits.get(admin, 'ops-center'))).toBe('NOT_FOUND');
  });

  it('holds settings to their rules and gives defaults for the rest', async () => {
    const { settings } = rig;
    await settings.load(database.db.autocommit);
    expect(settings.ms('groupHold')).toBe(60_000);
    expect(await refusal(settings.put(admin, { groupHold: 'soon' }))).toBe('INVALID_INPUT /groupHold pattern');
    expect(await refusal(settings.put(admin, { sessionIdle: '5s' }))).toBe('INVALID_INPUT /sessionIdle duration');
    // An age of seconds would leave nobody a login that can set it back.
    expect(await refusal(settings.put(admin, { passwordMaxAge: '1ms' }))).toBe(
      'INVALID_INPUT /passwordMaxAge duration',
    );
    expect((await settings.put(admin, { passwordMaxAge: '0s' })).passwordMaxAge).toBe('0s');
    await settings.put(admin, { passwordMaxAge: '30d' });
    expect(await refusal(settings.put(admin, { volume: 11 } as never))).toBe('INVALID_INPUT /volume unknownField');
    expect(await refusal(settings.put(testActor('dispatcher'), {}))).toBe('FORBIDDEN');
    expect(
      await settings.put(admin, { groupHold: '0s', orgLevelNames: ['市', '区', '街道', '片区', '居村'] }),
    ).toMatchObject({
      groupHold: '0s',
      sessionIdle: '8h',
    });
    const other = createSettings(rig.deps);
    await other.load(database.db.autocommit);
    expect(other.ms('groupHold')).toBe(0);
    expect(other.current().orgLevelNames[4]).toBe('居村');
  });

  it('opens camera passwords for probing only, and flags zombies by what they did', async () => {
    const { devices, directory, store, secrets, clock } = createTestRegistry(database.db);
    const { db } = database;
    await directory.load(db.autocommit);
    for (const id of ['cam', 'old', 'none']) {
      const connection = {
        protocol: 'rtsp',
        url: `rtsp://10.0.0.1/${id}`,
        username: 'u',
        password: `p-${id}`,
      } as const;
      await devices.create(admin, { type: 'generic/camera', name: id, id, ...(id === 'none' ? {} : { connection }) });
    }
    const key = (id: string) => directory.byId(id)?.key ?? 0;
    const targets = createProbeTargets({
      db,
      devices: store,
      directory,
      sealing: secrets,
      intervalMs: () => 30_000,
      security: createQuietStore(),
      securityPace: () => 3,
      clock,
      log: createLogger('silent'),
    });
    const heard: number[] = [];
    targets.onChange((keys) => heard.push(...keys));
    await devices.lifecycle(admin, 'old', 'retire', 'x');
    expect(heard).toEqual([key('old')]);
    expect(await targets.list()).toEqual([
      {
        deviceKey: key('cam'),
        deviceId: 'cam',
        connection: { protocol: 'rtsp', url: 'rtsp://10.0.0.1/cam', username: 'u', password: 'p-cam' },
        intervalMs: 30_000,
        parentKey: null,
      },
    ]);
    expect(await targets.find([key('old'), key('none')])).toEqual([]);

    const unexpected = createUnexpectedLogins({ db, devices: store });
    const old = directory.byId('old');
    if (!old) throw new Error('no device');
    unexpected.note(old, clock.now());
    unexpected.note(old, clock.now() + 5);
    await unexpected.flush();
    await unexpected.flush();
    expect(await devices.get(admin, 'old')).toMatchObject({
      flags: ['zombie'],
      zombieCount: 2,
      zombieAt: clock.now() + 5,
    });
    await devices.lifecycle(admin, 'old', 'reactivate', 'x');
    expect((await devices.get(admin, 'old')).flags).not.toContain('zombie');
    expect((await store.list(db.autocommit, { limit: 10 }, ALL)).total).toBe(3);
  });
});
