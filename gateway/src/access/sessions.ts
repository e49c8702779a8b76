import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { LoginInput, SessionInfo, User } from '../domain/access-input.ts';
import type { UserRecord } from '../domain/access-rows.ts';
import { type Actor, SYSTEM } from '../domain/actor.ts';
import { addressAllowed } from '../domain/address-list.ts';
import type { AuditPort } from '../domain/audit.ts';
import { narrowRights, opensHttp } from '../domain/key-scope.ts';
import type { SignInWay } from '../domain/sign-in.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { Actors } from './actor.ts';
import type { LoginAlerts } from './login-alerts.ts';
import type { ApiKeyStore, SessionStore, UserStore } from './ports.ts';
import type { SecondFactor } from './second-factor.ts';
import { randomSecret, type Secrets, verifyPassword } from './secrets.ts';
import { createThrottle, locked } from './throttle.ts';

export interface SessionPolicy {
  /** A session without a request for this long ends. Milliseconds. */
  readonly idleMs: number;
  /** A session ends after this in any case. Milliseconds. */
  readonly absoluteMs: number;
  /** A password older than this must be changed; null = never. Milliseconds. */
  readonly passwordMaxAgeMs: number | null;
  /** Whether administrators must use one-time codes. */
  readonly totpForAdmins: boolean;
}

export interface LoggedIn {
  /** Opaque, 192 random bits; only its hash is kept. */
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly user: User;
  readonly mustChangePassword: boolean;
}

export interface Sessions {
  /** Throws BAD_CREDENTIALS, SECOND_FACTOR_REQUIRED (the password was right) or TOO_MANY_REQUESTS. */
  login(input: LoginInput, address: string, agent?: string): Promise<LoggedIn>;
  /** Opens a session for somebody whose identity was proven elsewhere. */
  open(user: UserRecord, how: { address: string; agent?: string | undefined; via: SignInWay }): Promise<LoggedIn>;
  /** The actor behind a session token or API key; null when it is none. Throws UNAVAILABLE when it cannot know. */
  authenticate(token: string, address: string): Promise<Actor | null>;
  logout(actor: Actor): Promise<void>;
  list(actor: Actor): Promise<SessionInfo[]>;
  /** Ends one of the actor's own sessions; NOT_FOUND when it is not theirs. */
  revoke(actor: Actor, id: string): Promise<void>;
  /** Removes ended sessions after 30 days; until then they prove which addresses a user knows. */
  purge(): Promise<void>;
}

const KNOWN_ADDRESS_MS = 30 * 86_400_000;
/** `last seen` is written at most this often. */
const TOUCH_MS = 60_000;

export interface SessionsDeps {
  readonly db: Transactor;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditPort;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly policy: () => SessionPolicy;
  readonly secondFactor: Pick<SecondFactor, 'use'>;
  readonly alerts: LoginAlerts;
  readonly actors: Actors;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { db, clock, secrets } = deps;
  const touched = new Map<string, number>();
  const limits = { clock, forgetMs: 15 * 60_000, capacity: 10_000 };
  // From one address against one account: quickly slow. Against one account from anywhere: only from addresses it has
  // never logged in from, so guessing from outside never keeps the owner out. One address against many accounts: an
  // office behind one address stays usable, because users known there are exempt.
  const pairs = createThrottle({ ...limits, free: 5, firstMs: 1_000, longestMs: 60_000 });
  const accounts = createThrottle({ ...limits, free: 20, firstMs: 2_000, longestMs: 300_000 });
  const addresses = createThrottle({ ...limits, free: 50, firstMs: 2_000, longestMs: 300_000 });

  const mustChange = (user: UserRecord) => {
    const { passwordMaxAgeMs } = deps.policy();
    return (
      user.mustChangePassword || (passwordMaxAgeMs !== null && clock.now() - user.passwordChangedAt > passwordMaxAgeMs)
    );
  };

  /** Who signs in elsewhere may never have known the password here. */
  const mustChangeForKey = (user: UserRecord) => !user.singleSignOn && mustChange(user);
  const mustEnrol = (user: UserRecord) => deps.policy().totpForAdmins && user.role === 'admin' && !user.secondFactor;

  const knows = (user: UserRecord, address: string) =>
    deps.users.knowsAddress(db.autocommit, user.id, address, clock.now() - KNOWN_ADDRESS_MS);

  const proveFailure = (username: string, address: string, user: UserRecord | undefined, wrong: 'password' | 'code') =>
    deps.audit.append(db.autocommit, [
      {
        at: clock.now(),
        actor: { ...SYSTEM, address },
        action: 'loginFailed',
        resource: 'sessions',
        resourceId: user?.id ?? null,
        after: { username, wrong },
      },
    ]);

