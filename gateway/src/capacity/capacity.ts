import type { Actor } from '../domain/actor.ts';
import {
  type CapacityReport,
  type CapacitySample,
  forecast,
  growthOf,
  type KeptDays,
  MEASURED_DAYS,
  type ReadingCosts,
  type RetentionRow,
  type WhatIf,
} from '../domain/capacity.ts';
import { requireRight } from '../domain/permission.ts';
import { RETENTION, type RetentionClass, type RetentionName } from '../domain/retention.ts';
import type { SettingValues } from '../domain/settings.ts';
import type { SeriesStats } from './ports.ts';
import { keptDays } from './retention.ts';
import type { Room } from './room.ts';
import { type ClassSize, classSizes, type SampleDeps } from './samples.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Growth is what the last weeks say; older samples are for the eye. */
const LOOK_BACK_MS = 28 * DAY_MS;
const FRESH_MS = 60_000;
/** A retention runs once a day, and its day may be a short one. */
const LATE_DAYS = 2;
/** Fewer rows than this are mostly empty pages: what one takes cannot be told from them. */
const ENOUGH_ROWS = 1_000;

export interface CapacityDeps extends SampleDeps {
  readonly oldest: () => Promise<Partial<Record<RetentionName, number | null>>>;
  readonly settings: () => SettingValues;
  /** Days readings and their sums are kept, and after how many they are compressed. */
  readonly kept: () => KeptDays;
  readonly embedded: boolean;
  readonly room: Room;
}

/** How much room there is, what takes it, and for how long it lasts at what was measured. */
export function createCapacity(deps: CapacityDeps) {
  const { store, db, clock } = deps;
  let known: { at: number; facts: ReturnType<typeof gather> } | undefined;

  const gather = async () => {
    const now = clock.now();
    const today = Math.floor(now / DAY_MS) * DAY_MS;
    const [sizes, stats, samples, disks, oldest, modules] = [
      await classSizes(deps),
      await deps.series.stats(),
      byArea(await store.samples(db.autocommit, now - LOOK_BACK_MS)),
      await store.disks(db.autocommit),
      await deps.oldest(),
      await store.modules(db.autocommit, today - DAY_MS, today),
    ];
    return {
      now,
      sizes,
      stats,
      samples,
      disks,
      oldest,
      modules,
      databaseBytes: await store.databaseBytes(db.autocommit),
    };
  };
  /** Opening the page often costs the database once a minute. */
  const facts = () => {
    if (!known || clock.now() - known.at > FRESH_MS) {
      const mine = { at: clock.now(), facts: gather() };
      known = mine;
      mine.facts.catch(() => {
        if (known === mine) known = undefined;
      });
    }
    return known.facts;
  };

  return {
    async report(actor: Actor, whatIf: WhatIf): Promise<CapacityReport> {
      requireRight(actor, 'settings', 'read');
      const { now, sizes, stats, samples, disks, oldest, modules, databaseBytes } = await facts();
      const settings = deps.settings();
      const costs = costsOf(stats, modules);
      const retention = RETENTION.map((one) => rowOf(one, { now, sizes, samples, oldest, settings, stats }));
      const measuredDays = spanDays(samples.get('database') ?? []);
      const others = retention
        .filter(({ name }) => !['readings', 'hourly', 'daily'].includes(name))
        .map((row) => ({ ...row, keepDays: row.unit === 'days' ? row.limit : null }));
      const kept = deps.kept();
      const bytes = retention.reduce((sum, row) => sum + row.bytes, 0);
      const disk = disks.find(({ node, area }) =>
        deps.embedded ? node === deps.node && area === 'data' : area === 'database',
      );
      return {
        measuredAt: now,
        measuredDays,
        enough: measuredDays >= MEASURED_DAYS && costs.perDay !== null,
        embedded: deps.embedded,
        databaseBytes,
        stopped: deps.room.stopped(),
        disks,
        messagesPerDay: countPerDay(samples.get('messages') ?? []),
        costs,
        kept,
        modules: modules.map((one) => ({
          ...one,
          bytesPerDay: costs.rawBytes === null ? null : Math.round(one.readings * costs.rawBytes),
        })),
        retention,
        roomBytes: disk?.totalBytes == null ? null : disk.totalBytes - disk.usedBytes + bytes,
        whatIf,
        forecast: forecast({ costs, kept, others, measuredDays, whatIf }),
      };
    },
  };
}

