import type { Actor } from '../../domain/actor.ts';
import type { Notice } from '../../domain/notice.ts';
import type { Tx } from '../../domain/tx.ts';
import type { Vendor, VendorInvitation } from '../../domain/vendor-input.ts';
import type { VendorLoginRow, VendorUsageRow, VendorWarning } from '../../domain/vendor-rows.ts';
import type { ResourceStore } from '../catalogue.ts';

export interface VendorStore extends ResourceStore<Vendor> {
  logins(tx: Tx): Promise<VendorLoginRow[]>;
  byCreditCode(tx: Tx, code: string): Promise<Vendor | undefined>;
  countByState(tx: Tx, state: string): Promise<number>;
  otherGrants(tx: Tx, id: string): Promise<{ id: string; topics: string[] }[]>;
  /** Locks the vendor. */
  lockDevices(tx: Tx, id: string): Promise<number>;
  countDevices(tx: Tx, id: string): Promise<number>;
  /** Locks the vendor; its device types in service, and whether the one named is among them. */
  lockDeviceTypes(tx: Tx, id: string, typeId: string): Promise<{ used: number; known: boolean }>;
  invite(tx: Tx, invitation: VendorInvitation & { tokenHash: string }): Promise<void>;
  openInvitation(tx: Tx, tokenHash: string, now: number): Promise<VendorInvitation | undefined>;
  useInvitation(tx: Tx, tokenHash: string, now: number): Promise<VendorInvitation | undefined>;
  listInvitations(tx: Tx, vendorId: string): Promise<VendorInvitation[]>;
  revokeInvitations(tx: Tx, which: { vendorId: string; id?: string }, now: number): Promise<number>;
  addUsage(tx: Tx, rows: readonly VendorUsageRow[]): Promise<VendorUsageRow[]>;
  usageOn(tx: Tx, day: string): Promise<VendorUsageRow[]>;
  forgetUsage(tx: Tx, before: string): Promise<void>;
  warn(tx: Tx, warnings: readonly VendorWarning[], now: number): Promise<VendorWarning[]>;
  /** Vendors whose devices have open incidents that are kept quiet because access ended. */
  mutedVendors(tx: Tx): Promise<string[]>;
  quarantineOf(tx: Tx, vendorId: string): Promise<number>;
  boundQuarantine(tx: Tx, bounds: Readonly<Record<string, number>>): Promise<number>;
}

/** Makes the users of a vendor; the access stage has them. */
export interface VendorUsers {
  /**
   * Checks name and password and makes the hash, before any transaction; a password that is absent is made up.
   * Throws INVALID_INPUT naming the broken rule.
   */
  prepare(input: {
    username: string;
    name: string;
    password?: string | undefined;
    phone?: string | undefined;
    email?: string | undefined;
  }): Promise<PreparedUser>;
  /** Throws CONFLICT when the username is taken. `invited` is who the audit names when nobody is logged in. */
  insert(tx: Tx, actor: Actor, user: PreparedUser, vendorId: string): Promise<{ id: string; username: string }>;
  /** Ends all sessions of a vendor's people. */
  endSessions(tx: Tx, vendorId: string): Promise<void>;
}

export interface PreparedUser {
  readonly username: string;
  readonly name: string;
  readonly hash: string;
  /** Present when it was made up: shown once, to be changed at first login. */
  readonly password: string | undefined;
  readonly phone: string | null;
  readonly email: string | null;
}

export interface VendorOutbox {
  add(tx: Tx, notices: readonly Notice[]): Promise<void>;
}

/** The calendar of `CGW_TZ`. */
export interface Calendar {
  /** Today, `YYYY-MM-DD`. */
  today(): string;
}
