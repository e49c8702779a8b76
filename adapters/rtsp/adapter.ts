import {
  type Adapter,
  type AdapterContext,
  AdapterError,
  type Connection,
  type ProbeResult,
  type ProbeTarget,
} from '../adapter.ts';
import { createTargetGuard, type Lookup } from '../targets.ts';
import { type RtspConfig, rtspConfig } from './config.ts';
import { probeRtsp } from './probe.ts';

/** Cameras that speak RTSP. Probes only: nothing is pulled, so `start()` opens nothing. */
export const rtspAdapter = createRtspAdapter();

/** `lookup` and `ownAddresses` replace the system's answers in tests. */
export function createRtspAdapter(system: { lookup?: Lookup; ownAddresses?: () => readonly string[] } = {}) {
  return {
    name: 'rtsp',
    config: rtspConfig,
    create: (config: RtspConfig, ctx: AdapterContext) => createConnection(config, ctx, system),
  } satisfies Adapter<typeof rtspConfig>;
}

function createConnection(config: RtspConfig, ctx: AdapterContext, system: Parameters<typeof createRtspAdapter>[0]) {
  const deps = {
    guard: guardOf(config, system),
    verifyTls: config.verifyTls,
    userAgent: config.userAgent,
    monotonic: () => ctx.clock.monotonic(),
  };
  const stopping = new AbortController();
  const running = new Set<Promise<ProbeResult>>();

  const probe = (target: ProbeTarget, options: { deadline: number; signal: AbortSignal }): Promise<ProbeResult> => {
    const work = probeUntil(target, options);
    running.add(work);
    const forget = () => running.delete(work);
    work.then(forget, forget);
    return work;
  };
  const probeUntil = async (target: ProbeTarget, { deadline, signal }: { deadline: number; signal: AbortSignal }) => {
    const ending = new AbortController();
    const onAbort = () => ending.abort(signal.aborted ? signal.reason : stopping.signal.reason);
    if (signal.aborted || stopping.signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stopping.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await probeRtsp(deps, target, deadline, ending.signal);
    } finally {
      signal.removeEventListener('abort', onAbort);
      stopping.signal.removeEventListener('abort', onAbort);
    }
  };

  return {
    probe,
    async start(signal) {
      signal.throwIfAborted();
      if (stopping.signal.aborted)
        throw new AdapterError('STOPPED', 'a stopped adapter stays stopped', { retry: false });
    },
    async stop() {
      stopping.abort(new DOMException('the rtsp adapter was stopped', 'AbortError'));
      await Promise.allSettled(running);
    },
  } satisfies Connection;
}

function guardOf(config: RtspConfig, system: Parameters<typeof createRtspAdapter>[0]) {
  try {
    return createTargetGuard({ allowed: config.allowedTargets, ...system });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AdapterError('BAD_CONFIG', `adapter rtsp: allowedTargets ${error.message}`, {
      retry: false,
      cause: error,
    });
  }
}
