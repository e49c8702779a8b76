import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeviceKey } from '../domain/device.ts';
import type { Reading, Value } from '../domain/reading.ts';
import type { Transactor } from '../domain/tx.ts';
import type { TimeSeriesStore } from './timeseries.ts';

export interface ContractSubject {
  readonly store: TimeSeriesStore;
  readonly db: Transactor;
  /** A second store on the same data, as another process would have. */
  readonly other: TimeSeriesStore;
  /** Makes a device to write for. */
  device(): Promise<DeviceKey>;
  close(): Promise<void>;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Today of the subject's clock, 08:00:00.000001 UTC. */
export const CONTRACT_NOW = Date.UTC(2026, 10, 23, 8) + 0.001;

/** What every time-series store must do, whatever engine is behind it. Units: `power` is W for every device. */
export function timeSeriesContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`time series on ${name}`, () => {
    let subject: ContractSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject?.close());

    const reading = (device: DeviceKey, metric: string, time: number, value: Value): Reading => ({
      device,
      metric,
      time,
      value,
      receivedAt: time + 5,
    });
    const save = async (readings: Reading[], store = subject.store) => {
      await store.prepare(readings);
      return subject.db.transaction((tx) => store.write(tx, readings));
    };
    const raw = async (device: DeviceKey, extra: object = {}) => {
      const page = await subject.store.query({
        device,
        from: CONTRACT_NOW - 30 * DAY,
        to: CONTRACT_NOW + DAY,
        limit: 1000,
        ...extra,
      });
      return Object.fromEntries(page.series.map((series) => [series.metric, series.points]));
    };
    const NOTHING = { duplicates: [], conflicts: [], poison: [] };

    it('gives back numbers, texts and booleans exactly, times to the microsecond', async () => {
      const device = await subject.device();
      const at = CONTRACT_NOW;
      const values: Value[] = [0.1 + 0.2, -1e300, 5e-324, 0, '充电柜 "一\\号"\t\n,{}', '', 'NULL', true, false];
      const readings = values.map((value, index) => reading(device, `m${index}`, at, value));
      expect(await save(readings)).toEqual(NOTHING);
      expect(await raw(device)).toEqual(Object.fromEntries(values.map((value, index) => [`m${index}`, [[at, value]]])));
    });

    it('tells duplicates from conflicts and keeps the first value', async () => {
      const device = await subject.device();
      const first = [reading(device, 'a', CONTRACT_NOW, 1), reading(device, 'b', CONTRACT_NOW, 'on')];
      await save(first);
      const again = [
        reading(device, 'a', CONTRACT_NOW, 1),
        reading(device, 'a', CONTRACT_NOW + 0.001, 1),
        reading(device, 'b', CONTRACT_NOW, 'off'),
      ];
      expect(await save(again)).toEqual({
        duplicates: [0],
        conflicts: [{ index: 2, stored: 'on' }],
        poison: [],
      });
      expect(await raw(device)).toEqual({
        a: [
          [CONTRACT_NOW, 1],
          [CONTRACT_NOW + 0.001, 1],
        ],
        b: [[CONTRACT_NOW, 'on']],
      });
    });

    it('sees duplicates and conflicts inside one batch', async () => {
      const device = await subject.device();
      const outcome = await save([
        reading(device, 'a', CONTRACT_NOW, 1),
        reading(device, 'a', CONTRACT_NOW, 1),
        reading(device, 'a', CONTRACT_NOW, 2),
      ]);
      expect(outcome).toEqual({ duplicates: [1], conflicts: [{ index: 2, stored: 1 }], poison: [] });
    });

    it('stores the same batch any number of times once', async () => {
      const device = await subject.device();
      const readings = Array.from({ length: 50 }, (_, n) => reading(device, 'a', CONTRACT_NOW + n, n));
      expect(await save(readings)).toEqual(NOTHING);
      const all = { ...NOTHING, duplicates: readings.map((_, index) => index) };
      expect(await save(readings)).toEqual(all);
      expect(await save(readings, subject.other)).toEqual(all);
      expect(await save([reading(device, 'a', CONTRACT_NOW + 100, 1)])).toEqual(NOTHING);
      expect((await raw(device)).a).toHaveLength(51);
    });

