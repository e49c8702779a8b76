import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { seedTestOrganisations, testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createImportStore } from '../store/imports.ts';
import { createModuleStore } from '../store/modules.ts';
import { createOrgStore } from '../store/organisations.ts';
import { createRosterStore } from '../store/rosters.ts';
import { createDutyRoster } from './duty-roster.ts';
import { createRosterTables, type RosterTables } from './roster-tables.ts';
import { createRosters, WHOLE_DAY } from './rosters.ts';

const admin = testActor();
const streetA = testActor('dispatcher', { kind: 'orgs', orgIds: ['street-a'] });
const HEAD = '班次编号,单位,模块,值班人,值班日,星期,开始,结束,生效日期,失效日期,顺序';
const csv = (...lines: string[]) => Buffer.from([HEAD, ...lines].join('\n'));

describe.each(ENGINES.slice(-1))('duty rosters as tables on %s', (engine) => {
  let database: TestDatabase;
  let tables: RosterTables;
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
    await sql(database.db.autocommit).script(`
      insert into app_user (id, username, display_name, role, org_id, password_hash, disabled_at) values
        ('u-wang', 'wangfang', '王芳', 'dispatcher', 'street-a', 'x', null),
        ('u-li', 'lilei', '李雷', 'dispatcher', 'street-a', 'x', null), ('u-li2', 'lilei2', '李雷', 'dispatcher', 'street-a', 'x', null),
        ('u-gone', 'gone', '离职', 'dispatcher', 'street-a', 'x', now()), ('u-far', 'far', '远方', 'dispatcher', 'street-b', 'x', null)`);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'duty_roster', 'audit');
    tables = createRosterTables({
      db: database.db,
      rosters: createRosterStore(),
      imports: createImportStore(),
      orgs: createOrgStore(),
      modules: createModuleStore(),
      audit: createAuditStore(),
      clock: createManualClock(),
      timeZone: 'Asia/Shanghai',
    });
  });
  const count = async () =>
    (await sql(database.db.autocommit).query<{ n: number }>('select count(*)::int as n from duty_roster')).rows[0]?.n;

  it('takes names as people write them; the export comes back unchanged, and changed it changes that shift', async () => {
    const file = csv(
      ',甲街道,视频监控,王芳,工作日,,8:30,17:30,2026/12/1,2026-12-31,1',
      ',street-a,,wangfang,按星期,周六、周日,22:00,06:00,,,',
    );
    expect(await tables.import(admin, file, { dryRun: true })).toMatchObject({ created: 2, errorCount: 0 });
    expect(await count()).toBe(0);
    expect(await tables.import(streetA, file, { dryRun: false })).toMatchObject({ created: 2, updated: 0, errors: [] });
    expect(await tables.import(streetA, file, { dryRun: false })).toMatchObject({ created: 0, unchanged: 2 });
    const { rows } = await sql(database.db.autocommit).query(
      'select user_id, module_id, on_days, days, from_minute, to_minute, position from duty_roster order by position desc',
    );
    expect(rows).toEqual([
      expect.objectContaining({ user_id: 'u-wang', module_id: 'video', on_days: 'workdays', from_minute: 510 }),
      expect.objectContaining({ module_id: null, days: [6, 7], from_minute: 1_320, to_minute: 360, position: 0 }),
    ]);
    for (const format of ['csv', 'xlsx'] as const) {
      const out = await tables.export(streetA, { purpose: '核对', format, encoding: 'utf-8' });
      expect(await tables.import(streetA, out.bytes, { dryRun: false })).toMatchObject({ unchanged: 2, errors: [] });
    }
    const out = await tables.export(streetA, { purpose: '核对', format: 'csv', encoding: 'utf-8' });
    const changed = Buffer.from(Buffer.from(out.bytes).toString().replace('22:00', '21:00'));
    expect(await tables.import(streetA, changed, { dryRun: false })).toMatchObject({
      created: 0,
      updated: 1,
      unchanged: 1,
    });
    expect(await count()).toBe(2);
    const { rows: audit } = await sql(database.db.autocommit).query<{ action: string }>(
      'select action from audit order by seq',
    );
    expect(audit.map(({ action }) => action)).toEqual(['create', 'create', 'export', 'export', 'export', 'update']);
  });

  it('names row, column, rule and remedy of everything wrong, and then writes nothing', async () => {
    const file = csv(
      ',甲街道,视频监控,王芳,工作日,,8:30,17:30,,,1',
      ',street-b,,far,,,,,,,',
      ',甲街道,无此模块,李雷,周末,,25:00,,2026-02-30,,9999',
      'no-such,甲街道,,gone,,,,,,,',
      ',,,王芳,,,,,,,',
    );
    const { errors, created } = await tables.import(streetA, file, { dryRun: false });
    expect(created).toBe(0);
    expect(await count()).toBe(0);
    expect(errors.map(({ row, header, code }) => [row, header, code])).toEqual(
      expect.arrayContaining([
        [2, '单位', 'notFound'],
        [3, '值班人', 'ambiguous'],
        [3, '值班日', 'enum'],
        [3, '开始', 'time'],
        [3, '生效日期', 'date'],
        [3, '顺序', 'range'],
        [4, '班次编号', 'notFound'],
        [5, '单位', 'required'],
      ]),
    );
    expect(errors.find(({ code }) => code === 'time')).toMatchObject({
      sheetRow: 4,
      columnLetter: 'G',
      value: '25:00',
    });
    const header = await tables.import(streetA, Buffer.from('单位,值班的人\nstreet-a,王芳'), { dryRun: false });
    expect(header.errors[0]).toMatchObject({ row: 0, code: 'unknownColumn' });
    await expect(tables.import(testActor('committee'), file, { dryRun: true })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await sql(database.db.autocommit).query('select from audit')).toMatchObject({ rowCount: 0 });
  });

  it('names for the roster whom the reader may put on duty, and whoever is on it already', async () => {
    const store = createRosterStore();
    const rosters = createRosters({
      db: database.db,
      rosters: store,
      orgs: createOrgStore(),
      modules: createModuleStore(),
      audit: createAuditStore(),
      clock: createManualClock(),
    });
    const served = async () => (await rosters.people(streetA)).map(({ id, mayServe }) => [id, mayServe]);
    expect(Object.fromEntries(await served())).toEqual({ 'u-li': true, 'u-li2': true, 'u-wang': true });
    const shift = { ...WHOLE_DAY, days: [...WHOLE_DAY.days], orgId: 'street-a' };
    await store.putShift(database.db.autocommit, { ...shift, id: 's-gone', userId: 'u-gone' });
    await store.putShift(database.db.autocommit, { ...shift, id: 's-far', userId: 'u-far' });
    expect(await served()).toEqual(
      expect.arrayContaining([
        ['u-gone', false],
        ['u-far', false],
      ]),
    );
    expect(await rosters.people(testActor('dispatcher', { kind: 'orgs', orgIds: ['street-b'] }))).toEqual([
      { id: 'u-far', name: '远方', orgId: 'street-b', mayServe: true },
    ]);
    expect(() => rosters.people(testActor('committee'))).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });

  it('lets everybody enter, see and end his own absence, and nobody else’s', async () => {
    const duty = createDutyRoster({
      db: database.db,
      rosters: createRosterStore(),
      orgs: createOrgStore(),
      modules: createModuleStore(),
      settings: () => {
        throw new Error('not asked');
      },
      calendar: () => [],
      audit: createAuditStore(),
      clock: createManualClock(),
      zone: 'Asia/Shanghai',
    });
    const wang = { ...testActor('maintainer', { kind: 'orgs', orgIds: ['street-a'] }), id: 'u-wang' };
    const away = { from: createManualClock().now(), to: createManualClock().now() + 86_400_000, reason: '年休' };
    const own = await duty.addAbsence(wang, { ...away, userId: 'u-wang', substituteId: 'u-li' });
    const others = duty.addAbsence(wang, { ...away, userId: 'u-li', substituteId: null });
    await expect(others).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const lis = await duty.addAbsence(streetA, { ...away, userId: 'u-li', substituteId: null });
    expect((await duty.absences(wang, {})).map(({ id }) => id)).toEqual([own.id]);
    await expect(duty.removeAbsence(wang, lis.id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(duty.removeAbsence(wang, 'unknown')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await duty.removeAbsence(wang, own.id);
    expect(await duty.absences(wang, {})).toEqual([]);
  });
});
