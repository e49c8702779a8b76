import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AdapterError } from '../adapter.ts';
import type { PinnedAddress } from '../targets.ts';
import { ProbeFailure, printable } from './failure.ts';
import { createResponseReader, type ResponseReader, type RtspResponse } from './response.ts';

export interface SessionOptions {
  readonly target: PinnedAddress;
  readonly port: number;
  /** Server name for SNI and verification; absent = plain TCP. */
  readonly tls: { readonly host: string; readonly verify: boolean } | undefined;
  readonly userAgent: string;
  /** TCP stands: from here on silence is the camera's, not the network's. */
  readonly onTcp: () => void;
  /** Aborting destroys the socket; pending calls reject with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Local shortages are ours, not the camera's: they must never look like an offline camera. */
const OUR_OWN = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ETIMEDOUT', 'ENOTFOUND']);

/** One TCP (or TLS) connection to one camera, one request at a time. */
export class RtspSession {
  readonly #options: SessionOptions;
  readonly #reader: ResponseReader = createResponseReader();
  readonly #socket: Socket;
  #connected = false;
  #cseq = 0;
  #ended: Error | undefined;
  #waiting: { resolve: (response: RtspResponse | undefined) => void; reject: (error: Error) => void } | undefined;

  /** Resolves when the handshakes are done. Throws {@link ProbeFailure}, or AdapterError for a shortage of our own. */
  static async open(options: SessionOptions): Promise<RtspSession> {
    options.signal.throwIfAborted();
    const session = new RtspSession(options);
    await session.#wait();
    return session;
  }

  private constructor(options: SessionOptions) {
    this.#options = options;
    const { target, port, tls } = options;
    const address = { host: target.address, port, family: target.family };
    const ready = () => this.#settle(undefined);
    if (tls) {
      const named = /[a-z]/i.test(tls.host) && !tls.host.includes(':') ? { servername: tls.host } : {};
      this.#socket = connectTls({ ...address, ...named, rejectUnauthorized: tls.verify }, ready);
    } else {
      this.#socket = connectTcp(address, ready);
    }
    this.#socket.once('connect', () => {
      this.#connected = true;
      options.onTcp();
    });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#fail(this.#judge(error)));
    this.#socket.on('end', () => this.#fail(new ProbeFailure('connectionLost', 'the peer closed the connection')));
    this.#socket.on('close', () => this.#fail(new ProbeFailure('connectionLost', 'the connection closed')));
    options.signal.addEventListener('abort', this.#abort, { once: true });
  }

  async request(method: string, uri: string, headers: Readonly<Record<string, string>>): Promise<RtspResponse> {
    if (this.#ended) throw this.#ended;
    this.#cseq += 1;
    const all = { CSeq: String(this.#cseq), 'User-Agent': this.#options.userAgent, ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`${method} ${uri} RTSP/1.0\r\n${lines.join('')}\r\n`);
    const response = await this.#wait();
    if (!response) throw new ProbeFailure('connectionLost', 'no response');
    return response;
  }

  /** Never SETUP, so there is nothing to tear down at the camera. */
  close(): void {
    this.#options.signal.removeEventListener('abort', this.#abort);
    this.#ended ??= new ProbeFailure('connectionLost', 'closed');
    this.#socket.destroy();
  }

  readonly #abort = (): void => {
    const { reason } = this.#options.signal;
    this.#fail(reason instanceof Error ? reason : new Error('aborted'));
  };

  #wait(): Promise<RtspResponse | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(this.#ended);
      else this.#waiting = { resolve, reject };
    });
  }

  #settle(response: RtspResponse | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(response);
  }

  #receive(chunk: Buffer): void {
    if (this.#ended) return;
    try {
      const response = this.#reader.push(chunk);
      if (response) this.#settle(response);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    this.close();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  #judge(error: Error & { code?: string }): Error {
    const code = error.code ?? '';
    if (OUR_OWN.has(code)) {
      return new AdapterError('LOCAL_SHORTAGE', `cannot open a socket (${code})`, { retry: true, cause: error });
    }
    if (!this.#connected) {
      if (code === 'ECONNREFUSED') return new ProbeFailure('portClosed', code);
      if (UNREACHABLE.has(code)) return new ProbeFailure('hostUnreachable', code);
    }
    if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ETIMEDOUT')
      return new ProbeFailure('connectionLost', code);
    if (this.#options.tls) return new ProbeFailure('notRtsp', `TLS failed: ${printable(code || error.message)}`);
    return new ProbeFailure('connectionLost', code || 'socket error');
  }
}
