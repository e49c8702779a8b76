import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { createManualClock, type ManualClock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Notice } from '../domain/notice.ts';
import { shippedRights } from '../domain/role-rights.ts';
import type { Scope } from '../domain/scope.ts';
import { createWorkingTime, DEFAULT_WORKING_HOURS } from '../domain/working-time.ts';
import { createLogger } from '../log.ts';
import { readSheet } from '../sheets/read.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createReportStore } from '../store/reports.ts';
import { createReports, type Reports } from './reports.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Monday, 2026-11-23, 08:29 in Shanghai. */
const MORNING = Date.UTC(2026, 10, 23, 0, 29);
const TODAY = Date.UTC(2026, 10, 22, 16);
const SETTINGS = { dailyAt: '08:30', biweeklyFrom: 'off', monthlyDay: 0 };

const actor = (scope: Scope, role: Actor['role'] = 'dispatcher'): Actor => ({
  kind: 'user',
  id: 'u',
  name: '王芳',
  role,
  rights: shippedRights(role),
  scope,
  address: null,
});
const ALL = actor({ kind: 'all' });
const HOOD = actor({ kind: 'orgs', orgIds: ['hood'] });
const UNIT = actor({ kind: 'orgs', orgIds: ['unit'] });
const VENDOR: Actor = { ...actor({ kind: 'vendor', vendorId: 'v1' }), rights: { reports: ['read', 'export'] } };

const SEED = `
  insert into org (id, kind, level, name) values ('street', 'area', 3, '东明路街道'), ('hood', 'area', 5, '凌兆居民区'), ('other', 'area', 5, '金光居民区');
  update org set parent_id = 'street' where id in ('hood', 'other');
  insert into org (id, kind, name) values ('unit', 'maintenance', '维保一队');
  insert into module (id, name_zh, name_en) values ('charging', '充电设施', 'charging'), ('security', '公共安全', 'security');
  insert into vendor (id, name) values ('v1', '甲厂商'), ('v2', '乙厂商');
  insert into site (id, name, org_id) values ('s1', '一号车棚', 'hood'), ('s2', '二号车棚', 'other');
  insert into device (id, type, name, module, org_id, vendor_id, site_id, maintenance_unit_id, lifecycle, created_at)
    select 'd' || n, 't', '设备' || n, case when n % 2 = 0 then 'charging' else 'security' end,
      case when n <= 5 then 'hood' else 'other' end, case when n <= 3 then 'v1' else 'v2' end,
      case when n <= 5 then 's1' else 's2' end, case when n = 6 then 'unit' end, 'active', '2026-10-01'
    from generate_series(1, 10) n;
`;

