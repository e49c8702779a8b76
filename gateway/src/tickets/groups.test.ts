import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { createTicketBench, DISPATCHER, MIN } from '../../test/support/tickets.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('one ticket for many devices on %s', (engine) => {
  const t = createTicketBench(engine);
  const { key, decision, decide, all, only, resolve, events } = t;
  const group = (devices: readonly string[], cause: string) =>
    decision('d1', {
      kind: 'group',
      groupKey: 'powerFeed:s1/3',
      devices: devices.map(key),
      cause,
      reason: 'sameCause',
    });

  test('names the cause, goes to who mends the first of them, and grows with the group', async () => {
    const opened = group(['d1', 'd2', 'd3', 'bin'], '供电回路 3：5 台中 4 台离线');
    await decide(opened);
    expect(await only()).toMatchObject({
      kind: 'deviceFault',
      title: '供电回路 3：5 台中 4 台离线',
      // Lamps and chargers on one feed: the module that lost most leads.
      module: 'charging',
      stage: 'dispatched',
      handlerOrgId: 'unit',
      incidentId: opened.incidentId,
    });
    await decide({ ...opened, devices: [key('d4')], cause: '供电回路 3：5 台中 5 台离线' });
    await decide({ ...opened, devices: [key('d4')], cause: '供电回路 3：5 台中 5 台离线' });
    const grown = await only();
    expect(grown.title).toBe('供电回路 3：5 台中 5 台离线');
    expect([...grown.deviceIds].sort()).toEqual(['bin', 'd1', 'd2', 'd3', 'd4']);
    expect(events()).toEqual(['firing']);
  });

  test('is closed by most of its devices; what stays silent has a ticket of its own', async () => {
    const opened = group(['d1', 'd2', 'd3'], '点位');
    await decide(opened);
    t.bad.add(key('d1')).add(key('d2'));
    await resolve(opened);
    expect(t.told.at(-1)).toMatchObject({ event: 'resolved', words: expect.stringContaining('充电柜1、充电柜2') });
    t.clock.advance(31 * MIN);
    await t.tickets.sweep();
    expect((await only()).stage).toBe('verifying');
    t.bad.delete(key('d2'));
    await t.tickets.sweep();
    const closed = await only();
    expect(closed.stage).toBe('closed');
    expect(closed.history.slice(-2).map(({ note }) => note)).toEqual([
      '多数设备已恢复，转入核查；仍未恢复：充电柜1、充电柜2，将另行立案',
      '无人接单前多数设备已恢复并保持稳定，按自恢复结案；仍未恢复：充电柜1，将另行立案',
    ]);
    expect(closed.evidence.at(-1)?.detail).toEqual({ stillDown: '充电柜1' });
    expect(t.told.at(-1)).toMatchObject({ event: 'stage', words: expect.stringContaining('仍未恢复：充电柜1，') });
  });

  test('all back: nothing is said of missing ones', async () => {
    const opened = group(['d1', 'd2', 'd3'], '点位');
    await decide(opened);
    await resolve(opened);
    t.clock.advance(31 * MIN);
    await t.tickets.sweep();
    expect((await only()).history.slice(-2).map(({ note }) => note)).toEqual([
      '故障已恢复，转入核查',
      '无人接单前已恢复并保持稳定，按自恢复结案',
    ]);
    expect(t.told.every(({ words }) => words === undefined)).toBe(true);
  });

  test('a device split off while it is down takes its own incident along, and recovers by its data', async () => {
    const opened = group(['d1', 'd2', 'd3'], '点位');
    await decide(opened);
    await sql(t.database.db.autocommit).query(
      `insert into incident (id, kind, key, device, fault, reason, severity, state, opened_at, path, suppressed, last_at)
       select id, 'device', id, device, 'offline', 'keepAliveTimeout', 'major', 'open', now(), 'mqtt', array[why], now()
       from unnest($1::text[], $2::int[], $3::text[]) as r (id, device, why)`,
      [['own1', 'own2', 'own3'], ['d1', 'd2', 'd3'].map(key), ['group:g', 'group:g', 'maintenance:m']],
    );
    await resolve(opened);
    const group1 = await only();
    const told = t.told.length;
    const own = await t.tickets.split(DISPATCHER, group1.id, { deviceIds: ['d2'], note: '另有原因' });
    expect(own).toMatchObject({ incidentId: 'own2', stage: 'dispatched' });
    expect(t.told.slice(told)).toMatchObject([{ event: 'firing', ticketId: own.id, incidentId: 'own2' }]);
    const { rows } = await sql(t.database.db.autocommit).query(
      "select id, state, notified, suppressed from incident where id like 'own%' order by id",
    );
    expect(rows).toEqual([
      { id: 'own1', state: 'open', notified: false, suppressed: ['group:g'] },
      { id: 'own2', state: 'open', notified: true, suppressed: [] },
      { id: 'own3', state: 'open', notified: false, suppressed: ['maintenance:m'] },
    ]);
    // The monitor telling of it once more files no second ticket.
    const alone = decision('d2', { incidentId: 'own2' });
    await decide(alone);
    expect(await all()).toHaveLength(2);
    await resolve(alone);
    expect((await t.tickets.get(DISPATCHER, own.id)).stage).toBe('verifying');
    expect(t.told.at(-1)).toMatchObject({ event: 'resolved', ticketId: own.id });
    t.clock.advance(31 * MIN);
    await t.tickets.sweep();
    expect((await t.tickets.get(DISPATCHER, own.id)).stage).toBe('closed');
    await sql(t.database.db.autocommit).script("delete from incident where id like 'own%'");
  });

  test('an outage that is only told of has notices at its beginning and its end, and no ticket', async () => {
    const opened = decision('d1', {
      kind: 'group',
      groupKey: 'mass:all',
      fault: 'massOutage',
      severity: 'critical',
      devices: ['d1', 'd2', 'd3'].map(key),
      ticket: false,
    });
    await decide(opened);
    await resolve(opened);
    expect(await all()).toEqual([]);
    expect(t.told).toMatchObject([
      { event: 'firing', ticketId: null, fault: 'massOutage', severity: 'critical', lifeSafety: false, deviceCount: 3 },
      { event: 'resolved', ticketId: null, fault: 'massOutage', deviceCount: 3 },
    ]);
  });
});
