import type { UserRecord } from '../domain/access-rows.ts';
import type { Actor } from '../domain/actor.ts';
import type { Person } from '../domain/duty-matrix.ts';
import type { Rights, Role } from '../domain/permission.ts';
import type { Scope } from '../domain/scope.ts';

/** How a request came. */
export interface Via {
  readonly address: string | null;
  readonly sessionId?: string;
  readonly apiKeyId?: string;
  /** An administrator who must set up one-time codes first. */
  readonly mustEnrol?: boolean;
}

/** Makes actors with the rights and the reach of this moment: asked at every request, so a change counts at once. */
export interface Actors {
  user(user: UserRecord, via: Via): Actor;
  vendor(vendorId: string, via: Via): Actor;
}

export function createActors(deps: {
  /** The role's rights as this installation has them. */
  readonly rightsOf: (role: Role) => Rights | 'all';
  readonly reach: (person: Person) => Scope;
}): Actors {
  return {
    user: (user, via) => ({
      kind: 'user',
      id: user.id,
      name: user.name,
      role: user.role,
      rights: deps.rightsOf(user.role),
      ...(user.orgId === null ? {} : { orgId: user.orgId }),
      scope: deps.reach(user),
      mustChangePassword: user.mustChangePassword,
      ...via,
    }),
    vendor: (vendorId, via) => ({
      kind: 'vendor',
      id: vendorId,
      name: vendorId,
      role: 'vendor',
      rights: deps.rightsOf('vendor'),
      scope: { kind: 'vendor', vendorId },
      ...via,
    }),
  };
}
