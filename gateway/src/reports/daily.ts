import type { Actor } from '../domain/actor.ts';
import { type AvailabilityFigures, figuresOf } from '../domain/availability.ts';
import { requireRight } from '../domain/permission.ts';
import { DAILY_SECTIONS, type DailyItem, type DailySection } from '../domain/report-rows.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, type Language, text } from '../messages/index.ts';
import type { ReportsContext } from './context.ts';
import { dailyText } from './daily-text.ts';
import { addTotals, type DailyTotals } from './daily-totals.ts';
import type { DueReport } from './due.ts';
import { type PageInput, readDay, readOffset } from './input.ts';
import { namer } from './names.ts';

export interface DailyReport {
  readonly date: string;
  readonly madeAt: number;
  readonly rules: readonly string[];
  readonly totals: DailyTotals;
  readonly modules: readonly (DailyTotals & { readonly key: string | null; readonly name: string })[];
  readonly sections: readonly {
    readonly section: DailySection;
    readonly name: string;
    readonly count: number;
    /** The first lines; the rest by `section`. */
    readonly items: readonly DailyItem[];
  }[];
}

const DAY_MS = 86_400_000;
const LONG_MS = 3 * DAY_MS;
const FIRST_LINES = 20;
/** Lines of a section in a file. */
export const MOST_LINES = 10_000;

export function createDaily(context: ReportsContext) {
  const { store, transactor, calendar, clock } = context;

  const gather = async (day: number, now: number): Promise<readonly DailyItem[]> => {
    const tx = transactor.autocommit;
    const [yesterday, today] = [calendar.start(day - 1), calendar.start(day)];
    return [
      ...(await store.dailyItems(tx, {
        now,
        newSince: now - DAY_MS,
        longBefore: now - LONG_MS,
        recovered: [yesterday, today],
      })),
      ...(await context.missedInspections(tx, { from: yesterday, to: today, date: calendar.text(day - 1) })).map(
        ({ orgId, orgName, module, task }): DailyItem => ({
          section: 'missedInspections',
          module,
          orgId,
          vendorId: null,
          maintenanceUnitId: null,
          handlerOrgId: null,
          content: { orgName, task },
        }),
      ),
    ];
  };

  /** Gathers the report of now, with its words; nothing is kept yet. */
  const make = async (due: DueReport) => {
    const now = clock.now();
    const items = await gather(due.period, now);
    const facts = { date: calendar.text(due.period), now, items, yesterday: await ofYesterday(due.period - 1) };
    const words = {
      zh: dailyText(facts, await moduleTotals(items, 'zh-CN'), context.timeZone, 'zh-CN'),
      en: dailyText(facts, await moduleTotals(items, 'en'), context.timeZone, 'en'),
    };
    return {
      title: { zh: words.zh.title, en: words.en.title },
      text: { zh: words.zh.text, en: words.en.text },
      content: { totals: addTotals(items) },
      items,
    };
  };

  /** null while that day is not computed to its end. */
  const ofYesterday = async (day: number): Promise<AvailabilityFigures | null> => {
    const [run] = await store.runs(transactor.autocommit, { first: day, last: day });
    if (!run || run.through < calendar.start(day + 1)) return null;
    const days = { first: day, last: day };
    const [sums] = await store.groupSums(transactor.autocommit, { kind: 'all' }, days, null, {});
    return sums ? figuresOf(sums) : null;
  };

  const moduleTotals = async (items: readonly DailyItem[], language: Language) => {
    const byModule = Map.groupBy(
      items.filter((item) => item.section === 'totals'),
      (item) => item.module,
    );
    const keys = [...byModule.keys()].map((key) => ({ key }));
    const nameOf = await namer(context, 'module', keys, language);
    return [...byModule].map(([key, rows]) => ({ key, name: nameOf(key), ...addTotals(rows) }));
  };

  const wanted = (actor: Actor, date: string | undefined) => {
    requireRight(actor, 'reports', 'read');
    const today = calendar.dayOf(clock.now());
    return { today, day: date === undefined ? today : readDay(date, 'date', calendar, today) };
  };
  const find = async (actor: Actor, date: string | undefined) => {
    const row = await store.find(transactor.autocommit, 'daily', wanted(actor, date).day);
    if (!row) throw new GatewayError('NOT_FOUND', bilingual('report.notMade'));
    return row;
  };

  /** Today before its report was made, counted now. Reach is drawn by what is stored, so only for who sees everything. */
  const soFar = async (day: number, language: Language): Promise<DailyReport> => {
    const now = clock.now();
    const items = await gather(day, now);
    const of = (section: DailyItem['section']) => items.filter((item) => item.section === section);
    return {
      date: calendar.text(day),
      madeAt: now,
      rules: [text(language, 'report.rule.daily')],
      totals: addTotals(of('totals')),
      modules: await moduleTotals(of('totals'), language),
      sections: DAILY_SECTIONS.map((section) => ({
        section,
        name: text(language, `report.section.${section}`),
        count: of(section).length,
        items: of(section).slice(0, FIRST_LINES),
      })),
    };
  };

  const lines = (actor: Actor, day: number, section: DailyItem['section'], after: number, limit: number) =>
    store.items(transactor.autocommit, actor.scope, day, section, { after, limit });

  return {
    make,
    lines,

    /** As it was made, as far as the reader's reach goes. */
    async report(actor: Actor, { date }: { readonly date?: string }, language: Language): Promise<DailyReport> {
      const { today, day: asked } = wanted(actor, date);
      const made = await store.find(transactor.autocommit, 'daily', asked);
      if (!made && asked === today && actor.scope.kind === 'all') return soFar(today, language);
      const row = made ?? (await find(actor, date));
      const day = row.period;
      const [totals, counts, ...sections] = await Promise.all([
        lines(actor, day, 'totals', 0, MOST_LINES),
        store.itemCounts(transactor.autocommit, actor.scope, day),
        ...DAILY_SECTIONS.map((section) => lines(actor, day, section, 0, FIRST_LINES)),
      ]);
      return {
        date: calendar.text(day),
        madeAt: row.madeAt,
        rules: [text(language, 'report.rule.daily')],
        totals: addTotals(totals),
        modules: await moduleTotals(totals, language),
        sections: DAILY_SECTIONS.map((section, i) => ({
          section,
          name: text(language, `report.section.${section}`),
          count: counts[section] ?? 0,
          items: sections[i] ?? [],
        })),
      };
    },

    async section(actor: Actor, query: PageInput & { readonly date?: string; readonly section: DailySection }) {
      const row = await find(actor, query.date);
      const limit = query.limit ?? 50;
      const found = await lines(actor, row.period, query.section, readOffset(query.cursor), limit + 1);
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > limit ? String(items.at(-1)?.position ?? 0) : null };
    },
  };
}

export type Daily = ReturnType<typeof createDaily>;
