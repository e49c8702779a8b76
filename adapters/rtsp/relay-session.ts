import type { Socket } from 'node:net';
import type { ProbeReason } from '../adapter.ts';
import { ProbeFailure, printable } from './failure.ts';
import type { RtspLocation } from './location.ts';
import { type CameraLimits, RelayCamera, type RelayDeps } from './relay-camera.ts';
import type { RtspMessage } from './relay-framing.ts';
import { baseOf, interleavedOf, type RelayedDescription, relayDescription, relayRtpInfo } from './relay-rewrite.ts';
import { aggregateOf, composeAnswer, METHODS, planQuestion, sessionOf, wantedChannels } from './relay-words.ts';
import { judge } from './verdict.ts';

export interface RelayLimits extends CameraLimits {
  /** Milliseconds without media after PLAY. */
  readonly idleMs: number;
  /** Milliseconds the client may leave its data unread. */
  readonly stallMs: number;
  /** Milliseconds the camera gets to answer our TEARDOWN. */
  readonly tearDownMs: number;
}

/** The camera behind a token, and who is told what happened. */
export interface RelayedCamera {
  readonly location: RtspLocation;
  /** `rtsp://127.0.0.1:port/token`, without a slash at the end. */
  readonly prefix: string;
  readonly onFailure: (reason: ProbeReason, detail: string) => void;
  readonly onBytes: (count: number) => void;
}

const MAX_QUEUED = 16;
const WATCH_EVERY_MS = 500;
/** Methods whose refusal says something of the camera's picture. */
const TELLING = new Set(['DESCRIBE', 'SETUP', 'PLAY']);

/** One player's conversation with one camera: its requests in our words, the camera's media as it comes. */
export class RelaySession {
  readonly #monotonic: () => number;
  readonly #log: RelayDeps['log'];
  readonly #limits: RelayLimits;
  readonly #client: Socket;
  readonly #peer: RelayedCamera;
  readonly #camera: RelayCamera;
  readonly #queue: RtspMessage[] = [];
  readonly #mediaChannels = new Set<number>();
  readonly #watch: NodeJS.Timeout;
  readonly #done = Promise.withResolvers<void>();
  /** The client's request the camera is asked on behalf of. */
  #waiting: RtspMessage | undefined;
  #method = '';
  #described: RelayedDescription | undefined;
  #sessionId: string | undefined;
  #playing = false;
  #tornDown = false;
  #ending = false;
  #goodbye: NodeJS.Timeout | undefined;
  #mediaAt = 0;
  #stalledAt: number | undefined;

  constructor(deps: RelayDeps, limits: RelayLimits, client: Socket, peer: RelayedCamera) {
    this.#monotonic = deps.monotonic;
    this.#log = deps.log;
    this.#limits = limits;
    this.#client = client;
    this.#peer = peer;
    this.#camera = new RelayCamera(deps, limits, peer.location, {
      answer: (status, phrase, message) => this.#answered(status, phrase, message),
      silent: () => this.#silent(),
      frame: (channel) => {
        if (this.#mediaChannels.has(channel)) this.#mediaAt = this.#monotonic();
      },
      frames: (run) => {
        if (!this.#ending) client.write(run);
      },
      bytes: peer.onBytes,
      chunk: () => this.#holdBack(),
      drain: () => client.resume(),
      failed: (error) => this.#fail(error),
    });
    client.on('drain', () => {
      this.#stalledAt = undefined;
      this.#mediaAt = this.#monotonic();
      this.#camera.resume();
    });
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
  }

