import { isIPv6 } from 'node:net';
import { AdapterError, type Clock } from '../adapter.ts';
import { createTargetGuard, type Lookup } from '../targets.ts';
import { settleAddress } from './addresses.ts';
import {
  type OnvifCallOptions,
  type OnvifClient,
  type OnvifDescription,
  OnvifError,
  type OnvifStream,
  type OnvifTarget,
} from './client.ts';
import { ONVIF_DEFAULTS, type OnvifConfig } from './config.ts';
import { judgeStatus } from './failure.ts';
import { Pass, type PassDeps } from './pass.ts';
import { requireJpeg } from './picture.ts';
import type { Known, ThreadCall, ThreadCalls } from './thread-protocol.ts';
import { createThreadPool, type ThreadPool } from './threads.ts';

export interface OnvifClientOptions {
  readonly clock: Clock;
  readonly config?: Partial<OnvifConfig>;
  /** Replace the system's answers in tests. */
  readonly lookup?: Lookup;
  readonly ownAddresses?: () => readonly string[];
  /** Replaces the threads in tests. */
  readonly pool?: ThreadPool;
}

const SNAPSHOT_CAP = 8 * 1024 * 1024;
/** Cameras whose clock and PTZ address are remembered, so that a joystick costs one request a move. */
const REMEMBERED = 1_000;
const REMEMBER_MS = 5 * 60_000;

