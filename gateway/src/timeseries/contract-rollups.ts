import { expect, it } from 'vitest';
import type { Value } from '../domain/reading.ts';
import { CONTRACT_NOW, type ContractBench, DAY } from './contract-bench.ts';
import { AGGREGATES } from './timeseries.ts';

const [MINUTE, HOUR] = [60_000, 3_600_000];
const NOW = Math.floor(CONTRACT_NOW);
/** Midnight in a zone eight hours ahead, as the stores under test cut their days. */
const LOCAL_MIDNIGHT = Date.UTC(2026, 10, 1, 16);
const ASKED = { from: NOW - 12 * DAY + 17 * MINUTE, to: NOW + HOUR };

/** Long ranges in whole hours: the answer is the same from readings and from sums, whatever was summed up when. */
export function rollupContract(bench: ContractBench): void {
  const { reading, save } = bench;

  /** Readings every nineteen minutes over twelve days: numbers, a boolean, a text. */
  const history = (device: number) =>
    Array.from({ length: Math.floor((12 * DAY) / (19 * MINUTE)) }, (_, n) => {
      const time = NOW - 12 * DAY + n * 19 * MINUTE;
      const value: Value = n % 50 === 0 ? 'maintenance' : n % 11 === 0;
      return [reading(device, 'n', time, (n * 7_919) % 1_000), reading(device, 'mixed', time, value)];
    }).flat();

  /** Every aggregate by the hour, by six hours and by local day, the way it is answered now. */
  const ask = async (device: number, range = ASKED, store = bench.subject.store) => {
    const answers: Record<string, unknown> = {};
    const sources = new Set<string>();
    for (const [name, ms, origin] of [
      ['hour', HOUR, 0],
      ['6h', 6 * HOUR, 0],
      ['day', DAY, LOCAL_MIDNIGHT],
      ['utc day', DAY, 0],
    ] as const) {
      for (const agg of AGGREGATES) {
        const page = await store.query({ device, ...range, bucket: { ms, origin, agg }, limit: 10_000 });
        answers[`${agg} by ${name}`] = Object.fromEntries(page.series.map(({ metric, points }) => [metric, points]));
        sources.add(page.source ?? 'raw');
      }
    }
    return { answers: rounded(answers), sources };
  };
  const rollUp = async () => expect(await bench.subject.store.rollUp?.()).not.toBe(false);

  it('answers from sums exactly what the readings say', async () => {
    const device = await bench.subject.device();
    await save(history(device));
    const before = await ask(device);
    await rollUp();
    const after = await ask(device);
    expect(after.answers).toEqual(before.answers);
    if (!bench.subject.store.rollUp) return;
    expect(after.sources).toEqual(new Set(['hourly', 'daily']));
    expect(await ask(device, ASKED, bench.subject.other)).toEqual(after);
  });

  it('takes newer readings and late ones into account before and after they are summed up', async () => {
    const device = await bench.subject.device();
    const all = history(device);
    const late = all.filter((_, n) => n % 3 === 0);
    await save(all.filter((_, n) => n % 3 !== 0));
    await rollUp();
    await save(late);
    await save([reading(device, 'n', NOW + MINUTE, 5), reading(device, 'new', NOW - 9 * DAY, 1)]);
    const before = await ask(device);
    await rollUp();
    const after = await ask(device);
    expect(after.answers).toEqual(before.answers);

    const twin = await bench.subject.device();
    await save([...all.map((one) => ({ ...one, device: twin }))]);
    await save([reading(twin, 'n', NOW + MINUTE, 5), reading(twin, 'new', NOW - 9 * DAY, 1)]);
    expect((await ask(twin)).answers).toEqual(after.answers);
  });

  it('does not count a repeated reading twice', async () => {
    const device = await bench.subject.device();
    const all = history(device);
    await save(all);
    await rollUp();
    const before = await ask(device);
    await save(all.slice(0, 500));
    await save([reading(device, 'n', NOW - 12 * DAY, -1)], bench.subject.other);
    expect((await ask(device)).answers).toEqual(before.answers);
    await rollUp();
    expect((await ask(device)).answers).toEqual(before.answers);
  });

  it('is as right after two processes summed up at once', async () => {
    const device = await bench.subject.device();
    const all = history(device);
    await save(all.filter((_, n) => n % 2 === 0));
    await rollUp();
    await save(all.filter((_, n) => n % 2 === 1));
    const before = await ask(device);
    const { store, other } = bench.subject;
    await Promise.all([store.rollUp?.(), other.rollUp?.()]);
    expect((await ask(device)).answers).toEqual(before.answers);
    await rollUp();
    expect((await ask(device)).answers).toEqual(before.answers);
  });

  it('goes on where it was stopped', async () => {
    const device = await bench.subject.device();
    await save(history(device));
    const before = await ask(device);
    await bench.subject.store.rollUp?.({ budgetMs: 0 });
    await bench.subject.store.rollUp?.({ signal: AbortSignal.abort() });
    expect((await ask(device)).answers).toEqual(before.answers);
    await rollUp();
    expect((await ask(device)).answers).toEqual(before.answers);
  });

  it('pages through sums without losing or repeating one', async () => {
    const device = await bench.subject.device();
    await save(history(device));
    await rollUp();
    const query = { device, ...ASKED, bucket: { ms: HOUR, agg: 'count' } as const };
    const whole = await bench.subject.store.query({ ...query, limit: 10_000 });
    const points = new Map<string, unknown[]>();
    let cursor: string | undefined;
    do {
      const page = await bench.subject.store.query({ ...query, limit: 100, ...(cursor ? { cursor } : {}) });
      for (const series of page.series) {
        points.set(series.metric, [...(points.get(series.metric) ?? []), ...series.points]);
      }
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect([...points]).toEqual(whole.series.map(({ metric, points: all }) => [metric, all]));
  });

  it('sums up what no sum could hold, so that one device stops nobody else', async () => {
    if (!bench.subject.store.rollUp) return;
    const [device, other] = [await bench.subject.device(), await bench.subject.device()];
    const start = LOCAL_MIDNIGHT + 15 * DAY;
    const values = { huge: [1e308, 1e308], apart: [1e200, -1e200], tiny: [5e-324, 0], usual: [1, 2] };
    const all = Object.entries(values).flatMap(([metric, list]) =>
      list.map((value, n) => reading(device, metric, start + n * MINUTE, value)),
    );
    await save([...all, reading(other, 'n', start, 7)]);
    const range = { from: start, to: start + 3 * DAY };
    const before = await ask(device, range);
    await rollUp();
    const after = await ask(device, range);
    expect(after.answers).toEqual(before.answers);
    expect(after.sources).toEqual(new Set(['hourly', 'daily']));
    const day = after.answers as Record<string, Record<string, [number, number][]>>;
    expect(day['max by day']?.huge?.[0]?.[1]).toBe(1e308);
    expect(day['avg by day']).toMatchObject({ apart: [[start, 0]], tiny: [[start, 0]], usual: [[start, 1.5]] });
    expect((await ask(other, range)).answers).toMatchObject({ 'avg by day': { n: [[start, 7]] } });
  });

  it('says that it answered from readings when it did', async () => {
    const device = await bench.subject.device();
    await save(history(device));
    await rollUp();
    const source = async (extra: object) =>
      (await bench.subject.store.query({ device, ...ASKED, limit: 10, ...extra })).source ?? 'raw';
    expect(await source({})).toBe('raw');
    expect(await source({ bucket: { ms: 5 * MINUTE, agg: 'avg' } })).toBe('raw');
    expect(await source({ bucket: { ms: HOUR, agg: 'avg', origin: 30 * MINUTE } })).toBe('raw');
    expect(await source({ from: NOW - DAY, bucket: { ms: HOUR, agg: 'avg' } })).toBe('raw');
  });

  it('keeps sums longer than readings, and days longer than hours', async () => {
    if (!bench.subject.store.rollUp) return;
    const device = await bench.subject.device();
    await save(history(device));
    // From whole hours on, and whole local days: what is left of an hour cannot be cut out of its sum.
    const range = { from: LOCAL_MIDNIGHT + 9 * DAY, to: NOW };
    const before = await ask(device, range);
    await bench.subject.store.retention({ rawDays: 7, hourlyDays: 30, dailyDays: 90 });
    expect(new Set((await ask(device, range)).sources)).toEqual(new Set(['hourly', 'daily']));
    expect((await ask(device, range)).answers).toEqual(before.answers);
    const readings = await bench.subject.store.query({ device, ...range, limit: 10_000 });
    for (const { points } of readings.series) expect(points[0]?.[0]).toBeGreaterThanOrEqual(NOW - 8 * DAY);

    // A shorter policy afterwards, so that hours go and days stay.
    await bench.subject.store.retention({ rawDays: 7, hourlyDays: 10, dailyDays: 90 });
    const after = await ask(device, range);
    for (const agg of AGGREGATES) {
      expect(after.answers[`${agg} by day`]).toEqual(before.answers[`${agg} by day`]);
      expect(after.answers[`${agg} by hour`]).not.toEqual(before.answers[`${agg} by hour`]);
    }
  });

  it('keeps the readings of a class of metrics as long as the class says', async () => {
    if (!bench.subject.store.rollUp) return;
    const device = await bench.subject.device();
    const times = Array.from({ length: 25 }, (_, n) => NOW - (24 - n) * (DAY / 4));
    await save(
      times.flatMap((time) => ['vibration.x', 'smoke', 'other'].map((name) => reading(device, name, time, 1))),
    );
    const before = await ask(device);
    await bench.subject.store.retention({
      rawDays: 4,
      classes: [
        { metrics: ['vibration.*'], rawDays: 2 },
        { metrics: ['smoke'], rawDays: 365 },
      ],
    });
    const oldest = async (metric: string) => {
      const page = await bench.subject.store.query({
        device,
        metrics: [metric],
        from: NOW - 30 * DAY,
        to: NOW + 1,
        limit: 1,
      });
      return Math.ceil((NOW - (page.series[0]?.points[0]?.[0] ?? 0)) / DAY);
    };
    expect(await oldest('vibration.x')).toBe(3);
    expect(await oldest('other')).toBe(5);
    expect(await oldest('smoke')).toBe(6);
    expect((await ask(device)).answers).toEqual(before.answers);
  });

  it('says where its bytes are', async () => {
    const { parts } = await bench.subject.store.stats();
    if (!parts) return;
    expect(parts.hourly.bytes).toBeGreaterThan(8_000);
    expect(parts.daily.bytes).toBeGreaterThan(8_000);
    expect(parts.raw.bytes + parts.compressed.bytes).toBeGreaterThan(8_000);
    expect(parts.rowsPerDay).toBeGreaterThan(0);
  });
}

/** Sums of sums differ from sums in the last bits of a double. */
function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, part) =>
    typeof part === 'number' ? Number(part.toPrecision(12)) : part,
  );
}
