import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { seedTestOrganisations, TEST_KEY, testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import { addressAllowed, isAddressBlock } from '../domain/address-list.ts';
import { isCreditCode } from '../domain/credit-code.ts';
import { KEY_SCOPES, narrowRights } from '../domain/key-scope.ts';
import { SHIPPED_RIGHTS, shippedRights } from '../domain/role-rights.ts';
import { filtersOverlap } from '../domain/topic-filter.ts';
import type { VendorClosed } from '../domain/vendor-access.ts';
import { isGatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createApiKeyStore } from '../store/api-keys.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createSessionStore } from '../store/sessions.ts';
import { createUserStore } from '../store/users.ts';
import { createActors } from './actor.ts';
import { createApiKeys } from './api-keys.ts';
import { createDenials } from './denials.ts';
import { createSecrets } from './secrets.ts';
import { createSessions } from './sessions.ts';
import { guardVendors } from './vendor-gate.ts';

const HOUR = 3_600_000;
const vendor = testActor('vendor', { kind: 'vendor', vendorId: 'acme' });
const admin = testActor();

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isGatewayError(error)) return [error.code, ...error.errors.map(({ code }) => code)].join(' ');
    throw error;
  }
  return 'accepted';
}

describe.each(ENGINES)('keys on %s', (engine) => {
  let database: TestDatabase;
  const gate: { closed: VendorClosed | null; wait: number } = { closed: null, wait: 0 };

  function createRig() {
    const deps = {
      db: database.db,
      apiKeys: createApiKeyStore(),
      users: createUserStore(),
      sessions: createSessionStore(),
      audit: createAuditStore(),
      secrets: createSecrets(TEST_KEY),
      clock: createManualClock(),
      log: createLogger('silent'),
    };
    const sessions = createSessions({
      ...deps,
      actors: createActors({ rightsOf: shippedRights, reach: () => ({ kind: 'all' }) }),
      policy: () => ({ idleMs: HOUR, absoluteMs: HOUR, passwordMaxAgeMs: null, totpForAdmins: false }),
      secondFactor: { use: async () => false },
      alerts: { signedIn: async () => undefined, lockedOut: async () => undefined },
    });
    const keys = createApiKeys({ ...deps, requireVendor: async () => undefined, onVendorKeys: async () => undefined });
    const guarded = guardVendors(sessions, { closed: () => gate.closed, request: () => gate.wait });
    return { ...deps, keys, sessions: guarded };
  }

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
  });
  afterAll(() => database?.close());

  it('narrow the rights of their owner, and one for MQTT opens nothing over HTTP', async () => {
    const { keys, sessions } = createRig();
    const reading = await keys.createForVendor(vendor, 'acme', { name: 'r', scopes: ['telemetry:read', 'mqtt'] });
    const actor = await sessions.authenticate(reading.key, '10.0.0.1');
    expect(actor?.rights).toEqual({
      vendors: ['read'],
      sites: ['read'],
      modules: ['read'],
      deviceTypes: ['read'],
      devices: ['read'],
      telemetry: ['read'],
    });
    const mqttOnly = await keys.createForVendor(vendor, 'acme', { name: 'm', scopes: ['mqtt'] });
    expect(await sessions.authenticate(mqttOnly.key, '10.0.0.1')).toBeNull();
    const whole = await keys.createForVendor(vendor, 'acme', { name: 'w' });
    const full = await sessions.authenticate(whole.key, '10.0.0.1');
    expect(full?.rights).toEqual(SHIPPED_RIGHTS.vendor);
    // A key makes, changes and ends no keys.
    if (!full) throw new Error('the key does not work');
    expect(await refusal(keys.createForVendor(full, 'acme', { name: 'x' }))).toBe('FORBIDDEN');
    expect(await refusal(keys.rotateForVendor(full, 'acme', whole.id, {}))).toBe('FORBIDDEN');
    expect(await refusal(keys.createOwn(full, { name: 'x' }))).toBe('FORBIDDEN');
    expect(await refusal(keys.revokeOwn(full, reading.id))).toBe('FORBIDDEN');
    expect(await refusal(keys.createOwn(admin, { name: 'x', scopes: ['mqtt'] }))).toBe('INVALID_INPUT scope');
    expect(await refusal(keys.createOwn(admin, { name: 'x', scopes: ['root'] as never }))).toMatch(/^INVALID_INPUT/);
  });

  it('work from their addresses only, and are listed with time and place of their last use', async () => {
    const { keys, sessions, clock } = createRig();
    const addresses = ['10.1.0.0/16', '2001:db8::/32'];
    const made = await keys.createForVendor(vendor, 'acme', { name: 'a', addresses, description: '转发平台' });
    for (const [address, opens] of [
      ['10.1.2.3', true],
      ['::ffff:10.1.2.3', true],
      ['2001:db8::7', true],
      ['10.2.0.1', false],
      ['nowhere', false],
    ] as const) {
      expect([address, (await sessions.authenticate(made.key, address)) !== null]).toEqual([address, opens]);
    }
    const [listed] = (await keys.listForVendor(vendor, 'acme')).filter(({ id }) => id === made.id);
    expect(listed).toMatchObject({
      lastUsedAt: clock.now(),
      lastUsedAddress: '10.1.2.3',
      description: '转发平台',
      addresses,
    });
    expect(await refusal(keys.createForVendor(vendor, 'acme', { name: 'a', addresses: ['10.1.0.0/33'] }))).toBe(
      'INVALID_INPUT addressBlock',
    );
  });

  it('are rotated with an overlap of a day at most, once, keeping what they were for', async () => {
    const { keys, sessions, clock } = createRig();
    const old = await keys.createForVendor(vendor, 'acme', { name: 'r', scopes: ['devices:read'] });
    expect(await refusal(keys.rotateForVendor(vendor, 'acme', old.id, { overlap: '25h' }))).toBe('INVALID_INPUT range');
    const globex = testActor('vendor', { kind: 'vendor', vendorId: 'globex' });
    expect(await refusal(keys.rotateForVendor(globex, 'globex', old.id, {}))).toBe('NOT_FOUND');
    const fresh = await keys.rotateForVendor(vendor, 'acme', old.id, { overlap: '2h' });
    expect(fresh).toMatchObject({ name: 'r', scopes: ['devices:read'] });
    expect(await refusal(keys.rotateForVendor(vendor, 'acme', old.id, { overlap: '2h' }))).toBe('NOT_FOUND');
    const opens = async (key: string) => (await sessions.authenticate(key, 'a')) !== null;
    expect([await opens(old.key), await opens(fresh.key)]).toEqual([true, true]);
    clock.advance(2 * HOUR);
    expect([await opens(old.key), await opens(fresh.key)]).toEqual([false, true]);
    const last = await keys.rotateForVendor(vendor, 'acme', fresh.id, {});
    expect([await opens(fresh.key), await opens(last.key)]).toEqual([false, true]);
  });

  it('open nothing while their vendor may not work, and ask no more often than its quota says', async () => {
    const { keys, sessions } = createRig();
    const { key } = await keys.createForVendor(vendor, 'acme', { name: 'r' });
    gate.closed = 'agreementEnded';
    expect(await refusal(sessions.authenticate(key, 'a'))).toBe('VENDOR_ACCESS_ENDED');
    gate.closed = null;
    gate.wait = 7;
    await expect(sessions.authenticate(key, 'a')).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      extra: { retryAfter: 7 },
    });
    gate.wait = 0;
    expect(await sessions.authenticate(key, 'a')).not.toBeNull();
  });

  it('leave refusals in the audit as one entry with a count, bounded whatever is tried', async () => {
    const { db, audit, clock } = createRig();
    const denials = createDenials({ db, audit, clock });
    const { n: before } = await countDenied();
    for (let n = 0; n < 5_000; n++) {
      denials.note({ actor: vendor, what: 'publish', target: `t/${n % 3 === 0 ? 0 : n}`, reason: 'topicNotGranted' });
    }
    await denials.flush();
    const first = await countDenied();
    expect(first.n - before).toBeLessThan(2_100);
    expect(first.sum).toBe(5_000);
    denials.note({ actor: vendor, what: 'publish', target: 't/0', reason: 'topicNotGranted' });
    await denials.flush();
    expect((await countDenied()).sum).toBe(5_000);
    clock.advance(600_000);
    await denials.flush();
    expect((await countDenied()).sum).toBe(5_001);
  });

  async function countDenied() {
    const { rows } = await sql(database.db.autocommit).query<{ n: number; sum: number }>(
      `select count(*)::int as n, coalesce(sum((after->>'count')::int), 0)::int as sum from audit where action = 'accessDenied'`,
    );
    return rows[0] ?? { n: 0, sum: 0 };
  }
});

