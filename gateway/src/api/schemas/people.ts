import Type from 'typebox';
import { ApiKeyInput } from '../../domain/access-input.ts';
import { KEY_SCOPES } from '../../domain/key-scope.ts';
import { ACTIONS, RESOURCES, ROLES } from '../../domain/permission.ts';
import { SIGN_IN_WAYS } from '../../domain/sign-in.ts';
import { Enum, List, Named, Nullable, Secret, Strict, TimeIn, TimeOut } from '../schema.ts';

const Text = Type.String();
export const UserView = Named(
  'User',
  Type.Object({
    id: Text,
    username: Text,
    name: Text,
    role: Enum(ROLES),
    orgId: Nullable(Text),
    scopeOrgIds: Nullable(List(Text)),
    moduleIds: Nullable(List(Text)),
    vendorId: Nullable(Text),
    phone: Nullable(Text),
    email: Nullable(Text),
    mustChangePassword: Type.Boolean(),
    passwordChangedAt: TimeOut,
    secondFactor: Type.Boolean(),
    singleSignOn: Type.Boolean(),
    disabled: Type.Boolean(),
    createdAt: TimeOut,
    lastLoginAt: Type.Optional(Nullable(TimeOut)),
    responsibleFor: Type.Optional(List(Text)),
  }),
);
const ActionsOfResource = List(Enum(ACTIONS));
/** Whoever is logged in, with what they may do: a console shows nothing that would be refused. */
export const CurrentUserView = Named(
  'CurrentUser',
  Type.Object({
    ...UserView.properties,
    mustEnrol: { ...Type.Boolean(), description: 'One-time codes must be set up before anything else is open' },
    timeZone: { ...Text, description: 'IANA name of the zone that days and times are told in' },
    rights: Type.Object(Object.fromEntries(RESOURCES.map((resource) => [resource, ActionsOfResource]))),
  }),
);
export const UserWithPassword = Type.Object({
  user: UserView,
  password: Secret('Made by the gateway; shown once'),
});
export const ApiKeyView = Named(
  'ApiKey',
  Type.Object({
    id: Text,
    name: Text,
    userId: Nullable(Text),
    vendorId: Nullable(Text),
    description: Nullable(Text),
    scopes: Nullable(List(Enum(KEY_SCOPES))),
    addresses: Nullable(List(Text)),
    createdAt: TimeOut,
    expiresAt: Nullable(TimeOut),
    lastUsedAt: Nullable(TimeOut),
    lastUsedAddress: Nullable(Text),
    revokedAt: Nullable(TimeOut),
    replacedBy: Nullable(Text),
  }),
);
const { expiresAt: _, ...keyFields } = ApiKeyInput.properties;
export const ApiKeyBody = Strict({ ...keyFields, expiresAt: Type.Optional(TimeIn) });
export const NewKey = Named(
  'NewApiKey',
  Type.Object({
    id: Text,
    name: Text,
    scopes: Nullable(List(Enum(KEY_SCOPES))),
    addresses: Nullable(List(Text)),
    createdAt: TimeOut,
    expiresAt: Nullable(TimeOut),
    key: Secret('Shown once'),
  }),
);
export const SessionInfoView = Named(
  'SessionInfo',
  Type.Object({
    id: Text,
    createdAt: TimeOut,
    lastSeenAt: TimeOut,
    expiresAt: TimeOut,
    address: Nullable(Text),
    agent: Nullable(Text),
    via: Enum(SIGN_IN_WAYS),
  }),
);
