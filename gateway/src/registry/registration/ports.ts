import type { Clock } from '../../../../adapters/adapter.ts';
import type {
  AcceptanceReport,
  AcceptanceReportHead,
  Returned,
  TrialFacts,
  TrialMetric,
} from '../../domain/acceptance.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { ConstructionDecision, ConstructionReview } from '../../domain/construction.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { DeviceRecord, DeviceStatus } from '../../domain/device-record.ts';
import type { Title } from '../../domain/device-type/types.ts';
import type { DuplicateAsk, DuplicateRow } from '../../domain/duplicates.ts';
import type { Point } from '../../domain/geo.ts';
import type {
  HandedDevice,
  Handover,
  HandoverQuery,
  HandoverState,
  HandoverWithDevices,
  Step,
} from '../../domain/handover.ts';
import type { Page } from '../../domain/page.ts';
import type { Polygon } from '../../domain/polygon.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Transactor, Tx } from '../../domain/tx.ts';

/** What was seen of devices on trial, and the reports that were written. */
export interface TrialStore {
  trialFacts(tx: Tx, asks: readonly { key: DeviceKey; since: number }[]): Promise<TrialFacts[]>;
  trialMetrics(tx: Tx, asks: readonly { key: DeviceKey; metric: string; since: number }[]): Promise<TrialMetric[]>;
  returned(tx: Tx, keys: readonly DeviceKey[]): Promise<ReadonlyMap<DeviceKey, Returned>>;
  markReturned(tx: Tx, keys: readonly DeviceKey[], returned: Returned): Promise<void>;
  clearReturned(tx: Tx, keys: readonly DeviceKey[], resubmittedAt: number | null): Promise<void>;
  /** What was seen before counts no more. */
  restartTrial(tx: Tx, key: DeviceKey, at: number): Promise<void>;
  addReports(
    tx: Tx,
    reports: readonly (Omit<AcceptanceReport, 'id'> & { readonly device: DeviceKey })[],
  ): Promise<void>;
  reportHead(tx: Tx, device: DeviceKey): Promise<AcceptanceReportHead | null>;
  report(tx: Tx, device: DeviceKey): Promise<AcceptanceReport | undefined>;
  /** The next numbers of a series and day. */
  paperNumbers(tx: Tx, series: string, day: string, count: number): Promise<string[]>;
}

/** Who carries the same marks, and what stands around a place. */
export interface DuplicateStore {
  duplicates(tx: Tx, asks: readonly DuplicateAsk[], scope: Scope): Promise<DuplicateRow[]>;
  /** By organisation: the nearest boundary up the tree, and where its newest devices stand. */
  orgPlaces(
    tx: Tx,
    orgIds: readonly string[],
  ): Promise<
    {
      readonly orgId: string;
      readonly boundary: { readonly name: string; readonly polygon: Polygon } | null;
      readonly neighbours: readonly (Point & { readonly key: DeviceKey })[];
    }[]
  >;
  sitePlaces(tx: Tx, siteIds: readonly string[]): Promise<ReadonlyMap<string, Point>>;
  orgNames(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** 比对审核单 and 移交单. */
export interface PaperStore {
  addReview(tx: Tx, review: ConstructionReview): Promise<void>;
  /** False when somebody has decided already. */
  decideReview(tx: Tx, id: string, decision: ConstructionDecision): Promise<boolean>;
  review(tx: Tx, id: string, scope: Scope, by: string): Promise<ConstructionReview | undefined>;
  reviews(
    tx: Tx,
    query: { limit: number; cursor?: string | undefined },
    scope: Scope,
    by: string,
  ): Promise<Page<ConstructionReview>>;
  addHandover(
    tx: Tx,
    handover: Omit<Handover, 'fromOrgName' | 'toOrgName' | 'deviceCount' | 'handed' | 'decided'>,
    devices: readonly { readonly key: DeviceKey; readonly snapshot: HandedDevice }[],
  ): Promise<void>;
  handover(tx: Tx, id: string, scope: Scope, options?: { lock?: boolean }): Promise<HandoverWithDevices | undefined>;
  handovers(tx: Tx, query: HandoverQuery & { limit: number }, scope: Scope): Promise<Page<Handover>>;
  moveHandover(
    tx: Tx,
    id: string,
    state: HandoverState,
    by: Step & { readonly reason: string | null; readonly onBehalf: boolean },
  ): Promise<void>;
  inOpenHandover(tx: Tx, keys: readonly DeviceKey[]): Promise<ReadonlyMap<DeviceKey, string>>;
  inTree(tx: Tx, root: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What a trial needs to know of a device type; a compiled type fits. */
export interface TrialType {
  readonly title: Title;
  readonly adapter: string;
  readonly metrics: ReadonlyMap<string, { readonly name: string; readonly title: Title; readonly required: boolean }>;
  /** Milliseconds between two messages. */
  readonly health: { readonly interval: number };
}

export interface RegistrationDeps {
  readonly db: Transactor;
  readonly store: TrialStore & DuplicateStore;
  readonly devices: {
    get(tx: Tx, id: string, scope: Scope): Promise<(DeviceRecord & DeviceStatus) | undefined>;
  };
  readonly types: { get(id: string): TrialType | undefined };
  readonly settings: () => { readonly trialReadings: number; readonly trialIntervals: number };
  readonly audit: AuditPort;
  /** IANA name; days of numbers and times of what is printed. */
  readonly timeZone: string;
  readonly clock: Clock;
}
