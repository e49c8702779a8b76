import type { Static } from 'typebox';
import type {
  ApiKey,
  ApiKeyInput,
  LoginInput,
  PasswordChange,
  SessionInfo,
  User,
  UserInput,
  UserPatch,
} from '../domain/access-input.ts';
import type { Actor } from '../domain/actor.ts';
import type {
  Module,
  ModuleInput,
  ModulePatch,
  Org,
  OrgInput,
  OrgPatch,
  Site,
  SiteInput,
  SitePatch,
  Vendor,
  VendorInput,
  VendorPatch,
} from '../domain/catalogue-input.ts';
import type { DeviceKey, LifecycleAction } from '../domain/device.ts';
import type { BulkInput, DeviceInput, DevicePatch, DeviceQuery, ReplaceInput } from '../domain/device-input.ts';
import type { Device, DeviceCredentials } from '../domain/device-record.ts';
import type { Decoded, DecodeInput, DeviceType } from '../domain/device-type/index.ts';
import type { ShiftRecord } from '../domain/duty-rows.ts';
import type { ClaimedSlot, SlotClaim, StoredAnswer } from '../domain/idempotency.ts';
import type { Page, TimedPage, TimeRange } from '../domain/page.ts';
import type { QuarantinedRow, QuarantineQuery, ReplayChoice } from '../domain/quarantine-rows.ts';
import type { Value } from '../domain/reading.ts';
import type { Scope } from '../domain/scope.ts';
import type { SettingsInput, SettingValues } from '../domain/settings.ts';
import type { TicketFilter } from '../domain/ticket-rows.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import type { FieldError } from '../errors.ts';
import type { Language } from '../messages/index.ts';
import type * as views from './schemas/device.ts';
import type * as other from './schemas/other.ts';
import type * as ticket from './schemas/ticket.ts';

/**
 * Everything the routes ask of the stages. Each group is satisfied by a stage's service or by a family of the store,
 * joined in main.ts. All methods check the actor's right and scope: what is foreign answers NOT_FOUND like what is
 * unknown. Views are the response schemas; times and durations in them are milliseconds here.
 */
export interface Services {
  readonly db: Transactor;
  readonly reads: ReadPort;
  readonly sessions: SessionPort;
  readonly users: UserPort;
  readonly apiKeys: ApiKeyPort;
  readonly devices: DevicePort;
  readonly series: SeriesPort;
  readonly commands: CommandPort;
  readonly organisations: OrganisationPort;
  readonly vendors: ResourcePort<Vendor, VendorInput, VendorPatch>;
  readonly rosters: RosterPort;
  readonly settings: SettingsPort;
  readonly deviceTypes: DeviceTypePort;
  readonly replay: ReplayPort;
  readonly tickets: TicketPort;
  readonly notifications: NotificationPort;
  readonly accounting: AccountingPort;
  readonly idempotency: IdempotencyPort;
}

type View<K extends keyof typeof other> = (typeof other)[K] extends import('typebox').TSchema
  ? Static<(typeof other)[K]>
  : never;

export interface LoggedIn {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly user: User;
  readonly mustChangePassword: boolean;
}

/** Who may speak. */
export interface SessionPort {
  /** Throws BAD_CREDENTIALS or TOO_MANY_REQUESTS. */
  login(input: LoginInput, address: string, agent?: string): Promise<LoggedIn>;
  /** The actor behind a session token or API key; null when it is none. Throws UNAVAILABLE when it cannot know. */
  authenticate(token: string, address: string): Promise<Actor | null>;
  logout(actor: Actor): Promise<void>;
  list(actor: Actor): Promise<readonly SessionInfo[]>;
  revoke(actor: Actor, id: string): Promise<void>;
}

