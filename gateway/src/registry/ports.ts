import type { IssuedLogin } from '../domain/broker-login.ts';
import type { DeviceKey, LifecycleAction } from '../domain/device.ts';
import type { DeviceFilter, DeviceQuery } from '../domain/device-input.ts';
import type {
  DeviceCount,
  DeviceCountBy,
  DeviceRecord,
  DeviceStatus,
  DeviceTurn,
  NewDevice,
} from '../domain/device-record.ts';
import type { Clash, DirectoryRow, Identity, References, SealedTarget } from '../domain/device-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';

export interface DeviceStore {
  /** Devices after a key, in key order. */
  page(tx: Tx, after: DeviceKey, limit: number): Promise<DirectoryRow[]>;
  byKeys(tx: Tx, keys: readonly DeviceKey[]): Promise<DirectoryRow[]>;
  /** A page of the devices changed since a database time, in key order, and that time now; both epoch milliseconds. */
  changedSince(
    tx: Tx,
    since: number | null,
    page: { readonly after: DeviceKey; readonly limit: number },
  ): Promise<{ rows: DirectoryRow[]; now: number }>;
  insert(tx: Tx, devices: readonly NewDevice[]): Promise<DeviceKey[]>;
  /** Locks the devices in scope until the transaction ends, in key order. */
  lock(
    tx: Tx,
    which: { ids: readonly string[] } | { filter: DeviceFilter },
    scope: Scope,
    limit: number,
  ): Promise<DeviceRecord[]>;
  /** Writes whole records back, each one revision further. */
  save(tx: Tx, devices: readonly DeviceRecord[]): Promise<void>;
  get(tx: Tx, id: string, scope: Scope): Promise<(DeviceRecord & DeviceStatus) | undefined>;
  /** In the order of `sort`, one more than `limit` when there is another page; `total` null above 10,000. */
  list(
    tx: Tx,
    query: DeviceQuery & { limit: number },
    scope: Scope,
  ): Promise<{ items: (DeviceRecord & DeviceStatus)[]; nextCursor: string | null; total: number | null }>;
  counts(tx: Tx, filter: DeviceFilter, scope: Scope, by?: DeviceCountBy): Promise<readonly DeviceCount[]>;
  addTurns(tx: Tx, turns: readonly DeviceTurn[]): Promise<void>;
  turns(tx: Tx, key: DeviceKey, limit: number): Promise<DeviceTurn[]>;
  /** Those that do not exist or lie outside the scope: organisations by subtree, parents by the devices seen. */
  missing(tx: Tx, references: References, scope: Scope): Promise<References>;
  clashes(tx: Tx, identities: readonly Identity[]): Promise<Clash[]>;
  /** The organisation of each site. */
  siteOrgs(tx: Tx, siteIds: readonly string[]): Promise<ReadonlyMap<string, string | null>>;
  keysOf(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, DeviceKey>>;
  /** Ancestors of a device, itself included, nearest first. */
  ancestors(tx: Tx, key: DeviceKey): Promise<DeviceKey[]>;
  /** Devices with a connection that may connect, in key order. */
  targets(tx: Tx, which: { after: DeviceKey; limit: number } | { keys: readonly DeviceKey[] }): Promise<SealedTarget[]>;
  addUnexpected(tx: Tx, counts: readonly { key: DeviceKey; count: number; at: number }[]): Promise<void>;
}

/** The type registry, as far as a device needs it. */
export interface DeviceTypes {
  get(id: string): { readonly module: string | null } | undefined;
  /** Whether the scope may use the type; absent = every type is open to all. */
  isVisible?(id: string, scope: Scope): boolean;
  /** Whether devices in service may be of the type; absent = all of them. */
  isApproved?(id: string): boolean;
}

/** Seals and hashes; the access stage's `Secrets` fits. */
export interface Sealing {
  seal(plain: string, context: string): string;
  open(sealed: string, context: string): string;
  hash(secret: string): string;
}

/** What happens outside the registry when a device turns. What takes a transaction runs in it, the rest after the commit. */
export interface DeviceReactions {
  /** In the transaction: voids open tickets of retired devices. */
  onRetired(tx: Tx, keys: readonly DeviceKey[], reason: string): Promise<void>;
  /** In the transaction: another box stands at the point (换机); what was known of the one before is void. */
  onReplaced?(tx: Tx, key: DeviceKey): Promise<void>;
  /** In the transaction: these secrets were issued; a broker elsewhere has to learn them. */
  onIssued?(tx: Tx, logins: readonly IssuedLogin[]): Promise<void>;
  /** Ends the live session of a device whose right to connect or secret is gone. */
  disconnect(deviceId: string, reason: string): Promise<void>;
  /** Probes at once, e.g. after 换机. */
  probeNow(key: DeviceKey): void;
}

export type { LifecycleAction };
