import type { Actor } from '../../domain/actor.ts';
import type { AvailabilityFigures, TimeClass } from '../../domain/availability.ts';
import type {
  AvailabilityBy,
  AvailabilityFilter,
  DailyItem,
  DailySection,
  ReportKind,
  TicketFiguresBy,
} from '../../domain/report-rows.ts';
import type { Language } from '../../messages/index.ts';

interface Paged {
  readonly limit?: number;
  readonly cursor?: string;
}
interface Period {
  /** `YYYY-MM-DD`, both included. */
  readonly from?: string;
  readonly to?: string;
}
export interface AvailabilityAsked extends Period, Paged {
  readonly by: AvailabilityBy;
  readonly filter: AvailabilityFilter;
  readonly sort?: 'rate' | '-rate' | 'key';
}
export interface TicketsAsked extends Period, Paged {
  readonly by: TicketFiguresBy;
  readonly filter: AvailabilityFilter;
}
interface Counted extends AvailabilityFigures {
  readonly deviceDays: number;
}
export interface TicketFiguresView {
  readonly opened: number;
  readonly closed: number;
  readonly falseAlarms: number;
  readonly cancelled: number;
  readonly selfRecovered: number;
  readonly reopened: number;
  readonly onTime: number;
  readonly repaired: number;
  readonly open: number;
  readonly overdue: number;
  readonly mttrMs: number | null;
  readonly mttrMedianMs: number | null;
  readonly mttrWorkingMs: number | null;
  readonly repairMs: number | null;
  readonly reopenRate: number | null;
  readonly falseAlarmRate: number | null;
  readonly selfRecoveryShare: number | null;
  readonly onTimeRate: number | null;
}
interface Keyed {
  readonly key: string | null;
  readonly name: string;
}
export interface DailyTotalsView {
  readonly total: number;
  readonly online: number;
  readonly offline: number;
  readonly degraded: number;
  readonly neverSeen: number;
  readonly suspended: number;
}
export interface PeriodSideView {
  readonly from: string;
  readonly to: string;
  readonly availability: Counted;
  readonly tickets: TicketFiguresView;
}
export interface PeriodRowView extends Counted, Keyed {
  readonly rank: number | null;
  readonly before: { readonly onlineRate: number | null; readonly fitRate: number | null } | null;
  readonly tickets: TicketFiguresView | null;
}
/** A file with its name of ASCII and its name in the reader's language, both without extension. */
export interface ReportFileView {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly name: string;
  readonly title: string;
}
interface Sent {
  readonly kind: ReportKind;
  readonly period: string;
  readonly last: string;
  readonly madeAt: number;
  readonly title: Readonly<Record<'zh' | 'en', string>>;
}

