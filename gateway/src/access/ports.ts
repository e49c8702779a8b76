import type { ApiKey, SessionInfo, User, UserFilter } from '../domain/access-input.ts';
import type { KeyOwner, UserChange, UserRecord } from '../domain/access-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import type { Format } from '../sheets/write.ts';

export interface UserStore {
  count(tx: Tx): Promise<number>;
  byUsername(tx: Tx, username: string): Promise<UserRecord | undefined>;
  /** Locks the row until the transaction ends when `lock` is set. */
  byId(tx: Tx, id: string, options?: { lock?: boolean }): Promise<UserRecord | undefined>;
  /** With last login and responsibilities; undefined for unknown and foreign ids alike. */
  seen(tx: Tx, id: string, scope: Scope): Promise<User | undefined>;
  /** In order of username, beginning after that one. */
  list(
    tx: Tx,
    scope: Scope,
    query: UserFilter & { readonly limit: number; readonly after: string | null },
  ): Promise<{ items: User[]; total: number | null }>;
  /** Throws CONFLICT when the username is taken; a first user only while there is none. */
  insert(tx: Tx, user: UserRecord): Promise<void>;
  update(tx: Tx, id: string, change: UserChange): Promise<void>;
  /** Enabled administrators beside this one. */
  otherAdmins(tx: Tx, id: string): Promise<number>;
  /** Hashes of the newest passwords, newest first. */
  passwordHistory(tx: Tx, id: string, count: number): Promise<string[]>;
  rememberPassword(tx: Tx, id: string, hash: string, at: number, keep: number): Promise<void>;
  /** Whether this user logged in from the address since then. */
  knowsAddress(tx: Tx, id: string, address: string, since: number): Promise<boolean>;
}

export interface SessionStore {
  insert(tx: Tx, session: SessionInfo & { tokenHash: string }): Promise<void>;
  /** The live session and its user, by the hash of its token. */
  byToken(tx: Tx, tokenHash: string): Promise<{ session: SessionInfo; user: UserRecord } | undefined>;
  /** Whether the user has any session that was not purged yet, ended ones included. */
  any(tx: Tx, userId: string): Promise<boolean>;
  touch(tx: Tx, id: string, at: number): Promise<void>;
  revoke(tx: Tx, where: { userId: string; id?: string; exceptId?: string }, at: number): Promise<number>;
  /** Ends all sessions of a vendor's people. */
  revokeOfVendor(tx: Tx, vendorId: string, at: number): Promise<void>;
  list(tx: Tx, userId: string, now: number, idleMs: number): Promise<SessionInfo[]>;
  /** Removes what ended before then. */
  purge(tx: Tx, before: number): Promise<number>;
}

export interface ApiKeyStore {
  insert(tx: Tx, key: ApiKey & { keyHash: string }): Promise<void>;
  /** The live key, by its hash. */
  byHash(tx: Tx, keyHash: string): Promise<ApiKey | undefined>;
  list(tx: Tx, owner: KeyOwner): Promise<ApiKey[]>;
  /** One key that was not revoked, locked until the transaction ends. */
  lock(tx: Tx, id: string, owner: KeyOwner): Promise<ApiKey | undefined>;
  revoke(tx: Tx, id: string, owner: KeyOwner, at: number): Promise<boolean>;
  /** Another key takes its place; it works until `until` at most. */
  replace(tx: Tx, id: string, by: string, until: number): Promise<void>;
  /** Notes uses: time and address. */
  touch(tx: Tx, uses: readonly KeyUse[]): Promise<void>;
}

export interface KeyUse {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly address: string;
}

/** What an export is asked with; `purpose` is proven and stands in the file. */
export interface ExportQuery {
  readonly purpose: string;
  readonly format: Format;
}

export interface ExportFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}
