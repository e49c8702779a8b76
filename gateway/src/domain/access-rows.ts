import type { User } from './access-input.ts';

/** A user with the hash of its password; only the access stage may see it. */
export interface UserRecord extends User {
  readonly passwordHash: string;
}

/** The fields of a user that change after it was made. */
export type UserChange = Partial<
  Pick<
    UserRecord,
    | 'name'
    | 'role'
    | 'orgId'
    | 'scopeOrgIds'
    | 'moduleIds'
    | 'vendorId'
    | 'phone'
    | 'email'
    | 'disabled'
    | 'passwordHash'
    | 'mustChangePassword'
    | 'passwordChangedAt'
  >
>;

/** Whose API key it is. */
export type KeyOwner = { readonly userId: string } | { readonly vendorId: string };

/** One change of the table role × resource × action, as the audit table proves it. */
export interface RoleChange {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly actorName: string;
  readonly action: 'update' | 'reset';
  readonly role: string;
  readonly reason: string | null;
  /** Only the resources that changed. */
  readonly before: unknown;
  readonly after: unknown;
}