/** Figures and reports within the reader's reach. Times in epoch milliseconds, durations in milliseconds, rates 0 to 1. */
export interface ReportPort {
  availability(
    actor: Actor,
    query: AvailabilityAsked,
    language: Language,
  ): Promise<{
    readonly from: string;
    readonly to: string;
    readonly through: number | null;
    readonly missingDays: number;
    readonly by: AvailabilityBy;
    readonly rules: readonly string[];
    readonly total: Counted;
    readonly items: readonly (Counted & Keyed)[];
    readonly nextCursor: string | null;
  }>;
  deviceAvailability(
    actor: Actor,
    id: string,
    range: { readonly from?: number | string; readonly to?: number | string },
    language: Language,
  ): Promise<{
    readonly deviceId: string;
    readonly from: number;
    readonly to: number;
    readonly rules: readonly string[];
    readonly figures: AvailabilityFigures;
    readonly segments: readonly { readonly from: number; readonly to: number; readonly class: TimeClass }[];
  }>;
  trend(
    actor: Actor,
    query: { readonly months: number; readonly filter: AvailabilityFilter },
    language: Language,
  ): Promise<{ readonly rules: readonly string[]; readonly items: readonly (Counted & { readonly month: string })[] }>;
  days(
    actor: Actor,
    query: { readonly days: number; readonly by?: AvailabilityBy; readonly filter: AvailabilityFilter },
    language: Language,
  ): Promise<{
    readonly from: string;
    readonly to: string;
    readonly rules: readonly string[];
    readonly items: readonly (Keyed & {
      readonly days: readonly {
        readonly day: string;
        readonly onlineRate: number | null;
        readonly fitRate: number | null;
      }[];
    })[];
  }>;
  tickets(
    actor: Actor,
    query: TicketsAsked,
    language: Language,
  ): Promise<{
    readonly from: string;
    readonly to: string;
    readonly by: TicketFiguresBy;
    readonly openAsOf: number;
    readonly rules: readonly string[];
    readonly total: TicketFiguresView;
    readonly stages: Readonly<Record<string, number>>;
    readonly items: readonly (TicketFiguresView & Keyed)[];
    readonly nextCursor: string | null;
  }>;
  /** Today before its report is made = as it stands now; NOT_FOUND for a day whose report was never made. */
  daily(
    actor: Actor,
    query: { readonly date?: string },
    language: Language,
  ): Promise<{
    readonly date: string;
    readonly madeAt: number;
    readonly live: boolean;
    readonly rules: readonly string[];
    readonly totals: DailyTotalsView;
    readonly modules: readonly (DailyTotalsView & Keyed)[];
    readonly sections: readonly {
      readonly section: DailySection;
      readonly name: string;
      readonly count: number;
      readonly items: readonly DailyItem[];
    }[];
  }>;
  dailySection(
    actor: Actor,
    query: Paged & { readonly date?: string; readonly section: DailySection },
  ): Promise<{ readonly items: readonly DailyItem[]; readonly nextCursor: string | null }>;
  periodic(
    actor: Actor,
    query: { readonly kind: 'biweekly' | 'monthly'; readonly period?: string },
    language: Language,
  ): Promise<{
    readonly kind: 'biweekly' | 'monthly';
    readonly rules: readonly string[];
    readonly now: PeriodSideView;
    readonly before: PeriodSideView;
    readonly modules: readonly PeriodRowView[];
    readonly vendors: readonly PeriodRowView[];
    readonly units: readonly PeriodRowView[];
    readonly orgs: readonly PeriodRowView[];
  }>;
  /** Who stands how in a period: 在线率 with what it was before, and tickets, best first. */
  ranking(
    actor: Actor,
    query: Period & Paged & { readonly by: 'module' | 'org' | 'vendor' | 'unit' | 'project' },
    language: Language,
  ): Promise<{
    readonly from: string;
    readonly to: string;
    readonly rules: readonly string[];
    readonly items: readonly PeriodRowView[];
    readonly nextCursor: string | null;
  }>;
  sent(
    actor: Actor,
    query: { readonly kind?: ReportKind; readonly limit?: number; readonly before?: number },
  ): Promise<{ readonly items: readonly Sent[] }>;
  sentOne(
    actor: Actor,
    query: { readonly kind: ReportKind; readonly period: string },
  ): Promise<Sent & { readonly text: Readonly<Record<'zh' | 'en', string>> }>;
  availabilityFile(
    actor: Actor,
    query: AvailabilityAsked & { readonly purpose: string },
    language: Language,
  ): Promise<ReportFileView>;
  ticketsFile(
    actor: Actor,
    query: TicketsAsked & { readonly purpose: string },
    language: Language,
  ): Promise<ReportFileView>;
  dailyFile(
    actor: Actor,
    query: { readonly purpose: string; readonly date?: string },
    language: Language,
  ): Promise<ReportFileView>;
  periodicFile(
    actor: Actor,
    query: { readonly purpose: string; readonly kind: 'biweekly' | 'monthly'; readonly period?: string },
    language: Language,
  ): Promise<ReportFileView>;
}
