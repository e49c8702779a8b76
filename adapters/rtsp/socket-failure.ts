import { AdapterError } from '../adapter.ts';
import { ProbeFailure, printable } from './failure.ts';

/** Local shortages are ours, not the camera's: they must never look like an offline camera. */
const OUR_OWN = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'ENETDOWN', 'EACCES', 'EPERM']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ETIMEDOUT', 'ENOTFOUND']);

/** What an error of a socket says of the camera: a {@link ProbeFailure}, or an AdapterError for a shortage of our own. */
export function judgeSocketError(error: Error & { code?: string }, state: { connected: boolean; tls: boolean }): Error {
  const code = error.code ?? '';
  if (OUR_OWN.has(code)) {
    return new AdapterError('LOCAL_SHORTAGE', `cannot open a socket (${code})`, { retry: true, cause: error });
  }
  if (!state.connected) {
    if (code === 'ECONNREFUSED') return new ProbeFailure('portClosed', code);
    if (UNREACHABLE.has(code)) return new ProbeFailure('hostUnreachable', code);
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ETIMEDOUT')
    return new ProbeFailure('connectionLost', code);
  if (state.tls) return new ProbeFailure('notRtsp', `TLS failed: ${printable(code || error.message)}`);
  return new ProbeFailure('connectionLost', code || 'socket error');
}
