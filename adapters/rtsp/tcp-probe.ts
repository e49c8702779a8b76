import type { CameraConnection, Probe, ProbeResult } from '../adapter.ts';
import type { TargetGuard } from '../targets.ts';
import { Approach } from './approach.ts';
import { dial } from './dial.ts';
import { ProbeFailure } from './failure.ts';
import { locate } from './location.ts';

/**
 * The lightest proof of life: a TCP handshake with the camera's port, for RTSP and ONVIF connections alike. It says nothing
 * of the login or the channel. Reasons: ok, hostUnreachable, portClosed, timeout, targetNotAllowed.
 */
export function createTcpProbe(deps: { readonly guard: TargetGuard; readonly monotonic: () => number }): Probe {
  return async ({ connection }, { deadline, signal }) => {
    const startedAt = deps.monotonic();
    const result = (ok: boolean, reason: ProbeResult['reason'], detail: string): ProbeResult => ({
      ok,
      reason,
      detail,
      rttMs: Math.round(deps.monotonic() - startedAt),
    });
    const endpoint = endpointOf(connection);
    if (typeof endpoint === 'string') return result(false, 'targetNotAllowed', endpoint);
    signal.throwIfAborted();
    const ending = new AbortController();
    const onAbort = () => ending.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const approach = new Approach({ ...deps, ...endpoint, budgetMs: deadline, signal: ending.signal });
    const timer = setTimeout(() => ending.abort(approach.silence()), deadline);
    try {
      const socket = await approach.connect((target, onTcp) =>
        dial({ target, port: endpoint.port, tls: undefined, onTcp, signal: ending.signal }),
      );

      socket.destroy();
      return result(true, 'ok', `TCP port ${endpoint.port} answers`);
    } catch (error) {
      if (error instanceof ProbeFailure) return result(false, error.reason, error.message);
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  };
}

function endpointOf(connection: CameraConnection): { host: string; port: number } | string {
  if (connection.protocol === 'rtsp') return locate(connection);
  const { host, port, tls } = connection;
  return host === '' ? 'the connection names no host' : { host, port: port ?? (tls ? 443 : 80) };
}
