import { scryptSync } from 'node:crypto';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { emptyTables } from '../../test/support/empty-tables.ts';
import { makeHashesCheap } from '../../test/support/hash-cost.ts';
import { seedTestOrganisations, TEST_KEY, testActor } from '../../test/support/registry.ts';
import { createManualClock } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { Notice } from '../domain/notice.ts';
import { shippedRights } from '../domain/role-rights.ts';
import type { Tx } from '../domain/tx.ts';
import { isGatewayError } from '../errors.ts';
import { createLogger } from '../log.ts';
import { createApiKeyStore } from '../store/api-keys.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createSessionStore } from '../store/sessions.ts';
import { createIdentityStore, createSecondFactorStore } from '../store/sign-in.ts';
import { createUserStore } from '../store/users.ts';
import { createActors } from './actor.ts';
import { createLoginAlerts } from './login-alerts.ts';
import { createSecrets } from './secrets.ts';
import { createSignIn } from './sign-in.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PASSWORD = 'Passw0rd!';
const admin = testActor();

/** A hash as the table has it, made and compared in a millisecond. */
function cheapHash(password: string): string {
  const salt = Buffer.alloc(16, 1);
  return `scrypt$1024$8$1$${salt.toString('base64')}$${scryptSync(password, salt, 32, { N: 1024 }).toString('base64')}`;
}

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (isGatewayError(error)) return [error.code, ...error.errors.map(({ code }) => code)].join(' ');
    throw error;
  }
  return 'accepted';
}

