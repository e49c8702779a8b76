import { type ClientRequest, type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import type { PinnedAddress } from '../targets.ts';
import { OnvifError } from './client.ts';
import { judgeSocket } from './failure.ts';

/** One request to one address that was judged before; nothing here looks a name up or follows a redirect. */
export interface Exchange {
  readonly address: PinnedAddress;
  /** As the user or the camera wrote it, for the Host header and the server name. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly verifyTls: boolean;
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of the answer, before and after decompression. */
  readonly cap: number;
  /** Aborting destroys the socket; the call rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly onConnect: () => void;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Every WWW-Authenticate header. */
  readonly challenges: readonly string[];
  readonly body: Buffer;
}

const decompress = promisify(unzip);

/** Throws OnvifError for what the peer did, AdapterError for a shortage of our own, or the signal's reason. */
export async function exchange(ask: Exchange): Promise<Answer> {
  ask.signal.throwIfAborted();
  const { response, body } = await receive(ask);
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    challenges: response.headersDistinct['www-authenticate'] ?? [],
    body: await plain(body, response.headers['content-encoding'], ask.cap),
  };
}

function receive(ask: Exchange): Promise<{ response: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const fail = (error: Error) => {
      reject(ask.signal.aborted ? ask.signal.reason : error);
    };
    const request = send(ask);
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        connected = true;
        ask.onConnect();
      });
    });
    // Stays for the request's whole life: a reset after the answer began must never be an uncaught error. It comes before
    // the `end` that Node makes of a broken connection when the answer named no length.
    request.on('error', (error) => fail(judgeSocket(error, connected, ask.tls)));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= ask.cap) return;
        fail(new OnvifError('notOnvif', `the answer is larger than ${ask.cap} bytes`));
        request.destroy();
      });
      response.once('end', () => {
        if (ask.signal.aborted) reject(ask.signal.reason);
        else resolve({ response, body: Buffer.concat(chunks, size) });
      });
      response.on('error', (error) => fail(judgeSocket(error, true, ask.tls)));
      response.once('close', () => {
        if (!response.complete) fail(new OnvifError('connectionLost', 'the peer broke off its answer'));
      });
    });
  });
}

function send(ask: Exchange): ClientRequest {
  const literal = isIP(ask.host) === 6 ? `[${ask.host}]` : ask.host;
  const options = {
    host: ask.address.address,
    family: ask.address.family,
    port: ask.port,
    method: ask.method,
    path: ask.path,
    // A connection of its own: cameras close idle ones at will, and a reused one fails at the next request.
    agent: false as const,
    signal: ask.signal,
    headers: {
      Host: ask.port === (ask.tls ? 443 : 80) ? literal : `${literal}:${ask.port}`,
      Connection: 'close',
      ...(ask.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(ask.body)) }),
      ...Object.fromEntries(Object.entries(ask.headers).map(([name, value]) => [name, onWire(value)])),
    },
  };
  const named = isIP(ask.host) === 0 ? { servername: ask.host } : {};
  const request = ask.tls
    ? requestTls({ ...options, ...named, rejectUnauthorized: ask.verifyTls })
    : requestPlain(options);
  request.end(ask.body);
  return request;
}

/** Node takes one character a byte; a Chinese user name goes as UTF-8 (RFC 7616 §4). */
const onWire = (value: string) => Buffer.from(value, 'utf8').toString('latin1');

async function plain(body: Buffer, encoding: string | undefined, cap: number): Promise<Buffer> {
  if (encoding === undefined || /^identity$/i.test(encoding) || body.length === 0) return body;
  if (!/^(x-)?gzip$|^deflate$/i.test(encoding)) throw new OnvifError('notOnvif', 'unknown content encoding');
  try {
    return await decompress(body, { maxOutputLength: cap });
  } catch (error) {
    throw new OnvifError('notOnvif', `the compressed answer is broken or larger than ${cap} bytes`, error);
  }
}
