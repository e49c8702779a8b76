import Type from 'typebox';
import { LoginInput } from '../../domain/access-input.ts';
import { currentUser } from '../current-user.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams, List, Named, Nullable, TimeOut } from '../schema.ts';
import { CurrentUserView, SessionInfoView, UserView } from '../schemas/people.ts';

const SessionView = Named(
  'Session',
  Type.Object({
    token: Type.String({ description: 'For programs; browsers use the HttpOnly cookie set beside it' }),
    expiresAt: TimeOut,
    user: UserView,
    mustChangePassword: Type.Boolean(),
  }),
);

export const sessionRoutes = ({ auth, clock, config, services }: RouteContext) => [
  route({
    method: 'POST',
    url: '/sessions',
    access: 'public',
    operationId: 'login',
    tag: 'sessions',
    summary: 'Log in',
    body: LoginInput,
    ok: SessionView,
    problems: ['BAD_CREDENTIALS', 'SECOND_FACTOR_REQUIRED', 'TOO_MANY_REQUESTS'],
    async handler({ body, request, reply }) {
      const session = await services.sessions.login(body, request.ip, request.headers['user-agent']);
      auth.setCookie(reply, session.token, Math.max(0, Math.floor((session.expiresAt - clock.now()) / 1_000)));
      return session;
    },
  }),
  route({
    method: 'DELETE',
    url: '/sessions',
    access: 'login',
    beforePasswordChange: true,
    operationId: 'logout',
    tag: 'sessions',
    summary: 'Log out: ends the session this request came with',
    status: 204,
    async handler({ caller, reply }) {
      await services.sessions.logout(caller);
      auth.clearCookie(reply);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    url: '/sessions/current',
    access: 'public',
    operationId: 'getCurrentSession',
    tag: 'sessions',
    summary: 'Who is logged in with this request; `user` is null for a stranger',
    ok: Type.Object({ user: Nullable(CurrentUserView) }),
    problems: ['UNAVAILABLE'],
    async handler({ request }) {
      const caller = await auth.identify(request);
      if (caller?.kind !== 'user') return { user: null };
      return { user: currentUser(await services.users.me(caller), caller, config.timeZone) };
    },
  }),
  route({
    method: 'GET',
    url: '/sessions',
    access: 'login',
    operationId: 'listSessions',
    tag: 'sessions',
    summary: 'Own live sessions',
    ok: Type.Object({ items: List(SessionInfoView) }),
    handler: async ({ caller }) => ({ items: await services.sessions.list(caller) }),
  }),
  route({
    method: 'DELETE',
    url: '/sessions/:id',
    access: 'login',
    operationId: 'revokeSession',
    tag: 'sessions',
    summary: 'End one of the own sessions',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await services.sessions.revoke(caller, params.id);
      return undefined;
    },
  }),
];
