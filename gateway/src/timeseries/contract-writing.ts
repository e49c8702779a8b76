import { expect, it } from 'vitest';
import type { Reading, Value } from '../domain/reading.ts';
import { CONTRACT_NOW, type ContractBench, DAY } from './contract-bench.ts';

const NOTHING = { duplicates: [], conflicts: [], poison: [] };

/** The same readings in messages that came again, which is later. */
const delivered = (readings: readonly Reading[]) =>
  readings.map((one) => ({ ...one, receivedAt: one.receivedAt + 1_000 }));

/** What becomes of readings that are written: exactly once, the first value kept, poison aside, old days dropped. */
export function writingContract(bench: ContractBench): void {
  const { reading, save, raw } = bench;

  it('gives back numbers, texts and booleans exactly, times to the microsecond', async () => {
    const device = await bench.subject.device();
    const at = CONTRACT_NOW;
    const values: Value[] = [0.1 + 0.2, -1e300, 5e-324, 0, '充电柜 "一\\号"\t\n,{}', '', 'NULL', true, false];
    const readings = values.map((value, index) => reading(device, `m${index}`, at, value));
    expect(await save(readings)).toEqual(NOTHING);
    expect(await raw(device)).toEqual(Object.fromEntries(values.map((value, index) => [`m${index}`, [[at, value]]])));
  });

  it('tells duplicates from conflicts and keeps the first value', async () => {
    const device = await bench.subject.device();
    const first = [reading(device, 'a', CONTRACT_NOW, 1), reading(device, 'b', CONTRACT_NOW, 'on')];
    await save(first);
    const again = [
      reading(device, 'a', CONTRACT_NOW, 1),
      reading(device, 'a', CONTRACT_NOW + 0.001, 1),
      reading(device, 'b', CONTRACT_NOW, 'off'),
    ];
    expect(await save(delivered(again))).toEqual({
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
    const device = await bench.subject.device();
    const outcome = await save([
      reading(device, 'a', CONTRACT_NOW, 1),
      reading(device, 'a', CONTRACT_NOW, 1),
      reading(device, 'a', CONTRACT_NOW, 2),
    ]);
    expect(outcome).toEqual({ duplicates: [1], conflicts: [{ index: 2, stored: 1 }], poison: [] });
  });

  it('stores the same batch any number of times once', async () => {
    const device = await bench.subject.device();
    const readings = Array.from({ length: 50 }, (_, n) => reading(device, 'a', CONTRACT_NOW + n, n));
    expect(await save(readings)).toEqual(NOTHING);
    const all = { ...NOTHING, duplicates: readings.map((_, index) => index) };
    expect(await save(delivered(readings))).toEqual(all);
    expect(await save(delivered(readings), bench.subject.other)).toEqual(all);
    expect(await save([reading(device, 'a', CONTRACT_NOW + 100, 1)])).toEqual(NOTHING);
    expect((await raw(device)).a).toHaveLength(51);
  });

  it('sets poison aside and stores the rest', async () => {
    const device = await bench.subject.device();
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
    const device = await bench.subject.device();
    const time = CONTRACT_NOW - 20 * DAY;
    const batch = (from: number) =>
      Array.from({ length: 20 }, (_, n) => reading(device, `new.${(from + n) % 25}`, time + from, n));
    const outcomes = await Promise.all([save(batch(0)), save(batch(10), bench.subject.other)]);
    expect(outcomes).toEqual([NOTHING, NOTHING]);
    expect(Object.values(await raw(device)).flat()).toHaveLength(40);
  });

  it('takes a batch for new that is repeated because the transaction of the caller failed', async () => {
    const device = await bench.subject.device();
    const readings = [reading(device, 'a', CONTRACT_NOW, 1), reading(device, 'b', CONTRACT_NOW, 'on')];
    await bench.subject.store.prepare(readings);
    const failed = bench.subject.db.transaction(async (tx) => {
      await bench.subject.store.write(tx, readings);
      throw new Error('ledger moved');
    });
    await expect(failed).rejects.toThrow('ledger moved');
    expect(await save(readings, bench.subject.other)).toEqual(NOTHING);
    expect(await raw(device)).toEqual({ a: [[CONTRACT_NOW, 1]], b: [[CONTRACT_NOW, 'on']] });
  });

  it('drops days beyond retention, and takes a late reading of such a day again', async () => {
    const device = await bench.subject.device();
    const old = CONTRACT_NOW - 29 * DAY;
    await save([reading(device, 'a', old, 1), reading(device, 'a', CONTRACT_NOW, 2)]);
    const { droppedDays } = await bench.subject.store.retention({ rawDays: 25 });
    expect(droppedDays).toContain('2026-10-25');
    expect((await raw(device)).a).toEqual([[CONTRACT_NOW, 2]]);
    // The other store still believes that the day is there.
    expect(await save([reading(device, 'a', old, 1)], bench.subject.other)).toEqual(NOTHING);
    expect((await raw(device)).a).toHaveLength(2);
  });

  it('says how much it holds', async () => {
    const device = await bench.subject.device();
    await save(Array.from({ length: 500 }, (_, n) => reading(device, 'a', CONTRACT_NOW - n * 0.5, n)));
    const stats = await bench.subject.store.stats();
    expect(stats.rows).toBeGreaterThan(300);
    expect(stats.bytes).toBeGreaterThan(8_000);
    expect(stats.oldestDay).toMatch(/^2026-\d\d-\d\d$/);
  });
}
