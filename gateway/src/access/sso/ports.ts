import type { UserRecord } from '../../domain/access-rows.ts';
import type { Identity, SsoProvider, WecomConfig } from '../../domain/sign-in.ts';
import type { Tx } from '../../domain/tx.ts';

export interface IdentityStore {
  list(tx: Tx, userId: string): Promise<Identity[]>;
  /** Throws CONFLICT when another user has one of them. */
  replace(tx: Tx, userId: string, identities: readonly Identity[]): Promise<void>;
  bySubject(tx: Tx, provider: SsoProvider, issuer: string, subject: string): Promise<UserRecord | undefined>;
  /** Users waiting for a first sign-in of somebody with one of these claims. */
  byClaims(tx: Tx, claims: Readonly<Record<string, string>>): Promise<UserRecord[]>;
  /** False when somebody was quicker. */
  bind(
    tx: Tx,
    userId: string,
    who: { issuer: string; subject: string; claims: Readonly<Record<string, string>>; at: number },
  ): Promise<boolean>;
  touch(tx: Tx, provider: SsoProvider, issuer: string, subject: string, at: number): Promise<void>;
  provider(tx: Tx, name: 'wecom'): Promise<{ config: WecomConfig; secret: string } | undefined>;
  putProvider(
    tx: Tx,
    name: 'wecom',
    row: { config: WecomConfig; secret: string; at: number; by: string },
  ): Promise<void>;
  removeProvider(tx: Tx, name: 'wecom'): Promise<boolean>;
}
