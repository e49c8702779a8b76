import type { Static } from 'typebox';
import type { Actor } from '../domain/actor.ts';
import type { LifecycleAction } from '../domain/device.ts';
import type { BulkInput, DeviceInput, DevicePatch, DeviceQuery, ReplaceInput } from '../domain/device-input.ts';
import type { Device, DeviceCredentials, Page } from '../domain/device-record.ts';
import type { TicketStage } from '../domain/ticket.ts';
import type * as views from './schemas/device.ts';
import type * as other from './schemas/other.ts';
import type * as ticket from './schemas/ticket.ts';

/**
 * Everything the routes ask of the stages. Each group is satisfied by a stage's service or by a family of the store,
 * joined in main.ts. All methods check the actor's right and scope: what is foreign answers NOT_FOUND like what is
 * unknown. Views are the response schemas; times and durations in them are milliseconds here.
 */
export interface Services {
  readonly sessions: SessionPort;
  readonly users: UserPort;
  readonly devices: DevicePort;
  readonly telemetry: TelemetryPort;
  readonly health: HealthPort;
  readonly catalogue: CataloguePort;
  readonly settings: SettingsPort;
  readonly deviceTypes: DeviceTypePort;
  readonly quarantine: QuarantinePort;
  readonly incidents: IncidentPort;
  readonly tickets: TicketPort;
  readonly notifications: NotificationPort;
  readonly overview: OverviewPort;
  readonly idempotency: IdempotencyPort;
}

type View<K extends keyof typeof other> = (typeof other)[K] extends import('typebox').TSchema
  ? Static<(typeof other)[K]>
  : never;

export interface ListQuery {
  readonly limit?: number;
  readonly cursor?: string;
  readonly q?: string;
  readonly sort?: string;
}

/** A page whose total may be absent (time-ranged lists). */
export interface TimedPage<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface LoggedIn {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly user: View<'UserView'>;
  readonly mustChangePassword: boolean;
}

/** Who may speak. */
export interface SessionPort {
  /** Throws BAD_CREDENTIALS or TOO_MANY_REQUESTS. */
  login(input: { username: string; password: string }, address: string): Promise<LoggedIn>;
  /** The actor behind a session token or API key; null when it is none. Throws UNAVAILABLE when it cannot know. */
  authenticate(token: string, address: string): Promise<Actor | null>;
  logout(actor: Actor): Promise<void>;
}

export interface UserPort {
  me(actor: Actor): Promise<View<'UserView'>>;
  changePassword(actor: Actor, input: { currentPassword: string; newPassword: string }): Promise<void>;
  createApiKey(actor: Actor, input: { name: string; expiresAt?: number }): Promise<{ id: string; key: string }>;
  listApiKeys(actor: Actor): Promise<readonly View<'ApiKeyView'>[]>;
  revokeApiKey(actor: Actor, id: string): Promise<void>;
  list(actor: Actor, query: ListQuery): Promise<Page<View<'UserView'>>>;
  create(actor: Actor, input: View<'UserBody'>): Promise<{ user: View<'UserView'>; password?: string }>;
  update(actor: Actor, id: string, patch: View<'UserPatch'>): Promise<View<'UserView'>>;
}

export interface DevicePort {
  create(actor: Actor, input: DeviceInput): Promise<{ device: Device; credentials: DeviceCredentials }>;
  get(actor: Actor, id: string): Promise<Device>;
  list(actor: Actor, query: DeviceQuery): Promise<Page<Device>>;
  update(actor: Actor, id: string, patch: DevicePatch): Promise<Device>;
  lifecycle(actor: Actor, id: string, action: LifecycleAction, reason: string): Promise<Device>;
  replace(actor: Actor, id: string, input: ReplaceInput): Promise<{ device: Device; credentials: DeviceCredentials }>;
  rotateCredentials(actor: Actor, id: string): Promise<DeviceCredentials>;
  bulk(actor: Actor, input: BulkInput): Promise<View<'BulkResult'>>;
  timeline(device: Device, query: TimeRange): Promise<TimedPage<Static<typeof views.TimelineEntryView>>>;
}

export interface TimeRange {
  /** Epoch milliseconds, inclusive; `to` exclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface TelemetryQuery extends TimeRange {
  readonly from: number;
  readonly to: number;
  readonly metrics?: readonly string[];
  /** Milliseconds; absent = raw points. */
  readonly bucket?: number;
  readonly agg?: (typeof views.AGGREGATES)[number];
}

