import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { createTicketBench, DISPATCHER, HOUR, MIN, MONDAY } from '../../test/support/tickets.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('tickets on %s', (engine) => {
  const t = createTicketBench(engine);
  const { key, decision, decide, all, only, resolve, events } = t;

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
    expect(t.told).toMatchObject([
      { event: 'firing', ticketNo: '20261123-0001', devices: [{ id: 'd1', name: '充电柜1' }] },
    ]);
  });

  test('keeps a picture before and one after the repair', async () => {
    t.picturesBefore.set(key('d1'), { id: 'p-before', takenAt: t.clock.now() - HOUR });
    const opened = decision('d1');
    await decide(opened);
    await t.tickets.pictureTaken(key('d1'), { id: 'p-during', takenAt: t.clock.now() });
    await resolve(opened);
    t.clock.advance(MIN);
    const after = { id: 'p-after', takenAt: t.clock.now() };
    await t.tickets.pictureTaken(key('d1'), after);
    await t.tickets.pictureTaken(key('d1'), { ...after, id: 'p-later' });
    const { stage, evidence } = await only();
    expect(stage).toBe('verifying');
    expect(
      evidence.flatMap(({ kind, detail }) => ((detail as { picture?: string }).picture ? [[kind, detail]] : [])),
    ).toEqual([
      ['decision', { reason: 'keepAliveTimeout', picture: 'p-before', which: 'before', takenAt: expect.any(String) }],
      ['picture', { picture: 'p-after', which: 'after' }],
    ]);
    t.picturesBefore.clear();
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
    t.clock.advance(17 * HOUR);
    await decide(decision('d1'));
    expect((await only()).assigneeId).toBe('wu');
  });

  test('500 decisions at once: one ticket each, consecutive numbers, a fixed number of statements', async () => {
    const statements: string[] = [];
    const run = (count: number, from: number) =>
      t.database.db.transaction((tx) => {
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
        return t.tickets.onDecision(
          counting as unknown as Tx,
          Array.from({ length: count }, (_, n) => decision(`d${from + n}`)),
        );
      });
    await run(1, 501);
    const forOne = statements.splice(0).length;
    await run(500, 1);
    expect(statements.length).toBe(forOne);
    const found = await t.tickets.list(DISPATCHER, { stage: ['dispatched'] }, { limit: 500 });
    expect(found.total).toBe(501);
    expect(new Set(found.items.map((t) => t.no)).size).toBe(500);
    expect(t.told.length).toBe(501);
    const second = await t.tickets.list(
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
      t.database.db.transaction(async (tx) => {
        await t.tickets.onDecision(tx, [opened]);
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
    t.clock.advance(5 * MIN);
    await resolve(opened);
    expect(await only()).toMatchObject({ stage: 'verifying', firing: false });
    t.clock.advance(30 * MIN - 1);
    expect(await t.tickets.sweep()).toMatchObject({ closed: 0 });
    t.clock.advance(1);
    t.bad.add(key('d1'));
    expect(await t.tickets.sweep()).toMatchObject({ closed: 0 });
    t.bad.clear();
    expect(await t.tickets.sweep()).toMatchObject({ closed: 1 });
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
    t.clock.advance(20 * MIN);
    await decide({ ...opened, action: 'relapsed' });
    expect(await only()).toMatchObject({ stage: 'handling', fireCount: 2, firing: true });
    t.clock.advance(30 * MIN);
    expect(await t.tickets.sweep()).toMatchObject({ closed: 0 });
    await resolve(opened);
    t.clock.advance(30 * MIN);
    expect(await t.tickets.sweep()).toMatchObject({ closed: 1 });
    expect((await only()).cause).toBe('selfRecovered');
    expect(events()).toEqual(['firing', 'resolved', 'firing', 'resolved', 'stage']);
  });

  test('down again with nobody named: back to 派单', async () => {
    t.settings = { ...t.settings, dutyDesk: null };
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
    t.clock.advance(30 * MIN);
    await t.tickets.sweep();
    t.clock.advance(24 * HOUR);
    const second = decision('d1');
    await decide(second);
    expect(await only()).toMatchObject({ stage: 'dispatched', fireCount: 2, cause: null, reopenOf: null });
    await resolve(second);
    t.clock.advance(30 * MIN);
    await t.tickets.sweep();
    t.clock.advance(24 * HOUR + 1);
    await decide(decision('d1'));
    const [latest, earlier] = await all();
    expect(latest).toMatchObject({ stage: 'dispatched', fireCount: 1, reopenOf: earlier?.id });
  });

  test('a false alarm is not re-opened', async () => {
    await decide(decision('nomodule'));
    const before = await only();
    await t.tickets.transition(DISPATCHER, before.id, { to: 'falseAlarm', note: '误触发' });
    expect(events()).toEqual(['firing', 'resolved']);
    await decide(decision('nomodule'));
    expect((await all()).map((t) => [t.stage, t.reopenOf]).sort()).toEqual([
      ['discovered', null],
      ['falseAlarm', null],
    ]);
  });
});
