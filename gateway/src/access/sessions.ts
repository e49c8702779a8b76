import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { LoginInput, SessionInfo, User } from '../domain/access-input.ts';
import type { UserRecord } from '../domain/access-rows.ts';
import { type Actor, SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { userActor, vendorActor } from './actor.ts';
import type { ApiKeyStore, SessionStore, UserStore } from './ports.ts';
import { randomSecret, type Secrets, verifyPassword } from './secrets.ts';
import { createThrottle } from './throttle.ts';

export interface SessionPolicy {
  /** A session without a request for this long ends. Milliseconds. */
  readonly idleMs: number;
  /** A session ends after this in any case. Milliseconds. */
  readonly absoluteMs: number;
  /** A password older than this must be changed; null = never. Milliseconds. */
  readonly passwordMaxAgeMs: number | null;
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
  /** Throws BAD_CREDENTIALS or TOO_MANY_REQUESTS. */
  login(input: LoginInput, address: string, agent?: string): Promise<LoggedIn>;
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

export function createSessions(deps: {
  readonly db: Transactor;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly apiKeys: ApiKeyStore;
  readonly audit: AuditPort;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Logger;
  readonly policy: () => SessionPolicy;
}): Sessions {
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

  const proveFailure = (username: string, address: string, user: UserRecord | undefined) =>
    deps.audit.append(db.autocommit, [
      {
        at: clock.now(),
        actor: { ...SYSTEM, address },
        action: 'loginFailed',
        resource: 'sessions',
        resourceId: user?.id ?? null,
        after: { username },
      },
    ]);

  return {
    async login(input, address, agent) {
      const name = input.username.normalize('NFC').toLowerCase();
      const pair = `${name} ${address}`;
      const user = await deps.users.byUsername(db.autocommit, name);
      const known =
        user !== undefined &&
        (await deps.users.knowsAddress(db.autocommit, user.id, address, clock.now() - KNOWN_ADDRESS_MS));
      const wait = Math.max(pairs.wait(pair), known ? 0 : Math.max(accounts.wait(name), addresses.wait(address)));
      if (wait > 0) throw locked(wait);
      // Counted before the slow comparison, so a burst of parallel guesses is no way around the delay.
      pairs.fail(pair);
      const right = await verifyPassword(input.password, user?.passwordHash ?? null);
      if (!user || !right || user.disabled) {
        if (!known) {
          accounts.fail(name);
          addresses.fail(address);
        }
        await proveFailure(name, address, user);
        throw new GatewayError('BAD_CREDENTIALS');
      }
      pairs.clear(pair);
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
      };
      await db.transaction(async (tx) => {
        await deps.sessions.insert(tx, { ...session, tokenHash: secrets.hash(token) });
        await deps.audit.append(tx, [
          {
            at: now,
            actor: userActor(user, { address, sessionId: session.id }),
            action: 'login',
            resource: 'sessions',
            resourceId: session.id,
            after: { newAddress: !known },
          },
        ]);
      });
      const { passwordHash: _, ...shown } = user;
      return { token, expiresAt: session.expiresAt, user: shown, mustChangePassword: mustChange(user) };
    },

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

  async function byApiKey(token: string, address: string): Promise<Actor | null> {
    const now = clock.now();
    const key = await deps.apiKeys.byHash(db.autocommit, secrets.hash(token));
    if (!key || (key.expiresAt !== null && key.expiresAt <= now)) return null;
    if (now - (touched.get(key.id) ?? 0) > TOUCH_MS) {
      remember(touched, key.id, now);
      await deps.apiKeys.touch(db.autocommit, key.id, now);
    }
    const via = { address, apiKeyId: key.id };
    if (key.vendorId !== null) return vendorActor(key.vendorId, via);
    const owner = await deps.users.byId(db.autocommit, key.userId ?? '');
    if (!owner || owner.disabled) return null;
    return userActor({ ...owner, mustChangePassword: mustChange(owner) }, via);
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
    return userActor({ ...user, mustChangePassword: mustChange(user) }, { address, sessionId: session.id });
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

export function locked(waitMs: number): GatewayError {
  const seconds = Math.ceil(waitMs / 1000);
  return new GatewayError('TOO_MANY_REQUESTS', bilingual('access.locked', { seconds }), {
    extra: { retryAfter: seconds },
  });
}
