import type { AdapterContext, CameraConnection, Logger, ProbeResult } from '../adapter.ts';
import { createRtspAdapter } from './adapter.ts';
import { RTSP_DEFAULTS, type RtspConfig } from './config.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** A context for an adapter that only probes: everything else is a mistake. */
export const probeContext: AdapterContext = {
  log: silent,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  authenticate: () => Promise.reject(new Error('a probe never authenticates')),
  authorize: () => false,
  link: () => {
    throw new Error('a probe never reports a link');
  },
  emit: () => Promise.reject(new Error('a probe never emits')),
};

type System = Parameters<typeof createRtspAdapter>[0];

/** A started connection of the adapter that may dial loopback. */
export function connect(config: Partial<RtspConfig> = {}, system: System = {}) {
  const merged = { ...RTSP_DEFAULTS, allowedTargets: ['127.0.0.0/8', '::1/128'], ...config };
  return createRtspAdapter(system).create(merged, probeContext);
}

export interface ProbeOptions {
  readonly login?: { readonly username: string; readonly password: string };
  readonly digestOnly?: boolean;
  readonly deadline?: number;
  readonly config?: Partial<RtspConfig>;
  readonly system?: System;
}

export async function probe(url: string, options: ProbeOptions = {}): Promise<ProbeResult> {
  const connection: CameraConnection = {
    protocol: 'rtsp',
    url,
    ...options.login,
    digestOnly: options.digestOnly ?? false,
  };
  const { probe: run } = connect(options.config, options.system);
  if (!run) throw new Error('the adapter has no probe');
  const signal = new AbortController().signal;
  return run({ deviceId: 'cam-1', connection }, { deadline: options.deadline ?? 3_000, signal });
}
