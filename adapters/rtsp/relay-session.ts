import type { Socket } from 'node:net';
import type { Logger, ProbeReason } from '../adapter.ts';
import { type ChosenChallenge, chooseChallenge, parseChallenges } from '../auth.ts';
import type { TargetGuard } from '../targets.ts';
import { Approach } from './approach.ts';
import { dial } from './dial.ts';
import { ProbeFailure, printable } from './failure.ts';
import type { RtspLocation } from './location.ts';
import { createFraming, type RtspMessage } from './relay-framing.ts';
import { baseOf, interleavedOf, type RelayedDescription, relayDescription, relayRtpInfo } from './relay-rewrite.ts';
import { judge } from './verdict.ts';

export interface RelayLimits {
  /** Milliseconds to reach the camera, name lookup and TLS included. */
  readonly connectMs: number;
  /** Milliseconds for a whole answer of the camera; a trickle does not prolong it. */
  readonly answerMs: number;
  /** Milliseconds without media after PLAY. */
  readonly idleMs: number;
  /** Milliseconds the client may leave its data unread. */
  readonly stallMs: number;
  /** Milliseconds the camera gets to answer our TEARDOWN. */
  readonly tearDownMs: number;
}

export interface RelayDeps {
  readonly guard: TargetGuard;
  readonly log: Logger;
  /** Milliseconds, never going back. */
  readonly monotonic: () => number;
  readonly verifyTls: boolean;
  readonly userAgent: string;
}

/** The camera behind a token, and who is told what happened. */
export interface RelayedCamera {
  readonly location: RtspLocation;
  /** `rtsp://127.0.0.1:port/token`, without a slash at the end. */
  readonly prefix: string;
  readonly onFailure: (reason: ProbeReason, detail: string) => void;
  readonly onBytes: (count: number) => void;
}

interface Pending {
  readonly request: RtspMessage;
  readonly method: string;
  readonly uri: string;
  cseq: number;
  /** Times it was sent with a login. */
  logins: number;
}

const CAPS = { headerBytes: 64 * 1024, bodyBytes: 256 * 1024 };
/** Cameras lock accounts after a few wrong logins. */
const MAX_LOGINS = 2;
const MAX_QUEUED = 16;
const WATCH_EVERY_MS = 500;
const METHODS = ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'GET_PARAMETER', 'TEARDOWN'];

/** One player's conversation with one camera: its requests in our words, the camera's media as it comes. */
export class RelaySession {
  readonly #deps: RelayDeps;
  readonly #limits: RelayLimits;
  readonly #client: Socket;
  readonly #peer: RelayedCamera;
  readonly #ending = new AbortController();
  readonly #queue: RtspMessage[] = [];
  readonly #mediaChannels = new Set<number>();
  readonly #watch: NodeJS.Timeout;
  readonly #done: Promise<void>;
  #resolveDone: () => void = () => undefined;
  #camera: Socket | undefined;
  #dialing = false;
  #pending: Pending | undefined;
  #answerTimer: NodeJS.Timeout | undefined;
  #cseq = 0;
  #challenge: ChosenChallenge | undefined;
  /** Answers given to this challenge. */
  #used = 0;
  #loginWorked = false;
  #reconnected = false;
  #described: RelayedDescription | undefined;
  #sessionId: string | undefined;
  #playing = false;
  #tornDown = false;
  #mediaAt = 0;
  #stalledAt: number | undefined;