    it('sets poison aside and stores the rest', async () => {
      const device = await subject.device();
      const outcome = await save([
        reading(device, 'a', CONTRACT_NOW, 'good'),
        reading(device, 'a', CONTRACT_NOW + 1, 'nul \0 byte'),
        reading(device, 'a', CONTRACT_NOW + 2, 'half \ud83d pair'),
        reading(device, 'a', Date.UTC(292_000, 0), 1),
        reading(device, 'a', CONTRACT_NOW + 3, Number.NaN),
        reading(device, 'nul\0name', CONTRACT_NOW, 1),
        reading(device, 'a', CONTRACT_NOW + 4, 7),
      ]);
      expect(outcome.poison.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
      for (const { detail } of outcome.poison) expect(detail).not.toBe('');
      expect(await raw(device)).toEqual({
        a: [
          [CONTRACT_NOW, 'good'],
          [CONTRACT_NOW + 4, 7],
        ],
      });
    });

    it('survives two processes meeting new metrics and a new day at once', async () => {
      const device = await subject.device();
      const time = CONTRACT_NOW - 20 * DAY;
      const batch = (from: number) =>
        Array.from({ length: 20 }, (_, n) => reading(device, `new.${(from + n) % 25}`, time + from, n));
      const outcomes = await Promise.all([save(batch(0)), save(batch(10), subject.other)]);
      expect(outcomes).toEqual([NOTHING, NOTHING]);
      expect(Object.values(await raw(device)).flat()).toHaveLength(40);
    });

    it('leaves nothing behind when the transaction of the caller fails', async () => {
      if (!subject.store.transactional) return;
      const device = await subject.device();
      const readings = [reading(device, 'a', CONTRACT_NOW, 1)];
      await subject.store.prepare(readings);
      const failed = subject.db.transaction(async (tx) => {
        await subject.store.write(tx, readings);
        throw new Error('ledger moved');
      });
      await expect(failed).rejects.toThrow('ledger moved');
      expect(await save(readings)).toEqual(NOTHING);
    });

    it('answers latest by time and not by arrival', async () => {
      const device = await subject.device();
      await save([
        { ...reading(device, 'power', CONTRACT_NOW, 2), flags: ['skew'] },
        reading(device, 'state', CONTRACT_NOW - DAY, 'idle'),
      ]);
      await save([reading(device, 'power', CONTRACT_NOW - 2 * DAY, 1)]);
      expect(await subject.store.latest(device)).toEqual([
        { metric: 'power', unit: 'W', value: 2, time: CONTRACT_NOW, receivedAt: CONTRACT_NOW + 5, flags: ['skew'] },
        {
          metric: 'state',
          unit: null,
          value: 'idle',
          time: CONTRACT_NOW - DAY,
          receivedAt: CONTRACT_NOW - DAY + 5,
          flags: [],
        },
      ]);
      expect(await subject.store.latest(await subject.device())).toEqual([]);
    });

    it('gives the wanted metrics in the wanted order, from inclusive to exclusive', async () => {
      const device = await subject.device();
      await save([0, 1, 2].flatMap((n) => ['a', 'b', 'c'].map((m) => reading(device, m, CONTRACT_NOW + n, n))));
      const page = await subject.store.query({
        device,
        metrics: ['c', 'never', 'a'],
        from: CONTRACT_NOW,
        to: CONTRACT_NOW + 2,
        limit: 100,
      });
      const points = [
        [CONTRACT_NOW, 0],
        [CONTRACT_NOW + 1, 1],
      ];
      expect(page).toEqual({
        series: [
          { metric: 'c', unit: null, points },
          { metric: 'never', unit: null, points: [] },
          { metric: 'a', unit: null, points },
        ],
        nextCursor: null,
      });
    });

    it('pages without losing or repeating a point', async () => {
      const device = await subject.device();
      const times = Array.from({ length: 7 }, (_, n) => CONTRACT_NOW - (6 - n) * (DAY / 2));
      await save(times.flatMap((time, n) => ['a', 'b'].map((metric) => reading(device, metric, time, n))));
      for (const bucket of [undefined, { ms: DAY / 2, agg: 'last' } as const]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await subject.store.query({
            device,
            from: CONTRACT_NOW - 30 * DAY,
            to: CONTRACT_NOW + DAY,
            limit: 3,
            ...(bucket ? { bucket } : {}),
            ...(cursor ? { cursor } : {}),
          });
          const points = page.series.flatMap((series) => series.points.map((point) => `${series.metric}${point[1]}`));
          expect(points.length).toBeLessThanOrEqual(3);
          seen.push(...points);
          cursor = page.nextCursor ?? undefined;
        } while (cursor);
        expect(seen).toEqual(['a', 'b'].flatMap((metric) => times.map((_, n) => `${metric}${n}`)));
      }
    });

