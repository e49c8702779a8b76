import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { ADMIN, MINUTE, person } from '../../test/support/quiet.ts';
import { createManualClock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type { QuietInput } from '../domain/quiet-input.ts';
import type { QuietScope } from '../domain/quiet-rows.ts';
import { createZone } from '../domain/working-time.ts';
import { GatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createQuietStore } from '../store/quiet.ts';
import { createMatcher } from './matcher.ts';
import { createQuiet, type Quiet } from './quiet.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SEED = `
  insert into org (id, parent_id, kind, level, name) values ('street', null, 'area', 3, '街'), ('hood', 'street', 'area', 5, '居'),
    ('far', null, 'area', 3, '外街');
  insert into org (id, parent_id, kind, name) values ('dept', 'street', 'department', '管理办'), ('unit', null, 'maintenance', '维保'),
    ('unit2', null, 'maintenance', '维保二');
  insert into module (id, name_zh, name_en) values ('video', '视频', 'video'), ('charging', '充电', 'charging');
  insert into vendor (id, name) values ('v1', '甲厂'), ('v2', '乙厂');
  insert into site (id, name, org_id) values ('s1', '一号', 'hood'), ('s2', '二号', 'far');
  insert into device (id, type, name, module, org_id, site_id, vendor_id, maintenance_unit_id, labels, lifecycle)
    select 'd' || n, case n % 3 when 0 then 't/a' else 't/b' end, 'd' || n, case n % 2 when 0 then 'video' when 1 then 'charging' end,
      case n % 4 when 0 then 'hood' when 1 then 'far' when 2 then 'street' end, case n % 5 when 0 then 's1' when 1 then 's2' end,
      case n % 7 when 0 then 'v1' when 1 then 'v2' end, case n % 6 when 0 then 'unit' when 1 then 'unit2' end,
      case n % 8 when 0 then '{"line":"3","room":"a"}' when 1 then '{"line":"3"}' else '{}' end::jsonb, 'active'
    from generate_series(1, 60) n;`;

describe.each(ENGINES)('windows, silences, 重保 and drills by their people on %s', (engine) => {
  let database: TestDatabase;
  let quiet: Quiet;
  let briefs: Map<DeviceKey, DeviceBrief>;
  const clock = createManualClock();
  const store = createQuietStore();
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(SEED);
    const { rows } = await sql(database.db.autocommit).query<DeviceBrief>(
      `select key, id, type, lifecycle, vendor_id as "vendorId", serial, external_id as "externalId", site_id as "siteId",
         org_id as "orgId", module, parent_key as "parentKey", health_policy as "healthPolicy" from device`,
    );
    briefs = new Map(rows.map((row) => [row.key, row]));
    quiet = createQuiet({
      store,
      db: database.db,
      audit: createAuditStore(),
      clock,
      log: createLogger('silent'),
      zone: createZone('Asia/Shanghai'),
      directory: { byKey: (key) => briefs.get(key) },
      types: { get: (id) => (id.startsWith('t/') ? { alarms: [], events: new Map() } : undefined) },
      file: async () => [],
      endDrillTickets: async () => undefined,
      decideAgain: () => undefined,
      graceMs: () => 30 * MINUTE,
      securityPace: () => 3,
      outbox: { add: async () => undefined },
    });
  });
  beforeEach(() => emptyTables(database.db, 'quiet_time', 'quiet_place', 'drill_fault'));
  afterAll(() => database.close());

  const LEAD = person('lead', { kind: 'orgs', orgIds: ['street'], moduleIds: ['video'] });
  const UNIT = person('maintainer', { kind: 'orgs', orgIds: ['unit'] });
  const UNIT2: Actor = { ...person('maintainer', { kind: 'orgs', orgIds: ['unit2'] }), id: 'another' };
  const input = (more: Partial<QuietInput> = {}): QuietInput => ({
    reason: '换电池',
    scope: { devices: ['d12'] },
    startsAt: clock.now() + HOUR,
    endsAt: clock.now() + 2 * HOUR,
    ...more,
  });
  const refusal = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof GatewayError)) throw new Error('not refused');
    return { code: error.code, paths: (error.errors ?? []).map(({ path }) => path) };
  };

  it('memory and database agree on which devices a rule is about', async () => {
    const parts: QuietScope[] = [
      { devices: ['d12', 'd24', 'd30'] },
      { sites: ['s1'] },
      { orgs: ['street'] },
      { modules: ['video'] },
      { labels: { line: '3' } },
    ];
    const tx = database.db.autocommit;
    for (let bits = 1; bits < 1 << parts.length; bits++) {
      const scope: QuietScope = Object.assign({}, ...parts.filter((_part, index) => bits & (1 << index)));
      for (const reach of [null, { orgIds: ['unit', 'far'], moduleIds: ['charging', 'video'] }]) {
        const rule = { scope, reach };
        const wanted = await store.preview(tx, rule, { kind: 'all' }, 100);
        const matcher = createMatcher([rule], await store.places(tx, [rule]));
        const found = [...briefs.values()].filter((brief) => matcher.of(brief).length > 0).map(({ id }) => id);
        expect([rule, found.sort()]).toEqual([rule, wanted.devices.map(({ id }) => id).sort()]);
      }
    }
  });

  it('only who may decide makes a window that counts; the maintenance unit proposes one for its own devices', async () => {
    expect(await quiet.create(LEAD, 'maintenance', input())).toMatchObject({ state: 'approved', decidedBy: LEAD.id });
    const proposed = await quiet.create(UNIT, 'maintenance', input());
    expect(proposed).toMatchObject({ state: 'proposed', decidedAt: null, settled: expect.any(Number) });
    expect(await refusal(quiet.decide(UNIT, proposed.id, { approve: true }))).toEqual({ code: 'FORBIDDEN', paths: [] });
    expect(await quiet.decide(LEAD, proposed.id, { approve: true, note: '同意' })).toMatchObject({
      state: 'approved',
      decidedBy: LEAD.id,
      decisionNote: '同意',
    });
    expect((await refusal(quiet.decide(LEAD, proposed.id, { approve: false }))).code).toBe('CONFLICT');
    expect((await refusal(quiet.create(UNIT, 'silence', input()))).code).toBe('FORBIDDEN');
    expect((await refusal(quiet.create(UNIT, 'drill', input()))).code).toBe('FORBIDDEN');
  });

  it('a lead department does not decide about devices of others', async () => {
    const proposer: Actor = {
      ...ADMIN,
      id: 'li',
      role: 'cooperating',
      rights: { maintenanceWindows: ['read', 'create'] },
    };
    const wide = await quiet.create(proposer, 'maintenance', input({ scope: { devices: ['d12', 'd13'] } }));
    expect((await refusal(quiet.decide(LEAD, wide.id, { approve: true }))).code).toBe('FORBIDDEN');
    expect(await quiet.decide(ADMIN, wide.id, { approve: true })).toMatchObject({ state: 'approved' });
  });

  it('touches nothing its maker does not see, and names nothing', async () => {
    const mine = await quiet.preview(UNIT, 'maintenance', { scope: { modules: ['video', 'charging'] } });
    expect(mine.devices.every(({ id }) => Number(id.slice(1)) % 6 === 0)).toBe(true);
    expect(mine.total).toBe(10);
    expect(await refusal(quiet.create(UNIT, 'maintenance', input({ scope: { devices: ['d12', 'd13'] } })))).toEqual({
      code: 'INVALID_INPUT',
      paths: ['/scope/devices/1'],
    });
    expect(await refusal(quiet.preview(UNIT, 'maintenance', { scope: { orgs: ['street'] } }))).toEqual(
      await refusal(quiet.preview(UNIT, 'maintenance', { scope: { orgs: ['nowhere'] } })),
    );
  });

  it('is seen by whoever reaches one of its devices, without the foreign ones', async () => {
    const made = await quiet.create(ADMIN, 'maintenance', input({ scope: { devices: ['d12', 'd13'] } }));
    expect(await quiet.get(UNIT, 'maintenance', made.id)).toMatchObject({ scope: { devices: ['d12'] }, partial: true });
    expect((await quiet.list(UNIT2, 'maintenance', {})).items).toMatchObject([{ scope: { devices: ['d13'] } }]);
    const other = await quiet.create(ADMIN, 'maintenance', input({ scope: { devices: ['d13'] } }));
    expect((await refusal(quiet.get(UNIT, 'maintenance', other.id))).code).toBe('NOT_FOUND');
    expect((await refusal(quiet.get(ADMIN, 'silence', other.id))).code).toBe('NOT_FOUND');
    expect((await quiet.list(UNIT, 'maintenance', {})).total).toBe(1);
  });

  it.each<[string, 'maintenance' | 'silence' | 'security' | 'drill', (now: number) => Partial<QuietInput>, string]>([
    ['no scope', 'silence', () => ({ scope: {} }), '/scope'],
    ['faults alone', 'silence', () => ({ scope: { faults: ['offline'] } }), '/scope'],
    ['an unknown type', 'silence', () => ({ scope: { types: ['x/y'] } }), '/scope/types/0'],
    ['ends before it begins', 'maintenance', (now) => ({ startsAt: now + HOUR, endsAt: now + HOUR }), '/endsAt'],
    ['over already', 'maintenance', (now) => ({ startsAt: now - 2 * HOUR, endsAt: now - HOUR }), '/endsAt'],
    ['a silence of 31 days', 'silence', (now) => ({ startsAt: now, endsAt: now + 31 * DAY }), '/endsAt'],
    ['a drill of two days', 'drill', (now) => ({ endsAt: now + 2 * DAY }), '/endsAt'],
    ['重保 of 100 days', 'security', (now) => ({ startsAt: now, endsAt: now + 100 * DAY }), '/endsAt'],
    ['in two years', 'maintenance', (now) => ({ startsAt: now + 700 * DAY, endsAt: now + 701 * DAY }), '/startsAt'],
    ['repeats for ever', 'maintenance', () => ({ repeats: { every: 'day' } }), '/repeatsUntil'],
    [
      'repeats for two days each',
      'maintenance',
      (now) => ({ endsAt: now + 2 * DAY, repeats: { every: 'day' }, repeatsUntil: now + 9 * DAY }),
      '/endsAt',
    ],
  ])('refuses %s', async (_name, kind, more, path) => {
    expect(await refusal(quiet.create(ADMIN, kind, input(more(clock.now()))))).toEqual({
      code: 'INVALID_INPUT',
      paths: [path],
    });
  });

  it('takes the end once, from its maker or from who decides, and excuses no time after it', async () => {
    const now = clock.now();
    const made = await quiet.create(UNIT, 'maintenance', input({ startsAt: now, endsAt: now + 4 * HOUR }));
    await quiet.decide(LEAD, made.id, { approve: true });
    clock.advance(HOUR);
    expect((await refusal(quiet.end(UNIT2, 'maintenance', made.id, '停'))).code).toBe('NOT_FOUND');
    expect(await quiet.end(UNIT, 'maintenance', made.id, '提前完工')).toMatchObject({
      endedAt: clock.now(),
      active: false,
    });
    expect((await refusal(quiet.end(UNIT, 'maintenance', made.id, '再停'))).code).toBe('CONFLICT');
    const device = [...briefs.values()].find(({ id }) => id === 'd12')?.key ?? 0;
    const tx = database.db.autocommit;
    expect(await quiet.excused.intervals(tx, [device], now - DAY, now + DAY)).toEqual([
      { device, from: now, to: now + HOUR },
    ]);
    const { rows } = await sql(tx).query<{ action: string }>(
      `select action from audit where resource = 'maintenanceWindows' and resource_id = $1 order by id`,
      [made.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['propose', 'approve', 'end']);
  });

  it('the mark of reports changes with a decision and an end, and with nothing else', async () => {
    const now = clock.now();
    const mark = () => quiet.excused.mark(database.db.autocommit, now, now + DAY);
    const none = await mark();
    const made = await quiet.create(UNIT, 'maintenance', input({ startsAt: now, endsAt: now + 4 * HOUR }));
    expect(await mark()).toBe(none);
    await quiet.decide(LEAD, made.id, { approve: true });
    const approved = await mark();
    expect(approved).not.toBe(none);
    expect(await mark()).toBe(approved);
    clock.advance(HOUR);
    await quiet.end(ADMIN, 'maintenance', made.id, '停');
    expect(await mark()).not.toBe(approved);
  });

  it('a window where 重保 goes on must be meant', async () => {
    const now = clock.now();
    const security = { name: '进博会', scope: { modules: ['video'] }, startsAt: now, endsAt: now + 10 * DAY };
    await quiet.create(ADMIN, 'security', input(security));
    expect((await refusal(quiet.create(ADMIN, 'maintenance', input()))).code).toBe('CONFLICT');
    expect(await quiet.create(ADMIN, 'maintenance', input({ confirm: true }))).toMatchObject({ state: 'approved' });
    expect(await quiet.create(ADMIN, 'maintenance', input({ scope: { devices: ['d13'] } }))).toMatchObject({
      state: 'approved',
    });
    const keyOf = (id: string) => [...briefs.values()].find((brief) => brief.id === id)?.key ?? 0;
    expect(quiet.securityOf([keyOf('d12')])).toMatchObject({ name: '进博会' });
    expect(quiet.securityOf([keyOf('d13')])).toBeUndefined();
    expect(await quiet.security(LEAD)).toMatchObject([{ name: '进博会' }]);
    const viewer: Actor = person('viewer', { kind: 'orgs', orgIds: ['nowhere'] });
    expect(await quiet.security(viewer)).toEqual([]);
  });

  it('shows a month as a calendar, and the next times before anything is made', async () => {
    const now = clock.now();
    const weekly = { repeats: { every: 'week' as const, days: [1, 4] }, repeatsUntil: now + 30 * DAY };
    const { occurrences } = await quiet.preview(ADMIN, 'maintenance', { ...input(weekly) });
    const made = await quiet.create(ADMIN, 'maintenance', input(weekly));
    const month = await quiet.calendar(ADMIN, { from: now, to: now + 31 * DAY });
    expect(month.map(({ from, to }) => ({ from, to }))).toEqual(occurrences);
    expect(new Set(month.map(({ id }) => id))).toEqual(new Set([made.id]));
    expect(occurrences.length).toBeGreaterThan(7);
    expect(await refusal(quiet.calendar(ADMIN, { from: now, to: now + 100 * DAY }))).toMatchObject({ paths: ['/to'] });
  });

  it('pages newest first', async () => {
    for (let n = 1; n <= 5; n++)
      await quiet.create(ADMIN, 'maintenance', input({ name: `w${n}`, startsAt: clock.now() + n * MINUTE }));
    const first = await quiet.list(ADMIN, 'maintenance', { limit: 3 });
    const second = await quiet.list(ADMIN, 'maintenance', {
      limit: 3,
      ...(first.nextCursor && { cursor: first.nextCursor }),
    });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['w5', 'w4', 'w3', 'w2', 'w1']);
    expect(second.nextCursor).toBeNull();
    expect(first.total).toBe(5);
  });
});
