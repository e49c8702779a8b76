import { expect, it } from 'vitest';
import { CONTRACT_NOW, type ContractBench, DAY } from './contract-bench.ts';

const MINUTE = 60_000;

/** What is answered: latest values, pages of raw points, buckets. */
export function queryContract(bench: ContractBench): void {
  const { reading, save, raw } = bench;

  it('answers latest by time and not by arrival', async () => {
    const device = await bench.subject.device();
    await save([
      { ...reading(device, 'power', CONTRACT_NOW, 2), flags: ['skew'] },
      reading(device, 'state', CONTRACT_NOW - DAY, 'idle'),
    ]);
    await save([reading(device, 'power', CONTRACT_NOW - 2 * DAY, 1)]);
    expect(await bench.subject.store.latest(device)).toEqual([
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
    expect(await bench.subject.store.latest(await bench.subject.device())).toEqual([]);
  });

  it('gives the wanted metrics in the wanted order, from inclusive to exclusive', async () => {
    const device = await bench.subject.device();
    await save([0, 1, 2].flatMap((n) => ['a', 'b', 'c'].map((m) => reading(device, m, CONTRACT_NOW + n, n))));
    const page = await bench.subject.store.query({
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
    const device = await bench.subject.device();
    const times = Array.from({ length: 7 }, (_, n) => CONTRACT_NOW - (6 - n) * (DAY / 2));
    await save(times.flatMap((time, n) => ['a', 'b'].map((metric) => reading(device, metric, time, n))));
    for (const bucket of [undefined, { ms: DAY / 2, agg: 'last' } as const]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await bench.subject.store.query({
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
    const device = await bench.subject.device();
    for (const cursor of ['', 'x', Buffer.from('[1,2]').toString('base64url')]) {
      await expect(raw(device, { cursor })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
  });

  it('sums up buckets', async () => {
    const device = await bench.subject.device();
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
    const device = await bench.subject.device();
    const midnight = Date.UTC(2026, 10, 22, 16);
    await save([reading(device, 'n', midnight - 1, 1), reading(device, 'n', midnight, 2)]);
    const days = await raw(device, { bucket: { ms: DAY, agg: 'count', origin: Date.UTC(2026, 0, 1, 16) } });
    expect(days.n).toEqual([
      [midnight - DAY, 1],
      [midnight, 1],
    ]);
  });
}
