import type { Rights, Role } from './permission.ts';
import type { Scope } from './scope.ts';

/** Who asks. Built by the access stage from a session or an API key, never from what a request says of itself. */
export interface Actor {
  readonly kind: 'user' | 'vendor' | 'system';
  /** User id, vendor id or `system`. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** What the actor may do to what its scope shows; `all` for an administrator and the gateway itself. */
  readonly rights: Rights | 'all';
  readonly scope: Scope;
  /** The actor's own organisation; absent for vendors and programs. */
  readonly orgId?: string;
  /** Address of the peer; null for the gateway itself. */
  readonly address: string | null;
  /** Set when the request came with an API key. */
  readonly apiKeyId?: string;
  readonly sessionId?: string;
  /** Until it is false, everything but changing the password is refused. */
  readonly mustChangePassword?: boolean;
  /** An administrator who must set up one-time codes first. */
  readonly mustEnrol?: boolean;
}

export const SYSTEM: Actor = {
  kind: 'system',
  id: 'system',
  name: 'system',
  role: 'system',
  rights: 'all',
  scope: { kind: 'all' },
  address: null,
};

/** How an actor stands in histories and the audit table. */
export function actorText(actor: Actor): string {
  return actor.kind === 'system' ? 'system' : `${actor.kind}:${actor.id}`;
}