    it('refuses a cursor that is none', async () => {
      const device = await subject.device();
      for (const cursor of ['', 'x', Buffer.from('[1,2]').toString('base64url')]) {
        await expect(raw(device, { cursor })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      }
    });

    it('sums up buckets', async () => {
      const device = await subject.device();
      const start = Date.UTC(2026, 10, 23, 6);
      await save([
        ...[1, 2, 6].map((value, n) => reading(device, 'n', start + n * MINUTE, value)),
        reading(device, 'n', start + 10 * MINUTE, 5),
        ...[true, false].map((value, n) => reading(device, 'b', start + n * MINUTE, value)),
        ...['x', 'y'].map((value, n) => reading(device, 't', start + n * MINUTE, value)),
      ]);
      const bucketed = async (agg: 'avg' | 'min' | 'max' | 'last' | 'count') => {
        const of = await raw(device, { bucket: { ms: 5 * MINUTE, agg } });
        return [of.n, of.b, of.t].map((points) => points?.map(([time, value]) => [(time - start) / MINUTE, value]));
      };
      expect(await bucketed('avg')).toEqual([
        [
          [0, 3],
          [10, 5],
        ],
        [[0, 0.5]],
        [],
      ]);
      expect(await bucketed('min')).toEqual([
        [
          [0, 1],
          [10, 5],
        ],
        [[0, 0]],
        [],
      ]);
      expect(await bucketed('max')).toEqual([
        [
          [0, 6],
          [10, 5],
        ],
        [[0, 1]],
        [],
      ]);
      expect(await bucketed('last')).toEqual([
        [
          [0, 6],
          [10, 5],
        ],
        [[0, false]],
        [[0, 'y']],
      ]);
      expect(await bucketed('count')).toEqual([
        [
          [0, 3],
          [10, 1],
        ],
        [[0, 2]],
        [[0, 2]],
      ]);
    });

    it('starts buckets where the caller says, e.g. at local midnight', async () => {
      const device = await subject.device();
      const midnight = Date.UTC(2026, 10, 22, 16);
      await save([reading(device, 'n', midnight - 1, 1), reading(device, 'n', midnight, 2)]);
      const days = await raw(device, { bucket: { ms: DAY, agg: 'count', origin: Date.UTC(2026, 0, 1, 16) } });
      expect(days.n).toEqual([
        [midnight - DAY, 1],
        [midnight, 1],
      ]);
    });

    it('drops days beyond retention, and takes a late reading of such a day again', async () => {
      const device = await subject.device();
      const old = CONTRACT_NOW - 29 * DAY;
      await save([reading(device, 'a', old, 1), reading(device, 'a', CONTRACT_NOW, 2)]);
      const { droppedDays } = await subject.store.retention({ rawDays: 25 });
      expect(droppedDays).toContain('2026-10-25');
      expect((await raw(device)).a).toEqual([[CONTRACT_NOW, 2]]);
      // The other store still believes that the day is there.
      expect(await save([reading(device, 'a', old, 1)], subject.other)).toEqual(NOTHING);
      expect((await raw(device)).a).toHaveLength(2);
    });

    it('says how much it holds', async () => {
      const device = await subject.device();
      await save(Array.from({ length: 500 }, (_, n) => reading(device, 'a', CONTRACT_NOW - n * 0.5, n)));
      const stats = await subject.store.stats();
      expect(stats.rows).toBeGreaterThan(300);
      expect(stats.bytes).toBeGreaterThan(8_000);
      expect(stats.oldestDay).toMatch(/^2026-\d\d-\d\d$/);
    });
  });
}
