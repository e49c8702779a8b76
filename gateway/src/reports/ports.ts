import type { DeviceHistory, TimeSums } from '../domain/availability.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Notice } from '../domain/notice.ts';
import type { DayRange } from '../domain/report-period.ts';
import type {
  AvailabilityBy,
  AvailabilityFilter,
  DailyItem,
  DailySection,
  DayRun,
  DeviceMaintenance,
  GroupSums,
  ReportKind,
  ReportRow,
  TicketFigure,
  TicketFiguresBy,
  TicketRange,
  TicketSums,
  UnmeasuredTicket,
} from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';

export interface AvailabilityStore {
  /** Raw history of a run of devices by key, or of one device in reach. */
  histories(
    tx: Tx,
    from: number,
    to: number,
    of: { readonly after: DeviceKey; readonly limit: number } | { readonly id: string; readonly scope: Scope },
  ): Promise<(Omit<DeviceHistory, 'maintenance'> & { readonly device: DeviceKey })[]>;
  historyMark(tx: Tx, from: number, to: number): Promise<string>;
  runs(tx: Tx, days: DayRange): Promise<DayRun[]>;
  firstDeviceAt(tx: Tx): Promise<number | null>;
  ensureGroups(tx: Tx): Promise<void>;
  saveDays(
    tx: Tx,
    day: number,
    rows: readonly { readonly device: DeviceKey; readonly sums: TimeSums }[],
  ): Promise<void>;
  /** Of these devices the ones that have a row for the day. */
  devicesOfDay(tx: Tx, day: number, devices: readonly DeviceKey[]): Promise<DeviceKey[]>;
  sumDay(tx: Tx, day: number): Promise<void>;
  saveRun(tx: Tx, run: DayRun, now: number): Promise<void>;
  groupSums(
    tx: Tx,
    scope: Scope,
    days: DayRange,
    by: AvailabilityBy | null,
    filter: AvailabilityFilter,
  ): Promise<GroupSums[]>;
  /** Running sums at these days, each the end of a month so far. */
  monthSums(
    tx: Tx,
    scope: Scope,
    ends: readonly number[],
    filter: AvailabilityFilter,
  ): Promise<(GroupSums & { readonly day: number })[]>;
  daySums(
    tx: Tx,
    scope: Scope,
    days: DayRange,
    by: AvailabilityBy | null,
    filter: AvailabilityFilter,
  ): Promise<(GroupSums & { readonly day: number })[]>;
  pruneDays(tx: Tx, before: number): Promise<number>;
  /** True for one owner at a time, until the time given. */
  lease(tx: Tx, name: string, owner: string, now: number, until: number): Promise<boolean>;
}

export interface TicketFigureStore {
  /** Ended tickets whose figures are missing or of an earlier end, oldest first. */
  unmeasured(tx: Tx, endedSince: number, limit: number): Promise<UnmeasuredTicket[]>;
  saveFigures(tx: Tx, figures: readonly TicketFigure[]): Promise<void>;
  /** `total` undefined = there was none; `rows` empty when not asked for by anything. */
  ticketSums(
    tx: Tx,
    reader: { readonly scope: Scope },
    range: TicketRange,
    by: TicketFiguresBy | null,
    filter: AvailabilityFilter,
  ): Promise<{ readonly total: TicketSums | undefined; readonly rows: readonly TicketSums[] }>;
  /** When the first ticket was opened; null = there is none. */
  firstTicketAt(tx: Tx): Promise<number | null>;
  /** Days that were summed, in order, with what they were summed from. */
  ticketDays(tx: Tx, days: DayRange): Promise<readonly { readonly day: number; readonly mark: string }[]>;
  /** Changes whenever sums of the period may have. */
  ticketMark(tx: Tx, from: number, to: number): Promise<string>;
  sumTicketDay(
    tx: Tx,
    day: { readonly day: number; readonly from: number; readonly to: number; readonly mark: string },
  ): Promise<void>;
  pruneTicketDays(tx: Tx, before: number): Promise<void>;
  /** Tickets in reach that are not ended, by stage; drills aside. */
  openByStage(tx: Tx, scope: Scope): Promise<Readonly<Record<string, number>>>;
}

export interface ReportStore {
  /** False when this report was made before, by whomever; then nothing is written. */
  claim(tx: Tx, row: Omit<ReportRow, 'title' | 'text' | 'content'>): Promise<boolean>;
  finish(tx: Tx, row: ReportRow, items: readonly DailyItem[]): Promise<void>;
  made(tx: Tx, kind: ReportKind, period: number): Promise<boolean>;
  find(tx: Tx, kind: ReportKind, period: number): Promise<ReportRow | undefined>;
  list(
    tx: Tx,
    kind: ReportKind | null,
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<Pick<ReportRow, 'kind' | 'period' | 'last' | 'madeAt' | 'title'>[]>;
  /** What a daily report of now says, straight from the tables. */
  dailyItems(
    tx: Tx,
    at: {
      readonly now: number;
      readonly newSince: number;
      readonly longBefore: number;
      readonly recovered: readonly [number, number];
    },
  ): Promise<DailyItem[]>;
  /** Lines of a section in reach; `after` = position of the last one seen. */
  items(
    tx: Tx,
    scope: Scope,
    period: number,
    section: DailyItem['section'],
    page: { readonly after: number; readonly limit: number },
  ): Promise<(DailyItem & { readonly position: number })[]>;
  /** Those of these lines that are in reach, in their order. */
  inReach(tx: Tx, scope: Scope, items: readonly DailyItem[]): Promise<readonly DailyItem[]>;
  itemCounts(tx: Tx, scope: Scope, period: number): Promise<Readonly<Partial<Record<DailySection, number>>>>;
  /** Names of modules, organisations, vendors and sites by id. */
  names(
    tx: Tx,
    of: 'module' | 'org' | 'vendor' | 'site',
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly zh: string; readonly en: string }>>;
}

/** Approved maintenance, from the stage that keeps it. */
export interface MaintenancePort {
  /** Windows of these devices that overlap `[from, to)`; they may overlap each other. */
  intervals(tx: Tx, devices: readonly DeviceKey[], from: number, to: number): Promise<readonly DeviceMaintenance[]>;
  /** Changes whenever an answer for the period may have changed. */
  mark(tx: Tx, from: number, to: number): Promise<string>;
}

/** Inspections (巡检) that were due on a day and are missing. */
export type MissedInspections = (
  tx: Tx,
  day: { readonly from: number; readonly to: number; readonly date: string },
) => Promise<
  readonly { readonly orgId: string; readonly orgName: string; readonly module: string | null; readonly task: string }[]
>;

export interface ReportOutbox {
  add(tx: Tx, notices: readonly Notice[]): Promise<void>;
}

export const NO_MAINTENANCE: MaintenancePort = { intervals: async () => [], mark: async () => '' };
export const NO_INSPECTIONS: MissedInspections = async () => [];
