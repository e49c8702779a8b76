import type { DeviceKey } from '../domain/device.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Absence, DeviceFacts, Shift } from '../domain/duty-rows.ts';
import type { Point } from '../domain/geo.ts';
import type { Notice } from '../domain/notice.ts';
import type { Scope } from '../domain/scope.ts';
import type { TicketEvidence, TicketRecord, TicketStage } from '../domain/ticket.ts';
import type {
  LoggedEntry,
  StoredTicket,
  TicketAsk,
  TicketAttachment,
  TicketBelongings,
  TicketFilter,
  TicketParty,
  TicketReader,
  TicketSubject,
} from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import type { Language } from '../messages/index.ts';
import type { WatchStore } from './watch-ports.ts';

export interface TicketStore extends WatchStore {
  /** Latest ticket of each subject, open ones first, locked until the transaction ends. */
  latestOf(tx: Tx, subjects: readonly TicketSubject[]): Promise<StoredTicket[]>;
  /** Tickets of these incidents that are open or closed, locked. */
  ofIncidents(tx: Tx, incidentIds: readonly string[]): Promise<StoredTicket[]>;
  /** Reserves `count` numbers of the day and returns the first. */
  takeNumbers(tx: Tx, day: string, count: number): Promise<number>;
  /** Inserts what does not collide with an open ticket of the same subject; answers the ids that were inserted. */
  insert(tx: Tx, tickets: readonly TicketRecord[]): Promise<ReadonlySet<string>>;
  addDevices(tx: Tx, members: readonly { ticketId: string; device: DeviceKey }[]): Promise<void>;
  /** Writes each ticket whose stored revision is `expected`; answers the ids that won. */
  update(tx: Tx, tickets: readonly { ticket: TicketRecord; expected: number }[]): Promise<ReadonlySet<string>>;
  log(tx: Tx, entries: readonly LoggedEntry[]): Promise<void>;
  /** Ends what only its ticket ends; answers the devices whose verdict changes by it. */
  closeIncidents(tx: Tx, incidentIds: readonly string[], at: number): Promise<readonly DeviceKey[]>;
  /** Takes over what a group speaks for, or what waits to be judged, of these devices; answers the incidents, open now. */
  takeIncidents(
    tx: Tx,
    devices: readonly DeviceKey[],
    about: { readonly fault: string; readonly component: string | null },
  ): Promise<string[]>;
  history(tx: Tx, ticketIds: readonly string[]): Promise<LoggedEntry[]>;
  /** People who may be named for a ticket, the handling party's own first. */
  nameable(
    tx: Tx,
    reach: { readonly scope: Scope; readonly ticketId: string },
    limit: number,
  ): Promise<readonly { readonly id: string; readonly name: string; readonly orgId: string | null }[]>;
  /** Names of people, organisations and devices by id; unknown ids are absent. */
  names(
    tx: Tx,
    of: { readonly people: readonly string[]; readonly orgs: readonly string[]; readonly devices: readonly string[] },
  ): Promise<ReadonlyMap<string, string>>;
  /** Of modules that exist, in the language. */
  moduleNames(tx: Tx, ids: readonly string[], language: Language): Promise<ReadonlyMap<string, string>>;
  /** Undefined for unknown and for foreign ids alike. `lock` holds the row until the transaction ends. */
  get(tx: Tx, id: string, reader: TicketReader | null, lock: boolean): Promise<StoredTicket | undefined>;
  list(
    tx: Tx,
    reader: TicketReader,
    filter: TicketFilter,
    page: { limit: number; after: { openedAt: number; id: string } | null; now: number },
  ): Promise<StoredTicket[]>;
  /** Exact up to `cap`, else null. */
  count(tx: Tx, reader: TicketReader, filter: TicketFilter, now: number, cap: number): Promise<number | null>;
  /** Appends proofs without a transition. */
  addEvidence(tx: Tx, id: string, evidence: readonly TicketEvidence[]): Promise<void>;
  /** Recovered and quiet since `until`: 核查 by data, and 自恢复 of what never left the desk. Locked, skipping locked. */
  recovered(tx: Tx, until: number, after: string, limit: number): Promise<StoredTicket[]>;
  /** Suspended tickets whose time has come. Locked, skipping locked. */
  resumable(tx: Tx, now: number, limit: number): Promise<StoredTicket[]>;
  /** Marks deadlines missed since the last look and answers their tickets, each deadline once. */
  markOverdue(tx: Tx, now: number, limit: number): Promise<StoredTicket[]>;
  /** Open tickets all of whose devices are among these or retired. Locked. */
  openOfDevices(tx: Tx, devices: readonly DeviceKey[]): Promise<StoredTicket[]>;
  /** Those of these that are open and of a drill. Locked. */
  openDrills(tx: Tx, ids: readonly string[]): Promise<StoredTicket[]>;
  countByStage(tx: Tx): Promise<Partial<Record<TicketStage, number>>>;
  /** Requests, parties, attachments and merged tickets of each of these. */
  belongings(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, TicketBelongings>>;
  /** The ticket must be locked. null = one of its kind still waits for a decision. */
  addAsk(tx: Tx, ask: Omit<TicketAsk, 'n' | 'decisionNote'>): Promise<number | null>;
  /** False when it was decided already. */
  decideAsk(
    tx: Tx,
    ask: Pick<TicketAsk, 'ticketId' | 'n'>,
    state: 'approved' | 'refused',
    decided: { readonly by: string; readonly at: number; readonly note: string | null },
  ): Promise<boolean>;
  /** Adds a party or changes its duty; what it answered stays. */
  putParty(tx: Tx, party: TicketParty): Promise<void>;
  /** False when it was none. */
  removeParty(tx: Tx, ticketId: string, orgId: string): Promise<boolean>;
  /** Answers how many of these organisations had not answered yet. */
  acknowledge(tx: Tx, ticketId: string, orgIds: readonly string[], by: string, now: number): Promise<number>;
  /** The ticket must be locked; answers the number it got. */
  addAttachment(tx: Tx, file: Omit<TicketAttachment, 'n' | 'repeated'>): Promise<number>;
  /** Of these files, by SHA-256, the ones a ticket names. */
  filesNamed(tx: Tx, sha256s: readonly string[]): Promise<ReadonlySet<string>>;
  /** Copies behind those the other ticket has; answers by how much their numbers grew. */
  copyAttachments(tx: Tx, from: string, to: string): Promise<number>;
  removeDevices(tx: Tx, ticketId: string, devices: readonly DeviceKey[]): Promise<void>;
  /** WGS-84 place of the first device that has one, else of the site. */
  placeOf(tx: Tx, ticketId: string): Promise<Point | null>;
  /**
   * Of these `org:<id>` within the scope, in the matrix of the ticket's module or maintaining one of its devices, and
   * `user:<id>` who may sign in and belong to such an organisation or to the whole.
   */
  known(
    tx: Tx,
    people: readonly string[],
    orgs: readonly string[],
    reach: { readonly scope: Scope; readonly ticketId: string },
  ): Promise<ReadonlySet<string>>;
  /** Organisation of a person who neither belongs to this one or one above it nor works for it; null for everybody else. */
  foreignUnit(tx: Tx, userId: string, orgId: string): Promise<string | null>;
  /** Public ids behind `after`, in order. */
  deviceIds(tx: Tx, ticketId: string, after: string, limit: number): Promise<string[]>;
}

export interface Directory {
  devices(tx: Tx, keys: readonly DeviceKey[]): Promise<DeviceFacts[]>;
  /** Of these the ones in scope. */
  devicesById(tx: Tx, ids: readonly string[], scope: Scope): Promise<DeviceFacts[]>;
  /** Organisation a site belongs to; null for a site of nobody and for one that does not exist. */
  siteOrg(tx: Tx, siteId: string): Promise<string | null>;
  /** Names of organisations and people; an id that is neither is left out. */
  names(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  siteNames(tx: Tx, siteIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Lead department of each module that has one. */
  leads(tx: Tx, modules: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Organisation that handles a module's events at a site: named for the site, else the nearest one of the matrix. */
  siteHandlers(
    tx: Tx,
    pairs: readonly { siteId: string; module: string }[],
  ): Promise<readonly { siteId: string; module: string; orgId: string }[]>;
  /** In the order in which they are asked. */
  shifts(tx: Tx, orgIds: readonly string[]): Promise<Shift[]>;
  /** Absences that touch [from, to). */
  absences(tx: Tx, from: number, to: number): Promise<Absence[]>;
  /** Of these users the ones who may work: they exist and are not disabled. */
  active(tx: Tx, userIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Responsible person (user id) of each organisation that names one. */
  responsible(tx: Tx, orgIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The organisation and everything above it. */
  orgPath(tx: Tx, orgId: string): Promise<readonly string[]>;
}

/** What the type of these devices calls a code of its alarms and events; undefined for every other code. */
export type TitleOf = (code: string, deviceIds: readonly string[]) => Title | undefined;

export interface Outbox {
  add(tx: Tx, notices: readonly Notice[]): Promise<void>;
}

/** Whether a device is reachable and its data fresh now (neither offline, stale nor flapping). */
export interface DeviceCondition {
  readonly device: DeviceKey;
  readonly good: boolean;
  /** Numbers and words that prove it. */
  readonly detail: unknown;
}

/** Reads verdicts of the monitor; devices it knows nothing about are missing from the answer. */
export type Conditions = (tx: Tx, devices: readonly DeviceKey[]) => Promise<DeviceCondition[]>;

/** Looks at the devices now for what shows the fault: a picture, a probe, else their fresh data. One row per device. */
export type Recheck = (
  devices: readonly DeviceKey[],
  fault: string,
) => Promise<readonly { readonly device: DeviceKey; readonly ok: boolean; readonly detail: unknown }[]>;