describe.each(ENGINES)('reports on %s', (engine) => {
  let database: TestDatabase;
  let clock: ManualClock;
  let told: Notice[];
  let reports: Reports;
  const store = createReportStore();

  const make = (more: Partial<Parameters<typeof createReports>[0]> = {}) =>
    createReports({
      store,
      transactor: database.db,
      audit: createAuditStore(),
      outbox: { add: async (_tx, notices) => void told.push(...notices) },
      working: () => createWorkingTime(DEFAULT_WORKING_HOURS),
      timeZone: 'Asia/Shanghai',
      clock,
      log: createLogger('silent'),
      settings: () => SETTINGS,
      ...more,
    });
  const run = (text: string) => sql(database.db.autocommit).script(text);
  const turn = (device: string, at: number, was: string, state: string, reason = 'silent') =>
    run(`insert into health_history (device, at, was, state, reason)
      select key, to_timestamp(${at} / 1000.0), '${was}', '${state}', '${reason}' from device where id = '${device}';
      insert into health (device, state, reason, since)
      select key, '${state}', '${reason}', to_timestamp(${at} / 1000.0) from device where id = '${device}'
      on conflict (device) do update set state = excluded.state, reason = excluded.reason, since = excluded.since`);

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await run(SEED);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(
      database.db,
      ...['report', 'report_item', 'availability_sum', 'availability_day', 'availability_run', 'availability_group'],
      ...['report_lease', 'health', 'health_history', 'ticket', 'ticket_sum', 'ticket_sum_run', 'alarm_state', 'audit'],
    );
    clock = createManualClock(MORNING);
    told = [];
    reports = make();
    for (let n = 1; n <= 10; n++) await turn(`d${n}`, TODAY - 20 * DAY, 'unknown', 'online', 'heard');
  });

  it('makes the daily report at its time, once, whoever else tries, and not again after a restart', async () => {
    await reports.tick();
    expect(told).toEqual([]);
    clock.advance(MINUTE);
    await Promise.all([reports.tick(), make().tick(), make().tick()]);
    await reports.tick();
    await make().tick();
    expect(told.map(({ key, event }) => [key, event])).toEqual([['report:daily:2026-11-23', 'report']]);
    clock.advance(DAY);
    await reports.tick();
    expect(told.map(({ key }) => key)).toEqual(['report:daily:2026-11-23', 'report:daily:2026-11-24']);
  });

  it('shows the morning so far as it will be made, to everybody within reach', async () => {
    await turn('d1', MORNING - 5 * HOUR, 'online', 'offline');
    const soFar = await reports.daily(ALL, {}, 'zh-CN');
    const part = await reports.daily(VENDOR, {}, 'zh-CN');
    const lines = await reports.dailySection(VENDOR, { section: 'newOffline' });
    await expect(reports.daily(ALL, { date: '2026-11-22' }, 'zh-CN')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    clock.advance(MINUTE);
    await reports.tick();
    const made = await reports.daily(ALL, {}, 'zh-CN');
    expect([soFar.live, made.live]).toEqual([true, false]);
    expect(soFar.rules[0]).toContain('尚未到生成时间');
    const bare = ({ sections, ...rest }: typeof made) => ({
      ...rest,
      madeAt: 0,
      live: false,
      rules: rest.rules.slice(-1),
      sections: sections.map(({ name, count, items }) => [name, count, items.map(({ content }) => content)]),
    });
    expect(bare(soFar)).toEqual(bare(made));
    expect(soFar.sections.some(({ count }) => count > 0)).toBe(true);
    expect(bare(part)).toEqual(bare(await reports.daily(VENDOR, {}, 'zh-CN')));
    expect(part.totals.total).toBeLessThan(soFar.totals.total);
    expect(lines).toEqual(await reports.dailySection(VENDOR, { section: 'newOffline' }));
  });

  it('sends a report that its gateway slept through late on the same day, and never on the next', async () => {
    clock.advance(9 * HOUR);
    await reports.tick();
    expect(told).toHaveLength(1);
    expect(told[0]?.report?.text.zh).toContain('截至 17:29');
    clock.advance(DAY + 16 * HOUR);
    await make().tick();
    expect(told.map(({ key }) => key)).toEqual(['report:daily:2026-11-23', 'report:daily:2026-11-25']);
  });

  it('sends nothing when the notice could not be queued, and everything at the next try', async () => {
    clock.advance(MINUTE);
    const failing = make({
      outbox: {
        add: async () => {
          throw new Error('no outbox');
        },
      },
    });
    await expect(failing.tick()).rejects.toThrow('no outbox');
    await reports.tick();
    expect(told).toHaveLength(1);
  });

  it('tells of no morning before the first device', async () => {
    clock.advance(MINUTE);
    await run(`update device set created_at = '2026-11-23 08:29:59+08'`);
    await reports.tick();
    expect(told).toHaveLength(1);
    clock.advance(DAY);
    await run(`update device set created_at = '2026-11-24 09:00:00+08'`);
    clock.advance(HOUR);
    await reports.tick();
    expect(told).toHaveLength(1);
    await run(`update device set created_at = '2026-10-01'`);
  });

  it('lists what is new, old, back and overdue, in words for a group and within reach for a reader', async () => {
    await turn('d1', MORNING - 5 * HOUR, 'online', 'offline');
    await turn('d2', MORNING - 10 * DAY, 'online', 'offline');
    await turn('d6', MORNING - 5 * DAY, 'online', 'offline');
    await turn('d3', TODAY - 20 * HOUR, 'online', 'offline');
    await turn('d3', TODAY - 10 * HOUR, 'offline', 'online', 'heard');
    await turn('d4', MORNING - 2 * DAY, 'online', 'stale', 'stale');
    await turn('d5', MORNING - HOUR, 'online', 'degraded', 'noFrames');
    await run(`insert into alarm_state (device, code, state, since, path)
        select key, 'noFrames', 'active', to_timestamp(${MORNING - HOUR} / 1000.0), 'rtsp' from device where id = 'd5';
      insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, module, org_id, opened_at, round_since, due_at, drill)
        values ('t1', '20261120-0001', 'deviceFault', 'offline', 'normal', 'major', 'dispatched', now(), 'charging', 'hood', now(), now(), '2026-11-21', false),
          ('t2', '20261120-0002', 'deviceFault', 'offline', 'normal', 'major', 'dispatched', now(), 'charging', 'hood', now(), now(), '2026-11-21', true),
          ('t3', '20261120-0003', 'deviceFault', 'offline', 'normal', 'major', 'closed', now(), 'charging', 'hood', now(), now(), '2026-11-21', false)`);
    clock.advance(MINUTE);
    await make({
      missedInspections: async (_tx, { date }) => [{ orgId: 'other', orgName: '金光居民区', module: null, task: date }],
    }).tick();
    expect(told[0]?.report?.title.zh).toBe('巡检日报（2026年11月23日）');
    expect(told[0]?.report?.text.zh.split('\n')).toEqual([
      '截至 08:30，在管设备 10 台：在线 7 台，占 70%；离线 3 台，异常 2 台，从未上报 0 台，停用 0 台。',
      '昨日在线率 75.83%，完好率 65.83%（已剔除平台中断 0 小时·台、计划维护 0 小时·台）。',
      '一、新掉线 1 台：一号车棚 设备1',
      '二、长期离线（超过 3 天） 2 台：一号车棚 设备2、二号车棚 设备6',
      '三、在线无视频流 1 台：一号车棚 设备5',
      '四、数据未更新 1 台：一号车棚 设备4',
      '五、昨日恢复 1 台：一号车棚 设备3',
      '六、超时工单 1 件：20261120-0001',
      '七、昨日未巡检 1 项：金光居民区 2026-11-22',
      '分模块在线：充电设施：在线 3/5；公共安全：在线 4/5',
      '完整清单见平台“报表—巡检日报”，可导出 Excel。',
    ]);
    const seen = async (who: Actor) => {
      const { sections, totals } = await reports.daily(who, {}, 'zh-CN');
      return [totals.total, ...sections.map(({ count }) => count)];
    };
    expect(await seen(ALL)).toEqual([10, 1, 2, 1, 1, 1, 1, 1]);
    expect(await seen(HOOD)).toEqual([5, 1, 1, 1, 1, 1, 1, 0]);
    expect(await seen(UNIT)).toEqual([1, 0, 1, 0, 0, 0, 0, 0]);
    expect(await seen(VENDOR)).toEqual([3, 1, 1, 0, 0, 1, 0, 0]);
    const lines = await reports.dailySection(HOOD, { section: 'longOffline', limit: 1 });
    expect(lines.items.map(({ content }) => content.deviceId)).toEqual(['d2']);
    expect(lines.nextCursor).toBeNull();
    const file = await reports.dailyFile(HOOD, { purpose: '晨会' }, 'zh-CN');
    const { meta, rows } = await readSheet(file.bytes, { sheets: ['长期离线（超过 3 天）'] });
    expect(meta).toBeDefined();
    expect([file.name, file.title]).toEqual(['daily-2026-11-23', '巡检日报-2026-11-23']);
    const english = await reports.dailyFile(HOOD, { purpose: 'morning' }, 'en');
    const sheetEn = await readSheet(english.bytes, { sheets: ['Offline for more than 3 days', 'Long offline'] });
    expect(sheetEn.rows.flatMap(({ cells }) => cells).join()).not.toMatch(/模块|维保单位|原因/);
    expect(rows.flatMap(({ cells }) => cells)).toContain('设备2');
    expect(rows.flatMap(({ cells }) => cells)).not.toContain('设备6');
    const { rows: audit } = await sql(database.db.autocommit).query(`select action, resource, reason from audit`);
    expect(audit).toEqual([
      { action: 'export', resource: 'reports', reason: '晨会' },
      { action: 'export', resource: 'reports', reason: 'morning' },
    ]);
    await expect(
      reports.dailyFile({ ...HOOD, rights: { reports: ['read'] } }, { purpose: '晨会' }, 'zh-CN'),
    ).rejects.toThrow();
  });

  it('gives rates with their denominators, and one device with every stretch of its time', async () => {
    await turn('d1', TODAY - 12 * HOUR, 'online', 'offline');
    await turn('d6', TODAY - 6 * HOUR, 'online', 'degraded', 'black');
    await run(`insert into blind_interval (path, from_at, to_at, reason)
      values ('mqtt', to_timestamp(${TODAY - 2 * HOUR} / 1000.0), to_timestamp(${TODAY - HOUR} / 1000.0), 'databaseDown')`);
    await reports.tick();
    const yesterday = { from: '2026-11-22', to: '2026-11-22' };
    const all = await reports.availability(ALL, { ...yesterday, by: 'org', filter: {} }, 'zh-CN');
    expect(all.items.map(({ name, expectedMs, onlineMs, blindMs }) => [name, expectedMs, onlineMs, blindMs])).toEqual([
      ['凌兆居民区', 5 * 23 * HOUR, 5 * 23 * HOUR - 11 * HOUR, 5 * HOUR],
      ['金光居民区', 5 * 23 * HOUR, 5 * 23 * HOUR, 5 * HOUR],
    ]);
    expect(all.total).toMatchObject({
      deviceDays: 10,
      expectedMs: 230 * HOUR,
      onlineRate: 219 / 230,
      fitRate: 214 / 230,
    });
    expect(all).toMatchObject({ through: TODAY, missingDays: 0 });
    expect(all.rules[0]).toContain('在线率 =');
    const own = await reports.availability(VENDOR, { ...yesterday, by: 'vendor', filter: {} }, 'zh-CN');
    expect(own.items.map(({ key, deviceDays }) => [key, deviceDays])).toEqual([['v1', 3]]);
    const range = { from: TODAY - DAY, to: TODAY };
    const one = await reports.deviceAvailability(ALL, 'd1', range, 'zh-CN');
    expect(
      one.segments.map((part) => [(part.from - range.from) / HOUR, (part.to - range.from) / HOUR, part.class]),
    ).toEqual([
      [0, 12, 'good'],
      [12, 22, 'offline'],
      [22, 23, 'blind'],
      [23, 24, 'offline'],
    ]);
    // Days like everywhere else, both included.
    expect(await reports.deviceAvailability(ALL, 'd1', yesterday, 'zh-CN')).toEqual(one);
    await expect(reports.deviceAvailability(VENDOR, 'd9', range, 'zh-CN')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('counts tickets as a slow count of the raw rows does, drills aside', async () => {
    const at = (hours: number) => `to_timestamp(${TODAY - 10 * DAY + hours * HOUR} / 1000.0)`;
    const rows = [
      // opened, ended, stage, cause, drill, overdue, reopened
      [0, 5, 'closed', 'battery', false, false, 0],
      [0, 25, 'closed', 'battery', false, true, 1],
      [1, 2, 'closed', 'selfRecovered', false, false, 0],
      [1, 3, 'falseAlarm', null, false, false, 0],
      [2, 4, 'cancelled', null, false, false, 0],
      [2, 9, 'closed', 'battery', true, false, 0],
      [-900, 6, 'closed', 'battery', false, false, 0],
      [3, 3, 'handling', null, false, true, 0],
    ] as const;
    for (const [index, [opened, ended, stage, cause, drill, overdue, reopened]] of rows.entries()) {
      await run(`insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, cause, module, org_id, opened_at,
          round_since, drill, overdue_marked, due_at)
        values ('t${index}', 'n${index}', 'deviceFault', 'offline', 'normal', 'major', '${stage}', ${at(ended)},
          ${cause === null ? 'null' : `'${cause}'`}, 'charging', 'hood', ${at(opened)}, ${at(opened)}, ${drill},
          ${overdue ? at(ended) : 'null'}, ${stage === 'handling' ? at(ended) : 'null'});
        insert into ticket_history (ticket_id, kind, from_stage, to_stage, by, at)
          select 't${index}', 'transition', 'closed', 'dispatched', 'x', ${at(opened + 1)} from generate_series(1, ${reopened});
        insert into ticket_history (ticket_id, kind, from_stage, to_stage, by, at)
          values ('t${index}', 'transition', 'handling', 'verifying', 'x', ${at(ended - 1)})`);
    }
    await reports.tick();
    const { total, stages, openAsOf, rules } = await reports.tickets(
      ALL,
      { from: '2026-11-13', to: '2026-11-22', by: 'fault', filter: {} },
      'zh-CN',
    );
    const repaired = [5, 25, 906];
    // Minute by minute of the clock on the wall, Monday to Friday from 8:30 to 17:30.
    const worked = (fromHour: number, toHour: number) => {
      let minutes = 0;
      for (let minute = fromHour * 60; minute < toHour * 60; minute++) {
        const local = new Date(TODAY - 10 * DAY + minute * MINUTE + 8 * HOUR);
        const ofDay = local.getUTCHours() * 60 + local.getUTCMinutes();
        if ([1, 2, 3, 4, 5].includes(local.getUTCDay()) && ofDay >= 510 && ofDay < 1_050) minutes++;
      }
      return minutes;
    };
    const repairedWorking = ((worked(0, 5) + worked(0, 25) + worked(-900, 6)) / 3) * MINUTE;
    expect(total).toMatchObject({
      opened: 6,
      closed: 4,
      selfRecovered: 1,
      falseAlarms: 1,
      cancelled: 1,
      repaired: 3,
      open: 1,
      overdue: 1,
      mttrMs: (repaired.reduce((a, b) => a + b) / 3) * HOUR,
      mttrMedianMs: 25 * HOUR,
      mttrWorkingMs: repairedWorking,
      repairMs: ((5 + 25 + 906) / 3 - 1) * HOUR,
      reopenRate: 1 / 4,
      falseAlarmRate: 1 / 6,
      selfRecoveryShare: 1 / 4,
      onTimeRate: 3 / 4,
    });
    expect(stages).toEqual({ handling: 1 });
    // A past period says that what is open is of now.
    expect(openAsOf).toBe(clock.now());
    expect(rules.join()).toContain('不是期末数');
    expect((await reports.tickets(UNIT, { by: 'fault', filter: {} }, 'zh-CN')).total.opened).toBe(0);
    // Re-opened after it was measured: it is no closed ticket any more, and measured again when it ends again.
    await run(`update ticket set stage = 'handling', stage_since = ${at(30)}, revision = revision + 1 where id = 't0'`);
    clock.advance(HOUR);
    await reports.tick();
    const after = await reports.tickets(
      ALL,
      { from: '2026-11-13', to: '2026-11-22', by: 'fault', filter: {} },
      'zh-CN',
    );
    expect(after.total).toMatchObject({ closed: 3, repaired: 2, mttrMs: (931 / 2) * HOUR, open: 2 });
  });

  it('makes the monthly report once its last day is counted, beside the month before', async () => {
    await run('delete from health_history');
    for (let n = 1; n <= 10; n++) await turn(`d${n}`, Date.UTC(2026, 8, 30), 'unknown', 'online', 'heard');
    await turn('d1', Date.UTC(2026, 10, 30, 4), 'online', 'offline');
    clock = createManualClock(Date.UTC(2026, 11, 1, 1));
    const monthly = make({ settings: () => ({ dailyAt: '08:30', biweeklyFrom: '2026-12-01', monthlyDay: 1 }) });
    await monthly.tick();
    await monthly.tick();
    expect(told.map(({ key }) => key).sort()).toEqual([
      'report:biweekly:2026-11-17',
      'report:daily:2026-12-01',
      'report:monthly:2026-11-01',
    ]);
    const words = told.find(({ key }) => key.startsWith('report:monthly'))?.report;
    expect(words?.title.zh).toBe('月报（2026-11-01 至 2026-11-30）');
    expect(words?.text.zh).toMatch(/^在线率 99\.83%（.*），完好率 99\.83%/);
    const report = await monthly.periodic(ALL, { kind: 'monthly', period: '2026-11' }, 'en');
    expect(report.vendors.map(({ name, rank }) => [name, rank])).toEqual([
      ['乙厂商', 1],
      ['甲厂商', 2],
    ]);
    expect(report.before).toMatchObject({ from: '2026-10-01', to: '2026-10-31' });
    expect((await monthly.sent(ALL, {})).items).toHaveLength(3);
    expect((await monthly.sent(HOOD, {})).items).toEqual([]);
    const trend = await monthly.trend(ALL, { months: 3, filter: {} }, 'zh-CN');
    expect(trend.items.map(({ month }) => month)).toEqual(['2026-10', '2026-11', '2026-12']);
    // The day on which one of ten fell silent at noon, the one after it, and the first of a month, where sums begin anew.
    const whole = await monthly.days(ALL, { days: 3, filter: {} }, 'zh-CN');
    expect(whole.items[0]?.days.map(({ day, onlineRate }) => [day, onlineRate])).toEqual([
      ['2026-11-29', 1],
      ['2026-11-30', 0.95],
      ['2026-12-01', 0.9],
    ]);
    const parts = await monthly.days(ALL, { days: 2, by: 'vendor', filter: {} }, 'zh-CN');
    expect(parts.items.map(({ name, days }) => [name, days.at(0)?.onlineRate])).toEqual([
      ['甲厂商', 2.5 / 3],
      ['乙厂商', 1],
    ]);
    expect((await monthly.days(HOOD, { days: 2, by: 'org', filter: {} }, 'zh-CN')).items).toHaveLength(1);
  });
});
