import Type from 'typebox';
import { route } from '../route.ts';
import { Named, Strict, TimeOut } from '../schema.ts';
import { UserView } from '../schemas/other.ts';
import type { RouteContext } from './index.ts';

const LoginBody = Named(
  'Login',
  Strict({
    username: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 128 }),
  }),
);
const SessionView = Named(
  'Session',
  Type.Object({
    token: Type.String({ description: 'For programs; browsers use the HttpOnly cookie set beside it' }),
    expiresAt: TimeOut,
    user: UserView,
    mustChangePassword: Type.Boolean(),
  }),
);

export const sessionRoutes = ({ auth, clock, services }: RouteContext) => [
  route({
    method: 'POST',
    url: '/sessions',
    access: 'public',
    operationId: 'login',
    tag: 'sessions',
    summary: 'Log in',
    body: LoginBody,
    ok: SessionView,
    problems: ['BAD_CREDENTIALS', 'TOO_MANY_REQUESTS'],
    async handler({ body, request, reply }) {
      const session = await services.sessions.login(body, request.ip);
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
];
