import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../test/support/databases.ts';
import {
  ALL,
  DAY,
  HOUR,
  hood,
  LEAD,
  MORNING,
  useInspectionStreet,
  VENDOR,
} from '../../test/support/inspection-street.ts';
import { qualityScore } from '../domain/data-quality.ts';
import { shippedRights } from '../domain/role-rights.ts';
import type { InspectionOptions } from './inspection.ts';

describe.each(ENGINES)('figures for inspections on %s', (engine) => {
  const { street, make, run, rows, store } = useInspectionStreet(engine);

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
      const found = await street.inspections.hotSpots(ALL, { by: 'site', days: 90 }, 'zh-CN');
      expect(found.items.map(({ key, tickets }) => [key, tickets])).toEqual(
        expected.map(({ key, tickets }) => [key, tickets]),
      );
      for (const [i, spot] of expected.entries()) {
        expect(found.items[i]?.expected).toBeCloseTo(spot.expected, 6);
        expect(found.items[i]?.z).toBeCloseTo(spot.z, 6);
      }
      expect(found.items.map(({ hot }) => hot)).toEqual([true, false]);
      expect(found.rules[0]).toContain(mean.toFixed(3));
      const devices = await street.inspections.hotSpots(ALL, { by: 'device', days: 90 }, 'en');
      expect(devices.items.map(({ key }) => key)).toEqual(['device:d9', 'device:d1']);
      expect(
        (await street.inspections.hotSpots(hood('a'), { by: 'site', days: 90 }, 'en')).items.map(({ key }) => key),
      ).toEqual(['site:s1']);
      for (const reader of [hood('a'), LEAD]) {
        const own = await street.inspections.hotSpots(reader, { by: 'device', days: 90 }, 'en');
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
      await street.database.db.transaction((tx) => store.settleExposure(tx));
      await same(7);
      await run("delete from device where id like 'e%'");
      await same(4);
    });

    it('leads to one inspection a point, weekly by itself when wished', async () => {
      await open([1, 5, 9, 20, 30, 40].map((ago) => ['d9', ago]));
      const first = await street.inspections.inspectHotSpot(ALL, 'site:s3');
      expect(street.filed).toMatchObject([
        { kind: 'inspection', subject: 'hotSpot:site:s3', orgId: 'other', siteId: 's3' },
      ]);
      expect((await street.inspections.hotSpots(ALL, { by: 'site', days: 90 }, 'en')).items[0]?.ticketId).toBe(
        first.ticketId,
      );
      await expect(street.inspections.inspectHotSpot(ALL, 'site:s1')).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(street.inspections.inspectHotSpot({ ...hood('a'), rights: 'all' }, 'site:s3')).rejects.toMatchObject(
        {
          code: 'NOT_FOUND',
        },
      );
      await expect(street.inspections.inspectHotSpot(ALL, 'nonsense')).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await run("delete from ticket where kind = 'inspection'");
      street.filed = [];
      await Promise.all([make({ hotSpotWeekday: 1 }).inspectDue(), make({ hotSpotWeekday: 1 }).inspectDue()]);
      await make({ hotSpotWeekday: 1 }).inspectDue();
      await make({ hotSpotWeekday: 2 }).inspectDue();
      expect(street.filed).toHaveLength(1);
    });
  });

  describe('what devices deliver', () => {
    const SUNDAY = Date.UTC(2026, 10, 21, 16);
    const read = (device: string, metric: string, count: number, value: string, more = '0') =>
      run(`insert into reading (time, received_at, device, metric, num, txt, flags)
        select to_timestamp(${SUNDAY / 1000} + n * 600), now(), d.key, m.key, ${value}, ${more} from device d, metric m, generate_series(0, ${count - 1}) n
        where d.id = '${device}' and m.name = '${metric}'`);

    it('misses nothing of a device that is only asked, such as a camera that sends no readings', async () => {
      await run("update device set connection = '{\"protocol\":\"rtsp\"}' where id in ('d2', 'd4')");
      await read('d4', 'power', 72, 'n, null');
      await make().run();
      const { items } = await street.inspections.quality(ALL, { by: 'device', date: '2026-11-22' }, 'zh-CN');
      const of = (id: string) => items.find(({ key }) => key === id);
      expect(of('d2')?.score ?? null).toBeNull();
      expect(of('d4')).toMatchObject({ expected: 144, received: 72 });
      expect(of('d3')).toMatchObject({ expected: 144, score: 0 });
      await run("update device set connection = null where id in ('d2', 'd4')");
    });

    it('is scored by numbers that can be counted again', async () => {
      await run("update device set module = 'security' where id = 'd6'");
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
      const { items, date, rules } = await street.inspections.quality(ALL, { by: 'device' }, 'zh-CN');
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
      const vendors = await street.inspections.quality(ALL, { by: 'vendor' }, 'en');
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
      for (const by of ['type', 'module'] as const) {
        const raw = await rows<{ key: string; devices: number; received: number; readings: number; score: number }>(
          `select d.${by} as key, count(*)::int as devices, sum(q.received)::int as received, sum(q.readings)::int as readings,
             avg(q.score) as score from device_day q join device d on d.key = q.device where q.day = '2026-11-22'
           group by 1 order by 5, 1`,
        );
        expect(raw.length).toBeGreaterThan(by === 'module' ? 1 : 0);
        const summed = await street.inspections.quality(ALL, { by }, 'en');
        for (const [i, row] of raw.entries()) {
          const { score, ...counts } = row;
          expect(summed.items[i]).toMatchObject(counts);
          expect(summed.items[i]?.score).toBeCloseTo(score, 9);
        }
        expect(summed.items).toHaveLength(raw.length);
        if (by === 'module')
          expect(new Set(summed.items.map(({ name }) => name))).toEqual(new Set(['charging', 'security']));
      }
      const own = await street.inspections.quality(
        { ...VENDOR, rights: shippedRights('vendor') },
        { by: 'device', limit: 2 },
        'en',
      );
      expect(own.items.map(({ key }) => key)).toEqual(['d2', 'd3']);
      expect(own.nextCursor).toBe('2');
      await run("delete from blind_interval; update device set module = 'charging' where id = 'd6'");
    });

    it('makes low use and false alarms of a quarter stand out', async () => {
      await read('d4', 'ports.1.state', 100, "null, case when n < 2 then 'charging' else 'idle' end");
      await read('d5', 'ports.1.state', 100, "null, case when n < 50 then 'charging' else 'idle' end");
      for (const [i, stage] of ['falseAlarm', 'falseAlarm', 'closed'].entries()) {
        await run(`insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, opened_at, round_since)
          values ('f${i}', 'f${i}', 'event', 'x', 'normal', 'major', '${stage}', '2026-11-20', '2026-11-20', '2026-11-20');
          insert into ticket_device (ticket_id, device) select 'f${i}', key from device where id = 'd7'`);
      }
      await street.inspections.run();
      const low = await street.inspections.use(ALL, { by: 'lowUse' }, 'zh-CN');
      expect(low.items.map(({ deviceId, useShare }) => [deviceId, useShare])).toEqual([['d4', 0.02]]);
      const wolf = await street.inspections.use(ALL, { by: 'falseAlarm' }, 'zh-CN');
      expect(wolf).toMatchObject({ quarter: '2026-Q4', items: [{ deviceId: 'd7', tickets: 3, falseAlarms: 2 }] });
      await street.inspections.decideUse(ALL, 'd7', { action: 'move', reason: '正对树枝' });
      expect(street.filed).toMatchObject([{ kind: 'inspection', fault: 'useMove' }]);
      const again = await street.inspections.use(ALL, { by: 'falseAlarm' }, 'zh-CN');
      expect(again.items[0]?.decision).toMatchObject({ action: 'move', reason: '正对树枝', by: 'desk' });
      await expect(
        street.inspections.decideUse({ ...hood('a'), rights: 'all' }, 'd7', { action: 'keep', reason: 'x' }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
});
