import { type Static, Type } from 'typebox';
import { Name, ObjectId } from './device-input.ts';
import { DURATION_PATTERN } from './duration.ts';
import { KEY_SCOPES, type KeyScope } from './key-scope.ts';
import { PASSWORD_MAX_LENGTH } from './password-policy.ts';
import { ROLES } from './permission.ts';
import { OneTimeCode, type SignInWay } from './sign-in.ts';

const Username = Type.String({ minLength: 2, maxLength: 64, pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._@-]*$' });
const Password = Type.String({ minLength: 1, maxLength: PASSWORD_MAX_LENGTH });
const Roles = Type.Enum([...ROLES]);
const Phone = Type.String({ pattern: '^[0-9+ -]{5,20}$' });
const Email = Type.String({ maxLength: 200, pattern: '^[^@\\s]+@[^@\\s]+$' });
const ModuleIds = Type.Union([Type.Array(ObjectId, { minItems: 1, maxItems: 100 }), Type.Null()]);
const ScopeOrgIds = Type.Union([Type.Array(ObjectId, { minItems: 1, maxItems: 200 }), Type.Null()]);

/** Body of `POST /sessions`. */
export const LoginInput = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 64 }),
    password: Password,
    /** Of the authenticator, or a recovery code; for who has set one up. */
    code: Type.Optional(OneTimeCode),
  },
  { additionalProperties: false },
);
export type LoginInput = Static<typeof LoginInput>;

/** Body of `POST /users/me/password`. */
export const PasswordChange = Type.Object(
  { currentPassword: Password, newPassword: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
);
export type PasswordChange = Static<typeof PasswordChange>;

/** Body of `POST /users`. Without a password one is made and answered once. */
export const UserInput = Type.Object(
  {
    username: Username,
    name: Name,
    role: Roles,
    password: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    orgId: Type.Optional(ObjectId),
    scopeOrgIds: Type.Optional(ScopeOrgIds),
    moduleIds: Type.Optional(ModuleIds),
    vendorId: Type.Optional(ObjectId),
    phone: Type.Optional(Phone),
    email: Type.Optional(Email),
  },
  { additionalProperties: false },
);
export type UserInput = Static<typeof UserInput>;

/** Body of `PATCH /users/{id}`. A role or scope that changes ends the user's sessions. */
export const UserPatch = Type.Object(
  {
    name: Type.Optional(Name),
    role: Type.Optional(Roles),
    orgId: Type.Optional(Type.Union([ObjectId, Type.Null()])),
    scopeOrgIds: Type.Optional(ScopeOrgIds),
    moduleIds: Type.Optional(ModuleIds),
    vendorId: Type.Optional(Type.Union([ObjectId, Type.Null()])),
    phone: Type.Optional(Type.Union([Phone, Type.Null()])),
    email: Type.Optional(Type.Union([Email, Type.Null()])),
    disabled: Type.Optional(Type.Boolean()),
    /** A new random first password, answered once. */
    resetPassword: Type.Optional(Type.Literal(true)),
  },
  { additionalProperties: false },
);
export type UserPatch = Static<typeof UserPatch>;

/** Body of `POST /users/me/api-keys` and `POST /vendors/{id}/api-keys`. */
export const ApiKeyInput = Type.Object(
  {
    name: Name,
    description: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    /** Absent = all that its owner may. */
    scopes: Type.Optional(Type.Array(Type.Enum([...KEY_SCOPES]), { minItems: 1, maxItems: KEY_SCOPES.length })),
    /** Addresses and CIDR blocks it may be used from; absent = anywhere. */
    addresses: Type.Optional(Type.Array(Type.String({ minLength: 2, maxLength: 49 }), { minItems: 1, maxItems: 50 })),
    expiresAt: Type.Optional(Type.Number({ minimum: 0 })),
  },
  { additionalProperties: false },
);
export type ApiKeyInput = Static<typeof ApiKeyInput>;

/** Body of `POST …/api-keys/{id}/rotate`: how long the old key works on, e.g. `2h`; 24 h at most. */
export const KeyRotation = Type.Object(
  { overlap: Type.Optional(Type.String({ pattern: DURATION_PATTERN })) },
  { additionalProperties: false },
);
export type KeyRotation = Static<typeof KeyRotation>;

/** A user as services answer it. Times in epoch milliseconds. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly role: (typeof ROLES)[number];
  readonly orgId: string | null;
  /** Organisations whose subtrees are reached instead of what follows from the role; null = what follows. */
  readonly scopeOrgIds: readonly string[] | null;
  /** Narrows what is reached to these modules; null = what follows from role, organisation and duty matrix. */
  readonly moduleIds: readonly string[] | null;
  readonly vendorId: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly mustChangePassword: boolean;
  readonly passwordChangedAt: number;
  /** Whether a login with the password asks for a one-time code. */
  readonly secondFactor: boolean;
  /** Whether an identity of single sign-on is linked; such a password does not age. */
  readonly singleSignOn: boolean;
  readonly disabled: boolean;
  readonly createdAt: number;
  /** Newest login that is still remembered (logins are kept for 30 days after they end); in lists and details only. */
  readonly lastLoginAt?: number | null;
  /** Organisations that name this user as their responsible person (责任人); in lists and details only. */
  readonly responsibleFor?: readonly string[];
}

/** What users are listed by. */
export interface UserFilter {
  readonly q?: string;
  readonly role?: string;
  /** Of this organisation or one below it. */
  readonly orgId?: string;
  readonly disabled?: boolean;
}

/** A key as it is listed: never the key itself. Times in epoch milliseconds. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly userId: string | null;
  readonly vendorId: string | null;
  readonly description: string | null;
  /** null = all that its owner may. */
  readonly scopes: readonly KeyScope[] | null;
  /** CIDR blocks it may be used from; null = anywhere. */
  readonly addresses: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedAddress: string | null;
  readonly revokedAt: number | null;
  /** The key that took its place by rotation. */
  readonly replacedBy: string | null;
}

/** A login as it is listed. Times in epoch milliseconds. */
export interface SessionInfo {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly address: string | null;
  readonly agent: string | null;
  readonly via: SignInWay;
}
