import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { createTicketBench, DISPATCHER, HOUR } from '../../test/support/tickets.ts';
import type { TicketRequest } from '../domain/ticket-request.ts';

describe.each(ENGINES)('tickets other parts ask for, on %s', (engine) => {
  const t = createTicketBench(engine);
  const request = (more: Partial<TicketRequest> = {}): TicketRequest => ({
    kind: 'inspection',
    fault: 'missing',
    subject: 'campaign:2026-11:item:7',
    severity: 'minor',
    devices: [t.key('d1')],
    title: '排摸未找到设备',
    code: 'recurrence',
    values: { reason: 'missing' },
    ...more,
  });
  const file = (...requests: TicketRequest[]) => t.database.db.transaction((tx) => t.tickets.file(tx, requests));

  test('are filed, dispatched and told, with place and handler of their devices', async () => {
    const [id] = await file(request());
    const ticket = await t.only();
    expect(ticket).toMatchObject({
      id,
      kind: 'inspection',
      stage: 'dispatched',
      module: 'charging',
      siteId: 's1',
      orgId: 'hood',
    });
    expect(ticket).toMatchObject({
      title: '排摸未找到设备',
      handlerOrgId: 'hood',
      assigneeId: 'he',
      deviceIds: ['d1'],
    });
    expect(ticket.history[0]?.note).toContain('同一故障再次发生');
    expect(t.events()).toEqual(['firing']);
  });

  test('what they who are near reported goes to the lead department of its module, not back to them', async () => {
    await file(request({ toLead: true }));
    const { handlerOrgId, siteId, orgId } = await t.only();
    expect([handlerOrgId, siteId, orgId]).toEqual(['center', 's1', 'hood']);
  });

  test('a device fault on request goes to the maintenance unit', async () => {
    await file(request({ kind: 'deviceFault', fault: 'unstable', subject: `device:${t.key('d1')}` }));
    expect(await t.only()).toMatchObject({ kind: 'deviceFault', handlerOrgId: 'unit', assigneeId: 'li' });
  });

  test('one open ticket of a subject and fault; answers in the order of the requests', async () => {
    const other = request({ subject: 'campaign:2026-11:item:8', devices: [t.key('bin')], module: 'garbage' });
    const [first, second, again] = await file(request(), other, request());
    expect(again).toBe(first);
    expect(await file(other, request({ fault: 'wrong' }), request())).toEqual([second, expect.any(String), first]);
    expect(await t.all()).toHaveLength(3);
  });

  test('without a subject every request is a ticket of its own; without a module it waits for a person', async () => {
    await file(request({ subject: null }), request({ subject: null, devices: [], title: '走访' }));
    expect((await t.all()).map(({ stage }) => stage).sort()).toEqual(['discovered', 'dispatched']);
  });

  test('two gateways that ask at once file one', async () => {
    const [one, two] = await Promise.all([file(request()), file(request())]);
    expect(one).toEqual(two);
    expect(await t.all()).toHaveLength(1);
  });

  test('the next of an ended one names it as a recurrence only when it was closed', async () => {
    const [first] = await file(request({ devices: [], module: null }));
    await t.tickets.transition(DISPATCHER, first ?? '', { to: 'cancelled', note: '重复' });
    t.clock.advance(HOUR);
    const [second] = await file(request());
    expect(second).not.toBe(first);
    expect((await t.tickets.get(DISPATCHER, second ?? '')).reopenOf).toBeNull();
  });
});
