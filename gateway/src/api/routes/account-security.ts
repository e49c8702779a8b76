import Type from 'typebox';
import { CodeInput, DisableInput, IdentitiesInput, ReasonInput } from '../../domain/sign-in.ts';
import type { RouteContext } from '../deps.ts';
import { type Route, route } from '../route.ts';
import { IdParams, List } from '../schema.ts';
import { SessionInfoView } from '../schemas/people.ts';
import { IdentityList, RecoveryCodes, SecondFactorKey, SecondFactorView } from '../schemas/sign-in.ts';

const SessionParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 200 }),
  sessionId: Type.String({ minLength: 1, maxLength: 200 }),
});

/** One-time codes, sessions and identities of people. */
export const accountSecurityRoutes = ({
  services: { secondFactor, sessions, identityLinks },
}: RouteContext): Route[] => [
  route({
    method: 'GET',
    url: '/users/me/totp',
    access: 'login',
    beforeEnrolment: true,
    operationId: 'getMyTotp',
    tag: 'users',
    summary: 'Whether a login asks for a one-time code, and how many recovery codes are left',
    ok: SecondFactorView,
    handler: ({ caller }) => secondFactor.state(caller),
  }),
  route({
    method: 'POST',
    url: '/users/me/totp',
    access: 'login',
    beforeEnrolment: true,
    operationId: 'beginMyTotp',
    tag: 'users',
    summary: 'Begin to set up one-time codes (RFC 6238); nothing is asked for before the confirmation',
    status: 201,
    ok: SecondFactorKey,
    handler: ({ caller }) => secondFactor.begin(caller),
  }),
  route({
    method: 'POST',
    url: '/users/me/totp/confirm',
    access: 'login',
    beforeEnrolment: true,
    operationId: 'confirmMyTotp',
    tag: 'users',
    summary: 'Confirm with a first code; answers the recovery codes once and ends all other sessions',
    body: CodeInput,
    ok: RecoveryCodes,
    problems: ['TOO_MANY_REQUESTS'],
    handler: ({ caller, body }) => secondFactor.confirm(caller, body),
  }),
  route({
    method: 'POST',
    url: '/users/me/totp/disable',
    access: 'login',
    operationId: 'disableMyTotp',
    tag: 'users',
    summary: 'Stop asking for one-time codes; needs the password and a code',
    body: DisableInput,
    status: 204,
    problems: ['TOO_MANY_REQUESTS'],
    async handler({ caller, body }) {
      await secondFactor.disable(caller, body);
      return undefined;
    },
  }),
  route({
    method: 'POST',
    url: '/users/:id/totp/reset',
    access: 'users:update',
    operationId: 'resetUserTotp',
    tag: 'users',
    summary: "Take a user's one-time codes away, for who lost phone and recovery codes; ends the user's sessions",
    params: IdParams,
    body: ReasonInput,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params, body }) {
      await secondFactor.reset(caller, params.id, body);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    url: '/users/:id/sessions',
    access: 'users:read',
    operationId: 'listUserSessions',
    tag: 'users',
    summary: 'Live sessions of a user',
    params: IdParams,
    ok: Type.Object({ items: List(SessionInfoView) }),
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params }) => ({ items: await sessions.listOf(caller, params.id) }),
  }),
  route({
    method: 'DELETE',
    url: '/users/:id/sessions',
    access: 'users:update',
    operationId: 'revokeUserSessions',
    tag: 'users',
    summary: 'End all sessions of a user',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await sessions.revokeOf(caller, params.id);
      return undefined;
    },
  }),
  route({
    method: 'DELETE',
    url: '/users/:id/sessions/:sessionId',
    access: 'users:update',
    operationId: 'revokeUserSession',
    tag: 'users',
    summary: 'End one session of a user',
    params: SessionParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await sessions.revokeOf(caller, params.id, params.sessionId);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    url: '/users/:id/identities',
    access: 'users:read',
    operationId: 'listUserIdentities',
    tag: 'users',
    summary: 'Who a user is to the providers of single sign-on',
    params: IdParams,
    ok: IdentityList,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params }) => ({ items: await identityLinks.listOf(caller, params.id) }),
  }),
  route({
    method: 'PUT',
    url: '/users/:id/identities',
    access: 'users:update',
    operationId: 'putUserIdentities',
    tag: 'users',
    summary: 'Link a user to identities of single sign-on, in the place of those there are',
    description:
      '`subject` links the person with this id at the provider. `claim` and `value` wait for the first sign-in of somebody of whom the provider says so (phone and e-mail only when it has verified them), and then bind that person.',
    params: IdParams,
    body: IdentitiesInput,
    ok: IdentityList,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params, body }) => ({
      items: await identityLinks.replace(caller, params.id, body),
    }),
  }),
];
