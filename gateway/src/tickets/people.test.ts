import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import {
  actor,
  createTicketBench,
  DISPATCHER,
  HANDLER,
  HOUR,
  JPEG,
  LEAD,
  MIN,
  OTHER_UNIT,
} from '../../test/support/tickets.ts';
import { sql } from '../store/database.ts';
import type { Tickets } from './tickets.ts';

describe.each(ENGINES)('tickets in the hands of people on %s', (engine) => {
  const t = createTicketBench(engine);
  const { store, key, decision, decide, all, only, resolve, events } = t;

  test('who may be named to work on it: the handling party first, nobody who only looks, and nothing for another unit', async () => {
    await decide(decision('d1'));
    const { id } = await only();
    await sql(t.database.db.autocommit).script(`
      update app_user set org_id = case id when 'li' then 'unit' when 'qian' then 'center' when 'sun' then 'unit2' end;
      update app_user set org_id = 'unit', role = 'viewer' where id = 'wu'`);
    const named = await t.tickets.people(HANDLER, id);
    await sql(t.database.db.autocommit).script(`update app_user set org_id = null, role = 'maintainer'`);
    expect(named.map((person) => person.id)).toEqual(['li', 'qian']);
    await expect(t.tickets.people(OTHER_UNIT, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('the whole way by people: accept, repair with a passed re-probe, verification by somebody else', async () => {
    const opened = decision('d1');
    await decide(opened);
    const { id } = await only();
    t.clock.advance(10 * MIN);
    expect(await t.tickets.transition(HANDLER, id, { to: 'handling' })).toMatchObject({
      stage: 'handling',
      assigneeId: 'li',
    });
    await expect(t.tickets.transition(HANDLER, id, { to: 'verifying', note: '已修复' })).rejects.toMatchObject({
      code: 'UNPROCESSABLE',
      errors: [{ path: '/cause', code: 'cause' }],
    });
    expect(t.rechecks).toEqual([]);
    t.recheckOk = false;
    await expect(
      t.tickets.transition(HANDLER, id, { to: 'verifying', note: '已修复', cause: 'power' }),
    ).rejects.toMatchObject({
      code: 'UNPROCESSABLE',
      errors: [{ code: 'recheck' }],
      extra: { recheck: [{ ok: false, at: '2026-11-23T10:10:00.000+08:00' }] },
    });
    t.recheckOk = true;
    await t.tickets.transition(HANDLER, id, { to: 'verifying', note: '已更换电源', cause: 'power' });
    expect(t.rechecks).toEqual([[key('d1')], [key('d1')]]);
    await expect(t.tickets.transition(HANDLER, id, { to: 'closed' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(t.tickets.transition(DISPATCHER, id, { to: 'closed' })).rejects.toMatchObject({
      errors: [{ code: 'notFiring' }],
      extra: { allowed: ['closed', 'handling'] },
    });
    await resolve(opened);
    const closed = await t.tickets.transition(DISPATCHER, id, { to: 'closed', note: '已核实' });
    expect(closed).toMatchObject({ stage: 'closed', cause: 'power' });
    expect(closed.history.at(-1)).toMatchObject({ from: 'verifying', to: 'closed', by: 'zhao', note: '已核实' });
  });

  test('a lead department speaks for itself, not for every department of the street it sees', async () => {
    const lead = (id: string, orgId: string, moduleIds: string[]) => ({
      ...actor(id, 'lead', { kind: 'orgs', orgIds: ['street', 'center', 'manage', 'unit'], moduleIds }),
      orgId,
    });
    const [center, manage] = [lead('c', 'center', ['charging']), lead('m', 'manage', ['charging', 'garbage'])];
    const until = t.clock.now() + HOUR;
    // Nobody maintains this one: it went to the duty desk at the operations centre, which leads the module.
    await decide(decision('nounit'));
    const { id } = await only();
    for (const to of ['handling', 'suspended'] as const) {
      const refused = t.tickets.transition(manage, id, { to, note: '等', until });
      await expect(refused, to).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await t.tickets.transition(center, id, { to: 'handling' })).toMatchObject({ stage: 'handling' });
    expect(await t.tickets.transition(center, id, { to: 'suspended', note: '等', until })).toMatchObject({
      stage: 'suspended',
    });
  });

  test('who is named in a ticket of a module that is not theirs works on it and decides nothing', async () => {
    await decide(decision('d1'));
    const { id } = await only();
    const named = {
      ...actor('li', 'lead', { kind: 'orgs', orgIds: ['street'], moduleIds: ['garbage'] }),
      orgId: 'manage',
    };
    await expect(t.tickets.transition(named, id, { to: 'falseAlarm', note: '误报' })).rejects.toMatchObject({
      code: expect.stringMatching(/FORBIDDEN|TRANSITION_NOT_ALLOWED/),
    });
    expect(await t.tickets.transition(named, id, { to: 'handling' })).toMatchObject({ assigneeId: 'li' });
  });

  test('an event needs a photo, a suspension the lead department', async () => {
    await decide(decision('d1', { fault: 'overCurrent' }));
    const { id } = await only();
    const he = actor('he', 'maintainer', { kind: 'orgs', orgIds: ['hood'] });
    await t.tickets.transition(he, id, { to: 'handling' });
    await expect(t.tickets.transition(he, id, { to: 'verifying', note: '断电', cause: 'load' })).rejects.toMatchObject({
      errors: [{ code: 'photo' }],
    });
    const until = t.clock.now() + HOUR;
    await expect(t.tickets.transition(he, id, { to: 'suspended', note: '等配件', until })).rejects.toMatchObject({
      errors: [{ code: 'approval' }],
    });
    await t.tickets.transition(LEAD, id, { to: 'suspended', note: '等配件', until });
    expect(await t.tickets.get(he, id)).toMatchObject({ stage: 'suspended', dueAt: null, suspendedUntil: until });
    t.clock.advance(HOUR);
    expect(await t.tickets.sweep()).toMatchObject({ resumed: 1 });
    await t.tickets.attach(he, id, { content: JPEG, phase: 'after' });
    expect(await t.tickets.transition(he, id, { to: 'verifying', note: '断电', cause: 'load' })).toMatchObject({
      stage: 'verifying',
    });
  });

  test('what recovers while suspended goes to 核查 when it is resumed', async () => {
    const opened = decision('d1');
    await decide(opened);
    const { id } = await only();
    await t.tickets.transition(LEAD, id, { to: 'suspended', note: '道路施工', until: t.clock.now() + HOUR });
    await resolve(opened);
    expect((await only()).stage).toBe('suspended');
    t.clock.advance(HOUR);
    await t.tickets.sweep();
    expect((await only()).stage).toBe('verifying');
  });

  test('two people at once: one wins, the other learns what is allowed now', async () => {
    await decide(decision('d1'));
    const { id } = await only();
    const results = await Promise.allSettled([
      t.tickets.transition(HANDLER, id, { to: 'handling' }),
      t.tickets.transition(HANDLER, id, { to: 'returned', note: '非本单位设备' }),
      t.tickets.transition(HANDLER, id, { to: 'handling' }),
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
    const stored = await store.get(t.database.db.autocommit, id, null, false);
    if (!stored) throw new Error('lost');
    const ticket = { ...stored.ticket, cause: 'stale writer' };
    const { revision } = stored.ticket;
    expect(await store.update(t.database.db.autocommit, [{ ticket, expected: revision - 1 }])).toEqual(new Set());
    expect((await only()).cause).toBe(null);
    expect(await store.update(t.database.db.autocommit, [{ ticket, expected: revision }])).toEqual(new Set([id]));
  });

  test('foreign and unknown ids answer alike; the assignee and the handling unit see theirs', async () => {
    await decide(decision('d1'));
    const { id } = await only();
    await expect(t.tickets.get(OTHER_UNIT, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(t.tickets.get(OTHER_UNIT, 'tk_none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(t.tickets.transition(OTHER_UNIT, id, { to: 'handling' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(t.tickets.comment(OTHER_UNIT, id, 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await t.tickets.list(OTHER_UNIT, {}, {})).total).toBe(0);
    expect((await t.tickets.list(HANDLER, {}, {})).total).toBe(1);
    expect((await t.tickets.list(actor('x', 'viewer', { kind: 'orgs', orgIds: ['street'] }), {}, {})).total).toBe(1);
    const comment = await t.tickets.comment(HANDLER, id, "已出发'; drop table ticket; --");
    expect(comment.comments).toMatchObject([{ by: 'li', text: "已出发'; drop table ticket; --" }]);
    expect(comment.history.length).toBe(3);
  });

  test('filters', async () => {
    await decide(decision('d1'), decision('bin', { fault: 'full', severity: 'minor' }), decision('nomodule'));
    const count = async (filter: Parameters<Tickets['list']>[1]) =>
      (await t.tickets.list(DISPATCHER, filter, {})).total;
    expect(await count({ stage: ['dispatched'] })).toBe(2);
    expect(await count({ kind: 'event' })).toBe(1);
    expect(await count({ deviceId: 'bin' })).toBe(1);
    expect(await count({ module: 'charging', siteId: 's1', orgId: 'hood', fault: 'offline', assigneeId: 'li' })).toBe(
      1,
    );
    expect(await count({ q: '20261123-' })).toBe(3);
    expect(await count({ overdue: true })).toBe(0);
    expect([await count({ dueWithin: 30 * MIN }), await count({ dueWithin: 29 * MIN })]).toEqual([1, 0]);
    expect((await t.tickets.list(HANDLER, { assigneeId: 'me' }, {})).total).toBe(1);
    expect(await count({ assigneeId: 'me' })).toBe(0);
    expect(await count({ pending: 'escalation' })).toBe(0);
    await sql(t.database.db.autocommit).query(
      `insert into ticket_escalation (ticket_id, round, level, reason, state, org_ids, at)
       select id, 'dispatched:1', 2, 'accept', 'pending', '{center}', now() from ticket where fault = 'offline' limit 1`,
    );
    expect(await count({ pending: 'escalation' })).toBe(1);
    t.clock.advance(31 * MIN);
    expect(await count({ overdue: true })).toBe(1);
    expect(await count({ overdue: false })).toBe(2);
    await expect(t.tickets.list(DISPATCHER, {}, { cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  test.each(['sweep first', 'watchdog first'])(
    'a missed deadline is marked once and told in one notice, %s',
    async (order) => {
      await decide(decision('d1'));
      t.clock.advance(31 * MIN);
      if (order === 'watchdog first') await t.tickets.watch();
      expect(await t.tickets.sweep()).toMatchObject({ overdue: 1 });
      await t.tickets.watch();
      expect(await t.tickets.sweep()).toMatchObject({ overdue: 0 });
      expect(await only()).toMatchObject({ overdueSeconds: 60 });
      expect(t.told.map(({ event, overdue }) => [event, overdue])).toEqual([
        ['firing', undefined],
        ['escalated', true],
      ]);
    },
  );

  test('late evidence and devices in trial file nothing, but life safety is told', async () => {
    await decide(decision('trial'), decision('d1', { fault: 'hot', late: true }));
    expect(await all()).toEqual([]);
    await decide(decision('trial', { fault: 'smoke', lifeSafety: true, severity: 'critical' }));
    expect(await all()).toEqual([]);
    expect(t.told.map((n) => [n.fault, n.ticketId, n.late, n.lifeSafety])).toEqual([
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
      t.database.db.transaction(async (tx) => {
        await sql(tx).query("update device set lifecycle = 'retired' where id = $1", [id]);
        await t.tickets.voidForDevices(tx, [key(id)], '设备拆除');
      });
    await retire('d1');
    expect(await t.tickets.countByStage()).toEqual({ cancelled: 1, dispatched: 2 });
    await retire('d2');
    expect(await t.tickets.countByStage()).toEqual({ cancelled: 3 });
    const voided = (await all())[0];
    expect(voided).toMatchObject({ cause: 'deviceRetired', firing: false });
    expect(voided?.history.at(-1)?.note).toBe('设备已下线，工单作废。设备拆除');
  });

  test('reported by hand: filed and dispatched by the dispatcher, and never twice for one fault', async () => {
    const made = await t.tickets.create(DISPATCHER, {
      title: '车棚漏雨',
      module: 'charging',
      siteId: 's1',
      note: '居民来电',
    });
    expect(made).toMatchObject({ kind: 'manual', stage: 'discovered', title: '车棚漏雨', no: '20261123-0001' });
    await t.tickets.transition(DISPATCHER, made.id, { to: 'filed' });
    expect(await t.tickets.transition(DISPATCHER, made.id, { to: 'dispatched' })).toMatchObject({
      handlerOrgId: 'hood',
      assigneeId: 'he',
    });
    const fault = { title: '离线', kind: 'deviceFault', fault: 'offline', deviceIds: ['d1'] } as const;
    const open = await t.tickets.create(DISPATCHER, fault);
    await expect(t.tickets.create(DISPATCHER, fault)).rejects.toMatchObject({
      code: 'CONFLICT',
      extra: { ticketId: open.id },
    });
    await expect(t.tickets.create(DISPATCHER, { title: 'x', deviceIds: ['none'] })).rejects.toMatchObject({
      errors: [{ path: '/deviceIds/0' }],
    });
    await decide(decision('d1'));
    expect((await t.tickets.get(DISPATCHER, open.id)).fireCount).toBe(2);
  });

  test('who answers for a place reports about it by naming the site alone, and sees what became of it', async () => {
    const committee = actor('he', 'committee', { kind: 'orgs', orgIds: ['hood'] });
    const report = { fault: 'illegalCharging', note: '飞线充电' } as const;
    const made = await t.tickets.create(committee, { ...report, siteId: 's1' }, 'zh-CN', [
      { content: JPEG, name: 'p.jpg' },
    ]);
    expect(made).toMatchObject({ siteId: 's1', orgId: 'hood', module: 'charging' });
    // Of a known kind: sent at once, with a clock. The unit at the place is who reports it, so it goes to the lead department.
    expect(made).toMatchObject({ stage: 'dispatched', handlerOrgId: 'center', dueAt: t.clock.now() + 30 * MIN });
    expect(t.told).toMatchObject([
      { event: 'firing', title: '违规充电', siteName: '一号车棚', words: '飞线充电', stage: 'dispatched' },
    ]);
    expect(await t.tickets.get(committee, made.id, 'en')).toMatchObject({ no: made.no, title: 'Illegal charging' });
    const others = await t.tickets.create(DISPATCHER, { ...report, siteId: 's1' }, 'zh-CN', [
      { content: JPEG, name: 'p.jpg' },
    ]);
    expect(others).toMatchObject({ stage: 'dispatched', handlerOrgId: 'hood', assigneeId: 'he' });
    for (const siteId of ['s2', 'none'])
      await expect(
        t.tickets.create(committee, { ...report, siteId }, 'zh-CN', [{ content: JPEG, name: 'p.jpg' }]),
      ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('a person of another unit takes the ticket along, which only a dispatcher may ask for', async () => {
    const db = sql(t.database.db.autocommit);
    await db.script(
      "update app_user set org_id = 'unit' where id in ('li', 'wu'); update app_user set org_id = 'center' where id = 'desk'",
    );
    await decide(decision('d1'));
    const { id, handlerOrgId } = await only();
    expect(handlerOrgId).toBe('unit');
    await expect(t.tickets.assign(HANDLER, id, { assigneeId: 'desk', note: 'x' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const within = await t.tickets.assign(HANDLER, id, { assigneeId: 'wu', note: '换人' });
    expect(within).toMatchObject({ assigneeId: 'wu', handlerOrgId: 'unit' });
    const moved = await t.tickets.assign(DISPATCHER, id, { assigneeId: 'desk', note: '转中心' });
    expect(moved).toMatchObject({ assigneeId: 'desk', handlerOrgId: 'center' });
    // Named together, they must belong together.
    await expect(
      t.tickets.assign(DISPATCHER, id, { assigneeId: 'li', handlerOrgId: 'center', note: 'x' }),
    ).rejects.toMatchObject({ code: 'UNPROCESSABLE', errors: [{ path: '/assigneeId', code: 'personOfOthers' }] });
    await decide(decision('d2'));
    const second = (await t.all()).find((one) => one.id !== id)?.id ?? '';
    // So it is with a step that names a person: the handler's own unit, the dispatcher's choice.
    await expect(t.tickets.transition(HANDLER, second, { to: 'handling', assigneeId: 'desk' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      errors: [{ code: 'dispatcherNames' }],
    });
    await t.tickets.transition(HANDLER, second, { to: 'returned', note: '不归我队' });
    const again = await t.tickets.transition(DISPATCHER, second, {
      to: 'dispatched',
      note: '中心接',
      assigneeId: 'desk',
    });
    expect(again).toMatchObject({ assigneeId: 'desk', handlerOrgId: 'center' });
    await db.script('update app_user set org_id = null');
  });

  test('what is reported in free words waits for a dispatcher with a clock, and who heard of it hears of its end', async () => {
    const made = await t.tickets.create(DISPATCHER, { title: '路灯杆歪了', module: 'charging' });
    expect(made).toMatchObject({ stage: 'discovered', dueAt: t.clock.now() + 2 * HOUR, overdueSeconds: 0 });
    t.clock.advance(2 * HOUR + 1_000);
    expect(made.history.at(-1)?.note).toBe('待城运中心研判派单');
    expect(await t.tickets.sweep()).toMatchObject({ overdue: 1 });
    expect((await t.tickets.get(DISPATCHER, made.id)).overdueSeconds).toBeGreaterThan(0);
    expect(await t.tickets.watch()).toMatchObject({ escalated: 1 });
    await t.tickets.transition(DISPATCHER, made.id, { to: 'falseAlarm', note: '已查看，无异常', cause: 'falseReport' });
    expect(events()).toEqual(['firing', 'escalated', 'resolved']);
    expect((await t.tickets.get(DISPATCHER, made.id)).dueAt).toBeNull();
  });

  test('free words without a module, from somebody of two modules, are told what is missing; nothing is filed', async () => {
    const ofTwo = {
      ...HANDLER,
      scope: { kind: 'orgs', orgIds: ['hood'], moduleIds: ['charging', 'garbage'] },
    } as const;
    const report = t.tickets.create(ofTwo, { title: '路灯杆歪了', orgId: 'hood' });
    await expect(report).rejects.toMatchObject({ errors: [{ path: '/module', code: 'required' }] });
    const foreign = t.tickets.create(ofTwo, { title: '路灯杆歪了', orgId: 'hood', module: 'video' });
    await expect(foreign).rejects.toMatchObject({ errors: [{ path: '/module', code: 'outOfReach' }] });
    expect(await t.all()).toEqual([]);
  });

  test('what the gateway adds to the talk about a ticket is told in words', async () => {
    await decide(decision('d1'));
    const { id } = await only();
    await sql(t.database.db.autocommit).query(
      `insert into ticket_history (ticket_id, kind, from_stage, to_stage, by, at, note, code, vars, cause)
       values ($1, 'comment', 'dispatched', 'dispatched', 'system', now(), null, 'acknowledged', '{"who":"王主任"}', null)`,
      [id],
    );
    const { comments } = await t.tickets.get(DISPATCHER, id);
    expect(comments.map(({ text }) => text)).toEqual(['生命安全告警已确认，确认人：王主任']);
  });

  test('people naming each other at once never share a number', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, n) => t.tickets.create(DISPATCHER, { title: `报修 ${n}` })),
    );
    expect(new Set(made.map((ticket) => ticket.no)).size).toBe(20);
  });
});
