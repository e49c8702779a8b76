import type { AvailabilityFigures } from '../domain/availability.ts';
import { DAILY_SECTIONS, type DailyItem, type DailySection } from '../domain/report-rows.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import { type Language, text } from '../messages/index.ts';
import { addTotals, type DailyTotals } from './daily-totals.ts';
import { dateWords, hours, percent } from './words.ts';

/** Names of each section said in the message itself; the file has them all. */
const NAMED = 5;

export interface DailyFacts {
  readonly date: string;
  readonly now: number;
  readonly items: readonly DailyItem[];
  /** null = not counted yet. */
  readonly yesterday: AvailabilityFigures | null;
}

/** The report as a message to a group: short enough to be read on a phone. */
export function dailyText(
  { date, now, items, yesterday }: DailyFacts,
  modules: readonly (DailyTotals & { readonly name: string })[],
  timeZone: string,
  language: Language,
): { readonly title: string; readonly text: string } {
  const title = text(language, 'report.daily.title', { date: dateWords(date, language) });
  const totals = addTotals(items);
  const lines: string[] = [];
  if (totals.total === 0) lines.push(text(language, 'report.daily.none'));
  else {
    const rate = percent(totals.online / totals.total, language);
    const time = createZonedTime(timeZone)(now).slice(11, 16);
    lines.push(text(language, 'report.daily.head', { ...totals, time, rate }));
  }
  if (yesterday?.onlineRate !== undefined && yesterday.onlineRate !== null) {
    lines.push(
      text(language, 'report.daily.yesterday', {
        online: percent(yesterday.onlineRate, language),
        fit: percent(yesterday.fitRate, language),
        blind: hours(yesterday.blindMs),
        maintenance: hours(yesterday.maintenanceMs),
      }),
    );
  }
  const bySection = Map.groupBy(items, (item) => item.section);
  for (const [index, section] of DAILY_SECTIONS.entries()) {
    const found = bySection.get(section) ?? [];
    const head = text(language, 'report.daily.section', {
      n: numeral(index + 1, language),
      name: text(language, `report.section.${section}`),
      count: found.length,
      unit: text(language, unitOf(section)),
    });
    lines.push(found.length === 0 ? head : `${head}${names(found, language)}`);
  }
  if (modules.length > 0) {
    const each = modules.map(({ name, online, total }) =>
      text(language, 'report.daily.module', { name, online, total }),
    );
    lines.push(`${text(language, 'report.daily.modules')}${each.join(language === 'en' ? '; ' : '；')}`);
  }
  lines.push(text(language, 'report.daily.file'));
  return { title, text: lines.join('\n') };
}

/** A device after its site; names often begin with it already. */
export function placed(site: string | null | undefined, device: string): string {
  return !site || device.startsWith(site) ? device : `${site} ${device}`;
}

function names(items: readonly DailyItem[], language: Language): string {
  const said = items.slice(0, NAMED).map(({ content }) => {
    const { ticketNo, task, orgName, name, deviceId, siteName } = content;
    if (ticketNo !== undefined) return name ? `${ticketNo} ${name}` : ticketNo;
    if (task !== undefined) return [orgName, task].filter(Boolean).join(' ');
    return placed(siteName, name ?? deviceId ?? '');
  });
  const more =
    items.length > NAMED
      ? language === 'en'
        ? ` ${text(language, 'report.daily.more')}`
        : text(language, 'report.daily.more')
      : '';
  return language === 'en' ? `: ${said.join(', ')}${more}` : `：${said.join('、')}${more}`;
}

function unitOf(section: DailySection) {
  if (section === 'overdueTickets') return 'report.unit.ticket' as const;
  return section === 'missedInspections' ? ('report.unit.task' as const) : ('report.unit.device' as const);
}

function numeral(n: number, language: Language): string {
  return language === 'en' ? String(n) : ('一二三四五六七八九'[n - 1] ?? String(n));
}
