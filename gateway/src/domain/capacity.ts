import type { KeepSetting, RetentionName } from './retention.ts';

/** How full a disk is. `full`: what is left belongs to the spool and the database alone. */
export const DISK_LEVELS = ['ok', 'warning', 'serious', 'full'] as const;
export type DiskLevel = (typeof DISK_LEVELS)[number];

/** Share in use at which a level begins. */
export const DISK_SHARES = { warning: 0.8, serious: 0.9, full: 0.97 } as const;
/** A disk that its measured growth fills within so many days is a warning at any share. */
export const FULL_WITHIN_DAYS = 14;
/** A level ends this much below its beginning, so that a disk at the edge is told of once. */
export const DISK_SLACK = 0.02;

/** What stops growing, in this order, before a disk is full. Readings, events, tickets and the audit never stand here. */
export const STOPPED_AT = [
  { what: 'clips', level: 'serious' },
  { what: 'pictures', level: 'serious' },
  { what: 'evidence', level: 'full' },
  { what: 'backups', level: 'full' },
] as const satisfies readonly { what: string; level: DiskLevel }[];
export type Growth = (typeof STOPPED_AT)[number]['what'];

/** `data`: the file system of a process's data directory. `database`: a server of its own, of which only its size is known. */
export type DiskArea = 'data' | 'database';

/** Times in epoch milliseconds. */
export interface DiskState {
  /** Process it belongs to; the database is everybody's. */
  readonly node: string;
  readonly area: DiskArea;
  readonly usedBytes: number;
  /** Of the database: its budget; null = nobody named one, so how much is left is not known. */
  readonly totalBytes: number | null;
  readonly level: DiskLevel;
  readonly since: number;
  readonly measuredAt: number;
  /** Measured over at least a day; null before. */
  readonly growthPerDay: number | null;
  /** At that growth; null = not growing, not measured, or room not known. */
  readonly fullInDays: number | null;
}

export interface CapacitySample {
  readonly area: string;
  readonly at: number;
  readonly bytes: number | null;
  readonly rows: number | null;
}

/** One class of what grows, as it stands. */
export interface RetentionRow {
  readonly name: RetentionName;
  readonly how: 'setting' | 'days' | 'amount' | 'kept';
  readonly setting: KeepSetting | null;
  readonly unit: 'days' | 'rows' | 'files' | null;
  /** In `unit`; null where nothing but an amount or nothing at all bounds it. */
  readonly limit: number | null;
  /** Of tables an estimate of the engine; null = files only. */
  readonly rows: number | null;
  readonly bytes: number;
  /** Time of the oldest one there; null = none, or not looked at. */
  readonly oldestAt: number | null;
  /** Older than it may be: the retention does not run. */
  readonly overdue: boolean;
  readonly growthPerDay: number | null;
}

/** What one reading costs, measured; null = not there, or too little of it to say. */
export interface ReadingCosts {
  readonly perDay: number | null;
  readonly rawBytes: number | null;
  readonly compressedBytes: number | null;
  readonly hourlyBytes: number | null;
  readonly dailyBytes: number | null;
  /** Rows of rollups that a day of today makes. */
  readonly hourlyRowsPerDay: number | null;
  readonly dailyRowsPerDay: number | null;
}

/** Whole days kept. */
export interface KeptDays {
  readonly raw: number;
  readonly compressAfter: number;
  readonly hourly: number;
  readonly daily: number;
}

/** A class beside the readings, for the forecast. */
export interface GrowingArea {
  readonly name: RetentionName;
  readonly bytes: number;
  readonly growthPerDay: number | null;
  /** Days after which it stops growing; null = never. */
  readonly keepDays: number | null;
}

/** What would be if … */
export interface WhatIf {
  /** So many times today's devices. */
  readonly devices: number;
  /** Readings come so many times as far apart. */
  readonly interval: number;
  readonly rawDays?: number;
  readonly hourlyDays?: number;
}

export interface ForecastYear {
  readonly year: number;
  readonly bytes: number;
  readonly areas: readonly { readonly name: RetentionName; readonly bytes: number }[];
}

/** Readings of one module on the last whole day (UTC). */
export interface ModuleReadings {
  /** Null = devices of no module. */
  readonly module: string | null;
  readonly devices: number;
  readonly readings: number;
  /** Rows the sums by hour and by day take of that day. */
  readonly hourlyRows: number;
  readonly dailyRows: number;
}

/** What `GET /system/capacity` answers. */
export interface CapacityReport {
  readonly measuredAt: number;
  /** Between the first and the last sample of the last four weeks. */
  readonly measuredDays: number;
  /** False = too little was measured to look ahead; then there is no forecast. */
  readonly enough: boolean;
  /** The database lies in the data directory. */
  readonly embedded: boolean;
  readonly databaseBytes: number;
  /** What stands still because a disk is nearly full. */
  readonly stopped: readonly Growth[];
  readonly disks: readonly DiskState[];
  readonly messagesPerDay: number | null;
  readonly costs: ReadingCosts;
  readonly kept: KeptDays;
  readonly modules: readonly (ModuleReadings & { readonly bytesPerDay: number | null })[];
  readonly retention: readonly RetentionRow[];
  /** What the classes may take together: what they take and what is free; null = not known. */
  readonly roomBytes: number | null;
  readonly whatIf: WhatIf;
  readonly forecast: readonly ForecastYear[] | null;
}

