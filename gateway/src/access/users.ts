import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../adapters/adapter.ts';
import { PasswordChange, type User, type UserFilter, UserInput, UserPatch } from '../domain/access-input.ts';
import type { UserChange, UserRecord } from '../domain/access-rows.ts';
import { type Actor, SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { parseInput } from '../domain/input.ts';
import type { Page } from '../domain/page.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { PASSWORD_MEMORY, requireFresh, requirePolicy } from './passwords.ts';
import type { SessionStore, UserStore } from './ports.ts';
import { writePrivate } from './secret-key.ts';
import { hashPassword, randomPassword, verifyPassword } from './secrets.ts';
import { createThrottle, locked } from './throttle.ts';
import { changesPlace, checkPlace, discreet, type PeopleDirectory } from './user-rules.ts';

const FIRST_USER = 'admin';
const FIRST_PASSWORD_FILE = 'admin-password';

export interface Users {
  /**
   * Makes the first user `admin` when there is no user. Answers its password when that was made up here; the caller
   * prints it once. The file is written first, so a crash in between loses nothing.
   */
  ensureFirst(options: { adminPassword: string | null; dataDir: string }): Promise<{ password: string } | undefined>;
  me(actor: Actor): Promise<User>;
  changePassword(actor: Actor, input: PasswordChange): Promise<void>;
  /** Phones are masked for who may not change users. */
  list(actor: Actor, query: UserFilter & { limit?: number; cursor?: string }): Promise<Page<User>>;
  get(actor: Actor, id: string): Promise<User>;
  /** `password` is present when it was made up here, and shown once. */
  create(actor: Actor, input: UserInput): Promise<{ user: User; password?: string }>;
  update(actor: Actor, id: string, patch: UserPatch): Promise<{ user: User; password?: string }>;
}

export function createUsers(deps: {
  readonly db: Transactor;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: AuditPort;
  readonly directory: PeopleDirectory;
  readonly clock: Clock;
}): Users {
  const { db, users, clock } = deps;
  const changes = createThrottle({
    clock,
    free: 5,
    firstMs: 1_000,
    longestMs: 60_000,
    forgetMs: 15 * 60_000,
    capacity: 10_000,
  });

  /** Where the first password was written; known after {@link Users.ensureFirst}. */
  let firstPasswordFile: string | undefined;
  const forgetFirstPassword = async (user: UserRecord) => {
    if (user.username === FIRST_USER && firstPasswordFile) await rm(firstPasswordFile, { force: true });
  };

  // Hashes are made before the transaction: it must not hold the database for the time scrypt takes.
  const setPassword = async (tx: Tx, user: UserRecord, passwordHash: string, mustChange: boolean) => {
    const at = clock.now();
    await users.update(tx, user.id, { passwordHash, mustChangePassword: mustChange, passwordChangedAt: at });
    await users.rememberPassword(tx, user.id, passwordHash, at, PASSWORD_MEMORY);
  };

  const insert = async (tx: Tx, input: UserInput, passwordHash: string) => {
    const at = clock.now();
    const user: UserRecord = {
      id: randomUUID(),
      username: input.username.normalize('NFC'),
      name: input.name,
      role: input.role,
      orgId: input.orgId ?? null,
      scopeOrgIds: input.scopeOrgIds ?? null,
      moduleIds: input.moduleIds ?? null,
      vendorId: input.vendorId ?? null,
      phone: input.phone ?? null,
      email: input.email ?? null,
      mustChangePassword: true,
      passwordChangedAt: at,
      secondFactor: false,
      singleSignOn: false,
      disabled: false,
      createdAt: at,
      passwordHash,
    };
    await users.insert(tx, user);
    await users.rememberPassword(tx, user.id, user.passwordHash, at, PASSWORD_MEMORY);
    return user;
  };

  return {
    async ensureFirst({ adminPassword, dataDir }) {
      firstPasswordFile = join(dataDir, FIRST_PASSWORD_FILE);
      if ((await users.count(db.autocommit)) > 0) {
        // A crash may have come between the change and the removal.
        const first = await users.byUsername(db.autocommit, FIRST_USER);
        if (first && !first.mustChangePassword) await forgetFirstPassword(first);
        return undefined;
      }
      const password = adminPassword ?? randomPassword();
      const hash = await hashPassword(password);
      return db.transaction(async (tx) => {
        if ((await users.count(tx)) > 0) return undefined;
        const user = await insert(tx, { username: FIRST_USER, name: '系统管理员', role: 'admin' }, hash);
        await deps.audit.append(tx, [
          {
            at: clock.now(),
            actor: SYSTEM,
            action: 'create',
            resource: 'users',
            resourceId: user.id,
            after: shown(user),
          },
        ]);
        if (adminPassword !== null) return undefined;
        await writeFirstPassword(dataDir, password);
        return { password };
      });
    },

    async me(actor) {
      const user = await users.byId(db.autocommit, actor.id);
      if (!user) throw new GatewayError('NOT_FOUND');
      return shown(user);
    },

    async changePassword(actor, raw) {
      const input = parseInput(PasswordChange, raw);
      const wait = changes.wait(actor.id);
      if (wait > 0) throw locked(wait);
      changes.fail(actor.id);
      const user = await users.byId(db.autocommit, actor.id);
      if (!user) throw new GatewayError('NOT_FOUND');
      if (!(await verifyPassword(input.currentPassword, user.passwordHash))) {
        const message = bilingual('access.password.wrong');
        throw new GatewayError('INVALID_INPUT', message, {
          errors: [{ path: '/currentPassword', code: 'wrong', message }],
        });
      }
      changes.clear(actor.id);
      requirePolicy('/newPassword', input.newPassword, user.username);
      const former = await users.passwordHistory(db.autocommit, user.id, PASSWORD_MEMORY);
      await requireFresh('/newPassword', input.newPassword, [...new Set([user.passwordHash, ...former])]);
      const hash = await hashPassword(input.newPassword);
      await db.transaction(async (tx) => {
        const current = await users.byId(tx, user.id, { lock: true });
        if (current?.passwordHash !== user.passwordHash) throw new GatewayError('CONFLICT');
        await setPassword(tx, user, hash, false);
        // Whoever else is logged in as this user might be why the password is changed.
        await deps.sessions.revoke(
          tx,
          { userId: user.id, ...(actor.sessionId ? { exceptId: actor.sessionId } : {}) },
          clock.now(),
        );
        await deps.audit.append(tx, [
          { at: clock.now(), actor, action: 'changePassword', resource: 'users', resourceId: user.id },
        ]);
      });
      await forgetFirstPassword(user);
    },

    async list(actor, query) {
      requireRight(actor, 'users', 'read');
      const limit = Math.min(query.limit ?? 50, 500);
      const { cursor, limit: _, ...filter } = query;
      const { items, total } = await users.list(db.autocommit, actor.scope, {
        ...filter,
        limit: limit + 1,
        after: cursor ?? null,
      });
      const page = items.slice(0, limit).map((user) => discreet(actor, user));
      return { items: page, nextCursor: items.length > limit ? (page.at(-1)?.username ?? null) : null, total };
    },

    async get(actor, id) {
      requireRight(actor, 'users', 'read');
      const user = await users.seen(db.autocommit, id, actor.scope);
      if (!user) throw new GatewayError('NOT_FOUND');
      return discreet(actor, user);
    },

    async create(actor, raw) {
      requireRight(actor, 'users', 'create');
      const input = parseInput(UserInput, raw);
      if (input.password !== undefined) requirePolicy('/password', input.password, input.username);
      const password = input.password ?? randomPassword();
      const hash = await hashPassword(password);
      const user = await db.transaction(async (tx) => {
        await checkPlace(tx, deps.directory, {
          role: input.role,
          orgId: input.orgId ?? null,
          scopeOrgIds: input.scopeOrgIds ?? null,
          moduleIds: input.moduleIds ?? null,
          vendorId: input.vendorId ?? null,
        });
        const made = await insert(tx, input, hash);
        await deps.audit.append(tx, [
          { at: clock.now(), actor, action: 'create', resource: 'users', resourceId: made.id, after: shown(made) },
        ]);
        return made;
      });
      return { user: shown(user), ...(input.password === undefined ? { password } : {}) };
    },

    async update(actor, id, raw) {
      requireRight(actor, 'users', 'update');
      const { resetPassword, ...patch } = parseInput(UserPatch, raw);
      const change: UserChange = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const password = resetPassword ? randomPassword() : undefined;
      const hash = password === undefined ? undefined : await hashPassword(password);
      const user = await db.transaction(async (tx) => {
        const before = await users.byId(tx, id, { lock: true });
        if (!before) throw new GatewayError('NOT_FOUND');
        const after: UserRecord = { ...before, ...change, ...(hash ? { mustChangePassword: true } : {}) };
        if (changesPlace(change)) await checkPlace(tx, deps.directory, after);
        await requireAnotherAdmin(tx, before, after);
        if (Object.keys(change).length > 0) await users.update(tx, id, change);
        if (hash) await setPassword(tx, before, hash, true);
        if (hash || rightsDiffer(before, after)) await deps.sessions.revoke(tx, { userId: id }, clock.now());
        await deps.audit.append(tx, [
          {
            at: clock.now(),
            actor,
            action: hash ? 'resetPassword' : 'update',
            resource: 'users',
            resourceId: id,
            before: shown(before),
            after: shown(after),
          },
        ]);
        return shown(after);
      });
      return { user, ...(password === undefined ? {} : { password }) };
    },
  };

  async function requireAnotherAdmin(tx: Tx, before: UserRecord, after: UserRecord): Promise<void> {
    const loses = before.role === 'admin' && !before.disabled && (after.role !== 'admin' || after.disabled);
    if (!loses || (await users.otherAdmins(tx, before.id)) > 0) return;
    throw new GatewayError('CONFLICT', bilingual('access.lastAdmin'));
  }
}

function rightsDiffer(before: UserRecord, after: UserRecord): boolean {
  return (['role', 'scopeOrgIds', 'vendorId', 'disabled'] as const).some(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
}

function shown({ passwordHash: _, ...user }: UserRecord): User {
  return user;
}

async function writeFirstPassword(dataDir: string, password: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, FIRST_PASSWORD_FILE);
  // A file of an earlier, unfinished start names a password that was rolled back.
  await rm(path, { force: true });
  await writePrivate(path, `${password}\n`);
}
