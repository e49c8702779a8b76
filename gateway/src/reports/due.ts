import { addMonths, monthStart, type ReportCalendar } from '../domain/report-period.ts';
import type { ReportKind } from '../domain/report-rows.ts';
import type { ReportSettings } from './context.ts';

/** A report whose time has come. */
export interface DueReport {
  readonly kind: ReportKind;
  /** First and last day it is about. */
  readonly period: number;
  readonly last: number;
  /** When it was to be made, epoch milliseconds. */
  readonly dueAt: number;
}

const FORTNIGHT = 14;
/** A daily report is late on its own day only; the others may come this many days late. */
const LATE_DAYS = 6;

/** What should have been made by now. Whether it was, the table of reports knows. */
export function dueReports(now: number, calendar: ReportCalendar, settings: ReportSettings): DueReport[] {
  const minute = minuteOf(settings.dailyAt);
  const today = calendar.dayOf(now);
  const dueAt = (day: number) => calendar.zone.instant(day, minute ?? 0);
  const found: DueReport[] = [];
  if (minute !== undefined) found.push({ kind: 'daily', period: today, last: today, dueAt: dueAt(today) });

  const anchor = calendar.parse(settings.biweeklyFrom);
  if (anchor !== undefined && anchor <= today) {
    const day = today - ((today - anchor) % FORTNIGHT);
    if (today - day <= LATE_DAYS) {
      found.push({ kind: 'biweekly', period: day - FORTNIGHT, last: day - 1, dueAt: dueAt(day) });
    }
  }
  if (settings.monthlyDay > 0) {
    const day = monthStart(today) + settings.monthlyDay - 1;
    const first = addMonths(today, -1);
    if (day <= today && today - day <= LATE_DAYS) {
      found.push({ kind: 'monthly', period: first, last: monthStart(today) - 1, dueAt: dueAt(day) });
    }
  }
  return found.filter((report) => report.dueAt <= now);
}

function minuteOf(time: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time);
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}
