import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../src/domain/actor.ts';
import type { DeviceBrief, Lifecycle } from '../src/domain/device.ts';
import type { Notice } from '../src/domain/notice.ts';
import { shippedRights } from '../src/domain/role-rights.ts';
import { createLogger } from '../src/log.ts';
import { createAuditStore } from '../src/store/audit.ts';
import { deviceConditions } from '../src/store/conditions.ts';
import { sql } from '../src/store/database.ts';
import { createRosterStore } from '../src/store/rosters.ts';
import { createTicketStore } from '../src/store/tickets.ts';
import { createAttachmentFiles } from '../src/tickets/attachments/files.ts';
import { DEFAULT_TICKET_SETTINGS } from '../src/tickets/settings.ts';
import { createTickets } from '../src/tickets/tickets.ts';
import { createTestDatabase, ENGINES, type TestDatabase } from './support/databases.ts';
import { emptyTables } from './support/empty-tables.ts';
import { addDevices, CHARGER, createMonitorRig, type MonitorRig } from './support/monitor.ts';
import { JPEG } from './support/tickets.ts';

const person = (id: string, role: Actor['role']): Actor => ({
  kind: 'user',
  id,
  name: id,
  role,
  rights: shippedRights(role),
  scope: { kind: 'all' },
  address: null,
});
const DISPATCHER = person('zhao', 'dispatcher');
const HANDLER = person('li', 'maintainer');

