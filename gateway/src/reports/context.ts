import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { ReportCalendar } from '../domain/report-period.ts';
import type { Transactor } from '../domain/tx.ts';
import type { WorkingTime } from '../domain/working-time.ts';
import type {
  AvailabilityStore,
  MaintenancePort,
  MissedInspections,
  ReportOutbox,
  ReportStore,
  TicketFigureStore,
} from './ports.ts';

/** When reports are made; what is `off` or 0 is not. */
export interface ReportSettings {
  /** `HH:MM` in the gateway's zone, or `off`; biweekly and monthly reports are made at that time too. */
  readonly dailyAt: string;
  /** A day on which a biweekly report is made, `YYYY-MM-DD`; every fourteenth day after it is another. */
  readonly biweeklyFrom: string;
  /** Day of the month, 1 to 28; 0 = none. */
  readonly monthlyDay: number;
}

/** What every file of the stage works with. */
export interface ReportsContext {
  readonly store: AvailabilityStore & TicketFigureStore & ReportStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly outbox: ReportOutbox;
  readonly maintenance: MaintenancePort;
  readonly missedInspections: MissedInspections;
  readonly working: () => WorkingTime;
  readonly calendar: ReportCalendar;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: () => ReportSettings;
}
