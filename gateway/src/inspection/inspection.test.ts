import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { createManualClock, type ManualClock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import { qualityScore } from '../domain/data-quality.ts';
import { shippedRights } from '../domain/role-rights.ts';
import type { Scope } from '../domain/scope.ts';
import type { TicketRequest } from '../domain/ticket-request.ts';
import { createLogger } from '../log.ts';
import { readSheet } from '../sheets/read.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createInspectionStore } from '../store/inspection.ts';
import type { InspectionSettings } from './context.ts';
import { createInspections, type InspectionOptions, type Inspections } from './inspection.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Monday, 2026-11-23, 07:59 in Shanghai. */
const MORNING = Date.UTC(2026, 10, 22, 23, 59);
const SETTINGS: InspectionSettings = {
  inspectionAt: '08:00',
  inspectionDueAt: '17:30',
  inspectionBy: 'lead',
  surveyDay: 0,
  surveyModules: ['charging'],
  surveyDays: 15,
  hotSpotWeekday: 0,
  hotSpotFrom: 2,
};
const TABLES = [
  ...[
    'inspection_task',
    'campaign',
    'ticket',
    'health',
    'device_day',
    'device_day_sum',
    'device_quarter',
    'inspection_run',
  ],
  ...['ingest_count', 'reading', 'device_use_decision', 'viewing', 'audit'],
];

const actor = (id: string, scope: Scope, role: Actor['role'], orgId?: string): Actor => ({
  kind: 'user',
  id,
  name: id,
  role,
  rights: shippedRights(role),
  scope,
  ...(orgId === undefined ? {} : { orgId }),
  address: null,
});
const ALL = actor('desk', { kind: 'all' }, 'dispatcher');
const LEAD = actor('lead', { kind: 'orgs', orgIds: ['street'], moduleIds: ['charging'] }, 'lead', 'dept');
const hood = (id: string, org = 'hood') => actor(id, { kind: 'orgs', orgIds: [org] }, 'committee', org);
const VENDOR = { ...actor('v1', { kind: 'vendor', vendorId: 'v1' }, 'vendor') };

const SEED = `
  insert into org (id, kind, level, name) values ('street', 'area', 3, '东明路街道'), ('hood', 'area', 5, '凌兆居民区'), ('other', 'area', 5, '金光居民区');
  update org set parent_id = 'street' where id in ('hood', 'other');
  insert into org (id, parent_id, kind, name) values ('dept', 'street', 'department', '平安办'), ('help', 'street', 'department', '管理办');
  insert into module (id, name_zh, name_en) values ('charging', '充电设施', 'charging'), ('security', '公共安全', 'security');
  insert into module_org (module_id, org_id, duty) values ('charging', 'dept', 'lead'), ('security', 'dept', 'lead'), ('charging', 'help', 'cooperate');
  insert into vendor (id, name) values ('v1', '甲厂商'), ('v2', '乙厂商');
  insert into site (id, name, org_id) values ('s1', '一号车棚', 'hood'), ('s2', '二号车棚', 'other'), ('s3', '三号车棚', 'other');
  insert into device (id, type, name, module, org_id, vendor_id, site_id, lifecycle, created_at)
    select 'd' || n, 't', '设备' || n, 'charging', case when n <= 5 then 'hood' else 'other' end,
      case when n <= 3 then 'v1' else 'v2' end, case when n <= 5 then 's1' when n <= 8 then 's2' else 's3' end, 'active', '2026-01-01'
    from generate_series(1, 10) n;
`;

describe.each(ENGINES)('inspections on %s', (engine) => {
  let database: TestDatabase;
  let clock: ManualClock;
  let inspections: Inspections;
  let filed: TicketRequest[];
  const store = createInspectionStore();

  const make = (settings: Partial<InspectionSettings> = {}, more: Partial<InspectionOptions> = {}) =>
    createInspections({
      store,
      transactor: database.db,
      audit: createAuditStore(),
      // One open ticket a subject and fault, as tickets.file has it.
      file: async (tx, requests) => {
        const ids: string[] = [];
        for (const request of requests) {
          const id = `${request.subject}/${request.fault}`;
          filed.push(request);
          await sql(tx).query(
            `insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, subject, opened_at, round_since)
             values ($1, $1, $2, $3, 'normal', 'minor', 'filed', now(), $4, now(), now()) on conflict do nothing`,
            [id, request.kind, request.fault, request.subject],
          );
          ids.push(id);
        }
        return ids;
      },
      maintenance: { intervals: async () => [], mark: async () => '' },
      types: () => [{ type: 't', interval: 10 * MINUTE, sends: true, use: ['ports.%.state'] }],
      timeZone: 'Asia/Shanghai',
      clock,
      log: createLogger('silent'),
      settings: () => ({ ...SETTINGS, ...settings }),
      ...more,
    });
  const run = (text: string) => sql(database.db.autocommit).script(text);
  const rows = async <R>(text: string) => (await sql(database.db.autocommit).query<R & object>(text)).rows;
  const health = (device: string, state: string) =>
    run(
      `insert into health (device, state, reason, since) select key, '${state}', 'silent', '2026-11-20' from device where id = '${device}'`,
    );

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await run(SEED);
    await run(`create table reading_test partition of reading for values from ('2026-11-01') to ('2026-12-01');
      insert into metric (name) values ('power'), ('ports.1.state'), ('temperature')`);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(database.db, ...TABLES);
    await run("delete from reading; update device set lifecycle = 'active'");
    clock = createManualClock(MORNING);
    filed = [];
    inspections = make();
  });

  describe('every day', () => {
    const due = async () => {
      clock.advance(MINUTE);
      await inspections.tick();
      const { items } = await inspections.tasks(ALL, {});
      return items;
    };

    it('makes one task a department at its time, whoever else tries', async () => {
      await health('d1', 'online');
      await inspections.makeDue();
      expect((await inspections.tasks(ALL, {})).items).toEqual([]);
      clock.advance(MINUTE);
      await Promise.all([inspections.makeDue(), make().makeDue(), make().makeDue()]);
      await make().makeDue();
      const { items, total } = await inspections.tasks(ALL, {});
      expect(items.map(({ orgId, date, modules, devices, state }) => [orgId, date, modules, devices, state])).toEqual([
        ['dept', '2026-11-23', ['charging', 'security'], 10, 'open'],
      ]);
      expect(total).toBe(1);
      clock.advance(DAY);
      await make({ inspectionBy: 'both' }).makeDue();
      const next = await inspections.tasks(ALL, { date: '2026-11-24' });
      expect(next.items.map(({ orgId }) => orgId).sort()).toEqual(['dept', 'help']);
    });

    it('is filled from the health data and keeps what it found', async () => {
      for (const n of [3, 4, 5, 6, 7, 8, 9, 10]) await health(`d${n}`, 'online');
      await health('d1', 'offline');
      await health('d2', 'stale');
      await run(`update health set state = 'unknown' where device = (select key from device where id = 'd3');
        insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, module, org_id, opened_at, round_since, due_at)
        values ('k1', 'K-1', 'deviceFault', 'offline', 'normal', 'major', 'handling', now(), 'charging', 'hood', now(), now(), '2026-11-20')`);
      const [task] = await due();
      await run("update health set state = 'online'");
      const { list } = await inspections.task(LEAD, task?.id ?? '');
      expect(list.map(({ kind, name, place }) => [kind, name, place])).toEqual([
        ['overdueTicket', 'K-1', '凌兆居民区'],
        ['offline', '设备1', '一号车棚'],
        ['stale', '设备2', '一号车棚'],
        ['neverSeen', '设备3', '一号车棚'],
      ]);
    });

    it('is submitted once, by name, with an answer to everything', async () => {
      for (const n of [1, 2]) await health(`d${n}`, 'offline');
      for (const n of [3, 4, 5, 6, 7, 8, 9, 10]) await health(`d${n}`, 'online');
      const [task] = await due();
      const id = task?.id ?? '';
      await expect(inspections.submit(LEAD, id, {})).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(inspections.answer(LEAD, id, [{ n: 9, result: 'normal' }])).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      await inspections.answer(LEAD, id, [{ n: 1, result: 'abnormal', note: '断电', photo: 'a/1' }]);
      const done = await inspections.submit(LEAD, id, { rest: 'normal', note: '已巡查' });
      expect(done).toMatchObject({ state: 'submitted', submittedName: 'lead', answered: 2, abnormal: 1 });
      await expect(inspections.submit(LEAD, id, {})).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(inspections.answer(LEAD, id, [{ n: 1, result: 'normal' }])).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      const proven = await rows<{ action: string }>(
        "select action from audit where resource = 'inspections' order by seq",
      );
      expect(proven.map(({ action }) => action)).toEqual(['answer', 'submit']);
    });

    it('is overdue after its time and then missing from the daily report', async () => {
      for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) await health(`d${n}`, 'online');
      const [task] = await due();
      clock.advance(9 * HOUR);
      expect((await inspections.tasks(ALL, { state: 'overdue' })).items).toEqual([]);
      clock.advance(30 * MINUTE);
      expect((await inspections.tasks(ALL, { state: 'overdue' })).items).toHaveLength(1);
      const missed = () => inspections.missed(database.db.autocommit, { date: '2026-11-23' });
      expect(await missed()).toEqual([
        { orgId: 'dept', orgName: '平安办', module: null, task: '每日巡检（2026-11-23）' },
      ]);
      await inspections.submit(LEAD, task?.id ?? '', {});
      expect(await missed()).toEqual([]);
      expect((await inspections.tasks(ALL, { state: 'late' })).items).toHaveLength(1);
    });

    it('is nobody else’s', async () => {
      const [task] = await due();
      for (const stranger of [hood('a'), VENDOR]) {
        await expect(inspections.task({ ...stranger, rights: 'all' }, task?.id ?? '')).rejects.toMatchObject({
          code: 'NOT_FOUND',
        });
        expect((await inspections.tasks({ ...stranger, rights: 'all' }, {})).items).toEqual([]);
      }
    });
  });

  describe('every month', () => {
    const start = () => inspections.startCampaign(ALL, { name: '充电桩排摸', filter: { modules: ['charging'] } });
    const filled = async () => {
      const { id } = await start();
      const { items } = await inspections.campaignItems(hood('a'), id, {});
      await inspections.answerSheet(hood('a'), id, 'hood', [
        { n: items[0]?.n ?? 0, result: 'wrong', wrong: '位置不符', lat: 31.1, lon: 121.5 },
        { n: items[1]?.n ?? 0, result: 'removed' },
        ...items.slice(2).map(({ n }) => ({ n, result: 'confirmed' as const })),
      ]);
      await inspections.addFind(hood('a'), id, 'hood', { name: '新桩', place: '3号楼东侧', photo: 'p/1' });
      return id;
    };

    it('counts a list that stands still while devices change', async () => {
      const { id, sheets } = await start();
      await run(`update device set lifecycle = 'retired' where id = 'd1'; update device set org_id = 'other', name = '改名' where id = 'd2';
        insert into device (id, type, name, module, org_id, lifecycle) values ('d99', 't', '新设备', 'charging', 'hood', 'active')`);
      const { items } = await inspections.campaignItems(hood('a'), id, {});
      expect(items.map(({ deviceId, name }) => [deviceId, name])).toEqual(
        [1, 2, 3, 4, 5].map((n) => [`d${n}`, `设备${n}`]),
      );
      expect(sheets.map(({ orgId, expected, unanswered }) => [orgId, expected, unanswered])).toEqual([
        ['hood', 5, 5],
        ['other', 5, 5],
      ]);
      await run(
        `delete from device where id = 'd99'; update device set org_id = 'hood', name = '设备2' where id = 'd2'`,
      );
      await expect(start()).rejects.toMatchObject({ code: 'CONFLICT' });
    });

    it('is countersigned by another person of the committee, and its differences become tickets once', async () => {
      const id = await filled();
      await inspections.submitSheet(hood('a'), id, 'hood');
      await expect(inspections.submitSheet(hood('a'), id, 'hood')).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(inspections.countersign(hood('a'), id, 'hood')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(inspections.countersign(ALL, id, 'hood')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(inspections.countersign(hood('x', 'other'), id, 'hood')).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      expect(filed).toEqual([]);
      // Somebody else submits it again: who filled it in still cannot countersign.
      await inspections.returnSheet(hood('b'), id, 'hood', '补充');
      await inspections.submitSheet(hood('b'), id, 'hood');
      await expect(inspections.countersign(hood('a'), id, 'hood')).rejects.toMatchObject({ code: 'FORBIDDEN' });
      const signed = await Promise.allSettled([
        inspections.countersign(hood('c'), id, 'hood'),
        inspections.countersign(hood('d'), id, 'hood'),
      ]);
      expect(signed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(filed.map(({ subject, fault, kind }) => [subject, fault, kind])).toEqual([
        [`campaign:${id}:item:1`, 'surveyWrong', 'inspection'],
        [`campaign:${id}:item:2`, 'surveyRemoved', 'inspection'],
        [`campaign:${id}:item:11`, 'surveyNew', 'inspection'],
      ]);
      const { items } = await inspections.campaignItems(ALL, id, { result: 'new' });
      expect(items).toMatchObject([{ name: '新桩', place: '3号楼东侧', ticketId: `campaign:${id}:item:11/surveyNew` }]);
    });

    it('wants every item answered, and to know what is wrong', async () => {
      const { id } = await start();
      await expect(inspections.submitSheet(hood('a'), id, 'hood')).rejects.toMatchObject({ code: 'CONFLICT' });
      const wrong = inspections.answerSheet(hood('a'), id, 'hood', [{ n: 1, result: 'wrong' }]);
      await expect(wrong).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      const foreign = inspections.answerSheet(hood('a'), id, 'hood', [{ n: 6, result: 'confirmed' }]);
      await expect(foreign).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    });

    it('is sealed for good, also against SQL', async () => {
      const id = await filled();
      await expect(inspections.seal(ALL, id, undefined)).rejects.toMatchObject({ code: 'CONFLICT' });
      await inspections.seal(ALL, id, '月底封存');
      for (const change of [
        () => inspections.seal(ALL, id, '再封'),
        () => inspections.answerSheet(hood('a'), id, 'hood', [{ n: 1, result: 'confirmed' }]),
        () => inspections.addFind(hood('a'), id, 'hood', { name: 'x', place: 'y' }),
        () => inspections.submitSheet(hood('a'), id, 'hood'),
      ]) {
        await expect(change()).rejects.toMatchObject({ code: 'CONFLICT' });
      }
      for (const statement of [
        "update campaign_item set note = 'x' where n = 1",
        'delete from campaign_item where n = 1',
        `insert into campaign_item (campaign_id, n, org_id, name, result) values ('${id}', 999, 'hood', 'x', 'new')`,
        "update campaign_sheet set state = 'open'",
        'update campaign set sealed_at = null',
        'delete from campaign',
      ]) {
        await expect(run(statement), statement).rejects.toThrow('sealed');
      }
    });

    it('leaves as a workbook that says who took it, within reach', async () => {
      const id = await filled();
      await expect(inspections.campaignFile(ALL, id, ' ')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      const { bytes } = await inspections.campaignFile(hood('a'), id, '月度核对');
      const texts = async (sheet: string) => {
        const read = await readSheet(bytes, { sheets: [sheet] });
        const all: unknown[] = [];
        for await (const row of read.rows) all.push(row);
        return JSON.stringify(all);
      };
      const [summary, items] = [await texts('汇总'), await texts('明细')];
      expect(summary).toContain('凌兆居民区');
      expect(items).toContain('位置不符');
      expect(summary + items).not.toContain('金光居民区');
      const proven = await rows<{ reason: string }>("select reason from audit where action = 'export'");
      expect(proven).toEqual([{ reason: '月度核对' }]);
    });

    it('begins by itself on its day when that is wished, once', async () => {
      const auto = { surveyDay: 23 };
      await Promise.all([make(auto).startDue(), make(auto).startDue()]);
      await make(auto).startDue();
      const { items } = await inspections.campaigns(hood('a'), {});
      expect(items.map(({ name, month }) => [name, month])).toEqual([['2026-11 排摸', '2026-11']]);
    });
  });

  describe('hot spots', () => {
    /** [device, days ago, more columns] */
    const open = (list: readonly (readonly [string, number, string?])[]) =>
      run(
        list
          .map(([device, ago, special = ''], i) => {
            const at = `to_timestamp(${(MORNING - ago * DAY) / 1000})`;
            return `insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, module, org_id, site_id, opened_at, round_since, drill, cause)
              select 'h${i}', 'h${i}', 'deviceFault', 'offline', 'normal', 'major', '${special === 'falseAlarm' ? 'falseAlarm' : 'closed'}', ${at}, d.module, d.org_id, d.site_id, ${at}, ${at},
                ${special === 'drill'}, ${special === 'self' ? "'selfRecovered'" : 'null'} from device d where d.id = '${device}';
              insert into ticket_device (ticket_id, device) select 'h${i}', key from device where id = '${device}';`;
          })
          .join('\n'),
      );

    it('ranks points as a plain count does', async () => {
      const list: [string, number, string?][] = [
        ...[1, 5, 9, 20, 30, 40].map((ago): [string, number] => ['d9', ago]),
        ...[2, 3, 80].map((ago): [string, number] => ['d1', ago]),
        // Three, but never two within 30 days.
        ...[1, 40, 85].map((ago): [string, number] => ['d6', ago]),
        ...[1, 2, 3, 4].map((ago): [string, number, string] => [
          'd2',
          ago,
          ['drill', 'self', 'falseAlarm', 'drill'][ago - 1] ?? '',
        ]),
        ['d3', 100],
      ];
      await open(list);
      const months = 90 / (365.25 / 12);
      const counted = list.filter(([, ago, special]) => ago < 90 && special === undefined);
      const mean = counted.length / (10 * months);
      const siteOf = (device: string) =>
        Number(device.slice(1)) <= 5 ? 's1' : Number(device.slice(1)) <= 8 ? 's2' : 's3';
      const expected = [
        ['s3', 6, 2],
        ['s1', 3, 5],
      ].map(([site, tickets, devices]) => {
        const lambda = mean * Number(devices) * months;
        return { key: `site:${site}`, tickets, expected: lambda, z: (Number(tickets) - lambda) / Math.sqrt(lambda) };
      });
      expect(counted.filter(([device]) => siteOf(device) === 's3')).toHaveLength(6);
      const found = await inspections.hotSpots(ALL, { by: 'site', days: 90 }, 'zh-CN');
      expect(found.items.map(({ key, tickets }) => [key, tickets])).toEqual(
        expected.map(({ key, tickets }) => [key, tickets]),
      );
      for (const [i, spot] of expected.entries()) {
        expect(found.items[i]?.expected).toBeCloseTo(spot.expected, 6);
        expect(found.items[i]?.z).toBeCloseTo(spot.z, 6);
      }
      expect(found.items.map(({ hot }) => hot)).toEqual([true, false]);
      expect(found.rules[0]).toContain(mean.toFixed(3));
      const devices = await inspections.hotSpots(ALL, { by: 'device', days: 90 }, 'en');
      expect(devices.items.map(({ key }) => key)).toEqual(['device:d9', 'device:d1']);
      expect(
        (await inspections.hotSpots(hood('a'), { by: 'site', days: 90 }, 'en')).items.map(({ key }) => key),
      ).toEqual(['site:s1']);
      for (const reader of [hood('a'), LEAD]) {
        const own = await inspections.hotSpots(reader, { by: 'device', days: 90 }, 'en');
        expect(own.items.map(({ key }) => key)).toEqual(reader === LEAD ? ['device:d9', 'device:d1'] : ['device:d1']);
      }
    });

    it('keeps how many devices stand where, however they come, move and go', async () => {
      const exposure = (from: string) =>
        rows<object>(`select site_id, vendor_id, hour, sum(offset_us)::float8 as us, sum(devices)::int as n from (${from}) x
          group by 1, 2, 3 having sum(devices) <> 0 or sum(offset_us) <> 0 order by 1, 2, 3`);
      const raw = `select e.* from device d cross join lateral device_exposure_of(d, 1) e where d.lifecycle in ('active', 'suspended')`;
      const same = async (count: number) => {
        const kept = await exposure('select * from device_exposure');
        expect(kept).toEqual(await exposure(raw));
        expect(kept).toHaveLength(count);
      };
      await same(4);
      await run(`insert into device (id, type, name, site_id, lifecycle, created_at)
        select 'e' || n, 't', 'e', 's1', case n when 4 then 'pending' else 'active' end, timestamptz '2026-03-01 07:01Z' + make_interval(mins => n * 25)
        from generate_series(1, 5) n`);
      await same(7);
      await run(
        "update device set site_id = 's2', vendor_id = 'v1' where id in ('e1', 'e2'); update device set lifecycle = 'retired' where id = 'e3'",
      );
      await run("update device set lifecycle = 'active' where id = 'e4'; update device set name = 'f'");
      await database.db.transaction((tx) => store.settleExposure(tx));
      await same(7);
      await run("delete from device where id like 'e%'");
      await same(4);
    });

    it('leads to one inspection a point, weekly by itself when wished', async () => {
      await open([1, 5, 9, 20, 30, 40].map((ago) => ['d9', ago]));
      const first = await inspections.inspectHotSpot(ALL, 'site:s3');
      expect(filed).toMatchObject([{ kind: 'inspection', subject: 'hotSpot:site:s3', orgId: 'other', siteId: 's3' }]);
      expect((await inspections.hotSpots(ALL, { by: 'site', days: 90 }, 'en')).items[0]?.ticketId).toBe(first.ticketId);
      await expect(inspections.inspectHotSpot(ALL, 'site:s1')).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(inspections.inspectHotSpot({ ...hood('a'), rights: 'all' }, 'site:s3')).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await expect(inspections.inspectHotSpot(ALL, 'nonsense')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await run("delete from ticket where kind = 'inspection'");
      filed = [];
      await Promise.all([make({ hotSpotWeekday: 1 }).inspectDue(), make({ hotSpotWeekday: 1 }).inspectDue()]);
      await make({ hotSpotWeekday: 1 }).inspectDue();
      await make({ hotSpotWeekday: 2 }).inspectDue();
      expect(filed).toHaveLength(1);
    });
  });

  describe('what devices deliver', () => {
    const SUNDAY = Date.UTC(2026, 10, 21, 16);
    const read = (device: string, metric: string, count: number, value: string, more = '0') =>
      run(`insert into reading (time, received_at, device, metric, num, txt, flags)
        select to_timestamp(${SUNDAY / 1000} + n * 600), now(), d.key, m.key, ${value}, ${more} from device d, metric m, generate_series(0, ${count - 1}) n
        where d.id = '${device}' and m.name = '${metric}'`);

    it('is scored by numbers that can be counted again', async () => {
      await read('d1', 'power', 144, '5 + n % 7, null');
      await read('d1', 'temperature', 144, '20, null');
      await read('d4', 'power', 72, 'n, null', 'case when n < 36 then 1 else 0 end');
      await read('d4', 'ports.1.state', 100, "null, case when n < 25 then 'charging' else 'idle' end");
      await run(`insert into ingest_count (hour, device, code, count) select to_timestamp(${SUNDAY / 1000}), key, c, n from device,
          (values ('DUPLICATE', 48), ('UNKNOWN_METRIC', 9), ('READING_OUT_OF_RANGE', 12)) as x (c, n) where id = 'd1';
        insert into ingest_count (hour, device, code, count) select to_timestamp(${SUNDAY / 1000 - 3600}), key, 'DUPLICATE', 500 from device where id = 'd1';
        insert into blind_interval (path, from_at, to_at, reason) values ('mqtt', to_timestamp(${SUNDAY / 1000}), to_timestamp(${SUNDAY / 1000 + 3600}), 'downtime')`);
      // Half an hour of this is blind anyway; that a window says it twice changes nothing.
      const window = { from: SUNDAY + HOUR / 2, to: SUNDAY + 3 * HOUR };
      const maintenance: InspectionOptions['maintenance'] = {
        intervals: async (_tx, devices) =>
          devices.slice(1, 2).flatMap((device) => [window, window].map((w) => ({ device, ...w }))),
        mark: async () => 'x',
      };
      await Promise.all([make({}, { maintenance }).run(), make({}, { maintenance }).run()]);
      const { items, date, rules } = await inspections.quality(ALL, { by: 'device' }, 'zh-CN');
      expect(date).toBe('2026-11-22');
      expect(rules[0]).toContain('得分');
      const one = (id: string) => items.find(({ key }) => key === id);
      expect(one('d1')).toMatchObject({
        expected: 138,
        received: 144,
        readings: 288,
        duplicates: 48,
        refused: 12,
        unknown: 9,
        judged: 2,
        stuck: 1,
        skewed: 0,
      });
      expect(one('d4')).toMatchObject({ expected: 138, received: 100, readings: 172, skewed: 36, judged: 1, stuck: 0 });
      expect(one('d2')).toMatchObject({ expected: 126, excused: 12, received: 0, score: 0 });
      expect(one('d3')).toMatchObject({ expected: 138, excused: 0 });
      for (const item of items) expect(item.score).toBeCloseTo(qualityScore(item) ?? Number.NaN, 9);
      expect(items.at(-1)?.key).toBe('d1');
      const vendors = await inspections.quality(ALL, { by: 'vendor' }, 'en');
      expect(vendors.items.map(({ key, devices }) => [key, devices])).toEqual([
        ['v2', 7],
        ['v1', 3],
      ]);
      const add = (name: 'expected' | 'excused' | 'readings', of: string[]) =>
        of.reduce((sum, id) => sum + (one(id)?.[name] ?? 0), 0);
      const first = ['d1', 'd2', 'd3'];
      expect(vendors.items[1]).toMatchObject({
        expected: add('expected', first),
        excused: 12,
        readings: add('readings', first),
      });
      expect(vendors.items[1]?.score).toBeCloseTo(first.reduce((sum, id) => sum + (one(id)?.score ?? 0), 0) / 3, 9);
      const own = await inspections.quality(
        { ...VENDOR, rights: shippedRights('vendor') },
        { by: 'device', limit: 2 },
        'en',
      );
      expect(own.items.map(({ key }) => key)).toEqual(['d2', 'd3']);
      expect(own.nextCursor).toBe('2');
      await run('delete from blind_interval');
    });

    it('makes low use and false alarms of a quarter stand out', async () => {
      await read('d4', 'ports.1.state', 100, "null, case when n < 2 then 'charging' else 'idle' end");
      await read('d5', 'ports.1.state', 100, "null, case when n < 50 then 'charging' else 'idle' end");
      for (const [i, stage] of ['falseAlarm', 'falseAlarm', 'closed'].entries()) {
        await run(`insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, opened_at, round_since)
          values ('f${i}', 'f${i}', 'event', 'x', 'normal', 'major', '${stage}', '2026-11-20', '2026-11-20', '2026-11-20');
          insert into ticket_device (ticket_id, device) select 'f${i}', key from device where id = 'd7'`);
      }
      await inspections.run();
      const low = await inspections.use(ALL, { by: 'lowUse' }, 'zh-CN');
      expect(low.items.map(({ deviceId, useShare }) => [deviceId, useShare])).toEqual([['d4', 0.02]]);
      const wolf = await inspections.use(ALL, { by: 'falseAlarm' }, 'zh-CN');
      expect(wolf).toMatchObject({ quarter: '2026-Q4', items: [{ deviceId: 'd7', tickets: 3, falseAlarms: 2 }] });
      await inspections.decideUse(ALL, 'd7', { action: 'move', reason: '正对树枝' });
      expect(filed).toMatchObject([{ kind: 'inspection', fault: 'useMove' }]);
      const again = await inspections.use(ALL, { by: 'falseAlarm' }, 'zh-CN');
      expect(again.items[0]?.decision).toMatchObject({ action: 'move', reason: '正对树枝', by: 'desk' });
      await expect(
        inspections.decideUse({ ...hood('a'), rights: 'all' }, 'd7', { action: 'keep', reason: 'x' }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
});
