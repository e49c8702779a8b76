import type { Interval } from '../domain/availability.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Title } from '../domain/device-type/types.ts';
import type {
  Campaign,
  CampaignAnswer,
  CampaignFind,
  CampaignItem,
  CampaignResult,
  CampaignSheet,
  DeviceUse,
  HotSpot,
  InspectionAnswer,
  InspectionItem,
  InspectionState,
  InspectionTask,
  QualityBy,
  QualityRow,
  SheetState,
  SpotKind,
  UseAction,
} from '../domain/inspection-rows.ts';
import type { Page } from '../domain/page.ts';
import type { DeviceMaintenance } from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import type { Language } from '../messages/index.ts';

type Span = { readonly from: number; readonly to: number };
type Slice = { readonly offset: number; readonly limit: number };

export interface TaskStore {
  /** One task for every department that has none of the day; answers how many were made. */
  makeTasks(
    tx: Tx,
    at: { readonly day: number; readonly now: number; readonly dueAt: number; readonly duties: readonly string[] },
  ): Promise<number>;
  listTasks(
    tx: Tx,
    scope: Scope,
    query: {
      readonly now: number;
      readonly limit: number;
      readonly cursor?: string;
      readonly day?: number;
      readonly orgId?: string;
      readonly state?: InspectionState;
    },
  ): Promise<Page<InspectionTask>>;
  task(tx: Tx, scope: Scope, id: string, now: number, lock: boolean): Promise<InspectionTask | undefined>;
  taskItems(tx: Tx, scope: Scope, id: string): Promise<InspectionItem[]>;
  /** Answers how many of the items there were. */
  answerTask(tx: Tx, id: string, answers: readonly InspectionAnswer[], by: string, now: number): Promise<number>;
  answerRest(tx: Tx, id: string, result: string, by: string, now: number): Promise<void>;
  submitTask(
    tx: Tx,
    id: string,
    who: { readonly id: string; readonly name: string },
    note: string | null,
    now: number,
  ): Promise<void>;
  /** Tasks of a day that nobody has submitted. */
  missed(
    tx: Tx,
    day: number,
  ): Promise<
    readonly {
      readonly orgId: string;
      readonly orgName: string;
      readonly modules: readonly string[];
      readonly dueAt: number;
    }[]
  >;
}

export interface CampaignStore {
  /** Devices listed; undefined when one of that month and name is there. */
  startCampaign(
    tx: Tx,
    row: Pick<Campaign, 'id' | 'month' | 'name' | 'filter' | 'dueAt' | 'startedAt' | 'startedBy'>,
    scope: Scope,
  ): Promise<number | undefined>;
  campaigns(tx: Tx, scope: Scope, page: Slice): Promise<Campaign[]>;
  campaign(tx: Tx, scope: Scope, id: string, lock: boolean): Promise<Campaign | undefined>;
  sheets(tx: Tx, scope: Scope, id: string, orgId: string | null): Promise<CampaignSheet[]>;
  campaignItems(
    tx: Tx,
    scope: Scope,
    id: string,
    query: {
      readonly orgId: string | null;
      readonly result: CampaignResult | 'unanswered' | null;
      readonly after: number;
      readonly limit: number;
    },
  ): Promise<CampaignItem[]>;
  /** Names of people and numbers of tickets of the campaign, by id. */
  campaignNames(tx: Tx, id: string): Promise<ReadonlyMap<string, string>>;
  answerItems(
    tx: Tx,
    scope: Scope,
    id: string,
    orgId: string,
    answers: readonly CampaignAnswer[],
    by: string,
    now: number,
  ): Promise<number>;
  addFind(tx: Tx, id: string, orgId: string, find: CampaignFind, by: string, now: number): Promise<number>;
  removeFind(tx: Tx, id: string, orgId: string, n: number): Promise<boolean>;
  filledIn(tx: Tx, id: string, orgId: string, by: string): Promise<boolean>;
  moveSheet(
    tx: Tx,
    id: string,
    orgId: string,
    to: {
      readonly state: SheetState;
      readonly by: string;
      readonly name: string;
      readonly now: number;
      readonly reason?: string;
    },
  ): Promise<void>;
  /** Differences without a ticket. */
  differences(
    tx: Tx,
    id: string,
    orgId: string,
  ): Promise<readonly (CampaignItem & { readonly device: DeviceKey | null })[]>;
  noteTickets(tx: Tx, id: string, filed: readonly { readonly n: number; readonly ticketId: string }[]): Promise<void>;
  seal(tx: Tx, id: string, by: string, note: string | null, now: number): Promise<void>;
}

