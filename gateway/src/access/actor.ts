import type { UserRecord } from '../domain/access-rows.ts';
import type { Actor } from '../domain/actor.ts';
import { SHIPPED_RIGHTS, shippedRights } from '../domain/role-rights.ts';
import type { Scope } from '../domain/scope.ts';

/** What a user may see: a vendor its own devices, others the subtrees they were given. */
function userScope(user: UserRecord): Scope {
  if (user.vendorId) return { kind: 'vendor', vendorId: user.vendorId };
  return user.scopeOrgIds ? { kind: 'orgs', orgIds: user.scopeOrgIds } : { kind: 'all' };
}

export function userActor(
  user: UserRecord,
  via: { address: string | null; sessionId?: string; apiKeyId?: string },
): Actor {
  return {
    kind: 'user',
    id: user.id,
    name: user.name,
    role: user.role,
    rights: shippedRights(user.role),
    ...(user.orgId === null ? {} : { orgId: user.orgId }),
    scope: userScope(user),
    mustChangePassword: user.mustChangePassword,
    ...via,
  };
}

export function vendorActor(vendorId: string, via: { address: string | null; apiKeyId: string }): Actor {
  return {
    kind: 'vendor',
    id: vendorId,
    name: vendorId,
    role: 'vendor',
    rights: SHIPPED_RIGHTS.vendor,
    scope: { kind: 'vendor', vendorId },
    ...via,
  };
}
