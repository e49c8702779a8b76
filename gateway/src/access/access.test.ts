import { scryptSync } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { makeHashesCheap } from '../../test/support/hash-cost.ts';
import { seedTestOrganisations, TEST_KEY, testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import { shippedRights } from '../domain/role-rights.ts';
import { isGatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createApiKeyStore } from '../store/api-keys.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createIdempotencyStore } from '../store/idempotency.ts';
import { createRoleStore } from '../store/roles.ts';
import { createSessionStore } from '../store/sessions.ts';
import { createUserStore } from '../store/users.ts';
import { createActors } from './actor.ts';
import { createApiKeys } from './api-keys.ts';
import { createReachCache } from './reach.ts';
import { loadSecretKey } from './secret-key.ts';
import { createSecrets, hashPassword, randomPassword, verifyPassword } from './secrets.ts';
import { createSessions } from './sessions.ts';
import { createUsers } from './users.ts';

const admin = testActor();
const MINUTE = 60_000;

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isGatewayError(error)) return [error.code, ...error.errors.map(({ code }) => code)].join(' ');
    throw error;
  }
  return 'accepted';
}

describe('secrets', () => {
  const secrets = createSecrets(TEST_KEY);

  it('opens what it sealed, for the same context and key only, and sees every changed byte', () => {
    const sealed = secrets.seal('相机密码', 'device:a:connection');
    expect(secrets.open(sealed, 'device:a:connection')).toBe('相机密码');
    expect(secrets.seal('相机密码', 'device:a:connection')).not.toBe(sealed);
    expect(() => secrets.open(sealed, 'device:b:connection')).toThrow('changed or belongs elsewhere');
    const other = createSecrets('another master secret, also long enough');
    expect(() => other.open(sealed, 'device:a:connection')).toThrow('sealed by another key');
    expect(
      createSecrets('another master secret, also long enough', [TEST_KEY]).open(sealed, 'device:a:connection'),
    ).toBe('相机密码');
    const bytes = Buffer.from(sealed, 'base64');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => secrets.open(changed.toString('base64'), 'device:a:connection')).toThrow();
    }
    expect(() => secrets.open('', 'x')).toThrow();
  });

  it('compares hashes, and a missing one is never right', () => {
    expect(secrets.matches('s', secrets.hash('s'))).toBe(true);
    expect(secrets.matches('t', secrets.hash('s'))).toBe(false);
    for (const hash of [null, undefined, '', 'AAAA']) expect(secrets.matches('', hash)).toBe(false);
  });

  it('hashes passwords with salt, and an unknown user takes the same work', async () => {
    const hash = await hashPassword('Passw0rd!');
    expect(await hashPassword('Passw0rd!')).not.toBe(hash);
    // Dear for a thief with the table; whole gateways in the tests work less.
    const [, n = '', r, p, salt = '', key] = hash.split('$');
    expect([n, r, p]).toEqual(['32768', '8', '1']);
    const dear = { N: 32_768, r: 8, p: 1, maxmem: 2 ** 26 };
    expect(scryptSync('Passw0rd!', Buffer.from(salt, 'base64'), 32, dear).toString('base64')).toBe(key);
    expect(await verifyPassword('Passw0rd!', hash)).toBe(true);
    expect(await verifyPassword('Passw0rd?', hash)).toBe(false);
    expect(await verifyPassword('Passw0rd!', null)).toBe(false);
    expect(randomPassword()).toMatch(/^[A-Za-z2-9]{5}-[A-Za-z2-9]{5}-[A-Za-z2-9]{5}$/);
  });

  it('makes the master secret once, for us alone, and refuses a broken file instead of replacing it', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'cgw-key-'));
    try {
      const keys = await Promise.all([1, 2, 3].map(() => loadSecretKey({ secretKey: null, dataDir })));
      expect(new Set(keys).size).toBe(1);
      expect((await stat(join(dataDir, 'secret-key'))).mode & 0o777).toBe(0o600);
      expect(await loadSecretKey({ secretKey: 'given', dataDir })).toBe('given');
      await writeFile(join(dataDir, 'secret-key'), 'short');
      expect(await refusal(loadSecretKey({ secretKey: null, dataDir }))).toBe('INVALID_CONFIG');
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});

