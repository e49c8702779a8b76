import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { DeviceHistory, Interval } from '../../domain/availability.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { DeviceFilter } from '../../domain/device-input.ts';
import type { IncidentQuery } from '../../domain/incident-query.ts';
import type { MapPointRows } from '../../domain/map-points.ts';
import type { Page, TimedPage, TimeRange } from '../../domain/page.ts';
import type {
  QuarantinedRow,
  QuarantineFilter,
  QuarantineQuery,
  QuarantineReason,
  ReplayChoice,
} from '../../domain/quarantine-rows.ts';
import type { Scope } from '../../domain/scope.ts';
import type { TicketReader } from '../../domain/ticket-rows.ts';
import type { Tx } from '../../domain/tx.ts';
import type { DeviceEventView, FactView, TimelineEntryView } from '../schemas/device.ts';
import type { DeviceLanesView } from '../schemas/device-lanes.ts';
import type { IncidentView } from '../schemas/incident.ts';
import type { OverviewView } from '../schemas/overview.ts';
import type { Marks } from '../updates.ts';

type Lanes = Static<typeof DeviceLanesView>;

/** Read statements of the API (`store/reads.ts`). Lists are newest first; everything is cut to the scope in SQL. */
export interface ReadPort {
  facts(tx: Tx, device: DeviceKey): Promise<readonly (Static<typeof FactView> & { readonly name: string })[]>;
  events(
    tx: Tx,
    device: DeviceKey,
    query: TimeRange,
  ): Promise<TimedPage<Omit<Static<typeof DeviceEventView>, 'title'>>>;
  timeline(
    tx: Tx,
    device: DeviceKey,
    query: TimeRange & { readonly kinds: readonly string[] },
  ): Promise<TimedPage<Static<typeof TimelineEntryView>>>;
  /** What held for a device in `[from, to)`, oldest first; `to` null = still so. */
  lanes(
    tx: Tx,
    device: { readonly key: DeviceKey; readonly id: string },
    query: {
      readonly from: number;
      readonly to: number;
      readonly incidents: boolean;
      readonly reader: TicketReader | null;
    },
  ): Promise<Pick<Lanes, 'health' | 'coarse' | 'incidents' | 'tickets'> & { readonly blind: readonly Interval[] }>;
  quarantine(tx: Tx, scope: Scope, query: QuarantineQuery): Promise<TimedPage<QuarantinedRow>>;
  quarantineReasons(tx: Tx, scope: Scope, filter: QuarantineFilter): Promise<readonly QuarantineReason[]>;
  /** What is on record of these devices, as far as they are in reach; but for maintenance. */
  heartbeats(
    tx: Tx,
    ids: readonly string[],
    reader: TicketReader,
    from: number,
    to: number,
  ): Promise<readonly (Omit<DeviceHistory, 'maintenance'> & { readonly device: DeviceKey; readonly id: string })[]>;
  groupOutages(
    tx: Tx,
    devices: readonly DeviceKey[],
    from: number,
    to: number,
  ): Promise<ReadonlyMap<DeviceKey, readonly Interval[]>>;
  openTickets(
    tx: Tx,
    devices: readonly DeviceKey[],
    reader: TicketReader,
  ): Promise<
    readonly { readonly device: DeviceKey; readonly id: string; readonly no: string; readonly stage: string }[]
  >;
  /** Devices of the filter that have a place; retired and rejected ones only when the filter names lifecycles. */
  mapPoints(tx: Tx, scope: Scope, filter: DeviceFilter, limit: number): Promise<MapPointRows>;
  incidents(tx: Tx, scope: Scope, query: IncidentQuery): Promise<Page<Static<typeof IncidentView>>>;
  incident(tx: Tx, scope: Scope, id: string): Promise<Static<typeof IncidentView> | undefined>;
  /** What moves when something changed. */
  changeMarks(tx: Tx): Promise<Marks>;
  overview(
    tx: Tx,
    scope: Scope,
    now: number,
  ): Promise<{
    readonly devices: Static<typeof OverviewView>['devices'];
    readonly tickets: Static<typeof OverviewView>['tickets'];
    readonly incidents: Static<typeof OverviewView>['incidents'];
  }>;
}

/** The ledger and the spool together; truth about every message. */
export interface AccountingPort {
  messages(): Promise<NonNullable<Static<typeof OverviewView>['messages']>>;
}

/** Feeds quarantined messages through ingest once more, under their first receive time. */
export interface ReplayPort {
  run(actor: Actor, which: ReplayChoice): Promise<{ readonly replayed: number; readonly remaining: number }>;
}
