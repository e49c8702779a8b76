import type { Clock } from '../../../../adapters/adapter.ts';
import type { Actor } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { requireRight } from '../../domain/permission.ts';
import { IdentitiesInput, type Identity } from '../../domain/sign-in.ts';
import type { Transactor } from '../../domain/tx.ts';
import type { SessionStore } from '../ports.ts';
import type { IdentityStore } from './ports.ts';
import type { WecomSettings } from './wecom-config.ts';

/** Who a user is elsewhere. Only an administrator links: a name alone opens no account. */
export interface Identities {
  listOf(actor: Actor, userId: string): Promise<Identity[]>;
  /** Puts these in the place of all there are; what stays keeps its history. A link taken away ends the user's sessions. */
  replace(actor: Actor, userId: string, input: IdentitiesInput): Promise<Identity[]>;
}

export function createIdentities(deps: {
  readonly db: Transactor;
  readonly identities: IdentityStore;
  readonly sessions: Pick<SessionStore, 'revoke'>;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly oidcIssuer: string | null;
  readonly wecom: WecomSettings;
  /** Throws NOT_FOUND unless the actor may see this user. */
  readonly requireUser: (actor: Actor, id: string) => Promise<unknown>;
}): Identities {
  const { db, clock } = deps;

  const wanted = async (input: IdentitiesInput): Promise<Identity[]> => {
    const wecomIssuer = (await deps.wecom.current())?.config.corpId ?? null;
    return input.identities.map((one, index) => {
      const fresh = { issuer: null, subject: null, claim: null, value: null, linkedAt: null, lastUsedAt: null };
      if ('claim' in one) {
        const value = one.claim === 'email' ? one.value.toLowerCase() : one.value;
        return { ...fresh, provider: 'oidc' as const, claim: one.claim, value };
      }
      const issuer = one.issuer ?? (one.provider === 'oidc' ? deps.oidcIssuer : wecomIssuer);
      if (!issuer) refuseIf([fieldError(`/identities/${index}/issuer`, 'required', 'access.identity.issuer')]);
      // WeCom's user ids know no case.
      const subject = one.provider === 'wecom' ? one.subject.toLowerCase() : one.subject;
      return { ...fresh, provider: one.provider, issuer, subject, linkedAt: clock.now() };
    });
  };

  return {
    async listOf(actor, userId) {
      requireRight(actor, 'users', 'read');
      await deps.requireUser(actor, userId);
      return deps.identities.list(db.autocommit, userId);
    },

    async replace(actor, userId, raw) {
      requireRight(actor, 'users', 'update');
      const input = parseInput(IdentitiesInput, raw);
      await deps.requireUser(actor, userId);
      const next = await wanted(input);
      return db.transaction(async (tx) => {
        const before = await deps.identities.list(tx, userId);
        const kept = next.map((one) => before.find((old) => same(old, one)) ?? one);
        await deps.identities.replace(tx, userId, kept);
        if (before.some((old) => old.subject !== null && !kept.includes(old))) {
          await deps.sessions.revoke(tx, { userId }, clock.now());
        }
        await deps.audit.append(tx, [
          {
            at: clock.now(),
            actor,
            action: 'linkIdentities',
            resource: 'users',
            resourceId: userId,
            before,
            after: kept,
          },
        ]);
        return kept;
      });
    },
  };
}

/** A claim that was bound meanwhile is still the one that was asked for. */
function same(old: Identity, wanted: Identity): boolean {
  if (old.provider !== wanted.provider) return false;
  return wanted.subject === null
    ? old.claim === wanted.claim && old.value === wanted.value
    : old.issuer === wanted.issuer && old.subject === wanted.subject;
}
