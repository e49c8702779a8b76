import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { SsoProvider } from '../../domain/sign-in.ts';
import { WecomInput } from '../../domain/sign-in.ts';
import { isGatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { BASE, type Route, route } from '../route.ts';
import { SignInMethodsView, WecomView } from '../schemas/sign-in.ts';

/** Carries the sealed flow to the provider and back. */
export const FLOW_COOKIE = 'cgw_sign_in';
const FLOW_SECONDS = 600;

/** What a provider may send back [RFC 6749 §4.1.2, RFC 9207]; anything else it adds is left alone. */
const CallbackQuery = Type.Object(
  { state: Type.Optional(Type.String({ maxLength: 500 })), code: Type.Optional(Type.String({ maxLength: 2_000 })) },
  { additionalProperties: true },
);

/** Single sign-on: two redirects a provider. A browser that fails goes back to the console, a program gets a problem. */
export const signInRoutes = ({ auth, clock, services }: RouteContext): Route[] => {
  const flowCookie = (request: FastifyRequest) => ({
    path: `${BASE}/sessions`,
    httpOnly: true,
    // The way back from the provider comes from another site: a strict cookie would stay behind.
    sameSite: 'lax' as const,
    secure: auth.secure(request),
  });

  /** Sends a browser on; what refuses it is shown by the console. */
  const redirecting = async (request: FastifyRequest, reply: FastifyReply, work: () => Promise<string>) => {
    let location: string;
    try {
      location = await work();
    } catch (error) {
      const browser = request.headers.accept?.includes('text/html') ?? false;
      if (!browser || !isGatewayError(error)) throw error;
      location = `/#sign-in=${error.code}`;
    }
    reply.header('location', location);
    return undefined;
  };

  const start = (provider: SsoProvider, title: string) =>
    route({
      method: 'GET',
      url: `/sessions/${provider}`,
      access: 'public',
      operationId: `${provider}SignIn`,
      tag: 'sessions',
      summary: `Sign in by ${title}: leads to its login page`,
      status: 302,
      problems: ['NOT_FOUND', 'SSO_UNAVAILABLE', 'TOO_MANY_REQUESTS'],
      handler: ({ request, reply }) =>
        redirecting(request, reply, async () => {
          const from = { address: request.ip, agent: request.headers['user-agent'] };
          const { location, flow } = await services.singleSignOn.start(provider, from);
          reply.setCookie(FLOW_COOKIE, flow, { ...flowCookie(request), maxAge: FLOW_SECONDS });
          return location;
        }),
    });

  const finish = (provider: SsoProvider, title: string) =>
    route({
      method: 'GET',
      url: `/sessions/${provider}/callback`,
      access: 'public',
      operationId: `${provider}SignInCallback`,
      tag: 'sessions',
      summary: `Where ${title} sends the browser back: opens the session, leads to the console`,
      query: CallbackQuery,
      status: 302,
      problems: ['NOT_FOUND', 'SSO_REFUSED', 'SSO_NOT_LINKED', 'SSO_UNAVAILABLE', 'TOO_MANY_REQUESTS'],
      handler: ({ request, reply }) =>
        redirecting(request, reply, async () => {
          const flow = request.cookies[FLOW_COOKIE];
          reply.clearCookie(FLOW_COOKIE, flowCookie(request));
          const session = await services.singleSignOn.finish(provider, {
            query: new URL(request.url, 'http://gateway').searchParams,
            flow: flow && flow.length <= 3_000 ? flow : undefined,
            address: request.ip,
            agent: request.headers['user-agent'],
          });
          auth.setCookie(reply, session.token, Math.max(0, Math.floor((session.expiresAt - clock.now()) / 1_000)));
          return '/';
        }),
    });

  return [
    route({
      method: 'GET',
      url: '/sessions/methods',
      access: 'public',
      operationId: 'getSignInMethods',
      tag: 'sessions',
      summary: 'Which ways to log in are set up',
      ok: SignInMethodsView,
      handler: () => services.singleSignOn.methods(),
    }),
    start('oidc', 'OpenID Connect'),
    finish('oidc', 'the OpenID provider'),
    start('wecom', 'WeCom / 政务微信'),
    finish('wecom', 'WeCom'),
    route({
      method: 'GET',
      url: '/sign-in/wecom',
      access: 'settings:read',
      operationId: 'getWecomSignIn',
      tag: 'settings',
      summary: 'How WeCom / 政务微信 is reached, without the secret',
      ok: WecomView,
      problems: ['NOT_FOUND'],
      handler: ({ caller }) => services.wecom.get(caller),
    }),
    route({
      method: 'PUT',
      url: '/sign-in/wecom',
      access: 'settings:update',
      operationId: 'putWecomSignIn',
      tag: 'settings',
      summary: 'Set up sign-in by WeCom / 政务微信; the secret is never shown again',
      body: WecomInput,
      ok: WecomView,
      handler: ({ caller, body }) => services.wecom.put(caller, body),
    }),
    route({
      method: 'DELETE',
      url: '/sign-in/wecom',
      access: 'settings:update',
      operationId: 'removeWecomSignIn',
      tag: 'settings',
      summary: 'Take sign-in by WeCom / 政务微信 away',
      status: 204,
      problems: ['NOT_FOUND'],
      async handler({ caller }) {
        await services.wecom.remove(caller);
        return undefined;
      },
    }),
  ];
};
