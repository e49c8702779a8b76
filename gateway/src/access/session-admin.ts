import type { Clock } from '../../../adapters/adapter.ts';
import type { SessionInfo } from '../domain/access-input.ts';
import type { Actor } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import type { SessionStore } from './ports.ts';

/** Logins of others, for who may manage people. */
export interface SessionAdmin {
  listOf(actor: Actor, userId: string): Promise<SessionInfo[]>;
  /** Ends one session of the user, or all of them. NOT_FOUND when there is no such one. */
  revokeOf(actor: Actor, userId: string, sessionId?: string): Promise<void>;
}

export function createSessionAdmin(deps: {
  readonly db: Transactor;
  readonly sessions: SessionStore;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly policy: () => { readonly idleMs: number };
  /** Throws NOT_FOUND unless the actor may see this user. */
  readonly requireUser: (actor: Actor, id: string) => Promise<unknown>;
}): SessionAdmin {
  const { db, clock } = deps;
  return {
    async listOf(actor, userId) {
      requireRight(actor, 'users', 'read');
      await deps.requireUser(actor, userId);
      return deps.sessions.list(db.autocommit, userId, clock.now(), deps.policy().idleMs);
    },
    async revokeOf(actor, userId, sessionId) {
      requireRight(actor, 'users', 'update');
      await deps.requireUser(actor, userId);
      await db.transaction(async (tx) => {
        const where = { userId, ...(sessionId === undefined ? {} : { id: sessionId }) };
        const ended = await deps.sessions.revoke(tx, where, clock.now());
        if (sessionId !== undefined && ended === 0) throw new GatewayError('NOT_FOUND');
        await deps.audit.append(tx, [
          {
            at: clock.now(),
            actor,
            action: 'revoke',
            resource: 'sessions',
            resourceId: sessionId ?? null,
            after: { userId, ended },
          },
        ]);
      });
    },
  };
}
