import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** A real OpenID provider (npm `oidc-provider`) on a loopback port; a person's consent is one call of {@link visit}. */
export interface TestProvider {
  readonly issuer: string;
  /** Who logs in at the next visit, and what the provider tells of them. */
  person: { sub: string; claims: Record<string, unknown> };
  /** Follows the login page as a browser would; answers the address it is sent back to. */
  visit(location: string): Promise<URL>;
  /** Stops listening, or listens again on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export const OIDC_CLIENT = {
  clientId: 'chengyun-gateway',
  clientSecret: 'a-secret-shared-with-the-provider',
  redirectUrl: 'http://127.0.0.1:8080/api/v1/sessions/oidc/callback',
} as const;

export async function startTestProvider(): Promise<TestProvider> {
  let server = createServer();
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const state: Pick<TestProvider, 'person'> = { person: { sub: 'sub-1', claims: {} } };
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: OIDC_CLIENT.clientId,
        client_secret: OIDC_CLIENT.clientSecret,
        redirect_uris: [OIDC_CLIENT.redirectUrl],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: {
      openid: ['sub'],
      profile: ['preferred_username'],
      email: ['email', 'email_verified'],
      phone: ['phone_number', 'phone_number_verified'],
    },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ['test'] },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...state.person.claims }),
    }),
  });
  const answer = provider.callback();
  const serve = (one: Server) =>
    one.on('request', (request, response) => {
      const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1];
      void (uid ? consent(request, response) : answer(request, response));
    });
  const consent = async (
    request: Parameters<typeof answer>[0],
    response: Parameters<typeof answer>[1],
  ): Promise<void> => {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: state.person.sub, clientId: OIDC_CLIENT.clientId });
    grant.addOIDCScope(String(params.scope));
    const grantId = await grant.save();
    await provider.interactionFinished(
      request,
      response,
      { login: { accountId: state.person.sub }, consent: { grantId } },
      { mergeWithLastSubmission: false },
    );
  };
  serve(server);

  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return Object.assign(state, {
    issuer,
    async visit(location: string) {
      const cookies = new Map<string, string>();
      let at = new URL(location);
      for (let hops = 0; hops < 10; hops++) {
        if (at.origin !== issuer) return at;
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
        for (const one of response.headers.getSetCookie()) {
          const [pair = ''] = one.split(';');
          cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
        }
        const next = response.headers.get('location');
        if (!next) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
        at = new URL(next, at);
      }
      throw new Error('the provider leads round in circles');
    },
    down: close,
    async up() {
      server = createServer();
      serve(server);
      await listen(port);
    },
    stop: close,
  });
}
