import Type from 'typebox';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { List, Secret, Strict } from '../schema.ts';
import { ApiKeyBody, ApiKeyView, IdParams, NewKey, UserBody, UserPatch, UserView } from '../schemas/other.ts';
import type { RouteContext } from './index.ts';

const PasswordBody = Strict({
  currentPassword: Type.String({ minLength: 1, maxLength: 128 }),
  newPassword: Type.String({ minLength: 1, maxLength: 128 }),
});

export const userRoutes = ({ services: { users }, times }: RouteContext) => [
  route({
    method: 'GET',
    url: '/users/me',
    access: 'login',
    beforePasswordChange: true,
    operationId: 'getMe',
    tag: 'users',
    summary: 'Who am I',
    ok: UserView,
    handler: ({ caller }) => users.me(caller),
  }),
  route({
    method: 'POST',
    url: '/users/me/password',
    access: 'login',
    beforePasswordChange: true,
    operationId: 'changePassword',
    tag: 'users',
    summary: 'Change the own password; ends all other sessions',
    body: PasswordBody,
    status: 204,
    problems: ['BAD_CREDENTIALS'],
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
    handler: async ({ caller }) => ({ items: await users.listApiKeys(caller) }),
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
    handler: ({ caller, body }) =>
      users.createApiKey(caller, {
        name: body.name,
        ...(body.expiresAt === undefined ? {} : { expiresAt: times.parse(body.expiresAt, '/expiresAt') }),
      }),
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
      await users.revokeApiKey(caller, params.id);
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
    query: Strict(listQuery),
    ok: page(UserView),
    handler: ({ caller, query }) => users.list(caller, query),
  }),
  route({
    method: 'POST',
    url: '/users',
    access: 'users:create',
    operationId: 'createUser',
    tag: 'users',
    summary: 'Make a user; a password made by the gateway is shown once',
    body: UserBody,
    status: 201,
    ok: Type.Object({ user: UserView, password: Secret('Shown once, when the request gave none') }),
    problems: ['CONFLICT'],
    handler: ({ caller, body }) => users.create(caller, body),
  }),
  route({
    method: 'PATCH',
    url: '/users/:id',
    access: 'users:update',
    operationId: 'updateUser',
    tag: 'users',
    summary: 'Change a user',
    params: IdParams,
    body: UserPatch,
    ok: UserView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => users.update(caller, params.id, body),
  }),
];