  return {
    async login(input, address, agent) {
      const name = input.username.normalize('NFC').toLowerCase();
      const pair = `${name} ${address}`;
      const user = await deps.users.byUsername(db.autocommit, name);
      const known = user !== undefined && (await knows(user, address));
      const wait = Math.max(pairs.wait(pair), known ? 0 : Math.max(accounts.wait(name), addresses.wait(address)));
      if (wait > 0) throw locked(wait);
      // Counted before the slow comparison, so a burst of parallel guesses is no way around the delay.
      const delay = pairs.fail(pair);
      const failed = async (wrong: 'password' | 'code') => {
        const delays = known ? [delay] : [delay, accounts.fail(name), addresses.fail(address)];
        await proveFailure(name, address, user, wrong);
        if (Math.max(...delays) > 0) await deps.alerts.lockedOut({ username: name, user, address });
      };
      const right = await verifyPassword(input.password, user?.passwordHash ?? null);
      if (!user || !right || user.disabled) {
        await failed('password');
        throw new GatewayError('BAD_CREDENTIALS');
      }
      if (user.secondFactor) {
        if (input.code === undefined) throw codeNeeded('access.code.needed');
        if (!(await deps.secondFactor.use(user.id, input.code))) {
          await failed('code');
          throw codeNeeded('access.code.wrong');
        }
      }
      pairs.clear(pair);
      return open(user, { address, agent, via: 'password' });
    },

    open,

    authenticate: (token, address) => {
      if (token.length > 200) return Promise.resolve(null);
      return token.startsWith('cgwk_') ? byApiKey(token, address) : bySession(token, address);
    },

    async logout(actor) {
      if (!actor.sessionId) return;
      await endSession(actor, actor.sessionId, 'logout');
    },

    list: (actor) => deps.sessions.list(db.autocommit, actor.id, clock.now(), deps.policy().idleMs),

    async revoke(actor, id) {
      if (!(await endSession(actor, id, 'revoke'))) throw new GatewayError('NOT_FOUND');
    },

    async purge() {
      await deps.sessions.purge(db.autocommit, clock.now() - KNOWN_ADDRESS_MS);
    },
  };

  async function open(
    user: UserRecord,
    { address, agent, via }: { address: string; agent?: string | undefined; via: SignInWay },
  ): Promise<LoggedIn> {
    const now = clock.now();
    const token = randomSecret();
    const session = {
      id: randomUUID(),
      userId: user.id,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + deps.policy().absoluteMs,
      address,
      agent: agent?.slice(0, 200) ?? null,
      via,
    };
    const newAddress = !(await knows(user, address));
    // The very first login comes from a new address by nature.
    const first = now - user.createdAt < KNOWN_ADDRESS_MS && !(await deps.sessions.any(db.autocommit, user.id));
    await db.transaction(async (tx) => {
      await deps.sessions.insert(tx, { ...session, tokenHash: secrets.hash(token) });
      await deps.audit.append(tx, [
        {
          at: now,
          actor: deps.actors.user(user, { address, sessionId: session.id }),
          action: 'login',
          resource: 'sessions',
          resourceId: session.id,
          after: { newAddress, via },
        },
      ]);
      await deps.alerts.signedIn(tx, user, { address, newAddress: newAddress && !first });
    });
    const { passwordHash: _, ...shown } = user;
    const mustChangePassword = via === 'password' && mustChange(user);
    return { token, expiresAt: session.expiresAt, user: shown, mustChangePassword };
  }

  async function byApiKey(token: string, address: string): Promise<Actor | null> {
    const now = clock.now();
    const key = await deps.apiKeys.byHash(db.autocommit, secrets.hash(token));
    if (!key || (key.expiresAt !== null && key.expiresAt <= now)) return null;
    // To a stranger's address, and where it opens nothing, a key is no key.
    if (!opensHttp(key.scopes) || !addressAllowed(key.addresses, address)) return null;
    if (now - (touched.get(key.id) ?? 0) > TOUCH_MS) {
      remember(touched, key.id, now);
      await deps.apiKeys.touch(db.autocommit, [{ id: key.id, at: now, address }]);
    }
    const via = { address, apiKeyId: key.id };
    const narrowed = (actor: Actor): Actor => ({ ...actor, rights: narrowRights(actor.rights, key.scopes) });
    if (key.vendorId !== null) return narrowed(deps.actors.vendor(key.vendorId, via));
    const owner = await deps.users.byId(db.autocommit, key.userId ?? '');
    if (!owner || owner.disabled) return null;
    return narrowed(
      deps.actors.user(
        { ...owner, mustChangePassword: mustChangeForKey(owner) },
        { ...via, ...(!owner.singleSignOn && mustEnrol(owner) ? { mustEnrol: true } : {}) },
      ),
    );
  }

  async function bySession(token: string, address: string): Promise<Actor | null> {
    const found = await deps.sessions.byToken(db.autocommit, secrets.hash(token));
    if (!found || found.user.disabled) return null;
    const { session, user } = found;
    const now = clock.now();
    const { idleMs } = deps.policy();
    const seen = Math.max(session.lastSeenAt, touched.get(session.id) ?? 0);
    if (session.expiresAt <= now || now - seen > idleMs) return null;
    if (now - session.lastSeenAt > Math.min(TOUCH_MS, idleMs / 4)) {
      remember(touched, session.id, now);
      await deps.sessions.touch(db.autocommit, session.id, now);
    }
    // Who came by single sign-on proved himself there: password and codes of this place were not used.
    const local = session.via === 'password';
    return deps.actors.user(
      { ...user, mustChangePassword: local && mustChange(user) },
      { address, sessionId: session.id, ...(local && mustEnrol(user) ? { mustEnrol: true } : {}) },
    );
  }

  function endSession(actor: Actor, id: string, action: string): Promise<boolean> {
    return db.transaction(async (tx) => {
      const ended = await deps.sessions.revoke(tx, { userId: actor.id, id }, clock.now());
      if (ended === 0) return false;
      await deps.audit.append(tx, [{ at: clock.now(), actor, action, resource: 'sessions', resourceId: id }]);
      return true;
    });
  }
}

function remember(map: Map<string, number>, id: string, at: number): void {
  if (map.size >= 10_000) map.clear();
  map.set(id, at);
}

/** Told only to who knew the password. */
function codeNeeded(key: 'access.code.needed' | 'access.code.wrong'): GatewayError {
  const message = bilingual(key);
  const code = key === 'access.code.wrong' ? 'wrong' : 'required';
  return new GatewayError('SECOND_FACTOR_REQUIRED', message, { errors: [{ path: '/code', code, message }] });
}
