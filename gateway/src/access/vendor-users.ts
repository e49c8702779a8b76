import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../adapters/adapter.ts';
import type { UserRecord } from '../domain/access-rows.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Tx } from '../domain/tx.ts';
import { PASSWORD_MEMORY, requirePolicy } from './passwords.ts';
import type { SessionStore, UserStore } from './ports.ts';
import { hashPassword, randomPassword } from './secrets.ts';

interface Prepared {
  readonly username: string;
  readonly name: string;
  readonly hash: string;
  readonly password: string | undefined;
  readonly phone: string | null;
  readonly email: string | null;
}

/** Users of vendors, made when a vendor is approved or accepts its invitation; later ones are an administrator's matter. */
export interface VendorUsers {
  /** Checks the password and makes its hash, outside any transaction; without one a password is made up. */
  prepare(input: {
    username: string;
    name: string;
    password?: string | undefined;
    phone?: string | undefined;
    email?: string | undefined;
  }): Promise<Prepared>;
  /** Throws CONFLICT when the username is taken. */
  insert(tx: Tx, actor: Actor, user: Prepared, vendorId: string): Promise<{ id: string; username: string }>;
  /** Ends all sessions of a vendor's people. */
  endSessions(tx: Tx, vendorId: string): Promise<void>;
}

export function createVendorUsers(deps: {
  readonly users: Pick<UserStore, 'insert' | 'rememberPassword'>;
  readonly sessions: Pick<SessionStore, 'revokeOfVendor'>;
  readonly audit: AuditPort;
  readonly clock: Clock;
}): VendorUsers {
  const { users, clock } = deps;
  return {
    async prepare({ username, name, password, phone, email }) {
      if (password !== undefined) requirePolicy('/password', password, username);
      const made = password === undefined ? randomPassword() : undefined;
      return {
        username: username.normalize('NFC'),
        name,
        hash: await hashPassword(password ?? made ?? ''),
        password: made,
        phone: phone ?? null,
        email: email ?? null,
      };
    },

    async insert(tx, actor, { hash, password, ...person }, vendorId) {
      const at = clock.now();
      const user: UserRecord = {
        ...person,
        id: randomUUID(),
        role: 'vendor',
        orgId: null,
        scopeOrgIds: null,
        moduleIds: null,
        vendorId,
        // A password of its own choice is settled; one that was made up here is changed at first login.
        mustChangePassword: password !== undefined,
        passwordChangedAt: at,
        secondFactor: false,
        singleSignOn: false,
        disabled: false,
        createdAt: at,
        passwordHash: hash,
      };
      await users.insert(tx, user);
      await users.rememberPassword(tx, user.id, hash, at, PASSWORD_MEMORY);
      const { passwordHash: _, ...after } = user;
      await deps.audit.append(tx, [{ at, actor, action: 'create', resource: 'users', resourceId: user.id, after }]);
      return { id: user.id, username: user.username };
    },

    endSessions: async (tx, vendorId) => {
      await deps.sessions.revokeOfVendor(tx, vendorId, clock.now());
    },
  };
}
