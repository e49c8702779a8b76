import {
  type Adapter,
  type AdapterContext,
  AdapterError,
  type Connection,
  type Probe,
  type ProbeResult,
} from '../adapter.ts';
import type { Lookup } from '../targets.ts';
import { type OnvifClient, OnvifError, type OnvifTarget } from './client.ts';
import { type OnvifConfig, onvifConfig } from './config.ts';
import { createDiscover } from './discovery.ts';
import { createOnvifClient, guardOf } from './onvif-client.ts';
import { createScan, type Scan } from './scan.ts';

/** Cameras that speak ONVIF: asked, searched for and turned, never pulled. `start()` opens nothing. */
export const onvifAdapter = createOnvifAdapter();

/** What a connection of this adapter offers beyond a probe. */
export interface OnvifConnection extends Connection {
  readonly probe: Probe;
  readonly discover: NonNullable<Connection['discover']>;
  readonly scan: Scan;
  readonly client: OnvifClient;
}

/** `lookup` and `ownAddresses` replace the system's answers in tests. */
export function createOnvifAdapter(system: { lookup?: Lookup; ownAddresses?: () => readonly string[] } = {}) {
  return {
    name: 'onvif',
    config: onvifConfig,
    create: (config: OnvifConfig, ctx: AdapterContext): OnvifConnection => createConnection(config, ctx, system),
  } satisfies Adapter<typeof onvifConfig>;
}

function createConnection(
  config: OnvifConfig,
  { clock, log }: AdapterContext,
  system: Parameters<typeof createOnvifAdapter>[0],
): OnvifConnection {
  const guard = guardOf(config, system ?? {});
  const client = createOnvifClient({ clock, config, ...system });
  const stopping = new AbortController();

  const probe: Probe = async ({ connection }, { deadline, signal }) => {
    const startedAt = clock.monotonic();
    const result = (ok: boolean, reason: ProbeResult['reason'], detail: string, facts?: ProbeResult['facts']) => ({
      ok,
      reason,
      detail,
      rttMs: Math.round(clock.monotonic() - startedAt),
      ...(facts ? { facts } : {}),
    });
    if (connection.protocol !== 'onvif') {
      return result(false, 'targetNotAllowed', `protocol ${connection.protocol} is not onvif`);
    }
    try {
      const { login, model, clockOffsetMs } = await client.greet(targetOf(connection), { deadline, signal });
      const detail = login === 'ok' ? 'the login was taken' : 'no login was asked for';
      return result(true, 'ok', detail, {
        login,
        ...(model === null ? {} : { model }),
        ...(clockOffsetMs === null ? {} : { clockOffsetMs }),
      });
    } catch (error) {
      if (error instanceof OnvifError) return result(false, error.reason, error.message);
      throw error;
    }
  };

  return {
    probe,
    client,
    discover: createDiscover({ config, guard, pool: client.pool, log }),
    scan: createScan({ guard, client }),
    async start(signal) {
      signal.throwIfAborted();
      if (stopping.signal.aborted)
        throw new AdapterError('STOPPED', 'a stopped adapter stays stopped', { retry: false });
    },
    async stop() {
      stopping.abort();
      await client.close();
    },
  };
}

function targetOf({ host, port, tls, username, password }: OnvifTarget): OnvifTarget {
  return {
    host,
    ...(port === undefined ? {} : { port }),
    ...(tls === undefined ? {} : { tls }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}
