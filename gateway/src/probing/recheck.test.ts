import { describe, expect, it } from 'vitest';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { createRecheck } from './recheck.ts';

const db = { autocommit: {} } as Transactor;

describe('a repair is looked at', () => {
  const bench = (probe: (device: number) => boolean | undefined, good: readonly number[]) => {
    let now = 0;
    let most = 0;
    const recheck = createRecheck({
      db,
      async probeNow(device) {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        const ok = probe(device);
        if (ok === undefined) throw new GatewayError('UNPROCESSABLE', 'nothing to probe');
        return { ok, reason: ok ? 'ok' : 'timeout', detail: null, rttMs: 1 } as never;
      },
      conditions: async (_tx, devices) =>
        devices.map((device) => ({ device, good: good.includes(device), detail: null })),
    });
    return { recheck, most: () => most };
  };
  const said = (rows: readonly { device: number; ok: boolean }[]) =>
    Object.fromEntries(rows.map(({ device, ok }) => [device, ok]));

  it('by a probe where there is one, else by its data', async () => {
    const { recheck } = bench((device) => (device === 3 ? undefined : device === 1), [2, 3]);
    expect(said(await recheck([1, 2, 3, 4], 'offline'))).toEqual({ 1: true, 2: false, 3: true, 4: false });
  });

  it.each(['stale', 'flapping'])('an answer now is no end of %s: only its data are', async (fault) => {
    const { recheck, most } = bench(() => true, [2]);
    expect(said(await recheck([1, 2], fault))).toEqual({ 1: false, 2: true });
    expect(most()).toBe(0);
  });

  it('every device of a group, a few at a time', async () => {
    const { recheck, most } = bench((device) => device !== 77, []);
    const rows = await recheck(Array.from({ length: 300 }, (_, n) => n + 1));
    expect(rows).toHaveLength(300);
    expect(rows.filter(({ ok }) => !ok).map(({ device }) => device)).toEqual([77]);
    expect(most()).toBeLessThanOrEqual(16);
  });
});
