import { isDeepStrictEqual } from 'node:util';
import { AdapterError, type CameraConnection, type Clock, type Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { NoticedEvent } from './event-intake.ts';
import type { RefusedLogins } from './refused-logins.ts';

type OnvifConnection = Extract<CameraConnection, { protocol: 'onvif' }>;

interface Call {
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** Pull points at cameras; `S` is the adapter's own note of one. Throws an error with `reason` for what a camera did. */
export interface EventSource<S> {
  subscribe(target: OnvifConnection, wish: { lifetimeMs: number }, call: Call): Promise<S | 'unsupported'>;
  pullEvents(
    target: OnvifConnection,
    subscription: S,
    wish: { waitMs: number },
    call: Call,
  ): Promise<'lost' | { events: readonly NoticedEvent[]; ignored: number; full: boolean; subscription: S }>;
  renew(target: OnvifConnection, subscription: S, wish: { lifetimeMs: number }, call: Call): Promise<S | 'lost'>;
  unsubscribe(target: OnvifConnection, subscription: S, call: Call): Promise<void>;
}

export type VisitOutcome = 'pulled' | 'renewed' | 'subscribed' | 'lost' | 'unsupported' | 'failed' | 'ours';

export interface EventVisitOptions<S> {
  readonly source: EventSource<S>;
  /** Epoch milliseconds at which the camera forgets it. */
  readonly until: (subscription: S) => number;
  readonly take: (device: DeviceKey, events: readonly NoticedEvent[]) => void;
  /** Whether its probes get a good answer; who does not answer is not asked for events either. */
  readonly answers: (device: DeviceKey) => boolean;
  readonly refusals: Pick<RefusedLogins, 'standing'>;
  /** A visit failed on the way to the camera: somebody should look whether it is still there. */
  readonly doubt: (device: DeviceKey) => void;
  readonly counted?: (outcome: VisitOutcome) => void;
  readonly waitMs: () => number;
  readonly lifetimeMs: () => number;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Camera<S> {
  readonly connection: OnvifConnection;
  subscription: S | undefined;
  failures: number;
  /** Not visited before; monotonic milliseconds. */
  notBefore: number;
}

const CALL_MS = 10_000;
/** More than it was asked to wait, the camera gets this much for its answer. */
const ANSWER_MS = 6_000;
/** A camera without event service may get one with its next firmware. */
const UNSUPPORTED_MS = 24 * 3_600_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;
/** Portions fetched in one visit from a camera that has more; one that never ends has to wait for its next turn. */
const PORTIONS = 4;
/** Cameras lock accounts, and another try of the same login is answered the same. */
const REFUSED_PAUSE_MS = 300_000;
const LONGEST_REFUSED_MS = 6 * 3_600_000;
/** Ways to fail that say something of the camera's life. */
const ON_THE_WAY: ReadonlySet<unknown> = new Set(['hostUnreachable', 'portClosed', 'timeout', 'connectionLost']);

/** One visit: subscribe where there is no subscription, fetch what happened, prolong. Between visits no socket is open. */
export function createEventVisits<S>(options: EventVisitOptions<S>) {
  const { source, clock, log, refusals, counted = () => undefined } = options;
  const cameras = new Map<DeviceKey, Camera<S>>();

  const cameraOf = (device: DeviceKey, connection: OnvifConnection): Camera<S> => {
    const known = cameras.get(device);
    if (known && isDeepStrictEqual(known.connection, connection)) return known;
    const camera = { connection, subscription: undefined, failures: 0, notBefore: Number.NEGATIVE_INFINITY };
    cameras.set(device, camera);
    return camera;
  };

  const subscribe = async (camera: Camera<S>, signal: AbortSignal): Promise<S | undefined> => {
    const wish = { lifetimeMs: options.lifetimeMs() };
    const made = await source.subscribe(camera.connection, wish, { deadline: CALL_MS, signal });
    if (made === 'unsupported') {
      counted('unsupported');
      camera.notBefore = clock.monotonic() + UNSUPPORTED_MS;
      return undefined;
    }
    counted('subscribed');
    camera.subscription = made;
    return made;
  };

  const pull = async (camera: Camera<S>, subscription: S, waitMs: number, signal: AbortSignal) => {
    const call = { deadline: waitMs + ANSWER_MS, signal };
    const answer = await source.pullEvents(camera.connection, subscription, { waitMs }, call);
    if (answer === 'lost') {
      counted('lost');
      camera.subscription = undefined;
      return undefined;
    }
    counted('pulled');
    camera.subscription = answer.subscription;
    return answer;
  };

  const prolong = async (camera: Camera<S>, signal: AbortSignal) => {
    const { subscription } = camera;
    if (subscription === undefined || options.until(subscription) - clock.now() > options.lifetimeMs() / 2) return;
    const wish = { lifetimeMs: options.lifetimeMs() };
    const answer = await source.renew(camera.connection, subscription, wish, { deadline: CALL_MS, signal });
    counted(answer === 'lost' ? 'lost' : 'renewed');
    // One that cannot be prolonged is used until it lapses.
    if (answer !== 'lost') camera.subscription = answer;
  };

  const fetch = async (device: DeviceKey, camera: Camera<S>, signal: AbortSignal): Promise<string> => {
    const lapsed = camera.subscription !== undefined && options.until(camera.subscription) <= clock.now();
    if (lapsed) camera.subscription = undefined;
    let told = 0;
    for (let portion = 0; portion < PORTIONS; portion += 1) {
      const fresh = camera.subscription === undefined;
      const subscription = camera.subscription ?? (await subscribe(camera, signal));
      if (subscription === undefined) return 'unsupported';
      const answer = await pull(camera, subscription, portion === 0 && !fresh ? options.waitMs() : 0, signal);
      if (!answer) {
        // Once more in the same visit, after a restart of the camera; one that forgets at once is left alone.
        if (fresh) throw Object.assign(new Error('the camera forgets its subscriptions'), { reason: 'serverError' });
        continue;
      }
      told += answer.events.length;
      options.take(device, answer.events);
      if (!answer.full) break;
    }
    await prolong(camera, signal);
    return `${told} events`;
  };

  const failed = (device: DeviceKey, camera: Camera<S>, error: unknown, reason: unknown) => {
    counted('failed');
    camera.failures += 1;
    // Refused within a subscription: the camera's clock was set, and the next one reads it anew.
    const refused = reason === 'wrongPassword' && camera.subscription === undefined;
    const [first, longest] = refused ? [REFUSED_PAUSE_MS, LONGEST_REFUSED_MS] : [FIRST_PAUSE_MS, LONGEST_PAUSE_MS];
    camera.notBefore = clock.monotonic() + Math.min(first * 2 ** (camera.failures - 1), longest);
    const detail = error instanceof Error ? error.message : String(error);
    const onTheWay = ON_THE_WAY.has(reason);
    // A refused login is for the probe to judge: the account may only lack the right to events.
    if (onTheWay || refused) options.doubt(device);
    // A camera that answers otherwise than expected gets a new subscription; one out of reach may still know the old one.
    if (!onTheWay) camera.subscription = undefined;
    log.debug({ device, reason, detail }, 'no events of this camera');
    return `${reason}`;
  };

  return {
    /** What came of it, in a few words. Rejects only when it was ended. */
    async visit(device: DeviceKey, connection: CameraConnection, signal: AbortSignal): Promise<string> {
      if (connection.protocol !== 'onvif') return 'not by ONVIF';
      const camera = cameraOf(device, connection);
      if (clock.monotonic() < camera.notBefore || !options.answers(device)) return 'left alone';
      if (refusals.standing(device, connection)) return 'left alone';
      try {
        const said = await fetch(device, camera, signal);
        camera.failures = 0;
        return said;
      } catch (error) {
        signal.throwIfAborted();
        const reason = (error as { reason?: unknown } | null)?.reason;
        if (typeof reason === 'string') return failed(device, camera, error, reason);
        if (!(error instanceof AdapterError)) throw error;
        counted('ours');
        return error.code;
      }
    },
    forget: (device: DeviceKey) => void cameras.delete(device),
    /** Earlier failures do not keep it waiting. */
    forgive(device: DeviceKey): void {
      const camera = cameras.get(device);
      if (!camera || camera.failures === 0) return;
      camera.failures = 0;
      camera.notBefore = Number.NEGATIVE_INFINITY;
    },
    known: () => [...cameras.keys()],
    get subscriptions() {
      let count = 0;
      for (const { subscription } of cameras.values()) if (subscription !== undefined) count += 1;
      return count;
    },
    /** Gives back what can be given back in `ms`, so many at a time. */
    async goodbye(atOnce: number, ms: number): Promise<void> {
      const signal = AbortSignal.timeout(ms);
      const left = [...cameras.values()].filter(({ failures }) => failures === 0);
      cameras.clear();
      const worker = async () => {
        for (let camera = left.pop(); camera && !signal.aborted; camera = left.pop()) {
          const { connection, subscription } = camera;
          if (subscription === undefined || options.until(subscription) <= clock.now()) continue;
          await source.unsubscribe(connection, subscription, { deadline: ms, signal }).catch((error) => {
            if (!signal.aborted) log.debug({ error }, 'a subscription was not given back');
          });
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
    },
  };
}