export interface SpotQuery extends Span {
  readonly by: SpotKind;
  readonly module: string | null;
  readonly minTickets: number;
  readonly repeatMs: number;
  /** Only this one. */
  readonly id: string | null;
  readonly limit: number;
  readonly offset: number;
}

export interface SpotStore {
  /** Points by deviation from the mean of the reader's district, worst first. */
  hotSpots(
    tx: Tx,
    scope: Scope,
    query: SpotQuery,
  ): Promise<{ readonly items: readonly HotSpot[]; readonly perDeviceMonth: number }>;
  /** Puts the changes of how many devices stand where together. */
  settleExposure(tx: Tx): Promise<void>;
  /** Whether the reader sees such a site or device at all; of a device its key. */
  spotDevices(tx: Tx, scope: Scope, by: SpotKind, id: string): Promise<readonly DeviceKey[] | undefined>;
}

/** What the types of devices say that quality is judged by. */
export interface TypeFacts {
  readonly type: string;
  readonly title?: Title;
  /** Milliseconds between messages; null = learned by the device itself, or none. */
  readonly interval: number | null;
  /** Sends readings at all. */
  readonly sends: boolean;
  /** Metrics that say whether it is in use, as `like` patterns. */
  readonly use: readonly string[];
}

/** Approved maintenance, from the stage that keeps it. */
export interface MaintenancePort {
  /** Windows of these devices that overlap `[from, to)`; they may overlap each other. */
  intervals(tx: Tx, devices: readonly DeviceKey[], from: number, to: number): Promise<readonly DeviceMaintenance[]>;
  /** Empty when there are none. */
  mark(tx: Tx, from: number, to: number): Promise<string>;
}

export interface QualityStore {
  /** When nobody could be heard. */
  blind(tx: Tx, span: Span): Promise<readonly Interval[]>;
  activeDevices(tx: Tx, of: { readonly after: DeviceKey; readonly limit: number }): Promise<readonly DeviceKey[]>;
  /** Numbers of the next devices by key for a day; answers the last of them, undefined when there was none. */
  rollDay(
    tx: Tx,
    day: number,
    /** Time that nothing was to be heard: of all, and besides of each device under maintenance. */
    span: Span & { readonly blindMs: number; readonly excusedMs: ReadonlyMap<DeviceKey, number> },
    types: readonly TypeFacts[],
    of: { readonly after: DeviceKey; readonly limit: number },
  ): Promise<DeviceKey | undefined>;
  sumDay(tx: Tx, day: number): Promise<void>;
  rollQuarter(
    tx: Tx,
    days: { readonly first: number; readonly next: number },
    span: Span,
    of: { readonly after: DeviceKey; readonly limit: number },
  ): Promise<DeviceKey | undefined>;
  pruneDays(tx: Tx, before: number): Promise<void>;
  /** True when this owner does it now: nobody else is at it, and it is not done (`through` is null or before `least`). */
  claimRun(
    tx: Tx,
    name: string,
    day: number,
    owner: string,
    at: { readonly now: number; readonly until: number; readonly least: number },
  ): Promise<boolean>;
  finishRun(tx: Tx, name: string, day: number, through: number): Promise<void>;
  /** Newest day computed to its end, else the running one. */
  newestDay(tx: Tx): Promise<{ readonly day: number; readonly through: number } | undefined>;
  runOf(tx: Tx, name: string, day: number): Promise<number | null>;
  quality(
    tx: Tx,
    scope: Scope,
    query: Slice & {
      readonly by: QualityBy;
      /** Of names that have two. */
      readonly language: Language;
      readonly day: number;
      readonly vendorId: string | null;
      readonly module: string | null;
      readonly type: string | null;
    },
  ): Promise<QualityRow[]>;
}

export interface UseStore {
  use(
    tx: Tx,
    scope: Scope,
    query: Slice & { readonly by: 'lowUse' | 'falseAlarm'; readonly quarter: number; readonly module: string | null },
  ): Promise<DeviceUse[]>;
  decideUse(
    tx: Tx,
    device: DeviceKey,
    row: {
      readonly quarter: number;
      readonly action: UseAction;
      readonly reason: string;
      readonly by: string;
      readonly at: number;
    },
  ): Promise<void>;
}

export type InspectionStore = TaskStore & CampaignStore & SpotStore & QualityStore & UseStore;
