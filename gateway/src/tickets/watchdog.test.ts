import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import { createTicketBench, DISPATCHER, HANDLER, HOUR, LEAD, MIN } from '../../test/support/tickets.ts';
import { sql } from '../store/database.ts';

describe.each(ENGINES)('what nobody sees to goes higher, on %s', (engine) => {
  const t = createTicketBench(engine);
  /** Level and state of everything that went up, in the order it did. */
  const steps = async () =>
    (
      await t.store.escalations(
        t.database.db.autocommit,
        (await t.all()).map(({ id }) => id),
      )
    ).map(({ level, state, reason, orgIds }) => `${level} ${state} ${reason} ${orgIds.join('+')}`);
  const escalated = () =>
    t.told.filter(({ event }) => event === 'escalated').map(({ level, reason }) => `${level} ${reason}`);
  const pass = async (ms: number) => {
    t.clock.advance(ms);
    return t.tickets.watch();
  };
  const rule = { centre: 'decide', centreAfter: '1h', leader: 'auto', leaderAfter: '1h' } as const;

  test('not accepted: lead department at once, the centre when somebody decides, then the leader; each once', async () => {
    t.settings = { ...t.settings, escalation: [rule] };
    await t.decide(t.decision('bin'));
    expect(await pass(29 * MIN)).toEqual({ escalated: 0, asked: 0 });
    expect(await pass(MIN)).toEqual({ escalated: 1, asked: 0 });
    expect(await pass(MIN)).toEqual({ escalated: 0, asked: 0 });
    expect(await steps()).toEqual(['1 done accept unit2+manage']);
    expect(await pass(HOUR)).toEqual({ escalated: 0, asked: 1 });
    const { id } = await t.only();
    const decide = (decision: 'confirm' | 'decline' | 'raise') =>
      t.tickets.escalate(DISPATCHER, id, { decision, reason: '长期无人处理' });
    await expect(decide('raise')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(t.tickets.escalate(HANDLER, id, { decision: 'confirm', reason: 'x' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const shown = await decide('confirm');
    expect(shown.history.at(-1)?.note).toBe('超时未接单，已上报城运中心（城运中心）：长期无人处理');
    await expect(decide('confirm')).rejects.toMatchObject({ code: 'CONFLICT' });
    await pass(HOUR);
    expect(await steps()).toEqual(['1 done accept unit2+manage', '2 confirmed accept center', '3 done accept ']);
    expect(escalated()).toEqual(['1 accept', '1 escalationAsked', '2 accept', '3 accept']);
    expect(await pass(100 * HOUR)).toEqual({ escalated: 0, asked: 0 });
  });

  test('levels reached together are one notice that names them; a limit missed again after an extension is told', async () => {
    t.settings = {
      ...t.settings,
      escalation: [{ centre: 'auto', centreAfter: '0s', leader: 'decide', leaderAfter: '0s' }],
    };
    await t.decide(t.decision('d1'));
    expect(await pass(31 * MIN)).toEqual({ escalated: 1, asked: 1 });
    await t.tickets.sweep();
    expect(t.told.slice(1)).toEqual([
      expect.objectContaining({ event: 'escalated', overdue: true, level: 2, levels: [1], undecided: 3 }),
    ]);
    const { id } = await t.only();
    await t.tickets.ask(HANDLER, id, 'extension', { reason: '等配件', until: t.clock.now() + HOUR });
    await t.tickets.decide(LEAD, id, 1, { approve: true, note: '同意' });
    t.told.length = 0;
    await pass(HOUR + MIN);
    await t.tickets.sweep();
    expect(t.told.map(({ event }) => event)).toEqual(['overdue']);
  });

  test('two gateways at once tell each level once; a new one forgets nothing', async () => {
    await t.decide(...['d1', 'd2', 'd3', 'd4'].map((device) => t.decision(device)));
    t.clock.advance(HOUR);
    const sums = await Promise.all([t.tickets.watch(), t.tickets.watch(), t.tickets.watch()]);
    expect(sums.reduce((sum, one) => sum + one.escalated, 0)).toBe(4);
    await sql(t.database.db.autocommit).script('delete from ticket_watch');
    expect(await t.tickets.watch()).toEqual({ escalated: 0, asked: 0 });
    expect(escalated()).toEqual(Array(4).fill('1 accept'));
  });

  test('what is taken higher before its time is not called late', async () => {
    await t.decide(t.decision('bin'));
    const { id } = await t.only();
    const shown = await t.tickets.escalate(DISPATCHER, id, { decision: 'raise', reason: '居民反映强烈' });
    expect(shown.history.at(-1)?.note).toBe('提前上报，已上报城运中心（城运中心）：居民反映强烈');
    expect(escalated()).toEqual(['2 raisedEarly']);
  });

  test('declined stays declined in this stage; the next stage begins anew', async () => {
    t.settings = { ...t.settings, escalation: [rule] };
    await t.decide(t.decision('bin'));
    await pass(2 * HOUR);
    const { id } = await t.only();
    await t.tickets.escalate(DISPATCHER, id, { decision: 'decline', reason: '已联系' });
    expect(await pass(HOUR)).toEqual({ escalated: 0, asked: 0 });
    await t.tickets.transition(DISPATCHER, id, { to: 'returned', note: '非本单位' }).catch(() => undefined);
    const sun = { ...HANDLER, id: 'sun', scope: { kind: 'orgs', orgIds: ['unit2'] } } as const;
    await t.tickets.transition(sun, id, { to: 'handling' });
    expect(await pass(7 * HOUR)).toEqual({ escalated: 0, asked: 0 });
    expect(await pass(24 * HOUR)).toMatchObject({ escalated: 1 });
    expect((await steps()).at(-2)).toBe('1 done handle unit2+manage');
  });

  test('given back twice: the lead department at once; suspended: nobody', async () => {
    await t.decide(t.decision('bin'));
    const { id } = await t.only();
    const sun = { ...HANDLER, id: 'sun', scope: { kind: 'orgs', orgIds: ['unit2'] } } as const;
    await t.tickets.transition(sun, id, { to: 'returned', note: '非本单位' });
    expect(await pass(MIN)).toEqual({ escalated: 0, asked: 0 });
    await t.tickets.transition(DISPATCHER, id, { to: 'dispatched', note: '再核' });
    await t.tickets.transition(sun, id, { to: 'returned', note: '仍非本单位' });
    expect(await pass(0)).toEqual({ escalated: 1, asked: 0 });
    expect(await steps()).toEqual(['1 done disputed manage']);
    const elsewhere = { ...DISPATCHER, scope: { kind: 'orgs', orgIds: ['unit2'] } } as const;
    const again = { to: 'dispatched', note: '裁定', handlerOrgId: 'unit2' } as const;
    await expect(t.tickets.transition(elsewhere, id, again)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const lead = { ...DISPATCHER, scope: { kind: 'orgs', orgIds: ['manage', 'unit2'] } } as const;
    expect((await t.tickets.transition(lead, id, again)).stage).toBe('dispatched');
  });

  test('a limit changed at run time moves stored deadlines, and holidays count at once', async () => {
    await t.decide(t.decision('d1'));
    expect((await t.only()).dueAt).toBe(t.clock.now() + 30 * MIN);
    t.settings = { ...t.settings, limits: [{ stage: 'dispatched', module: 'charging', limit: '2h' }] };
    expect(await pass(HOUR)).toEqual({ escalated: 0, asked: 0 });
    expect(await t.tickets.sweep()).toMatchObject({ overdue: 0 });
    t.settings = { ...t.settings, workingHours: { ...t.settings.workingHours, holidays: ['2026-11-23'] } };
    await pass(4 * HOUR);
    expect(await t.tickets.sweep()).toMatchObject({ overdue: 0 });
    expect((await t.only()).dueAt).toBe(Date.parse('2026-11-24T10:30:00+08:00'));
  });

  test('three faults in seven days: one 隐患 ticket naming them, until it is closed', async () => {
    const fault = async (ms: number, more = {}) => {
      const opened = t.decision('d1', more);
      await t.decide(opened);
      t.clock.advance(ms);
      await t.resolve(opened);
      t.clock.advance(31 * MIN);
      await t.tickets.sweep();
      t.clock.advance(25 * HOUR);
    };
    await fault(5 * MIN);
    await fault(HOUR);
    await fault(HOUR, { fault: 'stale' });
    expect(await t.tickets.hazards()).toBe(0);
    await fault(HOUR);
    expect(await t.tickets.hazards()).toBe(1);
    expect(await t.tickets.hazards()).toBe(0);
    const hazard = (await t.all()).find(({ fault }) => fault === 'hazard');
    expect(hazard).toMatchObject({ kind: 'inspection', stage: 'dispatched', module: 'charging', handlerOrgId: 'hood' });
    expect(hazard?.evidence.map(({ detail }) => (detail as { fault: string }).fault).sort()).toEqual([
      'offline',
      'offline',
      'stale',
    ]);
    expect(hazard?.history[0]?.note).toMatch(/^7d 内发生 3 次故障（工单 .*），请排查隐患$/);
    await sql(t.database.db.autocommit).script(
      `update ticket set stage = 'closed', stage_since = now() where fault = 'hazard'`,
    );
    await sql(t.database.db.autocommit).query(
      "update ticket set stage_since = to_timestamp($1::float8 / 1000) where fault = 'hazard'",
      [t.clock.now()],
    );
    t.clock.advance(MIN);
    expect(await t.tickets.hazards()).toBe(0);
  });

  test('a recurrence names the ticket before for thirty days', async () => {
    const fault = async () => {
      const opened = t.decision('d1');
      await t.decide(opened);
      t.clock.advance(HOUR);
      await t.resolve(opened);
      t.clock.advance(31 * MIN);
      await t.tickets.sweep();
      return (await t.all())[0];
    };
    const first = await fault();
    t.clock.advance(29 * 24 * HOUR);
    const second = await fault();
    expect(second?.reopenOf).toBe(first?.id);
    t.clock.advance(31 * 24 * HOUR);
    expect((await fault())?.reopenOf).toBeNull();
  });

  test('who is away is replaced, and the ticket says so', async () => {
    const db = t.database.db.autocommit;
    const now = t.clock.now();
    const absence = { id: 'a1', userId: 'li', from: now - HOUR, to: now + HOUR, substituteId: 'wu', reason: '年休' };
    const { createRosterStore } = await import('../store/rosters.ts');
    await createRosterStore().addAbsence(db, absence, 'zhao', now);
    await t.decide(t.decision('d1'));
    const ticket = await t.only();
    expect(ticket.assigneeId).toBe('wu');
    expect(ticket.history.at(-1)?.note).toBe('值班人员请假，由替班人员承办');
    await sql(db).script('delete from duty_absence');
  });
});