export interface UserPort {
  me(actor: Actor): Promise<User>;
  changePassword(actor: Actor, input: PasswordChange): Promise<void>;
  list(actor: Actor, query: { limit?: number; cursor?: string; q?: string; role?: string }): Promise<Page<User>>;
  get(actor: Actor, id: string): Promise<User>;
  create(actor: Actor, input: UserInput): Promise<{ user: User; password?: string }>;
  update(actor: Actor, id: string, patch: UserPatch): Promise<{ user: User; password?: string }>;
}

export interface ApiKeyPort {
  createOwn(actor: Actor, input: ApiKeyInput): Promise<ApiKey & { readonly key: string }>;
  listOwn(actor: Actor): Promise<readonly ApiKey[]>;
  revokeOwn(actor: Actor, id: string): Promise<void>;
  createForVendor(actor: Actor, vendorId: string, input: ApiKeyInput): Promise<ApiKey & { readonly key: string }>;
  listForVendor(actor: Actor, vendorId: string): Promise<readonly ApiKey[]>;
  revokeForVendor(actor: Actor, vendorId: string, id: string): Promise<void>;
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
}

/** The time-series store, read side. */
export interface SeriesPort {
  query(query: {
    device: DeviceKey;
    metrics?: readonly string[];
    from: number;
    to: number;
    bucket?: { ms: number; origin?: number; agg: (typeof views.AGGREGATES)[number] };
    limit: number;
    cursor?: string;
  }): Promise<{
    readonly series: Static<typeof views.TelemetryView>['series'];
    readonly nextCursor: string | null;
  }>;
  latest(device: DeviceKey): Promise<
    readonly {
      readonly metric: string;
      readonly unit: string | null;
      readonly value: Value;
      readonly time: number;
      readonly receivedAt: number;
      readonly flags: readonly string[];
    }[]
  >;
}

export interface CommandPort {
  /** Keeps the command and sends it; throws UNAVAILABLE when the device is not connected. */
  send(actor: Actor, device: Device, command: { name: string; params?: unknown }): Promise<{ id: string }>;
}

/** Read statements of the API (`store/reads.ts`). Lists are newest first; everything is cut to the scope in SQL. */
export interface ReadPort {
  facts(tx: Tx, device: DeviceKey): Promise<readonly (Static<typeof views.FactView> & { readonly name: string })[]>;
  events(tx: Tx, device: DeviceKey, query: TimeRange): Promise<TimedPage<Static<typeof views.DeviceEventView>>>;
  timeline(tx: Tx, device: DeviceKey, query: TimeRange): Promise<TimedPage<Static<typeof views.TimelineEntryView>>>;
  quarantine(tx: Tx, scope: Scope, query: QuarantineQuery): Promise<TimedPage<QuarantinedRow>>;
  /** Rows not yet replayed, oldest first. */
  replayable(tx: Tx, scope: Scope, which: ReplayChoice, limit: number): Promise<readonly QuarantinedRow[]>;
  /** Claims rows for a replay; answers the ids that were not replayed before. */
  markReplayed(tx: Tx, ids: readonly string[], at: number): Promise<readonly string[]>;
  incidents(
    tx: Tx,
    scope: Scope,
    query: { state?: 'open' | 'resolved'; deviceId?: string; limit?: number; cursor?: string },
  ): Promise<Page<View<'IncidentView'>>>;
  incident(tx: Tx, scope: Scope, id: string): Promise<View<'IncidentView'> | undefined>;
  overview(
    tx: Tx,
    scope: Scope,
  ): Promise<{
    readonly devices: View<'OverviewView'>['devices'];
    readonly tickets: View<'OverviewView'>['tickets'];
    readonly incidents: View<'OverviewView'>['incidents'];
  }>;
}

/** Objects people enter. Foreign and unknown ids answer NOT_FOUND. */
export interface ResourcePort<T, Input, Patch> {
  list(actor: Actor, query: { limit?: number; cursor?: string; q?: string }): Promise<Page<T>>;
  get(actor: Actor, id: string): Promise<T>;
  create(actor: Actor, input: Input): Promise<T>;
  update(actor: Actor, id: string, patch: Patch): Promise<T>;
  remove(actor: Actor, id: string): Promise<void>;
}

