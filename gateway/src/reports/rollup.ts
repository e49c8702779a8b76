import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { noTime, segments, sumsOf, type TimeSums } from '../domain/availability.ts';
import type { DeviceKey } from '../domain/device.ts';
import { addMonths, monthStart, type ReportCalendar } from '../domain/report-period.ts';
import type { DeviceMaintenance } from '../domain/report-rows.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import type { AvailabilityStore, MaintenancePort } from './ports.ts';

const BATCH = 2_000;
const MINUTE = 60_000;
/** Days that are computed anew when something was added to them later: a crash, a window approved afterwards. */
const LOOK_BACK_DAYS = 40;
/** So often the last days are looked at for that, and once a day all of them. */
const LOOK_EVERY_MS = 30 * MINUTE;
const RECENT_DAYS = 3;
/** Device rows are kept this long; the sums by group stay. */
const KEEP_DAYS = 400;
const LEASE_MS = 10 * MINUTE;
/** The running day is computed again after at least this long, and never takes more than a fiftieth of the time. */
const TODAY_EVERY_MS = MINUTE;
const TODAY_SHARE = 50;

export interface RollupDeps {
  readonly store: AvailabilityStore;
  readonly transactor: Transactor;
  readonly maintenance: MaintenancePort;
  readonly calendar: ReportCalendar;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tells this process from others. */
  readonly owner: string;
}

export interface Rollup {
  /** Computes what is missing or out of date, days that are over first; then the running day when its time has come. */
  run(signal?: AbortSignal): Promise<void>;
  /** One day now, whatever is there. */
  computeDay(day: number): Promise<void>;
}

/** Turns raw history into sums by device and day and by group and day; every number can be made again. */
export function createRollup(deps: RollupDeps): Rollup {
  const { store, transactor, calendar, clock } = deps;
  let todayDueAt = 0;
  let lookDueAt = 0;
  let lookedThrough = -1;
  let pruned = -1;

  const bounds = (day: number) => ({ from: calendar.start(day), to: calendar.start(day + 1) });
  const markOf = async (tx: Tx, from: number, to: number) =>
    `${await store.historyMark(tx, from, to)}|${await deps.maintenance.mark(tx, from, to)}`;

  /** Device rows of a day, batch by batch; the sums follow in one transaction, so readers never see half a day. */
  const computeDay = async (day: number, signal?: AbortSignal): Promise<void> => {
    const { from, to } = bounds(day);
    const through = Math.min(to, clock.now());
    if (through <= from) return;
    const mark = await markOf(transactor.autocommit, from, to);
    await store.ensureGroups(transactor.autocommit);
    for (let after: DeviceKey | undefined = 0; after !== undefined; ) {
      signal?.throwIfAborted();
      after = await transactor.transaction((tx) => computeBatch(tx, day, from, through, after ?? 0));
      await turn();
    }
    await transactor.transaction(async (tx) => {
      await store.sumDay(tx, day);
      await store.saveRun(tx, { day, through, mark }, clock.now());
    });
  };

  const computeBatch = async (tx: Tx, day: number, from: number, through: number, after: DeviceKey) => {
    const histories = await store.histories(tx, from, through, { after, limit: BATCH });
    const keys = histories.map((history) => history.device);
    const windows = Map.groupBy(
      keys.length === 0 ? [] : await deps.maintenance.intervals(tx, keys, from, through),
      (window) => window.device,
    );
    const rows = histories.flatMap((history) => {
      const sums = timeOf(history, windows.get(history.device) ?? [], from, through);
      return sums.outside === through - from ? [] : [{ device: history.device, sums }];
    });
    // A device that was counted before a correction and is not any more keeps a row of nothing.
    const counted = new Set(rows.map((row) => row.device));
    const known = new Set(await store.devicesOfDay(tx, day, keys));
    const gone = keys.filter((key) => known.has(key) && !counted.has(key));
    await store.saveDays(tx, day, [...rows, ...gone.map((device) => ({ device, sums: noTime() }))]);
    return histories.length < BATCH ? undefined : keys.at(-1);
  };

  /** Later days of the month carry the sums of this one. */
  const follow = async (day: number, last: number) => {
    for (let next = day + 1; next <= last && next < addMonths(monthStart(day), 1); next++) {
      await transactor.transaction((tx) => store.sumDay(tx, next));
    }
  };

  const pastDays = async (today: number, signal: AbortSignal | undefined): Promise<void> => {
    const firstAt = await store.firstDeviceAt(transactor.autocommit);
    if (firstAt === null) return;
    const back = lookedThrough === today ? RECENT_DAYS : LOOK_BACK_DAYS;
    const first = Math.max(calendar.dayOf(firstAt), today - back);
    const runs = new Map(
      (await store.runs(transactor.autocommit, { first, last: today })).map((run) => [run.day, run]),
    );
    for (let day = first; day < today; day++) {
      signal?.throwIfAborted();
      const { from, to } = bounds(day);
      const run = runs.get(day);
      if (run && run.through >= to && run.mark === (await markOf(transactor.autocommit, from, to))) continue;
      await hold();
      await computeDay(day, signal);
      const later = [...runs.keys()].filter((known) => known > day);
      if (run && later.length > 0) {
        deps.log.info({ day: calendar.text(day) }, 'availability of a past day was computed again');
        await follow(day, Math.max(...later));
      }
    }
  };

  const hold = () => {
    const now = clock.now();
    return store.lease(transactor.autocommit, 'availability', deps.owner, now, now + LEASE_MS);
  };

  return {
    computeDay,
    async run(signal) {
      if (!(await hold())) return;
      const today = calendar.dayOf(clock.now());
      if (clock.now() >= lookDueAt || lookedThrough !== today) {
        await pastDays(today, signal);
        lookedThrough = today;
        lookDueAt = clock.now() + LOOK_EVERY_MS;
      }
      if (clock.now() >= todayDueAt) {
        const started = clock.monotonic();
        await computeDay(today, signal);
        todayDueAt = clock.now() + Math.max(TODAY_EVERY_MS, (clock.monotonic() - started) * TODAY_SHARE);
      }
      if (pruned === today) return;
      pruned = today;
      await store.pruneDays(transactor.autocommit, today - KEEP_DAYS);
    },
  };
}

/** How the time of one device counts; the one rule behind the rollup, the live answer and the proof. */
export function timeOf(
  history: Omit<Parameters<typeof segments>[0], 'maintenance'>,
  windows: readonly DeviceMaintenance[],
  from: number,
  to: number,
): TimeSums {
  const maintenance = windows.map((window) => [window.from, window.to] as const);
  return sumsOf(segments({ ...history, maintenance }, from, to));
}