describe.each(ENGINES)('people on %s', (engine) => {
  let makeHashesDear: () => void;
  let database: TestDatabase;
  let rig: ReturnType<typeof createRig>;

  function createRig() {
    const { db } = database;
    const clock = createManualClock();
    const roles = createRoleStore();
    const reach = createReachCache({ db, store: roles });
    const deps = {
      db,
      directory: roles,
      actors: createActors({ rightsOf: shippedRights, reach: reach.of }),
      users: createUserStore(),
      sessions: createSessionStore(),
      apiKeys: createApiKeyStore(),
      audit: createAuditStore(),
      secrets: createSecrets(TEST_KEY),
      clock,
      log: createLogger('silent'),
      policy: () => ({
        idleMs: 30 * MINUTE,
        absoluteMs: 8 * 60 * MINUTE,
        passwordMaxAgeMs: 30 * 24 * 60 * MINUTE,
        totpForAdmins: false,
      }),
      secondFactor: { use: async () => false },
      alerts: { signedIn: async () => undefined, lockedOut: async () => undefined },
    };
    let vendorKeys = 0;
    const keys = createApiKeys({
      ...deps,
      requireVendor: async () => undefined,
      onVendorKeys: async () => {
        vendorKeys += 1;
      },
    });
    return { db, clock, users: createUsers(deps), sessions: createSessions(deps), keys, vendorKeys: () => vendorKeys };
  }

  beforeAll(async () => {
    makeHashesDear = makeHashesCheap();
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
  });
  afterAll(async () => {
    makeHashesDear();
    await database?.close();
  });
  beforeEach(async () => {
    await emptyTables(database.db, 'app_user');
    rig = createRig();
  });

  const rows = async (text: string) => (await sql(database.db.autocommit).query(text)).rows;

  it('makes the first administrator once, with a password only we can read and that must be changed', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'cgw-admin-'));
    try {
      const first = await rig.users.ensureFirst({ adminPassword: null, dataDir });
      const file = join(dataDir, 'admin-password');
      expect((await readFile(file, 'utf8')).trim()).toBe(first?.password);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await rig.users.ensureFirst({ adminPassword: null, dataDir })).toBeUndefined();
      const login = await rig.sessions.login({ username: 'ADMIN', password: first?.password ?? '' }, '10.0.0.1');
      expect(login.mustChangePassword).toBe(true);
      const actor = await rig.sessions.authenticate(login.token, '10.0.0.1');
      expect(actor).toMatchObject({ role: 'admin', mustChangePassword: true, scope: { kind: 'all' } });
      if (!actor) throw new Error('not logged in');
      expect(await refusal(rig.users.list(actor, {}))).toBe('PASSWORD_CHANGE_REQUIRED');
      await rig.users.changePassword(actor, { currentPassword: first?.password ?? '', newPassword: 'Neu-es Wort 1' });
      const again = await rig.sessions.authenticate(login.token, '10.0.0.1');
      expect(again?.mustChangePassword).toBe(false);
      await expect(stat(file)).rejects.toThrow('ENOENT');
      await writeFile(file, 'left by a crash');
      await rig.users.ensureFirst({ adminPassword: null, dataDir });
      await expect(stat(file)).rejects.toThrow('ENOENT');
      expect(JSON.stringify(await rows('select * from audit'))).not.toContain(first?.password);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });

  it('remembers as many passwords as it is told to', async () => {
    const { user } = await rig.users.create(admin, { username: 'lily', name: '莉莉', role: 'viewer' });
    const users = createUserStore();
    for (const hash of ['a', 'b', 'c', 'd']) await users.rememberPassword(database.db.autocommit, user.id, hash, 0, 3);
    expect(await rows("select string_agg(hash, '' order by id) as kept from password_history")).toEqual([
      { kept: 'bcd' },
    ]);
  });

  it('ends sessions by idling, by age, by logout and when rights change', async () => {
    const { user } = await rig.users.create(admin, {
      username: 'han',
      name: '韩',
      role: 'viewer',
      password: 'Passw0rd!',
    });
    const login = async () => (await rig.sessions.login({ username: 'han', password: 'Passw0rd!' }, '10.0.0.1')).token;
    const alive = async (token: string) => (await rig.sessions.authenticate(token, '10.0.0.1')) !== null;
    const idle = await login();
    expect(await alive(idle)).toBe(true);
    expect(await alive(`${idle}x`)).toBe(false);
    rig.clock.advance(31 * MINUTE);
    expect(await alive(idle)).toBe(false);
    const old = await login();
    for (let i = 0; i < 23; i++) {
      rig.clock.advance(20 * MINUTE);
      expect(await alive(old)).toBe(true);
    }
    rig.clock.advance(21 * MINUTE);
    expect(await alive(old)).toBe(false);
    const [one, two] = [await login(), await login()];
    const actor = await rig.sessions.authenticate(one, '10.0.0.1');
    if (!actor) throw new Error('not logged in');
    expect(await rig.sessions.list(actor)).toHaveLength(2);
    await rig.sessions.logout(actor);
    expect([await alive(one), await alive(two)]).toEqual([false, true]);
    await rig.users.update(admin, user.id, { role: 'dispatcher' });
    expect(await alive(two)).toBe(false);
    const three = await login();
    await rig.users.update(admin, user.id, { disabled: true });
    expect(await alive(three)).toBe(false);
    expect(await refusal(login())).toBe('BAD_CREDENTIALS');
    expect(await rows(`select 1 from session where token_hash = convert_to('${three}', 'UTF8')`)).toEqual([]);
  });

  // Dear hashes by the dozen, and nothing in them knows the engine: once is enough.
  if (engine === ENGINES.at(-1)) {
    it('holds new passwords to the rules and to the last five', async () => {
      const { user, password } = await rig.users.create(admin, {
        username: 'li.lei',
        name: '李雷',
        role: 'dispatcher',
      });
      const actor = { ...testActor('dispatcher'), id: user.id };
      const change = (currentPassword: string, newPassword: string) =>
        refusal(rig.users.changePassword(actor, { currentPassword, newPassword }));
      const used = [password ?? '', 'Passw0rd!a', 'Passw0rd!b', 'Passw0rd!c', 'Passw0rd!d', 'Passw0rd!e'];
      expect(await change('wrong', 'Passw0rd!a')).toBe('INVALID_INPUT wrong');
      for (const [weak, faults] of [
        ['Aa1!', 'tooShort'],
        ['passwordpassword', 'noDigit noSymbol'],
        ['12345678', 'noLetter noSymbol'],
        ['LI.LEI-2026', 'containsUsername'],
        ['a1!'.repeat(50), 'tooLong'],
      ] as const) {
        expect(await change(used[0] ?? '', weak)).toBe(`INVALID_INPUT ${faults}`);
      }
      for (let i = 1; i < used.length; i++) expect(await change(used[i - 1] ?? '', used[i] ?? '')).toBe('accepted');
      expect(await change('Passw0rd!e', used[1] ?? '')).toBe('INVALID_INPUT reused');
      expect(await change('Passw0rd!e', used[0] ?? '')).toBe('accepted');
    });

    it('slows guessing down without locking anyone out of an address they know', async () => {
      await rig.users.create(admin, { username: 'mei', name: '梅', role: 'viewer', password: 'Passw0rd!' });
      const login = (password: string, address: string, username = 'mei') =>
        refusal(rig.sessions.login({ username, password }, address));
      expect(await login('Passw0rd!', 'home')).toBe('accepted');
      for (let i = 0; i < 6; i++) expect(await login('guess', 'evil-0')).toBe('BAD_CREDENTIALS');
      expect(await login('guess', 'evil-0')).toBe('TOO_MANY_REQUESTS');
      for (let n = 1; n <= 4; n++) for (let i = 0; i < 4; i++) await login('guess', `evil-${n}`);
      // The account is slow for strangers now, even with the right password, but not for its owner.
      expect(await login('Passw0rd!', 'elsewhere')).toBe('TOO_MANY_REQUESTS');
      expect(await login('Passw0rd!', 'home')).toBe('accepted');
      rig.clock.advance(16 * MINUTE);
      expect(await login('Passw0rd!', 'elsewhere')).toBe('accepted');
      expect(await rows(`select distinct action from audit where action = 'loginFailed'`)).toHaveLength(1);
    });
  }

  it('keeps one administrator, and a vendor role with exactly one vendor', async () => {
    const { user } = await rig.users.create(admin, {
      username: 'root',
      name: '根',
      role: 'admin',
      password: 'Passw0rd!',
    });
    expect(await refusal(rig.users.update(admin, user.id, { role: 'viewer' }))).toBe('CONFLICT');
    expect(await refusal(rig.users.update(admin, user.id, { disabled: true }))).toBe('CONFLICT');
    expect(await refusal(rig.users.create(admin, { username: 'ROOT', name: 'x', role: 'viewer' }))).toBe(
      'CONFLICT duplicate',
    );
    expect(await refusal(rig.users.create(admin, { username: 'v', name: 'x', role: 'vendor' }))).toBe(
      'INVALID_INPUT tooShort',
    );
    expect(await refusal(rig.users.create(admin, { username: 'vv', name: 'x', role: 'vendor' }))).toBe(
      'INVALID_INPUT required',
    );
    const made = await rig.users.create(admin, {
      username: 'vv',
      name: 'x',
      role: 'vendor',
      vendorId: 'acme',
      password: 'Passw0rd!',
    });
    const { token } = await rig.sessions.login({ username: 'vv', password: 'Passw0rd!' }, 'a');
    expect((await rig.sessions.authenticate(token, 'a'))?.scope).toEqual({ kind: 'vendor', vendorId: 'acme' });
    expect(
      await refusal(rig.users.create(testActor('dispatcher'), { username: 'zz', name: 'x', role: 'viewer' })),
    ).toBe('FORBIDDEN');
    expect((await rig.users.list(admin, { limit: 1 })).nextCursor).toBe('root');
    expect((await rig.users.list(admin, { q: 'V' })).items.map(({ id }) => id)).toEqual([made.user.id]);
  });

  it('gives keys once, as hashes in the table, for their owner only', async () => {
    const { user } = await rig.users.create(admin, {
      username: 'bot',
      name: 'b',
      role: 'viewer',
      password: 'Passw0rd!',
    });
    const actor = { ...testActor('viewer'), id: user.id };
    const { id, key } = await rig.keys.createOwn(actor, { name: 'ci' });
    expect(JSON.stringify(await rows('select * from api_key'))).not.toContain(key.slice(5));
    expect(JSON.stringify(await rig.keys.listOwn(actor))).not.toContain(key);
    const via = await rig.sessions.authenticate(key, 'a');
    expect(via).toMatchObject({ id: user.id, role: 'viewer', apiKeyId: id, mustChangePassword: true });
    expect(await refusal(rig.keys.createOwn({ ...actor, apiKeyId: id }, { name: 'x' }))).toBe('FORBIDDEN');
    expect(await refusal(rig.keys.revokeOwn(admin, id))).toBe('NOT_FOUND');
    await rig.keys.revokeOwn(actor, id);
    expect(await rig.sessions.authenticate(key, 'a')).toBeNull();
    const brief = await rig.keys.createOwn(actor, { name: 'x', expiresAt: rig.clock.now() + MINUTE });
    rig.clock.advance(MINUTE);
    expect(await rig.sessions.authenticate(brief.key, 'a')).toBeNull();

    const vendor = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
    const made = await rig.keys.createForVendor(vendor, 'acme', { name: 'mqtt' });
    expect(await rig.sessions.authenticate(made.key, 'a')).toMatchObject({
      kind: 'vendor',
      id: 'acme',
      role: 'vendor',
    });
    expect(await refusal(rig.keys.createForVendor(vendor, 'globex', { name: 'x' }))).toBe('NOT_FOUND');
    expect(await refusal(rig.keys.listForVendor(actor, 'acme'))).toBe('FORBIDDEN');
    expect((await rig.keys.listForVendor(vendor, 'me')).map(({ id }) => id)).toEqual([made.id]);
    const mine = await rig.keys.createForVendor(vendor, 'me', { name: 'own' });
    expect(mine.vendorId).toBe('acme');
    await rig.keys.revokeForVendor(vendor, 'me', mine.id);
    await rig.keys.revokeForVendor(admin, 'acme', made.id);
    expect(rig.vendorKeys()).toBe(4);
  });

  it('remembers the answer to a request, refuses another body, and frees a dead request', async () => {
    const store = createIdempotencyStore(rig.db);
    const begin = (fingerprint: string, now: number) =>
      store
        .begin({ slot: 's', fingerprint, now, leaseUntil: now + 60, keepUntil: now + 1_000 })
        .then(({ state, ...rest }) => [state, rest]);
    await sql(rig.db.autocommit).query('delete from idempotent_request');
    expect((await Promise.all([begin('a', 0), begin('a', 0), begin('a', 0)])).map(([state]) => state).sort()).toEqual([
      'new',
      'running',
      'running',
    ]);
    expect(await begin('b', 10)).toEqual(['mismatch', {}]);
    expect(await begin('a', 60)).toEqual(['new', {}]);
    await store.finish('s', { status: 201, contentType: 'application/json', body: '{}' });
    const answer = { status: 201, contentType: 'application/json', body: '{}' };
    expect(await begin('a', 500)).toEqual(['done', { answer }]);
    await store.abandon('s');
    expect(await begin('a', 500)).toEqual(['done', { answer }]);
    expect(await begin('b', 2_000)).toEqual(['new', {}]);
    await store.abandon('s');
    expect(await begin('c', 2_000)).toEqual(['new', {}]);
    expect(await store.purge(9_000)).toBe(1);
  });

  it('never lets an audit entry be changed or removed', async () => {
    await rig.users.create(admin, { username: 'aud', name: 'x', role: 'viewer' });
    await expect(rows(`update audit set actor = 'nobody'`)).rejects.toThrow('append-only');
    await expect(rows('delete from audit')).rejects.toThrow('append-only');
  });
});
