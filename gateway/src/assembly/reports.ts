import { createReports } from '../reports/reports.ts';
import type { Care } from './care.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';
import { createInspectionPart } from './inspections.ts';

export type Reporting = ReturnType<typeof createReporting>;

/** What is read of the street afterwards: inspections, figures, the 巡检日报, biweekly and monthly reports. */
export function createReporting(
  base: Foundation,
  identity: Identity,
  { duty, outbox, quiet, tickets }: Pick<Care, 'duty' | 'outbox' | 'quiet' | 'tickets'>,
) {
  const { settings } = identity;
  const inspections = createInspectionPart(base, identity, { quiet, tickets });
  const { config, log, clock, store, db } = base;
  const reports = createReports({
    store: store.reports,
    transactor: db,
    audit: store.audit,
    outbox,
    maintenance: quiet.excused,
    missedInspections: inspections.missed,
    working: duty.workingTime,
    timeZone: config.timeZone,
    clock,
    log,
    settings: () => {
      const { reportDailyAt, reportBiweeklyFrom, reportMonthlyDay } = settings.current();
      return { dailyAt: reportDailyAt, biweeklyFrom: reportBiweeklyFrom, monthlyDay: reportMonthlyDay };
    },
  });
  return { reports, inspections };
}
