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

/** Where the lines of a daily report come from. */
interface DailySource {
  readonly day: number;
  readonly madeAt: number;
  readonly live: boolean;
  /** Lines of a section in reach; `after` = position of the last one seen. */
  lines(
    section: DailyItem['section'],
    after: number,
    limit: number,
  ): Promise<readonly (DailyItem & { readonly position: number })[]>;
  counts(): Promise<Readonly<Partial<Record<DailySection, number>>>>;
}

export interface DailyReport {
  readonly date: string;
  readonly madeAt: number;
  /** Not made yet: what it would say now. */
  readonly live: boolean;
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

  /** As it was made; today before it was made, as it stands now. Both as far as the reader's reach goes. */
  const open = async (actor: Actor, date: string | undefined): Promise<DailySource> => {
    requireRight(actor, 'reports', 'read');
    const tx = transactor.autocommit;
    const now = clock.now();
    const today = calendar.dayOf(now);
    const day = date === undefined ? today : readDay(date, 'date', calendar, today);
    const row = await store.find(tx, 'daily', day);
    if (row) {
      return {
        day,
        madeAt: row.madeAt,
        live: false,
        lines: (section, after, limit) => store.items(tx, actor.scope, day, section, { after, limit }),
        counts: () => store.itemCounts(tx, actor.scope, day),
      };
    }
    if (day !== today) throw new GatewayError('NOT_FOUND', bilingual('report.notMade'));
    const bySection = Map.groupBy(await store.inReach(tx, actor.scope, await gather(day, now)), (item) => item.section);
    const placed = (section: DailyItem['section']) =>
      (bySection.get(section) ?? []).map((item, index) => ({ ...item, position: index + 1 }));
    return {
      day,
      madeAt: now,
      live: true,
      lines: async (section, after, limit) => placed(section).slice(after, after + limit),
      counts: async () =>
        Object.fromEntries(DAILY_SECTIONS.map((section) => [section, bySection.get(section)?.length ?? 0])),
    };
  };

  const show = async ({ day, madeAt, live, lines, counts }: DailySource, language: Language): Promise<DailyReport> => {
    const [totals, counted, ...sections] = await Promise.all([
      lines('totals', 0, MOST_LINES),
      counts(),
      ...DAILY_SECTIONS.map((section) => lines(section, 0, FIRST_LINES)),
    ]);
    return {
      date: calendar.text(day),
      madeAt,
      live,
      rules: [...(live ? [text(language, 'report.rule.dailyLive')] : []), text(language, 'report.rule.daily')],
      totals: addTotals(totals),
      modules: await moduleTotals(totals, language),
      sections: DAILY_SECTIONS.map((section, i) => ({
        section,
        name: text(language, `report.section.${section}`),
        count: counted[section] ?? 0,
        items: sections[i] ?? [],
      })),
    };
  };

  return {
    make,
    open,
    show,

    async report(actor: Actor, { date }: { readonly date?: string }, language: Language): Promise<DailyReport> {
      return show(await open(actor, date), language);
    },

    async section(actor: Actor, query: PageInput & { readonly date?: string; readonly section: DailySection }) {
      const { lines } = await open(actor, query.date);
      const limit = query.limit ?? 50;
      const found = await lines(query.section, readOffset(query.cursor), limit + 1);
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > limit ? String(items.at(-1)?.position ?? 0) : null };
    },
  };
}

export type Daily = ReturnType<typeof createDaily>;
