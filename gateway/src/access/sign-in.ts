import type { Notice } from '../domain/notice.ts';
import type { Tx } from '../domain/tx.ts';
import type { Actors } from './actor.ts';
import { createLoginAlerts } from './login-alerts.ts';
import { createSecondFactor, type SecondFactorStore } from './second-factor.ts';
import { createSessionAdmin } from './session-admin.ts';
import { createSessions, type SessionPolicy, type SessionsDeps } from './sessions.ts';
import type { CheckTarget } from './sso/guarded-fetch.ts';
import { createIdentities } from './sso/identities.ts';
import type { OidcConfig } from './sso/oidc.ts';
import type { IdentityStore } from './sso/ports.ts';
import { createSingleSignOn } from './sso/sso.ts';
import { createWecomSettings } from './sso/wecom-config.ts';
import type { Users } from './users.ts';

export interface SignInDeps extends Omit<SessionsDeps, 'secondFactor' | 'alerts' | 'actors'> {
  readonly secondFactors: SecondFactorStore;
  readonly identities: IdentityStore;
  readonly policy: () => SessionPolicy & { readonly loginHours: string };
  readonly timeZone: string;
  /** null = not in use. */
  readonly oidc: OidcConfig | null;
  /** What may be dialled for single sign-on. */
  readonly checkTarget: CheckTarget;
  /** Notices about logins, in the transaction of the login. */
  readonly notices: (tx: Tx, notices: readonly Notice[]) => Promise<void>;
}

/** How people get in: password, one-time code, single sign-on; and the sessions that follow. */
export function createSignIn(deps: SignInDeps, { actors, users }: { actors: Actors; users: Pick<Users, 'get'> }) {
  const requireUser = users.get;
  const secondFactor = createSecondFactor({ ...deps, users: deps.users, requireUser });
  const alerts = createLoginAlerts({ ...deps, hours: () => deps.policy().loginHours });
  const sessions = createSessions({ ...deps, actors, secondFactor, alerts });
  const wecom = createWecomSettings(deps);
  return {
    secondFactor,
    sessions: { ...sessions, ...createSessionAdmin({ ...deps, requireUser }) },
    wecom,
    identityLinks: createIdentities({ ...deps, wecom, requireUser, oidcIssuer: deps.oidc?.issuer ?? null }),
    singleSignOn: createSingleSignOn({ ...deps, sessions, wecom }),
  };
}