function byArea(samples: readonly CapacitySample[]): Map<string, CapacitySample[]> {
  return Map.groupBy(samples, ({ area }) => area);
}

function spanDays(samples: readonly CapacitySample[]): number {
  const [first] = samples;
  const last = samples.at(-1);
  return first && last ? (last.at - first.at) / DAY_MS : 0;
}

/** Of a count that only rises. */
function countPerDay(samples: readonly CapacitySample[]): number | null {
  const days = spanDays(samples);
  if (days < MEASURED_DAYS) return null;
  return Math.max(0, ((samples.at(-1)?.rows ?? 0) - (samples[0]?.rows ?? 0)) / days);
}

function costsOf(stats: SeriesStats, modules: readonly { hourlyRows: number; dailyRows: number }[]): ReadingCosts {
  const { parts } = stats;
  const each = (part: { rows: number; bytes: number } | undefined) =>
    part && part.rows >= ENOUGH_ROWS ? part.bytes / part.rows : null;
  const sum = (of: 'hourlyRows' | 'dailyRows') =>
    modules.length === 0 ? null : modules.reduce((total, one) => total + one[of], 0);
  return {
    perDay: parts?.rowsPerDay ?? null,
    rawBytes: each(parts?.raw ?? stats),
    compressedBytes: each(parts?.compressed),
    hourlyBytes: each(parts?.hourly),
    dailyBytes: each(parts?.daily),
    hourlyRowsPerDay: sum('hourlyRows'),
    dailyRowsPerDay: sum('dailyRows'),
  };
}

function rowOf(
  one: RetentionClass & { readonly name: RetentionName },
  facts: {
    readonly now: number;
    readonly sizes: ReadonlyMap<string, ClassSize>;
    readonly samples: ReadonlyMap<string, readonly CapacitySample[]>;
    readonly oldest: Partial<Record<RetentionName, number | null>>;
    readonly settings: SettingValues;
    readonly stats: SeriesStats;
  },
): RetentionRow {
  const { keep, name } = one;
  const size = facts.sizes.get(name);
  const files = [...facts.samples].filter(
    ([area]) => area.startsWith('folder:') && one.folders?.includes(area.slice(area.lastIndexOf(':') + 1)),
  );
  const days = keptDays(one, facts.settings);
  const fromStats = name === 'readings' && facts.stats.oldestDay !== null ? Date.parse(facts.stats.oldestDay) : null;
  const oldestAt = fromStats ?? facts.oldest[name] ?? null;
  const growths = [facts.samples.get(`class:${name}`) ?? [], ...files.map(([, samples]) => samples)].map((samples) =>
    growthOf(samples.flatMap(({ at, bytes }) => (bytes === null ? [] : [{ at, bytes }]))),
  );
  const measured = growths.filter((growth) => growth !== null);
  return {
    name,
    how: keep.how,
    setting: keep.how === 'setting' ? keep.setting : null,
    unit: keep.how === 'setting' ? keep.unit : keep.how === 'days' ? 'days' : null,
    limit: keep.how === 'setting' ? facts.settings[keep.setting] : keep.how === 'days' ? keep.days : null,
    rows: one.tables.length === 0 ? null : (size?.rows ?? 0),
    bytes: (size?.bytes ?? 0) + files.reduce((sum, [, samples]) => sum + (samples.at(-1)?.bytes ?? 0), 0),
    oldestAt,
    overdue: days !== null && oldestAt !== null && oldestAt < facts.now - (days + LATE_DAYS) * DAY_MS,
    growthPerDay: measured.length === 0 ? null : measured.reduce((sum, growth) => sum + growth, 0),
  };
}

export const SAMPLE_EVERY_MS = HOUR_MS;
