import { type Static, Type } from 'typebox';
import { Name, ObjectId } from './device-input.ts';
import { PASSWORD_MAX_LENGTH } from './password-policy.ts';
import { ROLES } from './permission.ts';

const Username = Type.String({ minLength: 2, maxLength: 64, pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._@-]*$' });
const Password = Type.String({ minLength: 1, maxLength: PASSWORD_MAX_LENGTH });
const Roles = Type.Enum([...ROLES]);
const Phone = Type.String({ pattern: '^[0-9+ -]{5,20}$' });
const Email = Type.String({ maxLength: 200, pattern: '^[^@\\s]+@[^@\\s]+$' });
const ScopeOrgIds = Type.Union([Type.Array(ObjectId, { minItems: 1, maxItems: 200 }), Type.Null()]);

/** Body of `POST /sessions`. */
export const LoginInput = Type.Object(
  { username: Type.String({ minLength: 1, maxLength: 64 }), password: Password },
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
  { name: Name, expiresAt: Type.Optional(Type.Number({ minimum: 0 })) },
  { additionalProperties: false },
);
export type ApiKeyInput = Static<typeof ApiKeyInput>;

/** A user as services answer it. Times in epoch milliseconds. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly role: (typeof ROLES)[number];
  readonly orgId: string | null;
  /** null = everything. */
  readonly scopeOrgIds: readonly string[] | null;
  readonly vendorId: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly mustChangePassword: boolean;
  readonly passwordChangedAt: number;
  readonly disabled: boolean;
  readonly createdAt: number;
}

/** A key as it is listed: never the key itself. Times in epoch milliseconds. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly userId: string | null;
  readonly vendorId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
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
}