/** Opens nothing before the first call. Throws AdapterError BAD_CONFIG for a wrong `allowedTargets`. */
export function createOnvifClient(options: OnvifClientOptions): OnvifClient & { readonly pool: ThreadPool } {
  const config = { ...ONVIF_DEFAULTS, ...options.config };
  const { clock } = options;
  const deps: PassDeps = { guard: guardOf(config, options), clock, ...config };
  const pool = options.pool ?? createThreadPool({ size: config.threads });
  const memory = new Map<string, Known & { readonly until: number }>();
  const stopping = new AbortController();

  const remember = (key: string, known: Known) => {
    memory.delete(key);
    memory.set(key, { ...known, until: clock.monotonic() + REMEMBER_MS });
    if (memory.size > REMEMBERED) memory.delete(memory.keys().next().value ?? '');
  };
  const recall = (key: string): Known | undefined => {
    const known = memory.get(key);
    return known && known.until > clock.monotonic() ? known : undefined;
  };

  const inThread = async <N extends ThreadCall>(
    target: OnvifTarget,
    pass: Pass,
    name: N,
    more: Omit<ThreadCalls[N]['args'], 'xaddr' | 'known'>,
    signal: AbortSignal,
  ): Promise<ThreadCalls[N]['result']> => {
    const key = keyOf(target);
    const args = { ...more, xaddr: xaddrOf(target), known: recall(key) } as ThreadCalls[N]['args'];
    // While a thread may still be starting; also, what is not allowed needs no thread to be refused.
    await pass.resolve(target.host, pass.port);
    try {
      return await pool.run(name, args, {
        ask: (request) => pass.post(request),
        learned: (known) => remember(key, known),
        signal,
        repeatable: !ONCE.has(name),
      });
    } catch (error) {
      // What was remembered may be why: a clock set anew, a service that moved.
      memory.delete(key);
      throw error;
    }
  };

  const withPass = <T>(
    target: OnvifTarget,
    call: OnvifCallOptions,
    work: (pass: Pass, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    if (stopping.signal.aborted) return Promise.reject(stopping.signal.reason);
    return withDeadline(call, stopping.signal, (signal, onSilence) => {
      const pass = new Pass(deps, target, signal);
      onSilence(() => pass.silence(call.deadline));
      return work(pass, signal);
    });
  };
  const simple =
    <N extends ThreadCall>(name: N) =>
    (target: OnvifTarget, more: Omit<ThreadCalls[N]['args'], 'xaddr' | 'known'>, call: OnvifCallOptions) =>
      withPass(target, call, (pass, signal) => inThread(target, pass, name, more, signal));
  const [move, stop, presets, gotoPreset, reboot] = [
    simple('move'),
    simple('stop'),
    simple('presets'),
    simple('gotoPreset'),
    simple('reboot'),
  ];
  const [pullEvents, renew, unsubscribe] = [simple('pullEvents'), simple('renew'), simple('unsubscribe')];

  const greet: OnvifClient['greet'] = (target, call) =>
    withPass(target, call, async (pass, signal) => {
      const known = await inThread(target, pass, 'authenticate', {}, signal);
      return { ...known, login: pass.proven ? 'ok' : 'open' };
    });

  return {
    pool,
    clockOffset: (target, call) => simple('clockOffset')(target, {}, call),
    describe: (target, call) =>
      withPass(target, call, async (pass, signal) => {
        const raw = await inThread(target, pass, 'describe', {}, signal);
        const streams: OnvifStream[] = [];
        for (const stream of raw.streams) {
          const settled = await settleAddress(pass, target.host, stream.uri, ['rtsp:', 'rtsps:'], signal);
          streams.push({ ...stream, ...settled });
        }
        const snapshot = await settleAddress(pass, target.host, raw.snapshotUri, ['http:', 'https:'], signal);
        return { ...raw, streams, snapshotUri: snapshot.uri } satisfies OnvifDescription;
      }),
    greet,
    tryLogin: (target, call) =>
      greet(target, call).then(
        ({ login }) => login,
        (error: unknown) => {
          if (error instanceof OnvifError) return error.reason;
          throw error;
        },
      ),
    snapshot: (target, uri, call) =>
      withPass(target, call, async (pass) => {
        const url = URL.parse(uri);
        if (!url || !['http:', 'https:'].includes(url.protocol)) {
          throw new OnvifError('noSuchStream', 'the snapshot address is no http or https URL');
        }
        const answer = await pass.get(url, SNAPSHOT_CAP);
        if (answer.status === 404 || answer.status === 410)
          throw new OnvifError('noSuchStream', `HTTP ${answer.status}`);
        if (answer.status !== 200) throw judgeStatus(answer.status);
        return requireJpeg(answer.body);
      }),
    async move(target, profile, velocity, timeoutMs, call) {
      await move(target, { profile, velocity, timeoutMs }, call);
    },
    async stop(target, profile, call) {
      await stop(target, { profile }, call);
    },
    presets: (target, profile, call) => presets(target, { profile }, call),
    async gotoPreset(target, profile, preset, call) {
      await gotoPreset(target, { profile, preset }, call);
    },
    async reboot(target, call) {
      await reboot(target, {}, call);
    },
    subscribe: simple('subscribe'),
    pullEvents: (target, subscription, { waitMs }, call) => pullEvents(target, { subscription, waitMs }, call),
    renew: (target, subscription, { lifetimeMs }, call) => renew(target, { subscription, lifetimeMs }, call),
    async unsubscribe(target, subscription, call) {
      try {
        await unsubscribe(target, { subscription }, call);
      } catch (error) {
        if (!(error instanceof OnvifError)) throw error;
      }
    },
    async close() {
      stopping.abort(new AdapterError('STOPPED', 'the onvif client was closed', { retry: false }));
      await pool.close();
    },
  };
}

/** Not done twice when a thread dies under them. */
const ONCE: ReadonlySet<ThreadCall> = new Set(['move', 'gotoPreset', 'reboot']);

function keyOf({ host, port, tls, username }: OnvifTarget): string {
  return JSON.stringify([host, port, tls, username]);
}

function xaddrOf({ host, port, tls = false, path = '/onvif/device_service' }: OnvifTarget): string {
  const url = URL.parse(`${tls ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}${port ? `:${port}` : ''}`);
  if (!url) throw new OnvifError('targetNotAllowed', 'the host is no host name or address');
  url.pathname = path;
  return url.href;
}

/** One deadline over everything: name lookup, every request, every wait for the thread. */
async function withDeadline<T>(
  { deadline, signal }: OnvifCallOptions,
  stopping: AbortSignal,
  work: (signal: AbortSignal, onSilence: (tell: () => Error) => void) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const ending = new AbortController();
  let silence: () => Error = () => new OnvifError('timeout', `no answer in ${deadline} ms`);
  const timer = setTimeout(() => ending.abort(silence()), deadline);
  const onAbort = () => ending.abort(signal.reason);
  const onStop = () => ending.abort(stopping.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  stopping.addEventListener('abort', onStop, { once: true });
  try {
    return await work(ending.signal, (tell) => {
      silence = tell;
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    stopping.removeEventListener('abort', onStop);
  }
}

export function guardOf(
  config: Pick<OnvifConfig, 'allowedTargets'>,
  { lookup, ownAddresses }: Pick<OnvifClientOptions, 'lookup' | 'ownAddresses'>,
) {
  try {
    return createTargetGuard({
      allowed: config.allowedTargets,
      ...(lookup ? { lookup } : {}),
      ...(ownAddresses ? { ownAddresses } : {}),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AdapterError('BAD_CONFIG', `adapter onvif: allowedTargets ${error.message}`, {
      retry: false,
      cause: error,
    });
  }
}