export interface OrganisationPort {
  readonly orgs: ResourcePort<Org, OrgInput, OrgPatch>;
  readonly maintenanceUnits: ResourcePort<Org, Omit<OrgInput, 'kind' | 'level'>, OrgPatch>;
  readonly sites: ResourcePort<Site, SiteInput, SitePatch>;
  readonly modules: ResourcePort<Module, ModuleInput, ModulePatch>;
}

/** Duty rosters; a family of the store, since a shift is no more than its row. */
export interface RosterPort {
  listShifts(tx: Tx, filter?: { orgId?: string; module?: string }): Promise<readonly ShiftRecord[]>;
  putShift(tx: Tx, shift: ShiftRecord): Promise<void>;
  removeShift(tx: Tx, id: string): Promise<boolean>;
}

export interface SettingsPort {
  get(actor: Actor): Promise<SettingValues>;
  put(actor: Actor, patch: SettingsInput): Promise<SettingValues>;
}

/** The catalogue of device types. */
export interface DeviceTypePort {
  get(id: string): DeviceType | undefined;
  list(): readonly DeviceType[];
  isBuiltIn(id: string): boolean;
  decode(typeId: string, input: DecodeInput): Decoded | undefined;
  add(
    source: unknown,
  ): Promise<
    { readonly ok: true; readonly type: DeviceType } | { readonly ok: false; readonly errors: readonly FieldError[] }
  >;
}

/** Feeds messages through ingest once more, under their first receive time. */
export interface ReplayPort {
  replay(
    messages: readonly { via: string; principal: string; topic: string; payload: Uint8Array; receivedAt: number }[],
  ): Promise<void>;
}

type TicketViewOf = Static<typeof ticket.TicketView>;

/** Texts the system wrote into the history come in the language asked for. */
export interface TicketPort {
  list(
    actor: Actor,
    filter: TicketFilter,
    page: { limit?: number; cursor?: string },
    language?: Language,
  ): Promise<Page<TicketViewOf>>;
  get(actor: Actor, id: string, language?: Language): Promise<TicketViewOf>;
  create(actor: Actor, input: Static<typeof ticket.TicketBody>, language?: Language): Promise<TicketViewOf>;
  /** `until` in epoch milliseconds. */
  transition(
    actor: Actor,
    id: string,
    input: Omit<Static<typeof ticket.TransitionBody>, 'until'> & { until?: number },
    language?: Language,
  ): Promise<TicketViewOf>;
  comment(actor: Actor, id: string, text: string, language?: Language): Promise<TicketViewOf>;
}

export interface NotificationPort {
  channels(): Promise<readonly View<'ChannelView'>[]>;
  createChannel(
    input: View<'ChannelInput'>,
  ): Promise<{ readonly channel: View<'ChannelView'>; readonly secret: string }>;
  changeChannel(id: string, input: View<'ChannelPatch'>): Promise<View<'ChannelView'>>;
  removeChannel(id: string): Promise<void>;
  rules(): Promise<readonly View<'RuleView'>[]>;
  createRule(input: View<'RuleInput'>): Promise<View<'RuleView'>>;
  changeRule(id: string, input: View<'RulePatch'>): Promise<View<'RuleView'>>;
  removeRule(id: string): Promise<void>;
}

/** The ledger and the spool together; truth about every message. */
export interface AccountingPort {
  messages(): Promise<NonNullable<View<'OverviewView'>['messages']>>;
}

export interface IdempotencyPort {
  /** Claims the slot. `running` while another request holds the lease, `mismatch` when the fingerprint differs. */
  begin(claim: SlotClaim): Promise<ClaimedSlot>;
  finish(slot: string, answer: StoredAnswer): Promise<void>;
  /** The request failed on our side: the next one with this key runs afresh. */
  abandon(slot: string): Promise<void>;
}