/** What a device said. Callers have resolved the device under the actor's scope before. */
export interface TelemetryPort {
  query(device: Device, query: TelemetryQuery): Promise<Static<typeof views.TelemetryView>>;
  latest(device: Device): Promise<Static<typeof views.LatestView>>;
  events(device: Device, query: TimeRange): Promise<TimedPage<Static<typeof views.DeviceEventView>>>;
  /** Sends a command; throws UNAVAILABLE when the device is not connected. */
  command(actor: Actor, device: Device, command: { name: string; params?: unknown }): Promise<{ id: string }>;
}

export interface HealthPort {
  of(device: Device): Promise<Static<typeof views.DeviceHealthView>>;
}

/** Organisations and everything else that is entered by people and listed whole. */
export interface CataloguePort {
  readonly orgs: Resource<'OrgView', 'OrgBody'>;
  readonly modules: Resource<'ModuleView', 'ModuleBody'>;
  readonly sites: Resource<'SiteView', 'SiteBody'>;
  readonly vendors: Resource<'VendorView', 'VendorBody'>;
  readonly maintenanceUnits: Resource<'OrgView', 'MaintenanceUnitBody'>;
  readonly rosters: Resource<'RosterView', 'RosterBody'>;
  createVendorKey(actor: Actor, vendorId: string): Promise<{ key: string }>;
}

export interface Resource<V extends keyof typeof other, B extends keyof typeof other> {
  list(actor: Actor, query: ListQuery): Promise<Page<View<V>>>;
  get(actor: Actor, id: string): Promise<View<V>>;
  create(actor: Actor, input: View<B>): Promise<View<V>>;
  update(actor: Actor, id: string, patch: Partial<View<B>>): Promise<View<V>>;
  remove(actor: Actor, id: string): Promise<void>;
}

export interface SettingsPort {
  get(actor: Actor): Promise<Record<string, unknown>>;
  put(actor: Actor, patch: Record<string, unknown>): Promise<Record<string, unknown>>;
}

export interface DeviceTypePort {
  list(actor: Actor, query: ListQuery): Promise<Page<View<'DeviceTypeView'>>>;
  get(actor: Actor, id: string): Promise<View<'DeviceTypeDetail'>>;
  /** YAML text or the JSON document; runs its examples and throws INVALID_INPUT with what fails. */
  create(actor: Actor, source: unknown): Promise<View<'DeviceTypeDetail'>>;
  decode(actor: Actor, id: string, input: { topic: string; payload: Uint8Array }): Promise<View<'DecodeResult'>>;
}

export interface QuarantinePort {
  list(
    actor: Actor,
    query: TimeRange & { code?: string; deviceId?: string },
  ): Promise<TimedPage<View<'QuarantineView'>>>;
  replay(actor: Actor, input: View<'QuarantineReplayBody'>): Promise<View<'ReplayResult'>>;
}

export interface IncidentPort {
  list(actor: Actor, query: ListQuery & { state?: string; deviceId?: string }): Promise<Page<View<'IncidentView'>>>;
  get(actor: Actor, id: string): Promise<View<'IncidentView'>>;
}

export interface TicketListQuery extends ListQuery {
  readonly stage?: readonly TicketStage[];
  readonly deviceId?: string;
  readonly siteId?: string;
  readonly module?: string;
  readonly assigneeId?: string;
}

export interface TicketPort {
  list(actor: Actor, query: TicketListQuery): Promise<Page<Static<typeof ticket.TicketView>>>;
  get(actor: Actor, id: string): Promise<Static<typeof ticket.TicketView>>;
  create(actor: Actor, input: Static<typeof ticket.TicketBody>): Promise<Static<typeof ticket.TicketView>>;
  transition(
    actor: Actor,
    id: string,
    request: Omit<Static<typeof ticket.TransitionBody>, 'until'> & { until?: number },
  ): Promise<Static<typeof ticket.TicketView>>;
  comment(actor: Actor, id: string, note: string): Promise<Static<typeof ticket.TicketView>>;
}

export interface NotificationPort {
  readonly channels: Resource<'ChannelView', 'ChannelBody'>;
  readonly rules: Resource<'RuleView', 'RuleBody'>;
}

export interface OverviewPort {
  of(actor: Actor): Promise<View<'OverviewView'>>;
}

/** A request's answer as it is kept for repetitions. */
export interface StoredAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Without what is shown only once. */
  readonly body: string;
}

export interface IdempotencyPort {
  /** Claims the slot. `running` while another request holds the lease, `mismatch` when the fingerprint differs. */
  begin(claim: {
    slot: string;
    fingerprint: string;
    now: number;
    leaseUntil: number;
    keepUntil: number;
  }): Promise<
    { readonly state: 'new' | 'running' | 'mismatch' } | { readonly state: 'done'; readonly answer: StoredAnswer }
  >;
  finish(slot: string, answer: StoredAnswer): Promise<void>;
  /** The request failed on our side: the next one with this key runs afresh. */
  abandon(slot: string): Promise<void>;
}
