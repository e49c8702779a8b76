import { createHash } from 'node:crypto';
import type { DeviceKey } from '../domain/device.ts';
import type { QuietTime } from '../domain/quiet-rows.ts';
import { occurrences } from '../domain/quiet-times.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { createMatcher } from './matcher.ts';
import type { QuietDeps } from './ports.ts';

const EVERYTHING: Scope = { kind: 'all' };
const MOST = 50_000;

/** Approved maintenance, as reports take it out of the time that counts. */
export interface Excused {
  /** Parts of windows of these devices that lie in `[from, to)`; they may overlap each other. */
  intervals(
    tx: Tx,
    devices: readonly DeviceKey[],
    from: number,
    to: number,
  ): Promise<readonly { readonly device: DeviceKey; readonly from: number; readonly to: number }[]>;
  /** Changes whenever an answer for the period may have changed. */
  mark(tx: Tx, from: number, to: number): Promise<string>;
}

export function createExcused({ store, zone, directory }: Pick<QuietDeps, 'store' | 'zone' | 'directory'>): Excused {
  const approved = async (tx: Tx, from: number, to: number) => {
    const rows = await store.within(tx, ['maintenance'], { from, to }, EVERYTHING, 'system', MOST);
    return rows.filter(({ state }) => state === 'approved').map((row) => ({ ...row, spans: excusedOf(row, from, to) }));
  };
  /** Approval does not change the past: nothing before it is excused. */
  const excusedOf = (row: QuietTime, from: number, to: number) => {
    const begin = Math.max(from, row.decidedAt ?? to);
    return occurrences(row, from, to, zone)
      .map((span) => ({ from: Math.max(span.from, begin), to: Math.min(span.to, to) }))
      .filter((span) => span.to > span.from);
  };
  return {
    async intervals(tx, devices, from, to) {
      const rows = (await approved(tx, from, to)).filter(({ spans }) => spans.length > 0);
      if (rows.length === 0) return [];
      const matcher = createMatcher(rows, await store.places(tx, rows));
      return devices.flatMap((device) => {
        const brief = directory.byKey(device);
        const found = brief ? matcher.of(brief) : [];
        return found.flatMap(({ spans }) => spans.map((span) => ({ device, ...span })));
      });
    },
    async mark(tx, from, to) {
      const rows = await approved(tx, from, to);
      if (rows.length === 0) return '';
      const facts = rows.map(({ id, spans }) => [id, spans]);
      return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 16);
    },
  };
}