  /** A whole request of the client. */
  request(message: RtspMessage): void {
    if (this.#ending) return;
    if (this.#queue.length >= MAX_QUEUED) {
      void this.end();
      return;
    }
    this.#queue.push(message);
    this.#pump();
  }

  /** Interleaved frames of the client (RTCP). */
  frames(run: Buffer): void {
    if (this.#playing && !this.#ending && !this.#camera.write(run)) this.#client.pause();
  }

  /** Ends both sides; a camera that keeps a session is told so first. Resolves when both are closed. */
  end(): Promise<void> {
    if (this.#ending) return this.#done.promise;
    this.#ending = true;
    clearInterval(this.#watch);
    this.#queue.length = 0;
    // What was said before (an error status) still goes out.
    this.#client.end(() => this.#client.destroy());
    if (!this.#camera.connected || this.#sessionId === undefined || this.#tornDown) {
      this.#finish();
      return this.#done.promise;
    }
    // The camera may be held back or busy answering; its session is worth the second it gets.
    this.#camera.resume();
    this.#goodbye = setTimeout(() => this.#finish(), this.#limits.tearDownMs);
    if (this.#waiting === undefined || this.#method !== 'TEARDOWN') {
      this.#ask('TEARDOWN', aggregateOf(this.#standing), [], this.#limits.tearDownMs);
    }
    return this.#done.promise;
  }

  #finish(): void {
    clearTimeout(this.#goodbye);
    this.#camera.close();
    this.#client.destroy();
    this.#done.resolve();
  }

  #holdBack(): void {
    if (!this.#client.writableNeedDrain || this.#ending) return;
    this.#stalledAt ??= this.#monotonic();
    this.#camera.pause();
  }

  #look(): void {
    const now = this.#monotonic();
    if (this.#stalledAt !== undefined) {
      if (now - this.#stalledAt > this.#limits.stallMs) void this.end();
    } else if (this.#playing && now - this.#mediaAt > this.#limits.idleMs) {
      this.#fail(new ProbeFailure('timeout', `no media for ${this.#limits.idleMs} ms after PLAY`));
    }
  }

  /** The camera is to blame: it is noted, the client hears a status if it waits for one, and both sides end. */
  #fail(error: unknown): void {
    if (this.#ending) {
      this.#finish();
      return;
    }
    if (error instanceof ProbeFailure) this.#peer.onFailure(error.reason, error.message);
    else this.#log.error({ error }, 'the RTSP relay could not reach a camera');
    const refused = error instanceof ProbeFailure && error.reason === 'wrongPassword';
    const said = refused ? '401 Unauthorized' : '503 Service Unavailable';
    if (this.#waiting && !this.#playing) this.#say(this.#waiting, said);
    void this.end();
  }

  #pump(): void {
    while (this.#waiting === undefined && !this.#ending) {
      const request = this.#queue.shift();
      if (!request) return;
      const question = planQuestion(request, this.#standing);
      if (typeof question === 'string') this.#say(request, question);
      else {
        this.#waiting = request;
        this.#ask(question.method, question.uri, question.headers);
      }
    }
  }

  #ask(method: string, uri: string, headers: readonly string[], answerMs?: number): void {
    this.#method = method;
    const session = this.#sessionId === undefined ? [] : [`Session: ${this.#sessionId}`];
    this.#camera.ask({ method, uri, headers: [...headers, ...session] }, answerMs);
  }

  get #standing() {
    const { prefix, location } = this.#peer;
    return { prefix, uri: location.uri, described: this.#described, tracks: this.#mediaChannels.size };
  }

  #silent(): void {
    const request = this.#waiting;
    this.#waiting = undefined;
    if (this.#ending) return;
    if (!this.#playing) {
      this.#waiting = request;
      this.#fail(new ProbeFailure('timeout', `no whole answer to ${this.#method} in ${this.#limits.answerMs} ms`));
      return;
    }
    // Some cameras never answer what keeps the session alive; the media prove that it is.
    if (request) this.#say(request, '200 OK');
    this.#pump();
  }

  #answered(status: number, phrase: string, message: RtspMessage): void {
    if (this.#ending) {
      if (this.#method === 'TEARDOWN') this.#finish();
      return;
    }
    const request = this.#waiting;
    this.#waiting = undefined;
    if (!request) return;
    if (status === 200) this.#pass(request, message);
    else this.#refuse(request, status, phrase);
    this.#pump();
  }

  #pass(request: RtspMessage, message: RtspMessage): void {
    const headers = this.#keepSession(message);
    switch (this.#method) {
      case 'OPTIONS': {
        const known = (message.headers.get('public') ?? []).join(',').split(',');
        headers.push(`Public: ${METHODS.filter((one) => known.some((said) => said.trim() === one)).join(', ')}`);
        break;
      }
      case 'DESCRIBE':
        this.#describe(request, message);
        return;
      case 'SETUP': {
        const fallback = wantedChannels(request, this.#mediaChannels.size) ?? { first: 0, last: 1 };
        const granted = interleavedOf(message.headers.get('transport') ?? [], fallback);
        if (!granted) {
          this.#waiting = request;
          this.#fail(new ProbeFailure('serverError', 'the camera does not send over TCP'));
          return;
        }
        this.#mediaChannels.add(granted.first);
        headers.push(`Transport: RTP/AVP/TCP;unicast;interleaved=${granted.first}-${granted.last}`);
        break;
      }
      case 'PLAY': {
        this.#playing = true;
        this.#mediaAt = this.#monotonic();
        const info = message.headers.get('rtp-info')?.join(',');
        if (info) headers.push(`RTP-Info: ${relayRtpInfo(info, this.#described?.tracks ?? [], this.#peer.prefix)}`);
        break;
      }
      case 'TEARDOWN':
        this.#tornDown = true;
        break;
    }
    this.#say(request, '200 OK', headers);
    if (this.#tornDown) void this.end();
  }

  #keepSession(message: RtspMessage): string[] {
    const session = sessionOf(message);
    if (!session) return [];
    this.#sessionId = session.id;
    this.#camera.settle();
    return [session.header];
  }

  #describe(request: RtspMessage, message: RtspMessage): void {
    const described = relayDescription(message.body, baseOf(message.headers, this.#peer.location.uri));
    if (!described.hasVideo) {
      this.#peer.onFailure('noSuchStream', 'the description offers no video');
      this.#say(request, '404 Not Found');
      return;
    }
    this.#described = described;
    const headers = [`Content-Base: ${this.#peer.prefix}/`, 'Content-Type: application/sdp'];
    this.#say(request, '200 OK', headers, described.sdp);
  }

  #refuse(request: RtspMessage, status: number, phrase: string): void {
    const busy = status === 453 || status === 503;
    if (this.#method === 'OPTIONS' && !busy) {
      // Any RTSP answer proves an RTSP server; players give up where OPTIONS fails, cameras need not offer it.
      this.#say(request, '200 OK', [`Public: ${METHODS.join(', ')}`]);
      return;
    }
    if (TELLING.has(this.#method) || (busy && !this.#playing)) {
      const { reason, message } = judge({ status, phrase });
      this.#peer.onFailure(reason, message);
    }
    // A redirect must not reach the player: it would follow.
    this.#say(request, status < 400 ? '404 Not Found' : `${status} ${printable(phrase, 40)}`.trim());
  }

  #say(request: RtspMessage, status: string, headers: readonly string[] = [], body = ''): void {
    if (!this.#client.destroyed) this.#client.write(composeAnswer(request, status, headers, body));
  }
}
