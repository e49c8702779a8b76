import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { Page, TimedPage, TimeRange } from '../../domain/page.ts';
import type {
  QuarantinedRow,
  QuarantineFilter,
  QuarantineQuery,
  QuarantineReason,
  ReplayChoice,
} from '../../domain/quarantine-rows.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Tx } from '../../domain/tx.ts';
import type { DeviceEventView, FactView, TimelineEntryView } from '../schemas/device.ts';
import type { IncidentView } from '../schemas/incident.ts';
import type { OverviewView } from '../schemas/overview.ts';
import type { Marks } from '../updates.ts';

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
  quarantine(tx: Tx, scope: Scope, query: QuarantineQuery): Promise<TimedPage<QuarantinedRow>>;
  quarantineReasons(tx: Tx, scope: Scope, filter: QuarantineFilter): Promise<readonly QuarantineReason[]>;
  incidents(
    tx: Tx,
    scope: Scope,
    query: { state?: 'open' | 'resolved'; deviceId?: string; limit?: number; cursor?: string },
  ): Promise<Page<Static<typeof IncidentView>>>;
  incident(tx: Tx, scope: Scope, id: string): Promise<Static<typeof IncidentView> | undefined>;
  /** What moves when something changed. */
  changeMarks(tx: Tx): Promise<Marks>;
  overview(
    tx: Tx,
    scope: Scope,
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
