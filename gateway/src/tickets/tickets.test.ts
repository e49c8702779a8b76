import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createManualClock, type ManualClock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Decision } from '../domain/health.ts';
import type { Notice } from '../domain/notice.ts';
import type { Tx } from '../domain/tx.ts';
import { createLogger } from '../log.ts';
import { sql } from '../store/database.ts';
import { createRosterStore } from '../store/rosters.ts';
import { createTicketStore } from '../store/tickets.ts';
import type { DeviceCondition, Recheck } from './ports.ts';
import { DEFAULT_TICKET_SETTINGS, type TicketSettings } from './settings.ts';
import { createTickets, type Tickets } from './tickets.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;
/** A Monday, 10:00 in Shanghai. */
const MONDAY = Date.UTC(2026, 10, 23, 2);
const log = createLogger('silent');

const actor = (id: string, role: Actor['role'], scope: Actor['scope'] = { kind: 'all' }): Actor => ({
  kind: 'user',
  id,
  name: id,
  role,
  scope,
  address: null,
});
const DISPATCHER = actor('zhao', 'dispatcher');
const HANDLER = actor('li', 'maintainer', { kind: 'orgs', orgIds: ['unit'] });
const OTHER_UNIT = actor('sun', 'maintainer', { kind: 'orgs', orgIds: ['unit2'] });
const LEAD = actor('qian', 'dispatcher', { kind: 'orgs', orgIds: ['center'] });

const SEED = `
  insert into org (id, kind, level, name, responsible) values
    ('street', 'area', 3, '东明路街道', null), ('hood', 'area', 5, '凌兆居民区', '{"userId":"he"}');
  update org set parent_id = 'street' where id = 'hood';
  insert into org (id, kind, name, responsible) values
    ('center', 'department', '城运中心', null), ('manage', 'department', '管理办', '{"userId":"zhou"}'),
    ('unit', 'maintenance', '维保一队', null), ('unit2', 'maintenance', '维保二队', '{"userId":"sun"}'),
    ('idle', 'maintenance', '无人值守队', null);
  insert into module (id, name_zh, name_en) values ('charging', '充电设施', 'charging'), ('garbage', '垃圾分类', 'garbage');
  insert into module_org values ('charging', 'center', 'lead'), ('charging', 'hood', 'cooperate'), ('garbage', 'manage', 'lead');
  insert into site (id, name, org_id) values ('s1', '一号车棚', 'hood'), ('s2', '二号厢房', null);
  insert into device (id, type, name, module, site_id, maintenance_unit_id, lifecycle)
    select 'd' || n, 'generic/ebike-charger', '充电柜' || n, 'charging', 's1', 'unit', 'active' from generate_series(1, 520) n;
  insert into device (id, type, name, module, site_id, maintenance_unit_id, lifecycle) values
    ('trial', 't', '试运行', 'charging', 's1', 'unit', 'trial'), ('nomodule', 't', '无模块', null, 's1', 'unit', 'active'),
    ('nounit', 't', '无维保', 'charging', 's1', null, 'active'), ('idle', 't', '无人', 'charging', 's1', 'idle', 'active'),
    ('bin', 't', '垃圾厢', 'garbage', 's2', 'unit2', 'active');
  insert into duty_roster (id, org_id, module_id, user_id, from_minute, to_minute) values
    ('r1', 'unit', null, 'li', 480, 1200), ('r2', 'unit', null, 'wu', 1200, 480);
`;