describe('rules of vendors', () => {
  it.each([
    ['91350100M000100Y43', true],
    ['91350100M000100Y44', false],
    ['9135O100M000100Y43', false],
    ['91350100m000100y43', false],
    ['', false],
  ])('credit code %s is %s', (code, right) => expect(isCreditCode(code)).toBe(right));

  it.each([
    ['a/#', 'a/b', true],
    ['a/#', 'a', true],
    ['a/+', 'a', false],
    ['a/+/c', 'a/b/+', true],
    ['a/+/c', 'a/b/d', false],
    ['a/b', 'a/b/c', false],
    ['a/b/#', 'a/+/c/d', true],
    ['a/+', '+/b', true],
  ])('filters %s and %s overlap: %s', (a, b, overlap) => {
    expect([filtersOverlap(a, b), filtersOverlap(b, a)]).toEqual([overlap, overlap]);
  });

  it.each([
    ['10.0.0.0/8', true],
    ['10.0.0.1', true],
    ['::1/129', false],
    ['10.0.0.0/8/8', false],
    ['10.0.0', false],
  ])('address block %s is %s', (text, right) => expect(isAddressBlock(text)).toBe(right));

  it('no scope gives what the owner has not, and null is everything', () => {
    expect(narrowRights({ devices: ['read'] }, [...KEY_SCOPES])).toMatchObject({ devices: ['read'], commands: [] });
    expect(narrowRights('all', null)).toBe('all');
    expect(addressAllowed(null, 'anything')).toBe(true);
  });
});
