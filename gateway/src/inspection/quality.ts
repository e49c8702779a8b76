import { setImmediate as turn } from 'node:timers/promises';
import type { Actor } from '../domain/actor.ts';
import { type Interval, merged } from '../domain/availability.ts';
import { qualityParts } from '../domain/data-quality.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { QualityBy } from '../domain/inspection-rows.ts';
import { requireRight } from '../domain/permission.ts';
import { addMonths, monthStart } from '../domain/report-period.ts';
import type { Tx } from '../domain/tx.ts';
import { type Language, text } from '../messages/index.ts';
import { cutPage, type InspectionContext, readDay, readOffset } from './context.ts';

export interface QualityQuery {
  readonly by: QualityBy;
  /** `YYYY-MM-DD`; absent = the newest day that is over. */
  readonly date?: string;
  readonly vendorId?: string;
  readonly module?: string;
  readonly type?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

const BATCH = 2_000;
const MINUTE = 60_000;
const LEASE_MS = 30 * MINUTE;
/** Days that are made up for when nobody was there to compute them. */
const LOOK_BACK = 7;
const KEEP_DAYS = 200;
/** The running day is computed again after this long at least, and never takes more than a fiftieth of the time. */
const TODAY_EVERY_MS = 30 * MINUTE;
const TODAY_SHARE = 50;

const lengthOf = (intervals: readonly Interval[], { from, to }: { readonly from: number; readonly to: number }) =>
  merged(intervals, from, to).reduce((sum, [begin, end]) => sum + end - begin, 0);

/** First day of the quarter that holds the day. */
export function quarterStart(day: number): number {
  const first = monthStart(day);
  return addMonths(first, -(new Date(first * 86_400_000).getUTCMonth() % 3));
}

/** What devices deliver, counted once a day in batches, and a score of it. */
export function createQuality(context: InspectionContext, owner: string) {
  const { store, transactor, clock, calendar, maintenance } = context;
  let todayDueAt = 0;
  let looked = -1;

  const spanOf = (day: number) => ({ from: calendar.start(day), to: Math.min(calendar.start(day + 1), clock.now()) });

  const inBatches = async (
    work: (tx: Tx, after: DeviceKey) => Promise<DeviceKey | undefined>,
    signal: AbortSignal | undefined,
  ) => {
    for (let after: DeviceKey | undefined = 0; after !== undefined; ) {
      signal?.throwIfAborted();
      const from: DeviceKey = after;
      after = await transactor.transaction((tx) => work(tx, from));
      await turn();
    }
  };

  const rollDay = async (day: number, signal?: AbortSignal): Promise<void> => {
    const span = spanOf(day);
    const blind = await store.blind(transactor.autocommit, span);
    const blindMs = lengthOf(blind, span);
    const types = context.types();
    const maintained = (await maintenance.mark(transactor.autocommit, span.from, span.to)) !== '';
    await inBatches(async (tx, after) => {
      const of = { after, limit: BATCH };
      const windows = maintained
        ? await maintenance.intervals(tx, await store.activeDevices(tx, of), span.from, span.to)
        : [];
      const excusedMs = new Map(
        [...Map.groupBy(windows, (window) => window.device)].map(([device, own]) => {
          const quiet = own.map(({ from, to }): Interval => [from, to]);
          return [device, lengthOf([...blind, ...quiet], span) - blindMs];
        }),
      );
      return store.rollDay(tx, day, { ...span, blindMs, excusedMs }, types, of);
    }, signal);
    await transactor.transaction((tx) => store.sumDay(tx, day));
  };

  const rollQuarter = async (first: number, signal?: AbortSignal): Promise<void> => {
    const next = addMonths(first, 3);
    const span = { from: calendar.start(first), to: calendar.start(next) };
    await inBatches((tx, after) => store.rollQuarter(tx, { first, next }, span, { after, limit: BATCH }), signal);
  };

  /** Work that is done once for a day, by one process at a time; `least` = up to when it must have been done. */
  const once = async (name: string, day: number, least: number, work: () => Promise<void>): Promise<boolean> => {
    const now = clock.now();
    const at = { now, until: now + LEASE_MS, least };
    if (!(await store.claimRun(transactor.autocommit, name, day, owner, at))) return false;
    await work();
    await store.finishRun(transactor.autocommit, name, day, now);
    return true;
  };

  const past = async (today: number, signal: AbortSignal | undefined): Promise<void> => {
    for (let day = today - LOOK_BACK; day < today; day++) {
      const over = calendar.start(day + 1);
      await once('quality', day, over, () => rollDay(day, signal));
      // What a device sent late, from its own memory or our spool, arrives on the next day.
      if (day < today - 1) await once('qualityAgain', day, over, () => rollDay(day, signal));
    }
    const quarter = quarterStart(today);
    await once('quarter', today, calendar.start(today), async () => {
      await rollQuarter(quarter, signal);
      // Tickets of the last quarter are still being judged.
      await rollQuarter(addMonths(quarter, -3), signal);
      await store.pruneDays(transactor.autocommit, today - KEEP_DAYS);
      await transactor.transaction((tx) => store.settleExposure(tx));
    });
  };

  return {
    rollDay,
    rollQuarter,

    async run(signal?: AbortSignal): Promise<void> {
      const today = calendar.dayOf(clock.now());
      if (looked !== today) {
        await past(today, signal);
        looked = today;
      }
      if (clock.now() < todayDueAt) return;
      const started = clock.monotonic();
      await once('quality', today, clock.now() - TODAY_EVERY_MS + 1, () => rollDay(today, signal));
      todayDueAt = clock.now() + Math.max(TODAY_EVERY_MS, (clock.monotonic() - started) * TODAY_SHARE);
    },

    async quality(actor: Actor, query: QualityQuery, language: Language) {
      requireRight(actor, 'telemetry', 'read');
      const tx = transactor.autocommit;
      const { limit = 50, by } = query;
      const offset = readOffset(query.cursor);
      const newest = await store.newestDay(tx);
      const day =
        query.date === undefined ? (newest?.day ?? calendar.dayOf(clock.now())) : readDay(query.date, 'date', calendar);
      const rows = await store.quality(tx, actor.scope, {
        by,
        language,
        day,
        offset,
        limit: limit + 1,
        vendorId: query.vendorId ?? null,
        module: query.module ?? null,
        type: query.type ?? null,
      });
      const page = cutPage(rows, offset, limit);
      // Types are no rows of the database; their names stand in their dictionaries.
      const titles = new Map(by === 'type' ? context.types().map(({ type, title }) => [type, title]) : []);
      return {
        ...page,
        items: page.items.map((row) => ({
          ...row,
          name: titles.get(row.key ?? '')?.[language === 'en' ? 'en' : 'zh'] ?? row.name,
          parts: qualityParts(row),
        })),
        by,
        date: calendar.text(day),
        through: await store.runOf(tx, 'quality', day),
        rules: [text(language, 'quality.rule')],
      };
    },
  };
}
