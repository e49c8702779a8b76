import { randomBytes } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import type { AdapterContext, Principal } from '../adapter.ts';

/** No device and no person can have this name: ids begin with a letter or a digit. */
const NAME = '$canary';
const TOPIC = 'canary/song';

/** A client of our own that takes the way every device takes: TCP, login, subscription, PUBLISH, PUBACK, and an answer. */
export interface Canary {
  /** What the broker is given instead of its context: the canary is let in, heard and never taken for a device. */
  readonly context: AdapterContext;
  /**
   * Resolves with the milliseconds of one round trip.
   * @throws when any step of it fails or takes longer than `withinMs`.
   */
  sing(options: {
    readonly host: string;
    readonly port: number;
    readonly withinMs: number;
    /** The broker's own way to a device. */
    readonly send: (deviceId: string, topic: string, payload: Uint8Array) => Promise<void>;
  }): Promise<number>;
}

export function createCanary(ctx: AdapterContext): Canary {
  const password = randomBytes(24).toString('base64url');
  const principal: Principal = { kind: 'device', deviceId: NAME };
  const isOurs = (who: Principal) => who.kind === 'device' && who.deviceId === NAME;
  let heard: ((payload: string) => void) | undefined;

  return {
    context: {
      log: ctx.log,
      clock: ctx.clock,
      authenticate(credentials) {
        if (credentials.username !== NAME) return ctx.authenticate(credentials);
        const known = credentials.password === password;
        return Promise.resolve(known ? principal : { refused: 'BAD_CREDENTIALS', detail: 'unknown login' });
      },
      authorize: (who, action, topic) => (isOurs(who) ? topic === TOPIC : ctx.authorize(who, action, topic)),
      link(event) {
        if (!isOurs(event.principal)) ctx.link(event);
      },
      emit(message) {
        if (!isOurs(message.principal)) return ctx.emit(message);
        heard?.(Buffer.from(message.payload).toString());
        return Promise.resolve();
      },
    },

    async sing({ host, port, withinMs, send }) {
      const began = ctx.clock.monotonic();
      const song = randomBytes(8).toString('hex');
      const deadline = AbortSignal.timeout(withinMs);
      let client: MqttClient | undefined;
      const late = new Promise<never>((_, reject) => {
        deadline.addEventListener('abort', () => reject(new Error(`no answer within ${withinMs} ms`)), { once: true });
      });
      const sung = async () => {
        client = await connectAsync({
          host,
          port,
          protocol: 'mqtt',
          username: NAME,
          password,
          clientId: `canary-${song}`,
          reconnectPeriod: 0,
          connectTimeout: withinMs,
        });
        const answer = new Promise<void>((resolve) => {
          client?.on('message', (_topic, payload) => {
            if (payload.toString() === song) resolve();
          });
        });
        await client.subscribeAsync(TOPIC, { qos: 1 });
        const taken = new Promise<void>((resolve) => {
          heard = (payload) => {
            if (payload === song) resolve();
          };
        });
        await client.publishAsync(TOPIC, song, { qos: 1 });
        await taken;
        await send(NAME, TOPIC, Buffer.from(song));
        await answer;
        return ctx.clock.monotonic() - began;
      };
      const running = sung();
      try {
        return await Promise.race([running, late]);
      } finally {
        heard = undefined;
        // A client that connects after the deadline is closed as well.
        void running.catch(() => undefined).finally(() => client?.end(true));
        client?.end(true);
      }
    },
  };
}