describe.each(ENGINES)('tickets on %s', (engine) => {
  let database: TestDatabase;
  let keys: Map<string, number>;
  let clock: ManualClock;
  let told: Notice[];
  let bad: Set<number>;
  let rechecks: number[][];
  let recheckOk: boolean;
  let settings: TicketSettings;
  let tickets: Tickets;
  let incident = 0;
  const store = createTicketStore();

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(SEED);
    const { rows } = await sql(database.db.autocommit).query<{ id: string; key: number }>('select id, key from device');
    keys = new Map(rows.map((row) => [row.id, row.key]));
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await sql(database.db.autocommit).script(
      "truncate ticket, ticket_device, ticket_history, ticket_number; update device set lifecycle = 'active' where lifecycle = 'retired'",
    );
    clock = createManualClock(MONDAY);
    told = [];
    bad = new Set();
    rechecks = [];
    recheckOk = true;
    settings = { ...DEFAULT_TICKET_SETTINGS, dutyDesk: { orgId: 'center', userId: 'desk' } };
    tickets = make();
  });

  const recheck: Recheck = async (devices) => {
    rechecks.push([...devices]);
    return devices.map((device) => ({ device, ok: recheckOk, detail: { reason: recheckOk ? 'ok' : 'timeout' } }));
  };
  const conditions = async (_tx: Tx, devices: readonly number[]): Promise<DeviceCondition[]> =>
    devices.map((device) => ({
      device,
      good: !bad.has(device),
      detail: { state: bad.has(device) ? 'offline' : 'online' },
    }));
  function make(): Tickets {
    return createTickets({
      store,
      transactor: database.db,
      directory: createRosterStore(),
      outbox: {
        add: async (_tx, notices) => {
          told.push(...notices);
        },
      },
      conditions,
      recheck,
      clock,
      log,
      settings: () => settings,
    });
  }
  const key = (id: string): number => {
    const found = keys.get(id);
    if (found === undefined) throw new Error(`no device ${id}`);
    return found;
  };
  const decision = (device: string, more: Partial<Decision> = {}): Decision => ({
    incidentId: `i${++incident}`,
    action: 'opened',
    kind: 'device',
    fault: 'offline',
    severity: 'major',
    lifeSafety: false,
    late: false,
    devices: [key(device)],
    component: null,
    reason: 'keepAliveTimeout',
    evidence: [{ silentFor: '90s' }],
    advice: null,
    at: clock.now(),
    ...more,
  });
  const decide = (...decisions: Decision[]) => database.db.transaction((tx) => tickets.onDecision(tx, decisions));
  const all = async () => (await tickets.list(DISPATCHER, {}, { limit: 500 })).items;
  const only = async () => {
    const found = await all();
    const [first] = found;
    if (!first || found.length !== 1) throw new Error(`${found.length} tickets`);
    return first;
  };
  const resolve = (opened: Decision) => decide({ ...opened, action: 'resolved', at: clock.now() });
  const events = () => told.map((notice) => notice.event);

  test('a device fault goes 发现 → 立案 → 派单 to the maintenance unit and its person on duty', async () => {
    await decide(decision('d1'));
    const ticket = await only();
    expect(ticket).toMatchObject({
      no: '20261123-0001',
      kind: 'deviceFault',
      fault: 'offline',
      priority: 'urgent',
      stage: 'dispatched',
      deviceIds: ['d1'],
      siteId: 's1',
      orgId: 'hood',
      module: 'charging',
      handlerOrgId: 'unit',
      assigneeId: 'li',
      dueAt: MONDAY + 30 * MIN,
      overdueSeconds: 0,
      drill: false,
    });
    expect(ticket.history.map((line) => [line.from, line.to, line.by])).toEqual([
      [null, 'discovered', 'system'],
      ['discovered', 'filed', 'system'],
      ['filed', 'dispatched', 'system'],
    ]);
    expect(ticket.history[2]?.note).toBe('系统自动派单');
    expect(ticket.evidence).toMatchObject([
      { kind: 'decision', detail: { reason: 'keepAliveTimeout', silentFor: '90s' } },
    ]);
    expect(told).toMatchObject([
      { event: 'firing', ticketNo: '20261123-0001', devices: [{ id: 'd1', name: '充电柜1' }] },
    ]);
  });

  test('who handles it', async () => {
    await decide(
      decision('d1', { fault: 'overCurrent', component: 'ports.3' }),
      decision('bin', { fault: 'full' }),
      decision('bin'),
      decision('nounit'),
      decision('idle'),
      decision('nomodule'),
    );
    const found = (await all()).map((t) => [
      t.deviceIds[0],
      t.kind,
      t.stage,
      t.handlerOrgId,
      t.assigneeId,
      ...t.history.filter((line) => line.from === line.to).map((line) => line.note),
    ]);
    expect(found.sort()).toEqual([
      ['bin', 'deviceFault', 'dispatched', 'unit2', 'sun'],
      ['bin', 'event', 'dispatched', 'manage', 'zhou'],
      ['d1', 'event', 'dispatched', 'hood', 'he'],
      ['idle', 'deviceFault', 'dispatched', 'idle', 'desk', '处置单位无值班人员和负责人，转城运中心值班台'],
      ['nomodule', 'deviceFault', 'discovered', null, null, '设备未归属任何模块，无法自动立案，请人工处理'],
      [
        'nounit',
        'deviceFault',
        'dispatched',
        'center',
        'desk',
        '设备未登记维保单位',
        '处置单位无值班人员和负责人，转城运中心值班台',
      ],
    ]);
  });

  test('at night the person of the night shift', async () => {
    clock.advance(17 * HOUR);
    await decide(decision('d1'));
    expect((await only()).assigneeId).toBe('wu');
  });

  test('500 decisions at once: one ticket each, consecutive numbers, a fixed number of statements', async () => {
    const statements: string[] = [];
    const run = (count: number, from: number) =>
      database.db.transaction((tx) => {
        const session = sql(tx);
        const query = session.query.bind(session);
        const counting = new Proxy(session, {
          get: (target, name) =>
            name === 'query'
              ? (text: string, params?: readonly unknown[]) => {
                  statements.push(text);
                  return query(text, params);
                }
              : Reflect.get(target, name),
        });
        return tickets.onDecision(
          counting as unknown as Tx,
          Array.from({ length: count }, (_, n) => decision(`d${from + n}`)),
        );
      });
    await run(1, 501);
    const forOne = statements.splice(0).length;
    await run(500, 1);
    expect(statements.length).toBe(forOne);
    const found = await tickets.list(DISPATCHER, { stage: ['dispatched'] }, { limit: 500 });
    expect(found.total).toBe(501);
    expect(new Set(found.items.map((t) => t.no)).size).toBe(500);
    expect(told.length).toBe(501);
    const second = await tickets.list(
      DISPATCHER,
      {},
      { limit: 500, ...(found.nextCursor ? { cursor: found.nextCursor } : {}) },
    );
    expect(second.items.length).toBe(1);
    expect(second.nextCursor).toBe(null);
  });

  test('the same decision delivered twice changes nothing; a new incident of the same fault is counted', async () => {
    const opened = decision('d1');
    await decide(opened);
    await decide(opened);
    expect((await only()).fireCount).toBe(1);
    await decide(decision('d1', { severity: 'critical' }));
    expect(await only()).toMatchObject({ fireCount: 2, priority: 'critical' });
    expect(events()).toEqual(['firing']);
  });

  test('two monitors filing at once make one ticket', async () => {
    await Promise.all([decide(decision('d1')), decide(decision('d1')), decide(decision('d1'))]);
    expect(await only()).toMatchObject({ fireCount: 3, stage: 'dispatched' });
    expect(events()).toEqual(['firing']);
  });

  test('a crash before the commit leaves nothing, and the next sweep files it', async () => {
    const opened = decision('d1');
    await expect(
      database.db.transaction(async (tx) => {
        await tickets.onDecision(tx, [opened]);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect(await all()).toEqual([]);
    await decide(opened);
    expect((await only()).no).toBe('20261123-0001');
  });

  test('different faults and components of a device are different tickets', async () => {
    await decide(
      decision('d1'),
      decision('d1', { fault: 'stale' }),
      decision('d1', { fault: 'hot', component: 'ports.1' }),
      decision('d1', { fault: 'hot', component: 'ports.2' }),
      decision('d1', { fault: 'hot', component: 'ports.2' }),
    );
    expect((await all()).map((t) => `${t.fault} ${t.component} ${t.fireCount}`).sort()).toEqual([
      'hot ports.1 1',
      'hot ports.2 2',
      'offline null 1',
      'stale null 1',
    ]);
  });

  test('recovery before anyone accepted: 核查, and 自恢复 after 30 stable minutes', async () => {
    const opened = decision('d1');
    await decide(opened);
    clock.advance(5 * MIN);
    await resolve(opened);
    expect(await only()).toMatchObject({ stage: 'verifying', firing: false });
    clock.advance(30 * MIN - 1);
    expect(await tickets.sweep()).toMatchObject({ closed: 0 });
    clock.advance(1);
    bad.add(key('d1'));
    expect(await tickets.sweep()).toMatchObject({ closed: 0 });
    bad.clear();
    expect(await tickets.sweep()).toMatchObject({ closed: 1 });
    const ticket = await only();
    expect(ticket).toMatchObject({ stage: 'closed', cause: 'selfRecovered', dueAt: null });
    expect(ticket.evidence.map((e) => [e.kind, e.deviceId])).toEqual([
      ['decision', undefined],
      ['recovery', 'd1'],
      ['freshData', 'd1'],
    ]);
    expect(events()).toEqual(['firing', 'resolved', 'stage']);
  });

  test('down again in 核查: back to 处置, and the stable time starts over', async () => {
    const opened = decision('d1');
    await decide(opened);
    await resolve(opened);
    clock.advance(20 * MIN);
    await decide({ ...opened, action: 'relapsed' });
    expect(await only()).toMatchObject({ stage: 'handling', fireCount: 2, firing: true });
    clock.advance(30 * MIN);
    expect(await tickets.sweep()).toMatchObject({ closed: 0 });
    await resolve(opened);
    clock.advance(30 * MIN);
    expect(await tickets.sweep()).toMatchObject({ closed: 1 });
    expect((await only()).cause).toBe('selfRecovered');
    expect(events()).toEqual(['firing', 'resolved', 'firing', 'resolved', 'stage']);
  });

  test('down again with nobody named: back to 派单', async () => {
    settings = { ...settings, dutyDesk: null };
    const opened = decision('idle');
    await decide(opened);
    await resolve(opened);
    await decide({ ...opened, action: 'relapsed' });
    expect(await only()).toMatchObject({ stage: 'dispatched', assigneeId: null });
  });

  test('opened and resolved in one sweep', async () => {
    const opened = decision('d1');
    await decide(opened, { ...opened, action: 'resolved' });
    expect((await only()).stage).toBe('verifying');
    expect(events()).toEqual(['firing', 'resolved']);
  });

  test('the same fault within 24 hours of closing re-opens the ticket; later it is a recurrence', async () => {
    const first = decision('d1');
    await decide(first);
    await resolve(first);
    clock.advance(30 * MIN);
    await tickets.sweep();
    clock.advance(24 * HOUR);
    const second = decision('d1');
    await decide(second);
    expect(await only()).toMatchObject({ stage: 'dispatched', fireCount: 2, cause: null, reopenOf: null });
    await resolve(second);
    clock.advance(30 * MIN);
    await tickets.sweep();
    clock.advance(24 * HOUR + 1);
    await decide(decision('d1'));
    const [latest, earlier] = await all();
    expect(latest).toMatchObject({ stage: 'dispatched', fireCount: 1, reopenOf: earlier?.id });
  });

  test('a false alarm is not re-opened', async () => {
    await decide(decision('nomodule'));
    const before = await only();
    await tickets.transition(DISPATCHER, before.id, { to: 'falseAlarm', note: '误触发' });
    expect(events()).toEqual(['firing', 'resolved']);
    await decide(decision('nomodule'));
    expect((await all()).map((t) => [t.stage, t.reopenOf]).sort()).toEqual([
      ['discovered', null],
      ['falseAlarm', null],
    ]);
  });

  test('the whole way by people: accept, repair with a passed re-probe, verification by somebody else', async () => {
    const opened = decision('d1');
    await decide(opened);
    const { id } = await only();
    clock.advance(10 * MIN);
    expect(await tickets.transition(HANDLER, id, { to: 'handling' })).toMatchObject({
      stage: 'handling',
      assigneeId: 'li',
    });
    await expect(tickets.transition(HANDLER, id, { to: 'verifying', note: '已修复' })).rejects.toMatchObject({
      code: 'UNPROCESSABLE',
      errors: [{ path: 'cause', code: 'cause' }],
    });
    expect(rechecks).toEqual([]);
    recheckOk = false;
    await expect(
      tickets.transition(HANDLER, id, { to: 'verifying', note: '已修复', cause: 'power' }),
    ).rejects.toMatchObject({
      code: 'UNPROCESSABLE',
      errors: [{ code: 'recheck' }],
      extra: { recheck: [{ ok: false }] },
    });
    recheckOk = true;
    await tickets.transition(HANDLER, id, { to: 'verifying', note: '已更换电源', cause: 'power' });
    expect(rechecks).toEqual([[key('d1')], [key('d1')]]);
    await expect(tickets.transition(HANDLER, id, { to: 'closed' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(tickets.transition(DISPATCHER, id, { to: 'closed' })).rejects.toMatchObject({
      errors: [{ code: 'notFiring' }],
      extra: { allowed: ['closed', 'handling'] },
    });
    await resolve(opened);
    const closed = await tickets.transition(DISPATCHER, id, { to: 'closed', note: '已核实' });
    expect(closed).toMatchObject({ stage: 'closed', cause: 'power' });
    expect(closed.history.at(-1)).toMatchObject({ from: 'verifying', to: 'closed', by: 'zhao', note: '已核实' });
  });

  test('an event needs a photo, a suspension the lead department', async () => {
    await decide(decision('d1', { fault: 'overCurrent' }));
    const { id } = await only();
    const he = actor('he', 'maintainer', { kind: 'orgs', orgIds: ['hood'] });
    await tickets.transition(he, id, { to: 'handling' });
    await expect(tickets.transition(he, id, { to: 'verifying', note: '断电', cause: 'load' })).rejects.toMatchObject({
      errors: [{ code: 'photo' }],
    });
    const until = clock.now() + HOUR;
    await expect(tickets.transition(he, id, { to: 'suspended', note: '等配件', until })).rejects.toMatchObject({
      errors: [{ code: 'approval' }],
    });
    await tickets.transition(LEAD, id, { to: 'suspended', note: '等配件', until });
    expect(await tickets.get(he, id)).toMatchObject({ stage: 'suspended', dueAt: null, suspendedUntil: until });
    clock.advance(HOUR);
    expect(await tickets.sweep()).toMatchObject({ resumed: 1 });
    await tickets.attach(he, id, [{ kind: 'photo', detail: { attachment: 'a1' } }]);
    expect(await tickets.transition(he, id, { to: 'verifying', note: '断电', cause: 'load' })).toMatchObject({
      stage: 'verifying',
    });
  });

  test('what recovers while suspended goes to 核查 when it is resumed', async () => {
    const opened = decision('d1');
    await decide(opened);
    const { id } = await only();
    await tickets.transition(LEAD, id, { to: 'suspended', note: '道路施工', until: clock.now() + HOUR });
    await resolve(opened);
    expect((await only()).stage).toBe('suspended');
    clock.advance(HOUR);
    await tickets.sweep();
    expect((await only()).stage).toBe('verifying');
  });

  test('two people at once: one wins, the other learns what is allowed now', async () => {
    await decide(decision('d1'));
    const { id } = await only();
    const results = await Promise.allSettled([
      tickets.transition(HANDLER, id, { to: 'handling' }),
      tickets.transition(HANDLER, id, { to: 'returned', note: '非本单位设备' }),
      tickets.transition(HANDLER, id, { to: 'handling' }),
    ]);
    const lost = results.filter((result) => result.status === 'rejected');
    // 退回 may follow 处置, so at most two of the three win, and never two acceptances.
    expect(lost.length).toBeGreaterThanOrEqual(1);
    for (const one of lost) expect(one.reason).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED' });
    const moves = (await only()).history.map((line) => line.to);
    expect(moves.filter((to) => to === 'handling').length).toBeLessThanOrEqual(1);
  });

  test('a write that expects another revision than the stored one changes nothing', async () => {
    await decide(decision('d1'));
    const { id } = await only();
    const stored = await store.get(database.db.autocommit, id, null, false);
    if (!stored) throw new Error('lost');
    const ticket = { ...stored.ticket, cause: 'stale writer' };
    const { revision } = stored.ticket;
    expect(await store.update(database.db.autocommit, [{ ticket, expected: revision - 1 }])).toEqual(new Set());
    expect((await only()).cause).toBe(null);
    expect(await store.update(database.db.autocommit, [{ ticket, expected: revision }])).toEqual(new Set([id]));
  });

  test('foreign and unknown ids answer alike; the assignee and the handling unit see theirs', async () => {
    await decide(decision('d1'));
    const { id } = await only();
    await expect(tickets.get(OTHER_UNIT, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(tickets.get(OTHER_UNIT, 'tk_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(tickets.transition(OTHER_UNIT, id, { to: 'handling' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(tickets.comment(OTHER_UNIT, id, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await tickets.list(OTHER_UNIT, {}, {})).total).toBe(0);
    expect((await tickets.list(HANDLER, {}, {})).total).toBe(1);
    expect((await tickets.list(actor('x', 'viewer', { kind: 'orgs', orgIds: ['street'] }), {}, {})).total).toBe(1);
    const comment = await tickets.comment(HANDLER, id, "已出发'; drop table ticket; --");
    expect(comment.comments).toMatchObject([{ by: 'li', text: "已出发'; drop table ticket; --" }]);
    expect(comment.history.length).toBe(3);
  });

  test('filters', async () => {
    await decide(decision('d1'), decision('bin', { fault: 'full', severity: 'minor' }), decision('nomodule'));
    const count = async (filter: Parameters<Tickets['list']>[1]) => (await tickets.list(DISPATCHER, filter, {})).total;
    expect(await count({ stage: ['dispatched'] })).toBe(2);
    expect(await count({ kind: 'event' })).toBe(1);
    expect(await count({ deviceId: 'bin' })).toBe(1);
    expect(await count({ module: 'charging', siteId: 's1', orgId: 'hood', fault: 'offline', assigneeId: 'li' })).toBe(
      1,
    );
    expect(await count({ q: '20261123-' })).toBe(3);
    expect(await count({ overdue: true })).toBe(0);
    clock.advance(31 * MIN);
    expect(await count({ overdue: true })).toBe(1);
    expect(await count({ overdue: false })).toBe(2);
    await expect(tickets.list(DISPATCHER, {}, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('a missed deadline is marked and told once', async () => {
    await decide(decision('d1'));
    clock.advance(31 * MIN);
    expect(await tickets.sweep()).toMatchObject({ overdue: 1 });
    expect(await tickets.sweep()).toMatchObject({ overdue: 0 });
    expect(await only()).toMatchObject({ overdueSeconds: 60 });
    expect(events()).toEqual(['firing', 'overdue']);
  });

  test('late evidence and devices in trial file nothing, but life safety is told', async () => {
    await decide(decision('trial'), decision('d1', { fault: 'hot', late: true }));
    expect(await all()).toEqual([]);
    await decide(decision('trial', { fault: 'smoke', lifeSafety: true, severity: 'critical' }));
    expect(await all()).toEqual([]);
    expect(told.map((n) => [n.fault, n.ticketId, n.late, n.lifeSafety])).toEqual([
      ['hot', null, true, false],
      ['smoke', null, false, true],
    ]);
    await decide(decision('d1', { fault: 'smoke', lifeSafety: true, severity: 'minor', late: true }));
    expect(await only()).toMatchObject({ priority: 'critical', lifeSafety: true });
  });

  test('a group is one ticket with all its devices', async () => {
    const group = { kind: 'group', groupKey: 'site:s1', devices: [key('d1'), key('d2'), key('d3')] } as const;
    await decide(decision('d1', group));
    await decide(decision('d1', { ...group, devices: [key('d3'), key('d4')] }));
    expect(await only()).toMatchObject({ deviceIds: ['d1', 'd2', 'd3', 'd4'], fireCount: 2 });
  });

  test('retired devices: open tickets are 作废, a group ticket only with its last device', async () => {
    await decide(decision('d1'), decision('d2'));
    await decide(decision('d1', { kind: 'group', groupKey: 'g', devices: [key('d1'), key('d2')], fault: 'stale' }));
    const retire = (id: string) =>
      database.db.transaction(async (tx) => {
        await sql(tx).query("update device set lifecycle = 'retired' where id = $1", [id]);
        await tickets.voidForDevices(tx, [key(id)], '设备拆除');
      });
    await retire('d1');
    expect(await tickets.countByStage()).toEqual({ cancelled: 1, dispatched: 2 });
    await retire('d2');
    expect(await tickets.countByStage()).toEqual({ cancelled: 3 });
    const voided = (await all())[0];
    expect(voided).toMatchObject({ cause: 'deviceRetired', firing: false });
    expect(voided?.history.at(-1)?.note).toBe('设备已下线，工单作废。 设备拆除');
  });

  test('reported by hand: filed and dispatched by the dispatcher, and never twice for one fault', async () => {
    const made = await tickets.create(DISPATCHER, {
      title: '车棚漏雨',
      module: 'charging',
      siteId: 's1',
      note: '居民来电',
    });
    expect(made).toMatchObject({ kind: 'manual', stage: 'discovered', title: '车棚漏雨', no: '20261123-0001' });
    await tickets.transition(DISPATCHER, made.id, { to: 'filed' });
    expect(await tickets.transition(DISPATCHER, made.id, { to: 'dispatched' })).toMatchObject({
      handlerOrgId: 'hood',
      assigneeId: 'he',
    });
    const fault = { title: '离线', kind: 'deviceFault', fault: 'offline', deviceIds: ['d1'] } as const;
    const open = await tickets.create(DISPATCHER, fault);
    await expect(tickets.create(DISPATCHER, fault)).rejects.toMatchObject({
      code: 'CONFLICT',
      extra: { ticketId: open.id },
    });
    await expect(tickets.create(DISPATCHER, { title: 'x', deviceIds: ['none'] })).rejects.toMatchObject({
      errors: [{ path: 'deviceIds.0' }],
    });
    await decide(decision('d1'));
    expect((await tickets.get(DISPATCHER, open.id)).fireCount).toBe(2);
  });

  test('people naming each other at once never share a number', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) => tickets.create(DISPATCHER, { title: `报修 ${n}` })),
    );
    expect(new Set(made.map((ticket) => ticket.no)).size).toBe(20);
  });
});
