import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { createTicketBench, MIN } from '../../test/support/tickets.ts';

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
    t.clock.advance(31 * MIN);
    await t.tickets.sweep();
    expect((await only()).stage).toBe('verifying');
    t.bad.delete(key('d2'));
    await t.tickets.sweep();
    expect((await only()).stage).toBe('closed');
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
