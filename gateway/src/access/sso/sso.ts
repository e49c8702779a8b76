import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { UserRecord } from '../../domain/access-rows.ts';
import { SYSTEM } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import type { SignInMethods, SsoProvider } from '../../domain/sign-in.ts';
import type { Transactor } from '../../domain/tx.ts';
import { GatewayError, isGatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { Secrets } from '../secrets.ts';
import type { LoggedIn, Sessions } from '../sessions.ts';
import { createThrottle, locked } from '../throttle.ts';
import { createFlows, type Flow } from './flow.ts';
import { type CheckTarget, createGuardedFetch } from './guarded-fetch.ts';
import { createOidcClient, type OidcConfig } from './oidc.ts';
import type { Person } from './person.ts';
import type { IdentityStore } from './ports.ts';
import { createWecomClient } from './wecom.ts';
import type { WecomSettings } from './wecom-config.ts';

/** What a browser brings back from the provider. */
export interface Callback {
  /** Query of the address it was sent back to. */
  readonly query: URLSearchParams;
  /** The sealed flow from its cookie. */
  readonly flow: string | undefined;
  readonly address: string;
  readonly agent?: string | undefined;
}

/** Single sign-on. Local accounts know nothing of it: a provider that is down keeps nobody from them. */
export interface SingleSignOn {
  methods(): Promise<SignInMethods>;
  /** Where the browser goes, and the sealed flow that must come back with it. NOT_FOUND when not set up. */
  start(
    provider: SsoProvider,
    from: { readonly address: string; readonly agent?: string | undefined },
  ): Promise<{ location: string; flow: string }>;
  /** Throws SSO_REFUSED, SSO_UNAVAILABLE, SSO_NOT_LINKED, TOO_MANY_REQUESTS or NOT_FOUND. */
  finish(provider: SsoProvider, callback: Callback): Promise<LoggedIn>;
}

export interface SingleSignOnDeps {
  readonly db: Transactor;
  readonly identities: IdentityStore;
  readonly sessions: Pick<Sessions, 'open'>;
  readonly wecom: Pick<WecomSettings, 'current'>;
  /** null = not in use. */
  readonly oidc: OidcConfig | null;
  readonly checkTarget: CheckTarget;
  readonly secrets: Secrets;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createSingleSignOn(deps: SingleSignOnDeps): SingleSignOn {
  const { db, clock, log, identities } = deps;
  const fetch = createGuardedFetch({ checkTarget: deps.checkTarget });
  const oidc = deps.oidc ? createOidcClient(deps.oidc, { fetch, clock }) : undefined;
  const wecom = createWecomClient({ fetch, clock, log });
  const flows = createFlows(deps);
  // Every attempt costs the provider a call: who only fails is slowed down.
  const failures = createThrottle({
    clock,
    free: 20,
    firstMs: 1_000,
    longestMs: 60_000,
    forgetMs: 15 * 60_000,
    capacity: 10_000,
  });

  const begin = async (provider: SsoProvider, agent: string): Promise<{ location: string; flow: Flow }> => {
    if (provider === 'oidc') return (oidc ?? notConfigured()).start();
    const { config } = (await deps.wecom.current()) ?? notConfigured();
    return wecom.start(config, /wxwork|micromessenger/i.test(agent));
  };

  const personOf = async (flow: Flow, query: URLSearchParams): Promise<Person> => {
    if (flow.provider === 'oidc') return (oidc ?? notConfigured()).finish(query, flow);
    const { config, secret } = (await deps.wecom.current()) ?? notConfigured();
    return wecom.finish(config, secret, query);
  };

  /** The user this person is; undefined when nobody linked them. */
  const userOf = async (person: Person): Promise<UserRecord | undefined> => {
    const { provider, issuer, subject } = person;
    const linked = await identities.bySubject(db.autocommit, provider, issuer, subject);
    if (linked) return linked;
    const said = await person.claims();
    const claims = { ...said, ...(said.email ? { email: said.email.toLowerCase() } : {}) };
    return db.transaction(async (tx) => {
      const waiting = await identities.byClaims(tx, claims);
      const [user] = waiting;
      // Two accounts waiting for one person is a mistake an administrator has to see.
      if (!user || waiting.length > 1 || user.disabled) return undefined;
      if (!(await identities.bind(tx, user.id, { issuer, subject, claims, at: clock.now() }))) return undefined;
      await deps.audit.append(tx, [
        {
          at: clock.now(),
          actor: SYSTEM,
          action: 'linkIdentities',
          resource: 'users',
          resourceId: user.id,
          after: { provider, issuer, subject, claims },
        },
      ]);
      return { ...user, singleSignOn: true };
    });
  };

  const proveFailure = (provider: SsoProvider, address: string, user: UserRecord | undefined, after: object) =>
    deps.audit.append(db.autocommit, [
      {
        at: clock.now(),
        actor: { ...SYSTEM, address },
        action: 'loginFailed',
        resource: 'sessions',
        resourceId: user?.id ?? null,
        after: { via: provider, ...after },
      },
    ]);

  const identified = async (provider: SsoProvider, { query, flow, address }: Callback): Promise<Person> => {
    const sealed = flows.take(provider, flow, query.get('state'));
    try {
      return await personOf(sealed, query);
    } catch (error) {
      if (!isGatewayError(error)) throw error;
      log.warn({ provider, code: error.code, error }, 'a single sign-on failed');
      await proveFailure(provider, address, undefined, { refused: error.code });
      throw error;
    }
  };

  return {
    async methods() {
      return { password: true, oidc: oidc !== undefined, wecom: (await deps.wecom.current()) !== undefined };
    },

    async start(provider, { address, agent }) {
      const wait = failures.wait(address);
      if (wait > 0) throw locked(wait);
      const { location, flow } = await begin(provider, agent ?? '');
      return { location, flow: flows.seal(flow) };
    },

    async finish(provider, callback) {
      const { address, agent } = callback;
      const wait = failures.wait(address);
      if (wait > 0) throw locked(wait);
      failures.fail(address);
      const person = await identified(provider, callback);
      const user = await userOf(person);
      if (!user || user.disabled) {
        // The administrator finds here what to link.
        await proveFailure(provider, address, user, { issuer: person.issuer, subject: person.subject });
        throw new GatewayError('SSO_NOT_LINKED', bilingual(user ? 'sso.disabled' : 'sso.notLinked'));
      }
      failures.clear(address);
      await identities.touch(db.autocommit, provider, person.issuer, person.subject, clock.now());
      return deps.sessions.open(user, { address, agent, via: provider });
    },
  };
}

function notConfigured(): never {
  throw new GatewayError('NOT_FOUND', bilingual('sso.notConfigured'));
}