describe.each(ENGINES)('from an event to a closed ticket on %s', (engine) => {
  let database: TestDatabase;
  const rigs: MonitorRig[] = [];
  const dir = mkdtempSync(join(tmpdir(), 'cgw-event-tickets-'));
  const files = createAttachmentFiles(dir);
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(`
      insert into org (id, kind, name) values ('center', 'department', '城运中心');
      insert into module (id, name_zh, name_en) values ('charging', '充电设施', 'charging');
    `);
  });
  afterEach(async () => {
    for (const rig of rigs.splice(0)) await rig.monitor.stop();
    await emptyTables(database.db, 'ticket', 'ticket_device', 'ticket_history', 'incident');
  });
  afterAll(async () => {
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function make(lifecycle: Lifecycle = 'active') {
    const [one] = await addDevices(database.db, 1, CHARGER.id, { lifecycle });
    if (!one) throw new Error('no device');
    await sql(database.db.autocommit).query("update device set module = 'charging' where key = $1", [one.key]);
    const told: Notice[] = [];
    const rig = await createMonitorRig(database.db, [one], { groupHoldMs: 0 }, (tx, made) =>
      tickets.onDecision(tx, made),
    );
    const tickets = createTickets({
      store: createTicketStore(),
      transactor: database.db,
      audit: createAuditStore(),
      directory: createRosterStore(),
      outbox: { add: async (_tx, notices) => void told.push(...notices) },
      conditions: deviceConditions,
      recheck: async () => [],
      files,
      clock: rig.clock,
      log: createLogger('silent'),
      timeZone: 'Asia/Shanghai',
      settings: () => ({ ...DEFAULT_TICKET_SETTINGS, dutyDesk: { orgId: 'center', userId: 'li' } }),
      judgeAgain: (keys) => {
        for (const key of keys) rig.monitor.lifecycleChanged(key);
      },
    });
    rigs.push(rig);
    const all = async () => (await tickets.list(DISPATCHER, {}, {})).items;
    const close = async () => {
      const [open] = await all();
      const id = open?.id ?? '';
      await tickets.transition(HANDLER, id, { to: 'handling' });
      await tickets.attach(HANDLER, id, { content: JPEG, phase: 'after' });
      await tickets.transition(HANDLER, id, { to: 'verifying', note: '已处置', cause: 'fire' });
      await tickets.transition(DISPATCHER, id, { to: 'closed', note: '已核实' });
    };
    const incidents = async () =>
      (await sql(database.db.autocommit).query<{ state: string }>('select state from incident order by opened_at, id'))
        .rows;
    const stages = async () => (await all()).map((ticket) => ticket.stage);
    return { one, rig, tickets, told, close, incidents, stages };
  }

  const smoke = (rig: MonitorRig, one: DeviceBrief) => {
    const at = rig.clock.now();
    const event = { device: one.key, code: 'smoke', time: at, receivedAt: at, severity: 'critical', lifeSafety: true };
    rig.say(one.key, {}, { events: [event as never] });
  };

  it('ends the incident with its ticket, so that the next event files again', async () => {
    const { one, rig, told, close, incidents, stages } = await make();
    smoke(rig, one);
    await expect.poll(stages).toEqual(['dispatched']);
    await close();
    expect(await incidents()).toEqual([{ state: 'resolved' }]);
    expect(told.map((notice) => notice.event).filter((event) => event !== 'stage')).toEqual(['firing', 'resolved']);
    await rig.pass(10_000);
    smoke(rig, one);
    await expect.poll(stages).toEqual(['dispatched']);
    expect(await incidents()).toEqual([{ state: 'open' }]);
    expect(told.filter((notice) => notice.event === 'firing')).toHaveLength(2);
  });

  it('raises a life-safety alarm anew that is still up when its ticket is closed', async () => {
    const { one, rig, close, stages, told } = await make();
    rig.say(one.key, { cabinet: 95 });
    await expect.poll(stages).toEqual(['dispatched']);
    await close();
    expect(await stages()).toEqual(['closed']);
    await rig.pass(1_000);
    expect(await stages()).toEqual(['dispatched']);
    expect(told.filter((notice) => notice.event === 'firing')).toHaveLength(2);
  });

  it('leaves an alarm that is still up to the alarm, and files again when it comes back', async () => {
    const { one, rig, tickets, stages, incidents } = await make();
    const current = (value: number) => rig.say(one.key, { 'ports.1.current': value });
    await rig.pass(35_000, { each: () => current(13) });
    expect(await stages()).toEqual(['dispatched']);
    const [ticket] = (await tickets.list(DISPATCHER, {}, {})).items;
    await tickets.transition(HANDLER, ticket?.id ?? '', { to: 'returned', note: '误报' });
    await tickets.transition(DISPATCHER, ticket?.id ?? '', { to: 'falseAlarm', note: '探头坏' });
    await rig.pass(60_000, { each: () => current(13) });
    expect(await stages()).toEqual(['falseAlarm']);
    expect(await incidents()).toEqual([{ state: 'open' }]);
    await rig.pass(20 * 60_000, { step: 15_000, each: () => current(5) });
    expect(await incidents()).toEqual([{ state: 'resolved' }]);
    await rig.pass(40_000, { each: () => current(13) });
    expect((await stages()).toSorted()).toEqual(['dispatched', 'falseAlarm']);
  });

  it('tells of life safety on trial without a ticket, and files it once the device is approved', async () => {
    const { one, rig, told, stages } = await make('trial');
    smoke(rig, one);
    await expect.poll(() => told.map((notice) => [notice.fault, notice.ticketId])).toEqual([['smoke', null]]);
    await sql(database.db.autocommit).query("update device set lifecycle = 'active' where key = $1", [one.key]);
    rig.briefs.set(one.key, { ...one, lifecycle: 'active' });
    rig.monitor.lifecycleChanged(one.key);
    await rig.pass(1_000);
    expect(await stages()).toEqual(['dispatched']);
  });

  it('tells of life safety that late metrics speak of, and changes nothing else by them', async () => {
    const { one, rig, stages, told } = await make();
    rig.say(one.key, { cabinet: 20 });
    rig.say(one.key, { cabinet: 95 }, { late: true, skewMs: -3_600_000 });
    await expect.poll(stages).toEqual(['dispatched']);
    await rig.pass(10_000);
    expect(told.map((notice) => [notice.event, notice.late])).toEqual([['firing', true]]);
    expect((await rig.states()).get(one.key)).toBe('online');
  });

  it('files what an event says in text that no database holds', async () => {
    const { one, rig, stages } = await make();
    const at = rig.clock.now();
    const event = { device: one.key, code: 'smoke', time: at, receivedAt: at, severity: 'critical', lifeSafety: true };
    rig.say(one.key, {}, { events: [{ ...event, data: { 'a\0b': '\ud800' } } as never] });
    await expect.poll(stages).toEqual(['dispatched']);
  });

  it('tells again of a life-safety event that goes on', async () => {
    const { one, rig, told, stages } = await make();
    smoke(rig, one);
    await expect.poll(stages).toEqual(['dispatched']);
    await rig.pass(70_000);
    smoke(rig, one);
    await expect.poll(() => told.filter((notice) => notice.event === 'firing').length).toBe(2);
  });
});