export const FORECAST_YEARS = 5;
const YEAR_DAYS = 365.25;
const DAY_MS = 86_400_000;

/** Fewer than this many days between the first and the last sample say nothing about growth. */
export const MEASURED_DAYS = 1;

/**
 * Bytes at the end of each year, from what was measured; null while too little was. Readings grow until their retention
 * takes as much a day as comes in, everything kept grows on.
 */
export function forecast(input: {
  readonly costs: ReadingCosts;
  readonly kept: KeptDays;
  readonly others: readonly GrowingArea[];
  readonly measuredDays: number;
  readonly whatIf: WhatIf;
}): readonly ForecastYear[] | null {
  const { costs, whatIf } = input;
  if (input.measuredDays < MEASURED_DAYS || costs.perDay === null || costs.rawBytes === null) return null;
  const rate = (costs.perDay * whatIf.devices) / whatIf.interval;
  const rawDays = whatIf.rawDays ?? input.kept.raw;
  const hourlyDays = whatIf.hourlyDays ?? input.kept.hourly;
  // What a rollup of today's interval needs does not shrink before readings come less often than it has rows.
  const rollupRate = (rows: number | null) => Math.min((rows ?? 0) * whatIf.devices, rate);
  return Array.from({ length: FORECAST_YEARS }, (_, index) => {
    const days = (index + 1) * YEAR_DAYS;
    const raw = Math.min(days, rawDays);
    const plainDays = costs.compressedBytes === null ? raw : Math.min(raw, input.kept.compressAfter);
    const areas = [
      {
        name: 'readings' as const,
        bytes: rate * (plainDays * (costs.rawBytes ?? 0) + (raw - plainDays) * (costs.compressedBytes ?? 0)),
      },
      {
        name: 'hourly' as const,
        bytes: rollupRate(costs.hourlyRowsPerDay) * Math.min(days, hourlyDays) * (costs.hourlyBytes ?? 0),
      },
      {
        name: 'daily' as const,
        bytes: rollupRate(costs.dailyRowsPerDay) * Math.min(days, input.kept.daily) * (costs.dailyBytes ?? 0),
      },
      ...input.others.map(({ name, bytes, growthPerDay, keepDays }) => {
        const growth = Math.max(0, growthPerDay ?? 0) * whatIf.devices;
        const grown = bytes + growth * days;
        return { name, bytes: keepDays === null ? grown : Math.min(grown, Math.max(bytes, growth * keepDays)) };
      }),
    ].map(({ name, bytes }) => ({ name, bytes: Math.round(bytes) }));
    return { year: index + 1, areas, bytes: areas.reduce((sum, area) => sum + area.bytes, 0) };
  });
}

/** Bytes a day by least squares; null for less than a day. A jump of one hour weighs little in a week of samples. */
export function growthOf(samples: readonly { readonly at: number; readonly bytes: number }[]): number | null {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < MEASURED_DAYS * DAY_MS) return null;
  const n = samples.length;
  const meanAt = samples.reduce((sum, { at }) => sum + (at - first.at), 0) / n;
  const meanBytes = samples.reduce((sum, { bytes }) => sum + bytes, 0) / n;
  let [product, square] = [0, 0];
  for (const { at, bytes } of samples) {
    const away = at - first.at - meanAt;
    product += away * (bytes - meanBytes);
    square += away * away;
  }
  return square === 0 ? null : (product / square) * DAY_MS;
}

/** The level of a disk, given the one before; growth counts as a warning only. */
export function diskLevel(
  disk: Pick<DiskState, 'usedBytes' | 'totalBytes' | 'fullInDays'>,
  before: DiskLevel,
): DiskLevel {
  if (disk.totalBytes === null || disk.totalBytes <= 0) return 'ok';
  const share = disk.usedBytes / disk.totalBytes;
  const stands = (level: keyof typeof DISK_SHARES) =>
    share >= DISK_SHARES[level] - (DISK_LEVELS.indexOf(before) >= DISK_LEVELS.indexOf(level) ? DISK_SLACK : 0);
  if (stands('full')) return 'full';
  if (stands('serious')) return 'serious';
  if (stands('warning')) return 'warning';
  return disk.fullInDays !== null && disk.fullInDays < FULL_WITHIN_DAYS ? 'warning' : 'ok';
}

/** Days until it is full at that growth; null = never, or not known. */
export function fullInDays(disk: Pick<DiskState, 'usedBytes' | 'totalBytes' | 'growthPerDay'>): number | null {
  if (disk.totalBytes === null || disk.growthPerDay === null || disk.growthPerDay <= 0) return null;
  return Math.max(0, (disk.totalBytes - disk.usedBytes) / disk.growthPerDay);
}