  constructor(deps: RelayDeps, limits: RelayLimits, client: Socket, peer: RelayedCamera) {
    this.#deps = deps;
    this.#limits = limits;
    this.#client = client;
    this.#peer = peer;
    this.#done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    client.on('drain', () => {
      this.#stalledAt = undefined;
      this.#mediaAt = deps.monotonic();
      this.#camera?.resume();
    });
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
  }

  /** A whole request of the client. */
  request(message: RtspMessage): void {
    if (this.#ending.signal.aborted) return;
    if (this.#queue.length >= MAX_QUEUED) {
      void this.end();
      return;
    }
    this.#queue.push(message);
    this.#pump();
  }

  /** Interleaved frames of the client (RTCP). */
  frames(run: Buffer): void {
    if (!this.#playing || !this.#camera || this.#ending.signal.aborted) return;
    if (this.#camera.write(run)) return;
    this.#client.pause();
  }

  /** Ends both sides; a camera that plays is told so. Resolves when both are closed. */
  end(): Promise<void> {
    if (this.#ending.signal.aborted) return this.#done;
    this.#ending.abort(new Error('the relay session ended'));
    clearInterval(this.#watch);
    clearTimeout(this.#answerTimer);
    this.#queue.length = 0;
    // What was said before (an error status) still goes out.
    this.#client.end(() => this.#client.destroy());
    const camera = this.#camera;
    if (!camera || camera.destroyed || this.#sessionId === undefined) {
      this.#finish();
      return this.#done;
    }
    this.#answerTimer = setTimeout(() => this.#finish(), this.#limits.tearDownMs);
    camera.resume();
    if (!this.#tornDown && this.#pending?.method !== 'TEARDOWN') this.#tearDown();
    return this.#done;
  }

  #finish(): void {
    clearTimeout(this.#answerTimer);
    this.#camera?.destroy();
    this.#client.destroy();
    this.#resolveDone();
  }

  #tearDown(): void {
    this.#tornDown = true;
    const request = { start: 'TEARDOWN * RTSP/1.0', headers: new Map(), body: '' };
    this.#pending = { request, method: 'TEARDOWN', uri: this.#aggregate(), cseq: 0, logins: 0 };
    this.#send(this.#pending);
  }

  #look(): void {
    const now = this.#deps.monotonic();
    if (this.#stalledAt !== undefined) {
      if (now - this.#stalledAt > this.#limits.stallMs) this.end();
    } else if (this.#playing && now - this.#mediaAt > this.#limits.idleMs) {
      this.#fail(new ProbeFailure('timeout', `no media for ${this.#limits.idleMs} ms after PLAY`));
    }
  }

  /** The camera is to blame: it is noted, the client hears a status if it waits for one, and both sides end. */
  #fail(error: unknown): void {
    if (this.#ending.signal.aborted) {
      if (this.#tornDown) this.#finish();
      return;
    }
    if (error instanceof ProbeFailure) this.#peer.onFailure(error.reason, error.message);
    else this.#deps.log.error({ error }, 'the RTSP relay could not reach a camera');
    const waiting = this.#pending?.request ?? this.#queue[0];
    const refused = error instanceof ProbeFailure && error.reason === 'wrongPassword';
    if (waiting && !this.#playing) this.#answer(waiting, refused ? '401 Unauthorized' : '503 Service Unavailable');
    this.end();
  }

  #pump(): void {
    if (this.#pending || this.#dialing || this.#ending.signal.aborted) return;
    const request = this.#queue[0];
    if (!request) return;
    if (!this.#camera) return void this.#dial();
    this.#queue.shift();
    const planned = this.#plan(request);
    if (typeof planned === 'string') {
      this.#answer(request, planned);
      return this.#pump();
    }
    this.#pending = planned;
    this.#send(planned);
  }

  /** What to ask the camera, or the status that refuses the client. */
  #plan(request: RtspMessage): Pending | string {
    const [method = '', uri = ''] = request.start.split(' ');
    if (!METHODS.includes(method)) return '501 Not Implemented';
    const rest = uri.startsWith(this.#peer.prefix) ? uri.slice(this.#peer.prefix.length).replace(/^\/|\/$/g, '') : '?';
    const track = /^t(\d{1,3})$/.exec(rest)?.[1];
    const target = track === undefined ? (rest === '' ? this.#aggregate() : undefined) : this.#track(Number(track));
    if (target === undefined) return '404 Not Found';
    if (method === 'SETUP' && !this.#wanted(request)) return '461 Unsupported Transport';
    const { uri: asked } = this.#peer.location;
    return { request, method, uri: method === 'DESCRIBE' ? asked : target, cseq: 0, logins: 0 };
  }

  #aggregate(): string {
    return this.#described?.aggregate ?? this.#peer.location.uri;
  }

  #track(number: number): string | undefined {
    return this.#described?.tracks[number];
  }

  #wanted(request: RtspMessage) {
    const next = this.#mediaChannels.size * 2;
    return interleavedOf(request.headers.get('transport') ?? [], { first: next, last: next + 1 });
  }

  #send(pending: Pending): void {
    const { login } = this.#peer.location;
    const { method, uri, request } = pending;
    this.#cseq += 1;
    pending.cseq = this.#cseq;
    const lines = [`${method} ${uri} RTSP/1.0`, `CSeq: ${this.#cseq}`, `User-Agent: ${this.#deps.userAgent}`];
    if (this.#challenge && login) {
      pending.logins += 1;
      this.#used += 1;
      lines.push(`Authorization: ${this.#challenge.authorization(login, method, uri, { use: this.#used })}`);
    }
    if (method === 'DESCRIBE') lines.push('Accept: application/sdp');
    if (method === 'SETUP') {
      const channels = this.#wanted(request);
      lines.push(`Transport: RTP/AVP/TCP;unicast;interleaved=${channels?.first}-${channels?.last}`);
    }
    if (this.#sessionId !== undefined) lines.push(`Session: ${this.#sessionId}`);
    const range = request.headers.get('range')?.[0];
    if (method === 'PLAY' && range && /^[\w=.:-]{1,60}$/.test(range)) lines.push(`Range: ${range}`);
    this.#camera?.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (this.#ending.signal.aborted) return;
    clearTimeout(this.#answerTimer);
    this.#answerTimer = setTimeout(() => this.#unanswered(pending), this.#limits.answerMs);
  }

  #unanswered(pending: Pending): void {
    if (this.#pending !== pending) return;
    if (!this.#playing) {
      return this.#fail(new ProbeFailure('timeout', `no answer to ${pending.method} in ${this.#limits.answerMs} ms`));
    }
    // Some cameras never answer what keeps the session alive; the media prove that it is.
    this.#pending = undefined;
    this.#answer(pending.request, '200 OK');
    this.#pump();
  }

  async #dial(): Promise<void> {
    this.#dialing = true;
    const { location } = this.#peer;
    const budgetMs = this.#limits.connectMs;
    const ending = new AbortController();
    const onEnd = () => ending.abort(this.#ending.signal.reason);
    this.#ending.signal.addEventListener('abort', onEnd, { once: true });
    const { host, port, tls } = location;
    const approach = new Approach({ guard: this.#deps.guard, host, port, budgetMs, signal: ending.signal });
    const timer = setTimeout(() => ending.abort(approach.silence()), budgetMs);
    try {
      const socket = await approach.connect((target, onTcp) =>
        dial({
          target,
          port,
          tls: tls ? { host, verify: this.#deps.verifyTls } : undefined,
          onTcp,
          signal: ending.signal,
        }),
      );
      this.#adopt(socket);
    } catch (error) {
      this.#fail(error);
    } finally {
      clearTimeout(timer);
      this.#ending.signal.removeEventListener('abort', onEnd);
      this.#dialing = false;
    }
    if (this.#pending) this.#send(this.#pending);
    else this.#pump();
  }

  #adopt(camera: Socket): void {
    this.#camera = camera;
    const read = createFraming(
      {
        message: (message) => this.#answered(message),
        frame: (channel) => {
          if (this.#mediaChannels.has(channel)) this.#mediaAt = this.#deps.monotonic();
        },
        frames: (run) => {
          if (!this.#ending.signal.aborted) this.#client.write(run);
        },
      },
      CAPS,
    );
    camera.on('data', (chunk: Buffer) => {
      this.#peer.onBytes(chunk.length);
      try {
        read(chunk);
      } catch (error) {
        return this.#fail(error);
      }
      if (!this.#client.writableNeedDrain || this.#ending.signal.aborted) return;
      this.#stalledAt ??= this.#deps.monotonic();
      camera.pause();
    });
    camera.on('drain', () => this.#client.resume());
    camera.on('error', (error) => this.#lost(camera, printable(error.message)));
    camera.on('close', () => this.#lost(camera, 'the camera closed the connection'));
  }

  #lost(camera: Socket, detail: string): void {
    if (this.#camera !== camera) return;
    // Some cameras hang up with every 401; what was asked is asked once more, with the login.
    const early = this.#pending !== undefined && this.#sessionId === undefined && this.#challenge !== undefined;
    if (early && !this.#reconnected && !this.#ending.signal.aborted) {
      this.#reconnected = true;
      this.#camera = undefined;
      clearTimeout(this.#answerTimer);
      return void this.#dial();
    }
    if (this.#tornDown || this.#ending.signal.aborted) {
      if (this.#ending.signal.aborted) this.#finish();
      else this.end();
      return;
    }
    this.#fail(new ProbeFailure('connectionLost', detail));
  }

  #answered(message: RtspMessage): void {
    const [, code, phrase = ''] = /^RTSP\/\d\.\d (\d{3}) ?(.*)$/.exec(message.start) ?? [];
    if (code === undefined) return this.#asked(message);
    const status = Number(code);
    const pending = this.#pending;
    const cseq = message.headers.get('cseq')?.[0];
    if (status < 200 || !pending || (cseq !== undefined && Number(cseq) !== pending.cseq)) return;
    if (status === 401) return this.#challenged(pending, message);
    if (pending.logins > 0) this.#loginWorked = true;
    clearTimeout(this.#answerTimer);
    this.#pending = undefined;
    if (this.#ending.signal.aborted) return this.#finish();
    this.#pass(pending, status, phrase, message);
    this.#pump();
  }

  /** A request of the camera. Its wish to send us elsewhere is refused like every redirect. */
  #asked(message: RtspMessage): void {
    if (message.start.startsWith('REDIRECT ')) {
      return this.#fail(new ProbeFailure('noSuchStream', 'redirect not followed: REDIRECT'));
    }
    const cseq = printable(message.headers.get('cseq')?.[0] ?? '0', 20);
    this.#camera?.write(`RTSP/1.0 501 Not Implemented\r\nCSeq: ${cseq}\r\n\r\n`);
  }

  #challenged(pending: Pending, message: RtspMessage): void {
    const challenge = chooseChallenge(parseChallenges(message.headers.get('www-authenticate') ?? []));
    const refuse = (detail: string) => this.#fail(new ProbeFailure('wrongPassword', detail));
    if (!challenge) return refuse('401 without a login scheme we can answer');
    if (!this.#peer.location.login) return refuse('401 and no credentials are configured');
    // A nonce that ran out is no wrong password, also where the camera forgets to say stale.
    const worn = challenge.stale || this.#loginWorked;
    if (pending.logins > 0 && (!worn || pending.logins >= MAX_LOGINS)) {
      return refuse(`401 to a login by ${challenge.name}`);
    }
    this.#challenge = challenge;
    this.#used = 0;
    this.#send(pending);
  }

  #pass(pending: Pending, status: number, phrase: string, message: RtspMessage): void {
    const { method, request } = pending;
    if (status !== 200) return this.#refused(pending, status, phrase);
    const headers: string[] = [];
    const session = message.headers.get('session')?.[0];
    if (session !== undefined && /^[!-:<-~]{1,200}\s*(?:;.*)?$/.test(session)) {
      this.#sessionId = session.split(';')[0]?.trim();
      headers.push(`Session: ${printable(session, 300)}`);
    }
    if (method === 'OPTIONS') {
      const known = (message.headers.get('public')?.[0] ?? '').split(',').map((one) => one.trim());
      headers.push(`Public: ${METHODS.filter((one) => known.includes(one)).join(', ')}`);
    }
    if (method === 'DESCRIBE') return this.#describe(request, message);
    if (method === 'SETUP') {
      const granted = interleavedOf(
        message.headers.get('transport') ?? [],
        this.#wanted(request) ?? { first: 0, last: 1 },
      );
      if (!granted) return this.#fail(new ProbeFailure('serverError', 'the camera does not send over TCP'));
      this.#mediaChannels.add(granted.first);
      headers.push(`Transport: RTP/AVP/TCP;unicast;interleaved=${granted.first}-${granted.last}`);
    }
    if (method === 'PLAY') {
      this.#playing = true;
      this.#mediaAt = this.#deps.monotonic();
      const info = message.headers.get('rtp-info')?.join(',');
      if (info) headers.push(`RTP-Info: ${relayRtpInfo(info, this.#described?.tracks ?? [], this.#peer.prefix)}`);
    }
    if (method === 'TEARDOWN') this.#tornDown = true;
    this.#answer(request, '200 OK', headers);
    if (method === 'TEARDOWN') this.end();
  }

  #describe(request: RtspMessage, message: RtspMessage): void {
    const described = relayDescription(message.body, baseOf(message.headers, this.#peer.location.uri));
    if (!described.hasVideo) {
      this.#peer.onFailure('noSuchStream', 'the description offers no video');
      return this.#answer(request, '404 Not Found');
    }
    this.#described = described;
    const headers = [`Content-Base: ${this.#peer.prefix}/`, 'Content-Type: application/sdp'];
    this.#answer(request, '200 OK', headers, described.sdp);
  }

  #refused({ method, request }: Pending, status: number, phrase: string): void {
    const busy = status === 453 || status === 503;
    if (method === 'OPTIONS' && !busy) return this.#answer(request, '200 OK', [`Public: ${METHODS.join(', ')}`]);
    if (['DESCRIBE', 'SETUP', 'PLAY'].includes(method) || (busy && !this.#playing)) {
      const { reason, message } = judge({ status, phrase });
      this.#peer.onFailure(reason, message);
    }
    // A redirect must not reach the player: it would follow.
    this.#answer(request, status < 400 ? '404 Not Found' : `${status} ${printable(phrase, 40)}`.trim());
  }

  #answer(request: RtspMessage, status: string, headers: readonly string[] = [], body = ''): void {
    const cseq = printable(request.headers.get('cseq')?.[0] ?? '0', 20);
    const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    const lines = [`RTSP/1.0 ${status}`, `CSeq: ${cseq}`, ...headers, ...length];
    if (!this.#client.destroyed) this.#client.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }
}
