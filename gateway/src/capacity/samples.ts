import { join } from 'node:path';
import type { Clock } from '../../../adapters/adapter.ts';
import type { CapacitySample } from '../domain/capacity.ts';
import { classOf, RETENTION } from '../domain/retention.ts';
import type { Transactor } from '../domain/tx.ts';
import { folderBytes } from './folders.ts';
import type { CapacityStore, SeriesStats } from './ports.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** An hour a sample for so long, then a day a sample. */
const HOURLY_MS = 35 * DAY_MS;
const DAILY_MS = 1_100 * DAY_MS;
/** Counted otherwise: pictures by their rows, since walking a million files every hour would be heard. */
const COUNTED = new Set(['pictures']);
/** Beside the folders of the classes. */
const OTHER_FOLDERS = ['spool', 'database'];

export interface SampleDeps {
  readonly store: CapacityStore;
  readonly db: Transactor;
  readonly clock: Clock;
  readonly node: string;
  readonly dataDir: string;
  readonly series: { stats(): Promise<SeriesStats> };
  readonly pictureBytes: () => Promise<number>;
}

/** Bytes and rows of one class in the tables. */
export interface ClassSize {
  readonly bytes: number;
  /** Null = it has no tables. */
  readonly rows: number | null;
}

/** What every class takes in the database now; readings as their own store tells. */
export async function classSizes(deps: Pick<SampleDeps, 'store' | 'db' | 'series'>): Promise<Map<string, ClassSize>> {
  const stats = await deps.series.stats();
  const sizes = new Map<string, ClassSize>();
  for (const { name, bytes, rows } of await deps.store.tables(deps.db.autocommit)) {
    const found = classOf(name);
    if (found === undefined) continue;
    const before = sizes.get(found);
    sizes.set(found, { bytes: (before?.bytes ?? 0) + bytes, rows: (before?.rows ?? 0) + rows });
  }
  const { parts } = stats;
  if (parts) {
    const { raw, compressed } = parts;
    sizes.set('readings', { bytes: raw.bytes + compressed.bytes, rows: raw.rows + compressed.rows });
    sizes.set('hourly', parts.hourly);
    sizes.set('daily', parts.daily);
  } else sizes.set('readings', { bytes: stats.bytes, rows: stats.rows });
  return sizes;
}

/** Notes once an hour how large everything is; what grows, and how fast, is read from that. */
export function createSampler(deps: SampleDeps) {
  const { store, db, clock, node, dataDir } = deps;
  const hour = () => Math.floor(clock.now() / HOUR_MS) * HOUR_MS;
  const folders = () => [
    ...new Set([...OTHER_FOLDERS, ...RETENTION.flatMap((one) => ('folders' in one ? [...one.folders] : []))]),
  ];

  return {
    /** Of this process: its disk and the folders of its data directory. */
    async own(usedBytes: number | null): Promise<void> {
      const at = hour();
      const samples: CapacitySample[] = [{ area: `disk:${node}`, at, bytes: usedBytes, rows: null }];
      for (const folder of folders()) {
        const bytes = COUNTED.has(folder) ? await deps.pictureBytes() : await folderBytes(join(dataDir, folder));
        samples.push({ area: `folder:${node}:${folder}`, at, bytes, rows: null });
      }
      await store.sample(db.autocommit, samples);
    },

    /** Of what all processes share. */
    async shared(): Promise<void> {
      const at = hour();
      const sizes = await classSizes(deps);
      await store.sample(db.autocommit, [
        { area: 'database', at, bytes: await store.databaseBytes(db.autocommit), rows: null },
        { area: 'messages', at, bytes: null, rows: await store.messages(db.autocommit) },
        ...[...sizes].map(([name, size]) => ({ area: `class:${name}`, at, ...size })),
      ]);
      await store.thinSamples(db.autocommit, at - HOURLY_MS, at - DAILY_MS);
    },
  };
}
