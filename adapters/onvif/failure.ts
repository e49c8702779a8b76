import { AdapterError } from '../adapter.ts';
import { TargetError } from '../targets.ts';
import { OnvifError, type OnvifReason } from './client.ts';

/** Local shortages are ours, not the camera's: they must never look like an offline camera. */
const OUR_OWN = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'ENETDOWN', 'EACCES', 'EPERM']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ETIMEDOUT', 'ENOTFOUND']);
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED']);

/** What a failed exchange says of the camera; `connected` = the TCP handshake was done. */
export function judgeSocket(error: Error & { code?: string }, connected: boolean, tls: boolean): Error {
  const code = error.code ?? '';
  if (OUR_OWN.has(code)) {
    return new AdapterError('LOCAL_SHORTAGE', `cannot open a socket (${code})`, { retry: true, cause: error });
  }
  if (!connected) {
    if (code === 'ECONNREFUSED') return new OnvifError('portClosed', code, error);
    if (UNREACHABLE.has(code)) return new OnvifError('hostUnreachable', code, error);
  }
  if (LOST.has(code)) return new OnvifError('connectionLost', code, error);
  if (code.startsWith('HPE_')) return new OnvifError('notOnvif', `no HTTP answer (${code})`, error);
  if (tls) return new OnvifError('notOnvif', `TLS failed: ${printable(code || error.message)}`, error);
  return new OnvifError('connectionLost', code || 'socket error', error);
}

export function judgeTarget(error: unknown): Error {
  if (!(error instanceof TargetError)) return error instanceof Error ? error : new Error(String(error));
  return new OnvifError(error.kind === 'notAllowed' ? 'targetNotAllowed' : 'hostUnreachable', error.message, error);
}

/** An HTTP status that is neither success nor a login matter. */
export function judgeStatus(status: number): OnvifError {
  if (status >= 300 && status < 400) return new OnvifError('notOnvif', `redirect not followed: HTTP ${status}`);
  const reason: OnvifReason = status >= 500 ? 'serverError' : 'notOnvif';
  return new OnvifError(reason, `HTTP ${status}`);
}

/** What a peer said, fit for a log line and a page: printable, one line, short, without a login in a URL. */
export function printable(text: string, limit = 120): string {
  const clean = text
    .slice(0, 4_096)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replace(/(\w+:\/\/)[^\s/@]*@/g, '$1')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}
