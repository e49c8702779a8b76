import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { PinnedAddress } from '../targets.ts';
import { judgeSocketError } from './socket-failure.ts';

export interface DialOptions {
  readonly target: PinnedAddress;
  readonly port: number;
  /** Server name for SNI and verification; absent = plain TCP. */
  readonly tls: { readonly host: string; readonly verify: boolean } | undefined;
  /** TCP stands: from here on silence is the camera's, not the network's. */
  readonly onTcp: () => void;
  /** Aborting destroys the socket and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Begins to connect to a pinned address; `ready` is called when the handshakes are done. */
export function connectTo(options: Omit<DialOptions, 'signal'>, ready: () => void): Socket {
  const { target, port, tls } = options;
  const address = { host: target.address, port, family: target.family };
  // An address is no server name (RFC 6066 §3).
  const named = tls && /[a-z]/i.test(tls.host) && !tls.host.includes(':') ? { servername: tls.host } : {};
  const socket = tls
    ? connectTls({ ...address, ...named, rejectUnauthorized: tls.verify }, ready)
    : connectTcp(address, ready);
  socket.once('connect', options.onTcp);
  socket.setNoDelay(true);
  return socket;
}

/** A connected socket without listeners. Throws ProbeFailure, or AdapterError for a shortage of our own. */
export function dial(options: DialOptions): Promise<Socket> {
  const { signal, tls } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let connected = false;
    const onTcp = () => {
      connected = true;
      options.onTcp();
    };
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      socket.off('close', onClose);
    };
    const refuse = (error: unknown) => {
      settle();
      socket.on('error', () => socket.destroy());
      socket.destroy();
      reject(error);
    };
    const onAbort = () => refuse(signal.reason);
    const onError = (error: Error) => refuse(judgeSocketError(error, { connected, tls: tls !== undefined }));
    const onClose = () => onError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const socket = connectTo({ ...options, onTcp }, () => {
      settle();
      resolve(socket);
    });
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('close', onClose);
  });
}