describe.each(ENGINES)('signing in on %s', (engine) => {
  let makeHashesDear: () => void;
  let database: TestDatabase;
  let rig: ReturnType<typeof createRig>;
  let passwordHash: string;

  function createRig() {
    const { db } = database;
    // A Monday at ten in Shanghai.
    const clock = createManualClock(Date.UTC(2026, 10, 23, 2));
    const users = createUserStore();
    const notices: Notice[] = [];
    const policy = {
      idleMs: 30 * MINUTE,
      absoluteMs: 8 * HOUR,
      passwordMaxAgeMs: 30 * 24 * HOUR,
      totpForAdmins: false,
      loginHours: '07:00-22:00',
    };
    const signIn = createSignIn(
      {
        db,
        users,
        sessions: createSessionStore(),
        apiKeys: createApiKeyStore(),
        secondFactors: createSecondFactorStore(),
        identities: createIdentityStore(),
        audit: createAuditStore(),
        secrets: createSecrets(TEST_KEY),
        clock,
        log: createLogger('silent'),
        policy: () => policy,
        timeZone: 'Asia/Shanghai',
        oidc: null,
        checkTarget: async () => [],
        notices: async (_tx, more) => {
          notices.push(...more);
        },
      },
      {
        actors: createActors({ rightsOf: shippedRights, reach: () => ({ kind: 'all' }) }),
        users: {
          get: async (_actor, id) => {
            const user = await users.byId(db.autocommit, id);
            if (!user) throw new Error('unknown user');
            return user;
          },
        },
      },
    );
    const add = async (id: string, role: 'admin' | 'viewer' = 'viewer') => {
      const at = clock.now();
      await sql(db.autocommit).query(
        `insert into app_user (id, username, display_name, role, password_hash, must_change_password, password_changed_at, created_at)
         values ($1, $1, $1, $2, $3, false, to_timestamp($4::float8 / 1000), to_timestamp($4::float8 / 1000))`,
        [id, role, passwordHash, at],
      );
    };
    const login = (username: string, address = 'home', code?: string) =>
      signIn.sessions.login({ username, password: PASSWORD, ...(code === undefined ? {} : { code }) }, address);
    const actorOf = async (token: string): Promise<Actor> => {
      const actor = await signIn.sessions.authenticate(token, 'home');
      if (!actor) throw new Error('not logged in');
      return actor;
    };
    return { ...signIn, clock, notices, policy, add, login, actorOf };
  }

  beforeAll(async () => {
    makeHashesDear = makeHashesCheap();
    database = await createTestDatabase(engine);
    await seedTestOrganisations(database.db);
    passwordHash = cheapHash(PASSWORD);
  });
  afterAll(async () => {
    makeHashesDear();
    await database?.close();
  });
  beforeEach(async () => {
    await emptyTables(database.db, 'app_user', 'sign_in_provider');
    rig = createRig();
  });

  const rows = async (text: string) => (await sql(database.db.autocommit).query(text)).rows;
  const codeOf = (secret: string, shift = 0) => new TOTP({ secret }).generate({ timestamp: rig.clock.now() + shift });

  /** Somebody with one-time codes; the clock stands one step after the code that confirmed them. */
  async function enrolled(id: string, role: 'admin' | 'viewer' = 'viewer') {
    await rig.add(id, role);
    const { token } = await rig.login(id);
    const actor = await rig.actorOf(token);
    const { secret } = await rig.secondFactor.begin(actor);
    const { recoveryCodes } = await rig.secondFactor.confirm(actor, { code: codeOf(secret) });
    rig.clock.advance(30_000);
    return { token, actor, secret, recoveryCodes };
  }

  it('asks for a one-time code once it is confirmed, and tells so only after the right password', async () => {
    const { secret } = await enrolled('li');
    expect(await refusal(rig.login('li'))).toBe('SECOND_FACTOR_REQUIRED required');
    const guess = rig.sessions.login({ username: 'li', password: 'wrong' }, 'home');
    expect(await refusal(guess)).toBe('BAD_CREDENTIALS');
    expect(await refusal(rig.login('li', 'home', '000000'))).toBe('SECOND_FACTOR_REQUIRED wrong');
    expect(await refusal(rig.login('li', 'home', codeOf(secret)))).toBe('accepted');
  });

  it('takes a code once, also when two come at the same moment, and one step early or late', async () => {
    const { secret } = await enrolled('li');
    const code = codeOf(secret);
    const both = await Promise.all([refusal(rig.login('li', 'a', code)), refusal(rig.login('li', 'b', code))]);
    expect(both.sort()).toEqual(['SECOND_FACTOR_REQUIRED wrong', 'accepted']);
    expect(await refusal(rig.login('li', 'a', code))).toBe('SECOND_FACTOR_REQUIRED wrong');
    rig.clock.advance(60_000);
    // A code of the step before the last used one is over, even though the window would allow it.
    expect(await refusal(rig.login('li', 'a', codeOf(secret, 30_000)))).toBe('accepted');
    expect(await refusal(rig.login('li', 'a', codeOf(secret, 0)))).toBe('SECOND_FACTOR_REQUIRED wrong');
    rig.clock.advance(10 * MINUTE);
    expect(await refusal(rig.login('li', 'a', codeOf(secret, -60_000)))).toBe('SECOND_FACTOR_REQUIRED wrong');
    expect(await refusal(rig.login('li', 'a', codeOf(secret, -30_000)))).toBe('accepted');
  });

  it('has ten recovery codes, each good once, and stores neither them nor the secret in the clear', async () => {
    const { secret, recoveryCodes, actor } = await enrolled('li');
    expect(new Set(recoveryCodes).size).toBe(10);
    const [first = ''] = recoveryCodes;
    expect(await refusal(rig.login('li', 'home', first.toUpperCase().replace('-', ' ')))).toBe('accepted');
    expect(await refusal(rig.login('li', 'home', first))).toBe('SECOND_FACTOR_REQUIRED wrong');
    expect(await rig.secondFactor.state(actor)).toEqual({ enabled: true, recoveryCodesLeft: 9 });
    const kept = JSON.stringify([
      await rows('select * from second_factor'),
      await rows(`select encode(code_hash, 'escape') from recovery_code`),
      await rows('select * from audit'),
    ]);
    for (const canary of [secret, ...recoveryCodes]) expect(kept).not.toContain(canary);
  });

  it('slows guessing of codes down like that of passwords', async () => {
    const { secret } = await enrolled('li');
    for (let i = 0; i < 6; i++) expect(await refusal(rig.login('li', 'home', '123456'))).toContain('wrong');
    expect(await refusal(rig.login('li', 'home', codeOf(secret)))).toBe('TOO_MANY_REQUESTS');
    expect(rig.notices.map(({ fault }) => fault)).toEqual(['loginLockout']);
    rig.clock.advance(2_000);
    expect(await refusal(rig.login('li', 'home', codeOf(secret)))).toBe('accepted');
  });

  it('ends with password and code together; enrolling ends the logins made without one', async () => {
    await rig.add('li');
    const other = await rig.login('li');
    const { token } = await rig.login('li');
    const actor = await rig.actorOf(token);
    const first = await rig.secondFactor.begin(actor);
    const { secret } = await rig.secondFactor.begin(actor);
    expect(await refusal(rig.secondFactor.confirm(actor, { code: codeOf(first.secret) }))).toBe('INVALID_INPUT wrong');
    await rig.secondFactor.confirm(actor, { code: codeOf(secret) });
    expect(await rig.sessions.authenticate(other.token, 'home')).toBeNull();
    expect(await refusal(rig.secondFactor.begin(actor))).toBe('CONFLICT');
    rig.clock.advance(30_000);
    const end = (password: string, code: string) => refusal(rig.secondFactor.disable(actor, { password, code }));
    expect(await end('wrong', codeOf(secret))).toBe('INVALID_INPUT wrong');
    expect(await end(PASSWORD, '000000')).toBe('INVALID_INPUT wrong');
    expect(await end(PASSWORD, codeOf(secret))).toBe('accepted');
    expect(await refusal(rig.login('li'))).toBe('accepted');
    const key: Actor = { ...actor, apiKeyId: 'k' };
    expect(await refusal(rig.secondFactor.begin(key))).toBe('FORBIDDEN');
  });

  it('is taken away by an administrator who says why, never by its bearer so', async () => {
    const { token, actor } = await enrolled('li');
    const reason = '手机遗失，已当面核实';
    expect(await refusal(rig.secondFactor.reset(actor, 'li', { reason }))).toBe('FORBIDDEN');
    expect(await refusal(rig.secondFactor.reset({ ...admin, id: 'li' }, 'li', { reason }))).toBe('FORBIDDEN');
    expect(await refusal(rig.secondFactor.reset(admin, 'li', { reason: ' ' }))).toContain('INVALID_INPUT');
    await rig.secondFactor.reset(admin, 'li', { reason });
    expect(await rig.sessions.authenticate(token, 'home')).toBeNull();
    expect(await refusal(rig.login('li'))).toBe('accepted');
    expect(await rows(`select reason from audit where action = 'resetSecondFactor'`)).toEqual([{ reason }]);
  });

  it('keeps an administrator from everything else until codes are set up, when that is required', async () => {
    await rig.add('root', 'admin');
    await rig.add('li');
    const { token } = await rig.login('root');
    expect((await rig.actorOf(token)).mustEnrol).toBeUndefined();
    rig.policy.totpForAdmins = true;
    const actor = await rig.actorOf(token);
    expect(actor.mustEnrol).toBe(true);
    expect(await refusal(rig.sessions.listOf(actor, 'li'))).toBe('SECOND_FACTOR_ENROLMENT_REQUIRED');
    expect((await rig.actorOf((await rig.login('li')).token)).mustEnrol).toBeUndefined();
    const { secret } = await rig.secondFactor.begin(actor);
    await rig.secondFactor.confirm(actor, { code: codeOf(secret) });
    expect((await rig.actorOf(token)).mustEnrol).toBeUndefined();
  });

  it("lists and ends others' sessions for administrators, and nobody else", async () => {
    await rig.add('li');
    await rig.add('wang');
    const [one, two] = [await rig.login('li'), await rig.login('li')];
    const wang = await rig.actorOf((await rig.login('wang')).token);
    expect(await refusal(rig.sessions.listOf(wang, 'li'))).toBe('FORBIDDEN');
    expect(await refusal(rig.sessions.revokeOf(wang, 'li'))).toBe('FORBIDDEN');
    const listed = await rig.sessions.listOf(admin, 'li');
    expect(listed).toHaveLength(2);
    const { sessionId = '' } = await rig.actorOf(one.token);
    await rig.sessions.revokeOf(admin, 'li', sessionId);
    expect(await rig.sessions.authenticate(one.token, 'home')).toBeNull();
    expect(await refusal(rig.sessions.revokeOf(admin, 'li', sessionId))).toBe('NOT_FOUND');
    expect(await refusal(rig.sessions.revokeOf(admin, 'li', wang.sessionId))).toBe('NOT_FOUND');
    await rig.sessions.revokeOf(admin, 'li');
    expect(await rig.sessions.authenticate(two.token, 'home')).toBeNull();
    expect(await refusal(rig.sessions.revoke(wang, sessionId))).toBe('NOT_FOUND');
  });

  it('asks for a new password after 30 days, except of who came by single sign-on', async () => {
    await rig.add('li');
    rig.clock.advance(30 * 24 * HOUR + 1);
    const login = await rig.login('li');
    expect([login.mustChangePassword, (await rig.actorOf(login.token)).mustChangePassword]).toEqual([true, true]);
    const user = await createUserStore().byId(database.db.autocommit, 'li');
    if (!user) throw new Error('no user');
    const sso = await rig.sessions.open(user, { address: 'home', via: 'oidc' });
    expect([sso.mustChangePassword, (await rig.actorOf(sso.token)).mustChangePassword]).toEqual([false, false]);
    expect((await rig.sessions.listOf(admin, 'li')).map(({ via }) => via).sort()).toEqual(['oidc', 'password']);
  });

  it('tells of logins at odd hours, from new addresses and of lockouts: once an hour each, in the audit too', async () => {
    await rig.add('ming');
    const told = () => rig.notices.splice(0).map(({ fault, login }) => `${fault} ${login?.who} ${login?.address}`);
    await rig.login('ming', '10.0.0.1');
    expect(told()).toEqual([]);
    await rig.login('ming', '10.0.0.2');
    await rig.login('ming', '10.0.0.2');
    expect(told()).toEqual(['newAddressLogin ming (ming) 10.0.0.2']);
    rig.clock.advance(13 * HOUR);
    await rig.login('ming', '10.0.0.1');
    await rig.login('ming', '10.0.0.1');
    expect(told()).toEqual(['oddHourLogin ming (ming) 10.0.0.1']);
    const guess = (username: string, address: string) =>
      refusal(rig.sessions.login({ username, password: 'guess' }, address));
    for (let i = 0; i < 6; i++) await guess('ming', 'evil');
    rig.clock.advance(MINUTE);
    await guess('ming', 'evil');
    for (let i = 0; i < 6; i++) await guess('nobody\r\nX: y', 'evil');
    expect(told()).toEqual(['loginLockout ming (ming) evil', 'loginLockout nobody x: y evil']);
    expect(
      await rows(
        `select after->>'alert' as alert from audit where action = 'alert' and after->>'username' in ('ming', 'nobody x: y') order by 1`,
      ),
    ).toEqual(['loginLockout', 'loginLockout', 'newAddressLogin', 'oddHourLogin'].map((alert) => ({ alert })));
  });
});

it('does not flood: over thirty alerts an hour, one more says so and the rest stay silent', async () => {
  const clock = createManualClock();
  const faults: string[] = [];
  const tx = {} as Tx;
  const alerts = createLoginAlerts({
    db: { autocommit: tx, transaction: (work) => work(tx) },
    audit: { append: async () => undefined },
    clock,
    log: createLogger('silent'),
    timeZone: 'Asia/Shanghai',
    hours: () => '00:00-00:00',
    notices: async (_tx, more) => {
      faults.push(...more.map(({ fault }) => fault));
    },
  });
  const lockout = (n: number) => alerts.lockedOut({ username: `u${n}`, user: undefined, address: `10.0.0.${n}` });
  for (let n = 0; n < 100; n++) await lockout(n);
  expect([faults.length, faults.at(-1), faults.at(-2)]).toEqual([31, 'securityFlood', 'loginLockout']);
  clock.advance(HOUR);
  await lockout(0);
  expect(faults.slice(31)).toEqual(['loginLockout']);
});
