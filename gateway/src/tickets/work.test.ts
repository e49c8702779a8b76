import { beforeAll, describe, expect, test } from 'vitest';
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
  MONDAY,
  OTHER_UNIT,
} from '../../test/support/tickets.ts';
import { sql } from '../store/database.ts';

const HE = actor('he', 'maintainer', { kind: 'orgs', orgIds: ['hood'] });

describe.each(ENGINES)('work on a ticket, on %s', (engine) => {
  const t = createTicketBench(engine);
  beforeAll(() => sql(t.database.db.autocommit).script("update app_user set display_name = '吴师傅' where id = 'wu'"));
  const { decision, decide, only, all, resolve } = t;
  const opened = async (...devices: string[]) => {
    await decide(...(devices.length === 0 ? ['d1'] : devices).map((device) => decision(device)));
    return (await all()).map(({ id }) => id).toSorted();
  };
  const one = async () => (await opened())[0] ?? '';

  describe('延期', () => {
    test('asked by the handler, granted by the lead department: the deadline moves, and is shown why', async () => {
      const id = await one();
      const until = MONDAY + 5 * HOUR;
      const asked = await t.tickets.ask(HANDLER, id, 'extension', { reason: '等配件', until });
      expect(asked).toMatchObject({
        dueAt: MONDAY + 30 * MIN,
        extensions: [{ n: 1, state: 'pending', by: 'li', until }],
      });
      expect((await t.tickets.list(LEAD, { pending: 'extension' }, {})).items.map((one) => one.id)).toEqual([id]);
      expect((await t.tickets.list(LEAD, { pending: 'suspension' }, {})).total).toBe(0);
      t.clock.advance(10 * MIN);
      const granted = await t.tickets.decide(LEAD, id, 1, { approve: true, note: '同意' });
      expect(granted).toMatchObject({ dueAt: until, extensions: [{ state: 'approved', decidedBy: 'qian' }] });
      expect(granted.history.map(({ note }) => note).slice(-2)).toEqual(['申请延期：等配件', '批准延期：等配件']);
      expect(t.told.map(({ event, reason }) => [event, reason]).slice(1)).toEqual([
        ['stage', 'extensionAsked'],
        ['stage', 'extended'],
      ]);
      t.clock.advance(4 * HOUR);
      expect(await t.tickets.sweep()).toMatchObject({ overdue: 0 });
      t.clock.advance(HOUR);
      expect(await t.tickets.sweep()).toMatchObject({ overdue: 1 });
      // Told once, with who it went up to.
      expect(t.told.at(-1)?.event).toBe('stage');
      await t.tickets.watch();
      expect(t.told.at(-1)?.event).toBe('escalated');
    });

    test('refused with a reason changes nothing but the record', async () => {
      const id = await one();
      const before = (await only()).dueAt;
      await t.tickets.ask(HANDLER, id, 'extension', { reason: '忙', until: MONDAY + 5 * HOUR });
      await expect(t.tickets.decide(LEAD, id, 1, { approve: false })).rejects.toMatchObject({
        errors: [{ code: 'note' }],
      });
      const refused = await t.tickets.decide(LEAD, id, 1, { approve: false, note: '人手足够' });
      expect(refused).toMatchObject({ dueAt: before, extensions: [{ state: 'refused', decisionNote: '人手足够' }] });
      await expect(t.tickets.decide(LEAD, id, 1, { approve: true })).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    test.each<[string, () => Parameters<typeof t.tickets.ask>, object]>([
      [
        'one at a time',
        () => [HANDLER, '', 'extension', { reason: 'x', until: MONDAY + 6 * HOUR }],
        { code: 'CONFLICT' },
      ],
      [
        'not earlier than the deadline there is',
        () => [HE, '', 'extension', { reason: 'x', until: MONDAY + MIN }],
        { code: 'FORBIDDEN' },
      ],
      [
        'in the future',
        () => [HANDLER, '', 'suspension', { reason: 'x', until: MONDAY }],
        { code: 'UNPROCESSABLE', errors: [{ path: '/until' }] },
      ],
      [
        'later than the deadline',
        () => [LEAD, '', 'extension', { reason: 'x', until: MONDAY + MIN }],
        { errors: [{ code: 'notLater' }] },
      ],
    ])('%s', async (_name, args, refusal) => {
      const id = await one();
      await t.tickets.ask(HANDLER, id, 'extension', { reason: '等配件', until: MONDAY + 5 * HOUR });
      const [who, , kind, input] = args();
      const seen = who === HE ? actor('he', 'committee', { kind: 'orgs', orgIds: ['hood'] }) : who;
      await expect(t.tickets.ask(seen, id, kind, input)).rejects.toMatchObject(refusal);
    });

    test('nobody decides their own; who is no approver decides none; one whose stage is over is not granted', async () => {
      const id = await one();
      await t.tickets.ask(HANDLER, id, 'extension', { reason: '等配件', until: MONDAY + 5 * HOUR });
      await expect(t.tickets.decide(HANDLER, id, 1, { approve: true })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(t.tickets.decide({ ...LEAD, id: 'li' }, id, 1, { approve: true })).rejects.toMatchObject({
        errors: [{ code: 'ownRequest' }],
      });
      await expect(t.tickets.decide(LEAD, id, 2, { approve: true })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await t.tickets.transition(HANDLER, id, { to: 'handling' });
      await expect(t.tickets.decide(LEAD, id, 1, { approve: true })).rejects.toMatchObject({
        errors: [{ code: 'askOver' }],
      });
    });
  });

  test('挂起 asked by the handler and approved in a second step; the lead department does both at once', async () => {
    const id = await one();
    const until = MONDAY + 5 * HOUR;
    expect(await t.tickets.ask(HANDLER, id, 'suspension', { reason: '道路施工', until })).toMatchObject({
      stage: 'dispatched',
      suspensions: [{ state: 'pending' }],
    });
    expect(await t.tickets.decide(LEAD, id, 1, { approve: true })).toMatchObject({
      stage: 'suspended',
      suspendedUntil: until,
      dueAt: null,
    });
    // Who works on it may begin again before the pause ends.
    expect((await t.tickets.transition(HANDLER, id, { to: 'dispatched' })).dueAt).not.toBeNull();
    expect(await t.tickets.ask(LEAD, id, 'suspension', { reason: '台风', until })).toMatchObject({
      stage: 'suspended',
      suspensions: [{ state: 'approved' }, { state: 'approved', decidedBy: 'qian' }],
    });
  });

  describe('改派', () => {
    test('the handler names another person of the unit, the dispatcher another unit', async () => {
      const id = await one();
      expect(await t.tickets.assign(HANDLER, id, { assigneeId: 'wu', note: '我休假' })).toMatchObject({
        assigneeId: 'wu',
        handlerOrgId: 'unit',
      });
      await expect(t.tickets.assign(HANDLER, id, { handlerOrgId: 'unit2', note: 'x' })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
      const moved = await t.tickets.assign(DISPATCHER, id, { handlerOrgId: 'unit2', note: '就近' });
      expect(moved).toMatchObject({ handlerOrgId: 'unit2', assigneeId: null, stage: 'dispatched' });
      expect(moved.history.at(-1)).toMatchObject({ by: 'zhao', note: '改派：吴师傅 → 维保二队。就近' });
    });

    test('work under way always has a named person; nobody is named who does not exist', async () => {
      const id = await one();
      await t.tickets.transition(HANDLER, id, { to: 'handling' });
      await expect(t.tickets.assign(DISPATCHER, id, { handlerOrgId: 'unit2', note: 'x' })).rejects.toMatchObject({
        errors: [{ path: '/assigneeId', code: 'person' }],
      });
      for (const who of [{ assigneeId: 'nobody' }, { handlerOrgId: 'nowhere' }])
        await expect(t.tickets.assign(DISPATCHER, id, { ...who, note: 'x' })).rejects.toMatchObject({
          code: 'INVALID_INPUT',
          errors: [{ path: `/${Object.keys(who)[0]}`, code: 'unknownParty' }],
        });
      await expect(
        t.tickets.transition(DISPATCHER, id, { to: 'returned', note: 'x', assigneeId: 'nobody' }),
      ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(t.tickets.assign(DISPATCHER, id, { assigneeId: 'li', note: 'x' })).rejects.toMatchObject({
        errors: [{ code: 'sameParty' }],
      });
    });
  });

  test('督办 is told, shown and counted; 退回 is counted', async () => {
    const id = await one();
    await expect(t.tickets.supervise(HANDLER, id, '快')).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await t.tickets.supervise(LEAD, id, '今日办结');
    const twice = await t.tickets.supervise(LEAD, id, '立即到场');
    expect(twice).toMatchObject({
      superviseCount: 2,
      supervisions: [{ by: 'qian', text: '今日办结' }, { text: '立即到场' }],
    });
    expect(t.told.map(({ event, reason }) => [event, reason]).slice(1)).toEqual([
      ['escalated', 'supervised'],
      ['escalated', 'supervised'],
    ]);
    expect(t.told.map(({ words }) => words).slice(1)).toEqual(['今日办结', '立即到场']);
    expect(new Set(t.told.map(({ key }) => key)).size).toBe(t.told.length);
    expect((await t.tickets.list(LEAD, { supervised: true }, {})).total).toBe(1);
    expect((await t.tickets.list(LEAD, { returned: true }, {})).total).toBe(0);
    await t.tickets.transition(HANDLER, id, { to: 'returned', note: '非本单位' });
    expect(await t.tickets.get(LEAD, id)).toMatchObject({ returnCount: 1 });
    expect((await t.tickets.list(LEAD, { returned: true }, {})).total).toBe(1);
  });

  describe('协办 and 关注', () => {
    test('may be the committee of the place, called in by the unit that works there', async () => {
      const id = await one();
      const { orgId } = await t.tickets.get(HANDLER, id);
      const { parties } = await t.tickets.addParty(HANDLER, id, { orgId: orgId ?? '', duty: 'assist' });
      expect([orgId, parties.at(-1)?.orgId]).toEqual(['hood', 'hood']);
    });

    test('see the ticket, answer in their own time, speak and show, and close nothing', async () => {
      const id = await one();
      await expect(t.tickets.get(OTHER_UNIT, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const added = await t.tickets.addParty(DISPATCHER, id, { orgId: 'unit2', duty: 'assist', note: '带梯子' });
      expect(added.history.at(-1)?.note).toBe('增加协办单位 维保二队。带梯子');
      const again = t.tickets.addParty(DISPATCHER, id, { orgId: 'unit2', duty: 'assist', note: '带梯子' });
      await expect(again).rejects.toMatchObject({ errors: [{ path: '/orgId', code: 'partyAlready' }] });
      expect(added.parties).toMatchObject([
        { orgId: 'unit', duty: 'lead', acknowledgedAt: null, respondBy: MONDAY + 30 * MIN },
        { orgId: 'unit2', duty: 'assist', respondBy: MONDAY + 30 * MIN, acknowledgedAt: null, overdue: false },
      ]);
      t.clock.advance(31 * MIN);
      expect((await t.tickets.get(OTHER_UNIT, id)).parties[1]).toMatchObject({ overdue: true });
      const known = await t.tickets.acknowledge(OTHER_UNIT, id, '马上到', undefined);
      expect(known.parties[1]).toMatchObject({ acknowledgedBy: 'sun', overdue: false });
      await t.tickets.acknowledge(OTHER_UNIT, id, undefined);
      expect((await t.tickets.get(OTHER_UNIT, id)).history.filter(({ note }) => note?.includes('知悉'))).toHaveLength(
        1,
      );
      await t.tickets.comment(OTHER_UNIT, id, '已到场');
      await t.tickets.attach(OTHER_UNIT, id, { content: JPEG });
      await t.tickets.transition(HANDLER, id, { to: 'handling' });
      for (const to of ['verifying', 'returned'] as const)
        await expect(t.tickets.transition(OTHER_UNIT, id, { to, note: 'x', cause: 'power' })).rejects.toMatchObject({
          code: 'FORBIDDEN',
        });
      await t.tickets.transition(HANDLER, id, { to: 'verifying', note: '好了', cause: 'power' });
      await expect(t.tickets.transition(OTHER_UNIT, id, { to: 'closed' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect((await t.tickets.get(HANDLER, id)).parties[0]).toMatchObject({ acknowledgedBy: 'li' });
    });

    test('one that does not answer in time is taken up by a clock of its own, until it answers or is taken off', async () => {
      const id = await one();
      t.settings = {
        ...t.settings,
        escalation: [{ centre: 'decide', centreAfter: '1h', leader: 'off', leaderAfter: '1h' }],
      };
      await t.tickets.addParty(DISPATCHER, id, { orgId: 'unit2', duty: 'assist', respondBy: MONDAY + 10 * MIN });
      await t.tickets.addParty(DISPATCHER, id, { orgId: 'manage', duty: 'assist', respondBy: MONDAY + 10 * MIN });
      expect(await t.tickets.watch()).toEqual({ escalated: 0, asked: 0 });
      t.clock.advance(10 * MIN);
      expect(await t.tickets.watch()).toEqual({ escalated: 2, asked: 0 });
      expect(await t.tickets.watch()).toEqual({ escalated: 0, asked: 0 });
      const told = t.told.filter(({ event }) => event === 'escalated');
      expect(told).toMatchObject([
        { level: 1, reason: 'response', words: expect.stringContaining('未回应单位：管理办') },
        { level: 1, reason: 'response', words: expect.stringContaining('未回应单位：维保二队') },
      ]);
      expect(new Set(told.map(({ key }) => key)).size).toBe(2);
      const late = await t.tickets.get(DISPATCHER, id);
      expect(late.history.at(-1)?.note).toBe(
        '协办单位逾期未回应，已提醒承办单位负责人并上报牵头部门（维保二队、城运中心）',
      );
      await t.tickets.acknowledge(OTHER_UNIT, id, undefined);
      const taken = t.tickets.removeParty(OTHER_UNIT, id, { orgId: 'manage', note: 'x' });
      await expect(taken).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect((await t.tickets.get(DISPATCHER, id)).parties).toHaveLength(3);
      const less = await t.tickets.removeParty(DISPATCHER, id, { orgId: 'manage', note: '不需要了' });
      expect(less.parties.map(({ orgId }) => orgId)).toEqual(['unit', 'unit2']);
      expect(less.history.at(-1)?.note).toBe('移除协办、关注单位 管理办。不需要了');
      expect(t.told.at(-1)).toMatchObject({ event: 'stage', reason: 'partyRemoved', words: '不需要了' });
      const nobody = { orgId: 'manage', note: 'x' };
      await expect(t.tickets.removeParty(DISPATCHER, id, nobody)).rejects.toMatchObject({
        errors: [{ path: '/orgId', code: 'noSuchParty' }],
      });
      // Asked once more, it has a new clock: the lead department at once, the centre as the rules say.
      await t.tickets.addParty(DISPATCHER, id, { orgId: 'manage', duty: 'assist', respondBy: t.clock.now() + MIN });
      t.clock.advance(2 * MIN);
      expect(await t.tickets.watch()).toEqual({ escalated: 1, asked: 0 });
    });

    test('who is none of them acknowledges nothing; a stranger adds nobody', async () => {
      const id = await one();
      await t.tickets.addParty(DISPATCHER, id, { orgId: 'unit2', duty: 'related' });
      expect((await t.tickets.get(DISPATCHER, id)).parties[1]).toMatchObject({ duty: 'related', respondBy: null });
      await expect(t.tickets.acknowledge(HANDLER, id, undefined)).rejects.toMatchObject({
        errors: [{ code: 'notParty' }],
      });
      await expect(t.tickets.addParty(OTHER_UNIT, id, { orgId: 'manage', duty: 'assist' })).rejects.toMatchObject({
        code: expect.stringMatching(/FORBIDDEN|INVALID_INPUT/),
      });
      await expect(t.tickets.addParty(DISPATCHER, id, { orgId: 'nowhere', duty: 'assist' })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
    });
  });

  describe('merging', () => {
    test('the others become void with a link; devices, proofs and files move; it ends when all of it is over', async () => {
      const first = decision('d1');
      const second = decision('d2');
      await decide(first, second);
      const [a, b] = (await all()).toSorted((x, y) => (x.no < y.no ? -1 : 1));
      const [into, from] = [a?.id ?? '', b?.id ?? ''];
      await t.tickets.attach(DISPATCHER, into, { content: JPEG });
      await t.tickets.attach(DISPATCHER, from, { content: JPEG, note: '第二张' });
      const merged = await t.tickets.merge(DISPATCHER, into, { ids: [from, from], note: '同一起停电' });
      expect(merged).toMatchObject({ deviceIds: ['d1', 'd2'], merged: [{ id: from, no: b?.no }], firing: true });
      expect(merged.attachments.map(({ n, note }) => [n, note])).toEqual([
        [1, null],
        [2, '第二张'],
      ]);
      expect(
        merged.evidence.flatMap(({ kind, detail }) =>
          kind === 'photo' ? [(detail as { attachment: number }).attachment] : [],
        ),
      ).toEqual([1, 2]);
      const gone = await t.tickets.get(DISPATCHER, from);
      expect(gone).toMatchObject({ stage: 'cancelled', mergedInto: into });
      expect(gone.history.at(-1)).toMatchObject({ by: 'zhao', note: `并入工单 ${a?.no}，本单作废。同一起停电` });
      await resolve(first);
      expect(await t.tickets.get(DISPATCHER, into)).toMatchObject({ stage: 'dispatched', firing: true });
      await resolve(second);
      expect(await t.tickets.get(DISPATCHER, into)).toMatchObject({ stage: 'verifying', firing: false });
      t.clock.advance(30 * MIN);
      t.bad.add(t.key('d2'));
      expect(await t.tickets.sweep()).toMatchObject({ closed: 0 });
      t.bad.clear();
      expect(await t.tickets.sweep()).toMatchObject({ closed: 1 });
    });

    test('never what one cannot see, what has ended, or what is of another kind', async () => {
      await decide(decision('d1'), decision('bin'), decision('d2', { fault: 'overCurrent' }));
      const id = (device: string) => all().then((found) => found.find((one) => one.deviceIds[0] === device)?.id ?? '');
      const [d1, bin, event] = [await id('d1'), await id('bin'), await id('d2')];
      const scoped = actor('qian', 'dispatcher', { kind: 'orgs', orgIds: ['center', 'hood'] });
      await expect(t.tickets.merge(scoped, d1, { ids: [bin], note: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      for (const other of [bin, event])
        await expect(t.tickets.merge(DISPATCHER, d1, { ids: [other], note: 'x' })).rejects.toMatchObject({
          errors: [{ code: 'mergeUnlike' }],
        });
      await expect(t.tickets.merge(DISPATCHER, d1, { ids: [d1], note: 'x' })).rejects.toMatchObject({
        errors: [{ code: 'mergeSelf' }],
      });
      await expect(t.tickets.merge(HANDLER, d1, { ids: [d1], note: 'x' })).rejects.toMatchObject({
        code: 'UNPROCESSABLE',
      });
      expect((await all()).map(({ stage }) => stage)).toEqual(['dispatched', 'dispatched', 'dispatched']);
    });

    test('two who merge each other’s tickets: one wins, nothing is lost', async () => {
      const [a = '', b = ''] = await opened('d1', 'd2');
      const results = await Promise.allSettled([
        t.tickets.merge(DISPATCHER, a, { ids: [b], note: 'x' }),
        t.tickets.merge(DISPATCHER, b, { ids: [a], note: 'x' }),
      ]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await t.tickets.countByStage()).toEqual({ cancelled: 1, dispatched: 1 });
    });
  });

  describe('splitting', () => {
    const group = async () => {
      await decide(decision('d1', { kind: 'group', groupKey: 's1', devices: ['d1', 'd2', 'd3'].map(t.key) }));
      return (await only()).id;
    };
    test('devices leave the group for a ticket of their own, dispatched like any other', async () => {
      const id = await group();
      const own = await t.tickets.split(DISPATCHER, id, { deviceIds: ['d2'], note: '另有原因' });
      expect(own).toMatchObject({ deviceIds: ['d2'], stage: 'dispatched', handlerOrgId: 'unit', openedBy: 'zhao' });
      expect((await t.tickets.get(DISPATCHER, id)).deviceIds).toEqual(['d1', 'd3']);
      await expect(t.tickets.split(DISPATCHER, id, { deviceIds: ['d2'], note: 'x' })).rejects.toMatchObject({
        errors: [{ code: 'notInTicket' }],
      });
      await expect(t.tickets.split(DISPATCHER, id, { deviceIds: ['d1', 'd3'], note: 'x' })).rejects.toMatchObject({
        errors: [{ code: 'splitAll' }],
      });
      await expect(t.tickets.split(HANDLER, id, { deviceIds: ['d1'], note: 'x' })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    });
    test('into a ticket that is open already is refused and names it', async () => {
      const id = await group();
      await decide(decision('d3'));
      const open = (await all()).find((one) => one.id !== id)?.id;
      await expect(t.tickets.split(DISPATCHER, id, { deviceIds: ['d3'], note: 'x' })).rejects.toMatchObject({
        code: 'CONFLICT',
        extra: { ticketId: open },
      });
      expect((await t.tickets.get(DISPATCHER, id)).deviceIds).toEqual(['d1', 'd2', 'd3']);
    });
  });

  test('many at once: each by its own rules, and what became of each', async () => {
    const [a = '', b = '', c = ''] = await opened('d1', 'd2', 'nomodule');
    const result = await t.tickets.bulk(DISPATCHER, {
      ids: [a, b, c, 'tk_none', a],
      step: { action: 'transition', to: 'cancelled', note: '演练' },
    });
    expect(result).toMatchObject({ done: 1, refused: 3, more: false });
    expect(Object.fromEntries(result.items.map(({ id, code }) => [id, code]))).toMatchObject({
      tk_none: 'NOT_FOUND',
    });
    for (const { detail } of result.items.filter(({ ok }) => !ok)) expect(detail).not.toMatch(/ \/ /);
    const told = await t.tickets.bulk(DISPATCHER, {
      filter: { stage: ['dispatched'] },
      step: { action: 'comment', note: '已电话通知' },
    });
    expect(told).toMatchObject({ done: 2, refused: 0 });
    expect(await t.tickets.bulk(OTHER_UNIT, { filter: {}, step: { action: 'comment', note: 'x' } })).toMatchObject({
      done: 0,
    });
    const moved = { action: 'assign', handlerOrgId: 'unit2', note: '统一改派' } as const;
    expect(await t.tickets.bulk(DISPATCHER, { filter: { module: 'charging' }, step: moved })).toMatchObject({
      done: 2,
    });
  });

  test('advice of the decision is shown, in the language asked for', async () => {
    await decide(decision('d1', { advice: { zh: '检查供电', en: 'Check the power' } }));
    const { id } = await only();
    expect((await t.tickets.get(DISPATCHER, id)).advice).toBe('检查供电');
    expect((await t.tickets.get(DISPATCHER, id, 'en')).advice).toBe('Check the power');
  });

  test('a list shows the first devices of a group and how many there are; the ticket shows all, by page', async () => {
    const devices = Array.from({ length: 30 }, (_, n) => t.key(`d${n + 1}`));
    await decide(decision('d1', { kind: 'group', groupKey: 's1', devices }));
    const listed = await only();
    expect(listed).toMatchObject({ deviceCount: 30, deviceIds: { length: 20 } });
    expect((await t.tickets.get(DISPATCHER, listed.id)).deviceIds).toHaveLength(30);
    const first = await t.tickets.devices(DISPATCHER, listed.id, { limit: 25 });
    const rest = await t.tickets.devices(DISPATCHER, listed.id, { limit: 25, cursor: first.nextCursor ?? '' });
    expect([first.items.length, rest.items.length, rest.nextCursor]).toEqual([25, 5, null]);
    await expect(t.tickets.devices(OTHER_UNIT, listed.id, {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('causes and fault types are those of the module', async () => {
    const id = await one();
    await t.tickets.transition(HANDLER, id, { to: 'handling', faultType: 'socketBroken' });
    const step = { to: 'verifying', note: '好了', cause: 'load' } as const;
    for (const [field, wrong] of [
      ['cause', { ...step, cause: 'notCollected' }],
      ['faultType', { ...step, faultType: 'noPicture' }],
    ] as const)
      await expect(t.tickets.transition(HANDLER, id, wrong)).rejects.toMatchObject({
        code: 'UNPROCESSABLE',
        errors: [{ path: `/${field}` }],
      });
    expect(await t.tickets.transition(HANDLER, id, step)).toMatchObject({ cause: 'load', faultType: 'socketBroken' });
    expect((await t.tickets.list(DISPATCHER, { cause: 'load', faultType: 'socketBroken' }, {})).total).toBe(1);
  });

  test('an event whose data are good again stays until somebody acted, showed it, and somebody else looked', async () => {
    const fired = decision('d1', { fault: 'overCurrent' });
    await decide(fired);
    await resolve(fired);
    t.clock.advance(3 * 24 * HOUR);
    await t.tickets.sweep();
    const { id, history, stage, firing } = await only();
    expect([stage, firing, history.some(({ note }) => note?.includes('仍须到场'))]).toEqual([
      'dispatched',
      false,
      true,
    ]);
    await t.tickets.transition(HE, id, { to: 'handling' });
    await t.tickets.attach(HE, id, { content: JPEG, phase: 'before' });
    const done = { to: 'verifying', note: '已断电', cause: 'load' } as const;
    await expect(t.tickets.transition(HE, id, done)).rejects.toMatchObject({ errors: [{ code: 'photo' }] });
    await expect(
      t.tickets.transition(HE, id, { ...done, evidence: [{ kind: 'photo', detail: { attachment: 7 } }] }),
    ).rejects.toMatchObject({ errors: [{ code: 'photoUnknown' }] });
    await t.tickets.attach(HE, id, { content: JPEG, phase: 'after' });
    await t.tickets.transition(HE, id, done);
    t.clock.advance(24 * HOUR);
    expect(await t.tickets.sweep()).toMatchObject({ closed: 0 });
    await expect(t.tickets.transition(HE, id, { to: 'closed' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await t.tickets.transition(DISPATCHER, id, { to: 'closed' })).toMatchObject({
      stage: 'closed',
      cause: 'load',
    });
  });
});
