import type { User } from '../domain/access-input.ts';
import type { Actor } from '../domain/actor.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { may } from '../domain/permission.ts';
import type { Tx } from '../domain/tx.ts';
import type { FieldError } from '../errors.ts';
import type { MessageKey } from '../messages/index.ts';

/** What a user names and must exist. */
export interface PeopleDirectory {
  known(
    tx: Tx,
    ids: {
      readonly orgIds: readonly string[];
      readonly moduleIds: readonly string[];
      readonly vendorIds: readonly string[];
    },
  ): Promise<{
    readonly orgs: readonly KnownOrg[];
    readonly moduleIds: readonly string[];
    readonly vendorIds: readonly string[];
  }>;
}

interface KnownOrg {
  readonly id: string;
  readonly kind: string;
  readonly level: number | null;
}

type Placed = Pick<User, 'role' | 'orgId' | 'scopeOrgIds' | 'moduleIds' | 'vendorId'>;

/** The kind of organisation a role belongs to; roles not named may have any or none. */
const HOME: Readonly<Partial<Record<User['role'], { fits: (org: KnownOrg) => boolean; refusal: MessageKey }>>> = {
  lead: { fits: ({ kind }) => kind === 'department', refusal: 'access.user.home.department' },
  cooperating: { fits: ({ kind }) => kind === 'department', refusal: 'access.user.home.department' },
  committee: {
    fits: ({ kind, level }) => kind === 'area' && level !== null && level >= 4,
    refusal: 'access.user.home.committee',
  },
  maintainer: { fits: ({ kind }) => kind === 'maintenance', refusal: 'access.user.home.maintenance' },
};

/** Refuses a role without its organisation, a scope the role cannot have, and names of what does not exist. */
export async function checkPlace(tx: Tx, directory: PeopleDirectory, user: Placed): Promise<void> {
  const errors: FieldError[] = [];
  const { role, orgId, vendorId } = user;
  if ((role === 'vendor') !== (vendorId !== null)) {
    errors.push(fieldError('/vendorId', 'required', 'access.vendorNeedsVendor'));
  }
  const orgs = [...(orgId === null ? [] : [orgId]), ...(user.scopeOrgIds ?? [])];
  const known = await directory.known(tx, {
    orgIds: orgs,
    moduleIds: user.moduleIds ?? [],
    vendorIds: vendorId === null ? [] : [vendorId],
  });
  const missing = (path: string, ids: readonly string[] | null, there: readonly string[]) => {
    for (const [index, id] of (ids ?? []).entries()) {
      if (!there.includes(id)) errors.push(fieldError(`${path}/${index}`, 'notFound', 'input.notFound', { value: id }));
    }
  };
  const orgIds = known.orgs.map(({ id }) => id);
  const home = HOME[role];
  const org = known.orgs.find(({ id }) => id === orgId);
  if (orgId !== null && !org) errors.push(fieldError('/orgId', 'notFound', 'input.notFound', { value: orgId }));
  if (home && orgId === null) errors.push(fieldError('/orgId', 'required', home.refusal));
  if (home && org && !home.fits(org)) errors.push(fieldError('/orgId', 'orgKind', home.refusal));
  missing('/scopeOrgIds', user.scopeOrgIds, orgIds);
  missing('/moduleIds', user.moduleIds, known.moduleIds);
  if (vendorId !== null && !known.vendorIds.includes(vendorId)) {
    errors.push(fieldError('/vendorId', 'notFound', 'input.notFound', { value: vendorId }));
  }
  const refuseScope = (key: 'access.user.unscoped' | 'access.user.vendorScope') => {
    for (const field of ['scopeOrgIds', 'moduleIds'] as const) {
      if (user[field] !== null) errors.push(fieldError(`/${field}`, 'scope', key));
    }
  };
  // Rights over everything behind a narrow view would be no restriction: an administrator could lift it.
  if (role === 'admin' || role === 'auditor') refuseScope('access.user.unscoped');
  if (role === 'vendor') refuseScope('access.user.vendorScope');
  refuseIf(errors);
}

/** Whether a change touches what {@link checkPlace} looks at; an old user whose place no longer fits can still be disabled. */
export function changesPlace(change: object): boolean {
  return ['role', 'orgId', 'scopeOrgIds', 'moduleIds', 'vendorId'].some((field) => field in change);
}

/** 138****1234: enough to recognise a number one knows, not enough to call it. */
export function maskPhone(phone: string | null): string | null {
  if (phone === null) return null;
  const digits = phone.replace(/\D/g, '');
  return digits.length < 8 ? '****' : `${digits.slice(0, 3)}****${digits.slice(-4)}`;
}

/** As this reader may see a user. */
export function discreet(actor: Actor, user: User): User {
  return may(actor, 'users', 'update') ? user : { ...user, phone: maskPhone(user.phone) };
}
