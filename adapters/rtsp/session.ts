import type { Socket } from 'node:net';
import { connectTo, type DialOptions } from './dial.ts';
import { ProbeFailure } from './failure.ts';
import { createResponseReader, type ResponseReader, type RtspResponse } from './response.ts';
import { judgeSocketError } from './socket-failure.ts';

/** Aborting destroys the socket; pending calls reject with the signal's reason. */
export interface SessionOptions extends DialOptions {
  readonly userAgent: string;
}

/** Made once: ten thousand closed sessions need no stack trace each. */
const CLOSED = new ProbeFailure('connectionLost', 'closed');

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
    const onTcp = () => {
      this.#connected = true;
      options.onTcp();
    };
    this.#socket = connectTo({ ...options, onTcp }, () => this.#settle(undefined));
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', (error) =>
      this.#fail(judgeSocketError(error, { connected: this.#connected, tls: options.tls !== undefined })),
    );
    this.#socket.on('end', () => this.#lost('the peer closed the connection'));
    this.#socket.on('close', () => this.#lost('the connection closed'));
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
    this.#ended ??= CLOSED;
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

  /** Most sessions are over when their socket closes: only one that is not pays for an error. */
  #lost(detail: string): void {
    if (!this.#ended) this.#fail(new ProbeFailure('connectionLost', detail));
  }

  #fail(error: Error): void {
    if (this.#ended) return;
    this.#ended = error;
    this.close();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}
