import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { makeHashesCheap } from '../../test/support/hash-cost.ts';
import { seedTestOrganisations, testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import { SHIPPED_RIGHTS } from '../domain/role-rights.ts';
import { isGatewayError } from '../errors.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createModuleStore } from '../store/modules.ts';
import { createRoleStore } from '../store/roles.ts';
import { createSessionStore } from '../store/sessions.ts';
import { createUserStore } from '../store/users.ts';
import { createReachCache } from './reach.ts';
import { createRoles } from './roles.ts';
import { createUsers } from './users.ts';
import { createUserExport } from './users-export.ts';

const admin = testActor();
const auditor = testActor('auditor');
const PASSWORD = 'Long-enough-1!';

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

describe.each(ENGINES)('rights and reach on %s', (engine) => {
  let makeHashesDear: () => void;
  let database: TestDatabase;
  let rig: ReturnType<typeof createRig>;

  function createRig() {
    const { db } = database;
    const store = createRoleStore();
    const deps = {
      db,
      roles: store,
      directory: store,
      users: createUserStore(),
      sessions: createSessionStore(),
      audit: createAuditStore(),
      clock: createManualClock(),
      timeZone: 'Asia/Shanghai',
    };
    return {
      db,
      roles: createRoles(deps),
      otherProcess: createRoles(deps),
      reach: createReachCache({ db, store }),
      users: createUsers(deps),
      exportUsers: createUserExport(deps),
    };
  }
  const audited = async (resource: string) =>
    (
      await sql(database.db.autocommit).query<{ action: string; reason: string; before: unknown; after: unknown }>(
        `select action, reason, before, after from audit where resource = $1 order by at, action`,
        [resource],
      )
    ).rows;

  beforeAll(async () => {
    makeHashesDear = makeHashesCheap();
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
    await sql(database.db.autocommit).script(`
      insert into org (id, parent_id, kind, name) values
        ('ops', 'street-a', 'department', '城运中心'), ('garbage-office', 'street-a', 'department', '管理办');
      insert into module_org values ('video', 'ops', 'lead'), ('garbage', 'garbage-office', 'lead')`);
    rig = createRig();
    await rig.roles.load();
    await rig.reach.load();
  });
  afterAll(async () => {
    makeHashesDear();
    await database.close();
  });

  it('changes a role at once, for other processes after their refresh, proves it and puts it back', async () => {
    const { roles, otherProcess } = rig;
    const rights = { ...SHIPPED_RIGHTS.committee, devices: ['read', 'export'] as const, tickets: [] };
    const view = await roles.put(admin, 'committee', { rights, reason: '居民区需要台账' });
    expect(view).toMatchObject({
      rights: { devices: ['read', 'export'] },
      shipped: { devices: ['read'], tickets: ['read', 'create', 'update'] },
    });
    expect(roles.rightsOf('committee')).toMatchObject({ devices: ['read', 'export'] });
    expect(roles.rightsOf('committee')).not.toHaveProperty('tickets');
    expect(otherProcess.rightsOf('committee')).toHaveProperty('tickets');
    await otherProcess.load();
    expect(otherProcess.rightsOf('committee')).not.toHaveProperty('tickets');
    expect((await audited('roles'))[0]).toMatchObject({
      action: 'update',
      reason: '居民区需要台账',
      before: { devices: ['read'], tickets: ['read', 'create', 'update'] },
      after: { devices: ['read', 'export'], tickets: [] },
    });
    await roles.reset(admin, 'committee', { reason: '恢复' });
    expect(roles.rightsOf('committee')).toEqual(SHIPPED_RIGHTS.committee);
    expect((await roles.history(auditor, {})).items).toHaveLength(2);
    const { rows } = await sql(rig.db.autocommit).query('select 1 from role_right', []);
    expect(rows).toEqual([]);
  });

  it('refuses a change that starts from rights somebody else has changed', async () => {
    const { roles, otherProcess } = rig;
    const before = SHIPPED_RIGHTS.lead;
    await roles.put(admin, 'lead', { rights: { ...before, tickets: ['read'] }, before, reason: '先到' });
    const late = { rights: { ...before, devices: ['read'] as const }, before, reason: '后到' };
    expect(await refusal(otherProcess.put(admin, 'lead', late))).toBe('CONFLICT');
    expect(roles.rightsOf('lead')).toMatchObject({ tickets: ['read'] });
    await roles.reset(admin, 'lead', { reason: '恢复' });
  });

  it.each([
    ['a vendor the users', 'vendor', { users: ['read'] }, 'INVALID_INPUT /rights/users neverGiven'],
    [
      'a vendor its own approval',
      'vendor',
      { devices: ['read', 'decide'] },
      'INVALID_INPUT /rights/devices neverGiven',
    ],
    ['an auditor a write', 'auditor', { devices: ['update'] }, 'INVALID_INPUT /rights/devices neverGiven'],
    ['anybody the table itself', 'dispatcher', { roles: ['update'] }, 'INVALID_INPUT /rights/roles neverGiven'],
    ['an unknown resource', 'lead', { moon: ['read'] }, 'INVALID_INPUT /rights/moon unknownField'],
    ['an unknown action', 'lead', { devices: ['fly'] }, 'INVALID_INPUT /rights/devices/0 enum'],
    ['the administrator less', 'admin', { devices: ['read'] }, 'FORBIDDEN'],
    ['an unknown role anything', 'king', { devices: ['read'] }, 'NOT_FOUND'],
  ])('gives %s never', async (_what, role, rights, expected) => {
    expect(await refusal(rig.roles.put(admin, role, { rights, reason: '试试' } as never))).toBe(expected);
  });

  it('lets nobody but the administrator change the table, and asks why', async () => {
    const change = { rights: {}, reason: '提权' };
    expect(await refusal(rig.roles.put(testActor('dispatcher'), 'dispatcher', change))).toBe('FORBIDDEN');
    expect(await refusal(rig.roles.put(auditor, 'lead', change))).toBe('FORBIDDEN');
    expect(await refusal(rig.roles.put(admin, 'lead', { rights: {}, reason: '' }))).toContain('/reason');
    expect(await refusal(rig.roles.table(testActor('lead')))).toBe('FORBIDDEN');
  });

  it('exports the table with who, when and why inside, and proves it', async () => {
    const { bytes } = await rig.roles.exportFile(auditor, { purpose: '年度核查', format: 'csv' });
    const lines = Buffer.from(bytes).toString('utf8').split('\r\n');
    expect(lines[0]).toContain('年度核查');
    expect(lines.find((line) => line.startsWith('厂商,vendor,设备,devices,'))).toBe(
      '厂商,vendor,设备,devices,是,是,是,,,,,',
    );
    expect(await audited('roles')).toContainEqual(expect.objectContaining({ action: 'export', reason: '年度核查' }));
    expect(await refusal(rig.roles.exportFile(auditor, { purpose: '', format: 'csv' }))).toContain('/purpose');
  });

  it('moves what a department reaches with the matrix', async () => {
    const person = { role: 'lead', orgId: 'ops', vendorId: null, scopeOrgIds: null, moduleIds: null } as const;
    expect(rig.reach.of(person)).toEqual({ kind: 'orgs', orgIds: ['street-a'], moduleIds: ['video'] });
    const garbage = { id: 'garbage', name: { zh: '垃圾', en: 'G' }, leadOrgId: 'ops', cooperatingOrgIds: [] };
    await createModuleStore().assign(rig.db.autocommit, garbage);
    await rig.reach.load();
    expect(rig.reach.of(person)).toMatchObject({ moduleIds: ['garbage', 'video'] });
  });

  it.each([
    ['a lead department without one', { role: 'lead' }, 'INVALID_INPUT /orgId required'],
    ['a lead department that is an area', { role: 'lead', orgId: 'street-a' }, 'INVALID_INPUT /orgId orgKind'],
    ['a committee that is a street', { role: 'committee', orgId: 'street-a' }, 'INVALID_INPUT /orgId orgKind'],
    ['a maintainer of a department', { role: 'maintainer', orgId: 'ops' }, 'INVALID_INPUT /orgId orgKind'],
    ['an organisation that is not there', { role: 'viewer', orgId: 'none' }, 'INVALID_INPUT /orgId notFound'],
    ['a module that is not there', { role: 'viewer', moduleIds: ['none'] }, 'INVALID_INPUT /moduleIds/0 notFound'],
    ['a narrow administrator', { role: 'admin', scopeOrgIds: ['hood-a'] }, 'INVALID_INPUT /scopeOrgIds scope'],
    [
      'a vendor of a street',
      { role: 'vendor', vendorId: 'acme', scopeOrgIds: ['hood-a'] },
      'INVALID_INPUT /scopeOrgIds scope',
    ],
    ['a vendor that is not there', { role: 'vendor', vendorId: 'none' }, 'INVALID_INPUT /vendorId notFound'],
    ['a committee', { role: 'committee', orgId: 'hood-a' }, 'accepted'],
    ['a maintainer', { role: 'maintainer', orgId: 'fixers' }, 'accepted'],
  ] as const)('takes or refuses %s', async (what, fields, expected) => {
    const input = { username: `u.${what.replaceAll(' ', '.')}`, name: '某人', password: PASSWORD, ...fields };
    expect(await refusal(rig.users.create(admin, input as never))).toBe(expected);
  });

  it('lists by organisation and state, masks phones, tells responsibility, and exports what is listed', async () => {
    const { user } = await rig.users.create(admin, {
      username: 'zhang',
      name: '张三',
      role: 'lead',
      orgId: 'ops',
      phone: '13812341234',
      password: PASSWORD,
    });
    await sql(rig.db.autocommit).query(
      `update org set responsible = jsonb_build_object('userId', $1::text) where id = 'ops'`,
      [user.id],
    );
    const query = { orgId: 'street-a', role: 'lead', disabled: false };
    const [mine] = (await rig.users.list(admin, query)).items;
    expect(mine).toMatchObject({ phone: '13812341234', responsibleFor: ['ops'], lastLoginAt: null });
    expect((await rig.users.list(auditor, query)).items[0]).toMatchObject({ phone: '138****1234' });
    expect((await rig.users.get(auditor, user.id)).phone).toBe('138****1234');
    expect((await rig.users.list(admin, { orgId: 'street-b' })).items).toEqual([]);
    const { bytes } = await rig.exportUsers(admin, { purpose: '核对', format: 'csv' }, query);
    expect(Buffer.from(bytes).toString('utf8')).toContain('zhang,张三,牵头部门,ops');
    expect(await refusal(rig.exportUsers(auditor, { purpose: '核对', format: 'csv' }, query))).toBe('FORBIDDEN');
    // Somebody whose place was lost can still be shut out.
    await sql(rig.db.autocommit).query('update app_user set org_id = null where id = $1', [user.id]);
    expect(await refusal(rig.users.update(admin, user.id, { disabled: true }))).toBe('accepted');
    expect(await refusal(rig.users.update(admin, user.id, { role: 'cooperating' }))).toBe(
      'INVALID_INPUT /orgId required',
    );
  });
});
