import { Cam, type CamOptions, type CamProfile } from 'onvif';
import type { OnvifDevice } from './device.ts';

/** The independent client `onvif`, asked one call at a time. */
export interface TestingClient {
  readonly cam: Cam;
  readonly profiles: readonly CamProfile[];
  /** Rejects with what the client says. */
  call<T>(ask: (cam: Cam, done: (error: Error | null, answer?: T) => void) => void): Promise<T>;
  /** Fetches with Digest, its header made by the client. */
  fetch(url: string): Promise<Response>;
}

/** Connects as the client does: clock, services, profiles. Rejects when it cannot. */
export async function connect(device: OnvifDevice, options: Partial<CamOptions> = {}): Promise<TestingClient> {
  const cam = new Cam({
    hostname: '127.0.0.1',
    port: device.port,
    username: 'admin',
    password: 'Street-2026!',
    timeout: 2_000,
    autoconnect: false,
    ...options,
  });
  const client: TestingClient = {
    cam,
    get profiles() {
      return (cam as unknown as { profiles?: CamProfile[] }).profiles ?? [];
    },
    call: (ask) =>
      new Promise((resolve, reject) => {
        ask(cam, (error, answer) => (error ? reject(error) : resolve(answer as never)));
      }),
    async fetch(url) {
      const refused = await fetch(url);
      const challenge = refused.headers.get('www-authenticate');
      if (refused.status !== 401 || !challenge) return refused;
      await refused.arrayBuffer();
      const { pathname, search } = new URL(url);
      const challenges = challenge.split(/, (?=Digest )/);
      const authorization = cam.digestAuth(challenges, { method: 'GET', path: `${pathname}${search}` });
      return fetch(url, { headers: { authorization } });
    },
  };
  await client.call((one, done) => one.connect((error) => done(error || null)));
  return client;
}
