import Type, { type Static } from 'typebox';
import { type ApiKeyInput, KeyRotation, PasswordChange, UserInput, UserPatch } from '../../domain/access-input.ts';
import { ROLES } from '../../domain/permission.ts';
import { currentUser } from '../current-user.ts';
import type { RouteContext } from '../deps.ts';
import { exportQuery, sendFile } from '../files.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Enum, IdParams, List, Strict } from '../schema.ts';
import { ApiKeyBody, ApiKeyView, CurrentUserView, NewKey, UserView, UserWithPassword } from '../schemas/people.ts';
import type { Times } from '../times.ts';

export function keyInput(body: Static<typeof ApiKeyBody>, times: Times): ApiKeyInput {
  const { expiresAt, ...rest } = body;
  return { ...rest, ...(expiresAt === undefined ? {} : { expiresAt: times.parse(expiresAt, '/expiresAt') }) };
}

const filter = {
  role: Type.Optional(Enum(ROLES)),
  orgId: Type.Optional(Type.String({ maxLength: 64, description: 'Of this organisation or one below it' })),
  disabled: Type.Optional(Type.Boolean()),
};

export const userRoutes = ({ config, services: { apiKeys, exportUsers, users }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/users/me',
    access: 'login',
    beforePasswordChange: true,
    operationId: 'getMe',
    tag: 'users',
    summary: 'Who am I, and what may I do',
    ok: CurrentUserView,
    handler: async ({ caller }) => currentUser(await users.me(caller), caller, config.timeZone),
  }),
  route({
    method: 'POST',
    url: '/users/me/password',
    access: 'login',
    beforePasswordChange: true,
    operationId: 'changePassword',
    tag: 'users',
    summary: 'Change the own password; ends all other sessions',
    body: PasswordChange,
    status: 204,
    problems: ['TOO_MANY_REQUESTS'],
    async handler({ caller, body }) {
      await users.changePassword(caller, body);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    url: '/users/me/api-keys',
    access: 'login',
    operationId: 'listMyApiKeys',
    tag: 'users',
    summary: 'Own API keys, without the keys themselves',
    ok: Type.Object({ items: List(ApiKeyView) }),
    handler: async ({ caller }) => ({ items: await apiKeys.listOwn(caller) }),
  }),
  route({
    method: 'POST',
    url: '/users/me/api-keys',
    access: 'login',
    operationId: 'createMyApiKey',
    tag: 'users',
    summary: 'Make an API key; it is shown once',
    body: ApiKeyBody,
    status: 201,
    ok: NewKey,
    handler: ({ caller, body }) => apiKeys.createOwn(caller, keyInput(body, times)),
  }),
  route({
    method: 'POST',
    url: '/users/me/api-keys/:id/rotate',
    access: 'login',
    operationId: 'rotateMyApiKey',
    tag: 'users',
    summary: 'A new key in the place of an old one, shown once; the old one works on for `overlap` (24h at most)',
    params: IdParams,
    body: KeyRotation,
    status: 201,
    ok: NewKey,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => apiKeys.rotateOwn(caller, params.id, body),
  }),
  route({
    method: 'DELETE',
    url: '/users/me/api-keys/:id',
    access: 'login',
    operationId: 'revokeMyApiKey',
    tag: 'users',
    summary: 'Revoke an API key',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await apiKeys.revokeOwn(caller, params.id);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    url: '/users',
    access: 'users:read',
    operationId: 'listUsers',
    tag: 'users',
    summary: 'Users',
    query: Strict({ ...listQuery, ...filter }),
    ok: page(UserView),
    handler: ({ caller, query }) => users.list(caller, query),
  }),
  route({
    method: 'GET',
    url: '/users/export',
    access: 'users:export',
    operationId: 'exportUsers',
    tag: 'users',
    summary: 'Users as a file that says who took it, when and what for',
    query: Strict({ ...exportQuery, q: listQuery.q, ...filter }),
    ok: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }),
    produces: 'application/octet-stream',
    async handler({ caller, query: { purpose, format, ...wanted }, reply }) {
      return sendFile(reply, 'users', format, await exportUsers(caller, { purpose, format }, wanted));
    },
  }),
  route({
    method: 'POST',
    url: '/users',
    access: 'users:create',
    operationId: 'createUser',
    tag: 'users',
    summary: 'Make a user; a password made by the gateway is shown once',
    body: UserInput,
    status: 201,
    ok: UserWithPassword,
    problems: ['CONFLICT'],
    handler: ({ caller, body }) => users.create(caller, body),
  }),
  route({
    method: 'GET',
    url: '/users/:id',
    access: 'users:read',
    operationId: 'getUser',
    tag: 'users',
    summary: 'One user',
    params: IdParams,
    ok: UserView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => users.get(caller, params.id),
  }),
  route({
    method: 'PATCH',
    url: '/users/:id',
    access: 'users:update',
    operationId: 'updateUser',
    tag: 'users',
    summary: 'Change a user; `resetPassword` makes a new first password, shown once',
    params: IdParams,
    body: UserPatch,
    ok: UserWithPassword,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => users.update(caller, params.id, body),
  }),
];
