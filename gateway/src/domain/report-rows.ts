import type { TimeSums } from './availability.ts';
import type { DeviceKey } from './device.ts';
import type { DayRange } from './report-period.ts';

/** What reports ask of the store and what it answers. Days = days since 1970-01-01 in the gateway's zone. */

/** By module, residents' committee or other organisation, vendor, maintenance unit (维保单位), project, site. */
export const AVAILABILITY_BY = ['module', 'org', 'vendor', 'unit', 'project', 'site'] as const;
export type AvailabilityBy = (typeof AVAILABILITY_BY)[number];

export interface AvailabilityFilter {
  readonly module?: string;
  readonly orgId?: string;
  readonly vendorId?: string;
  readonly maintenanceUnitId?: string;
  readonly project?: string;
  readonly siteId?: string;
}

/** One day as it was computed. */
export interface DayRun {
  readonly day: number;
  /** Up to when, epoch milliseconds: the end of the day, or the moment it was computed while it lasted. */
  readonly through: number;
  /** Changes when what it was computed from changes. */
  readonly mark: string;
}

/** Sums of a group in milliseconds. */
export interface GroupSums extends Omit<TimeSums, 'outside'> {
  /** null = the devices that have none, or all of them. */
  readonly key: string | null;
  /** Device × day with anything counted. */
  readonly deviceDays: number;
}

/** Approved maintenance of one device; may overlap. */
export interface DeviceMaintenance {
  readonly device: DeviceKey;
  readonly from: number;
  readonly to: number | null;
}

export const TICKET_FIGURES_BY = [...AVAILABILITY_BY, 'kind', 'fault', 'priority'] as const;
export type TicketFiguresBy = (typeof TICKET_FIGURES_BY)[number];

/** What tickets of a period add up to; drills are in none of it. */
export interface TicketSums {
  /** null = those that have none, or all of them. */
  readonly key: string | null;
  /** Opened in the period. */
  readonly opened: number;
  /** Ended in the period: closed, false alarms, cancelled. */
  readonly closed: number;
  readonly falseAlarms: number;
  readonly cancelled: number;
  /** Of the closed: 自恢复; closed after a re-opening; never past a deadline. */
  readonly selfRecovered: number;
  readonly reopened: number;
  readonly onTime: number;
  /** Of the closed that did not recover by themselves: how many, and milliseconds. null = none. */
  readonly repaired: number;
  readonly elapsedMs: number | null;
  readonly medianMs: number | null;
  readonly workingMs: number | null;
  readonly toVerifyMs: number | null;
  /** Not ended now, and of these past their deadline now. */
  readonly open: number;
  readonly overdue: number;
}

/** Which tickets are counted, epoch milliseconds: those of summed days by their sums, those of the other spans one by one. */
export interface TicketRange {
  readonly summed: DayRange | null;
  readonly raw: readonly { readonly from: number; readonly to: number }[];
  readonly now: number;
}

/** An ended ticket without figures. */
export interface UnmeasuredTicket {
  readonly id: string;
  readonly openedAt: number;
  readonly endedAt: number;
  readonly verifyingAt: number | null;
  readonly reopened: number;
}

export interface TicketFigure {
  readonly id: string;
  readonly endedAt: number;
  readonly elapsedMs: number;
  readonly workingMs: number;
  readonly repairedMs: number | null;
  readonly reopened: number;
}

export const REPORT_KINDS = ['daily', 'biweekly', 'monthly'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** Lists of a daily report, in its order. */
export const DAILY_SECTIONS = [
  'newOffline',
  'longOffline',
  'noStream',
  'stale',
  'recovered',
  'overdueTickets',
  'missedInspections',
] as const;
export type DailySection = (typeof DAILY_SECTIONS)[number];

/** One line of a daily report, with whose it is. */
export interface DailyItem {
  readonly section: DailySection | 'totals';
  readonly module: string | null;
  readonly orgId: string | null;
  readonly vendorId: string | null;
  readonly maintenanceUnitId: string | null;
  readonly handlerOrgId: string | null;
  readonly content: DailyContent;
}

/** What a line says; what does not apply is absent. Times in epoch milliseconds. */
export interface DailyContent {
  readonly deviceId?: string;
  readonly name?: string;
  readonly siteName?: string | null;
  readonly orgName?: string | null;
  readonly unitName?: string | null;
  readonly reason?: string;
  readonly since?: number;
  /** Of a recovery: since when it had been offline. */
  readonly until?: number;
  readonly ticketNo?: string;
  readonly fault?: string;
  readonly dueAt?: number;
  readonly stage?: string;
  /** Of a missing inspection: what was to be inspected. */
  readonly task?: string;
  /** Of the totals: devices by verdict. */
  readonly total?: number;
  readonly online?: number;
  readonly offline?: number;
  readonly degraded?: number;
  readonly neverSeen?: number;
  readonly suspended?: number;
}

export interface ReportRow {
  readonly kind: ReportKind;
  /** First and last day. */
  readonly period: number;
  readonly last: number;
  readonly madeAt: number;
  readonly title: Readonly<Record<'zh' | 'en', string>>;
  readonly text: Readonly<Record<'zh' | 'en', string>>;
  readonly content: unknown;
}
