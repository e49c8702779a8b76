import { createReports } from '../reports/reports.ts';
import type { Care } from './care.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

export type Reporting = ReturnType<typeof createReporting>;

/** What is read of the street afterwards: figures, the 巡检日报, biweekly and monthly reports. */
export function createReporting(
  base: Foundation,
  { settings }: Identity,
  { duty, outbox, quiet }: Pick<Care, 'duty' | 'outbox' | 'quiet'>,
) {
  const { config, log, clock, store, db } = base;
  return createReports({
    store: store.reports,
    transactor: db,
    audit: store.audit,
    outbox,
    maintenance: quiet.excused,
    working: duty.workingTime,
    timeZone: config.timeZone,
    clock,
    log,
    settings: () => {
      const { reportDailyAt, reportBiweeklyFrom, reportMonthlyDay } = settings.current();
      return { dailyAt: reportDailyAt, biweeklyFrom: reportBiweeklyFrom, monthlyDay: reportMonthlyDay };
    },
  });
}
