import type { Socket } from 'node:net';
import type { Logger } from '../adapter.ts';
import { type ChosenChallenge, chooseChallenge, parseChallenges, unanswerable } from '../auth.ts';
import type { TargetGuard } from '../targets.ts';
import { Approach } from './approach.ts';
import { dial } from './dial.ts';
import { ProbeFailure, printable } from './failure.ts';
import type { RtspLocation } from './location.ts';
import { createFraming, type RtspMessage } from './relay-framing.ts';

export interface RelayDeps {
  readonly guard: TargetGuard;
  readonly log: Logger;
  /** Milliseconds, never going back. */
  readonly monotonic: () => number;
  readonly verifyTls: boolean;
  readonly userAgent: string;
}

export interface CameraLimits {
  /** Milliseconds to reach the camera, name lookup and TLS included. */
  readonly connectMs: number;
  /** Milliseconds for a whole answer of the camera; a trickle does not prolong it. */
  readonly answerMs: number;
}

/** One request to the camera in our own words. */
export interface Question {
  readonly method: string;
  readonly uri: string;
  /** Further header lines; CSeq, User-Agent and Authorization are ours. */
  readonly headers: readonly string[];
}

export interface CameraEvents {
  /** The answer to the question asked; never 1xx and never 401. */
  answer(status: number, phrase: string, message: RtspMessage): void;
  /** No whole answer came in time. */
  silent(): void;
  frame(channel: number): void;
  frames(run: Buffer): void;
  bytes(count: number): void;
  /** After each chunk: time to look whether the other side keeps up. */
  chunk(): void;
  drain(): void;
  /** The camera refused, hung up or spoke nonsense, or could not be reached: a ProbeFailure, or trouble of our own. */
  failed(error: unknown): void;
}

const CAPS = { headerBytes: 64 * 1024, bodyBytes: 256 * 1024 };
/** Cameras lock accounts after a few wrong logins. */
const MAX_LOGINS = 2;

/** The connection to one camera: dials the pinned address, logs in, one question at a time. */
export class RelayCamera {
  readonly #deps: RelayDeps;
  readonly #limits: CameraLimits;
  readonly #location: RtspLocation;
  readonly #events: CameraEvents;
  readonly #ending = new AbortController();
  #socket: Socket | undefined;
  #question: Question | undefined;
  #timer: NodeJS.Timeout | undefined;
  #cseq = 0;
  #challenge: ChosenChallenge | undefined;
  /** Answers given to this challenge. */
  #used = 0;
  /** Times this question was sent with a login. */
  #logins = 0;
  #loginWorked = false;
  #reconnected = false;
  /** Once the camera keeps a session, another connection is no continuation. */
  #settled = false;

  constructor(deps: RelayDeps, limits: CameraLimits, location: RtspLocation, events: CameraEvents) {
    this.#deps = deps;
    this.#limits = limits;
    this.#location = location;
    this.#events = events;
  }

  get connected(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed;
  }

  /** Asks, connecting first where need be. What was asked before is forgotten; `answerMs` is this question's own deadline. */
  ask(question: Question, answerMs = this.#limits.answerMs): void {
    this.#question = question;
    this.#logins = 0;
    if (this.#socket) this.#send(answerMs);
    else void this.#dial();
  }

  /** From here on a lost connection is lost. */
  settle(): void {
    this.#settled = true;
  }

  /** False when the camera does not take it as fast; `drain` tells when it does. */
  write(bytes: Buffer): boolean {
    return this.#socket?.write(bytes) ?? true;
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** No event comes after this. */
  close(): void {
    clearTimeout(this.#timer);
    this.#question = undefined;
    this.#ending.abort(new Error('the relay session ended'));
    this.#socket?.destroy();
  }

  #fail(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.close();
    this.#events.failed(error);
  }

  #send(answerMs: number): void {
    const question = this.#question;
    if (!question) return;
    const { method, uri, headers } = question;
    const { login } = this.#location;
    this.#cseq += 1;
    const lines = [`${method} ${uri} RTSP/1.0`, `CSeq: ${this.#cseq}`, `User-Agent: ${this.#deps.userAgent}`];
    if (this.#challenge && login) {
      this.#logins += 1;
      this.#used += 1;
      lines.push(`Authorization: ${this.#challenge.authorization(login, method, uri, { use: this.#used })}`);
    }
    this.#socket?.write(`${[...lines, ...headers].join('\r\n')}\r\n\r\n`);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#question !== question) return;
      this.#question = undefined;
      this.#events.silent();
    }, answerMs);
  }

  async #dial(): Promise<void> {
    const { connectMs: budgetMs, answerMs } = this.#limits;
    const { host, port, tls } = this.#location;
    const { guard, verifyTls } = this.#deps;
    const ending = new AbortController();
    const onEnd = () => ending.abort(this.#ending.signal.reason);
    if (this.#ending.signal.aborted) return;
    this.#ending.signal.addEventListener('abort', onEnd, { once: true });
    const approach = new Approach({ guard, host, port, budgetMs, signal: ending.signal });
    const timer = setTimeout(() => ending.abort(approach.silence()), budgetMs);
    const security = tls ? { host, verify: verifyTls } : undefined;
    try {
      this.#adopt(
        await approach.connect((target, onTcp) => dial({ target, port, tls: security, onTcp, signal: ending.signal })),
      );
      this.#send(answerMs);
    } catch (error) {
      this.#fail(error);
    } finally {
      clearTimeout(timer);
      this.#ending.signal.removeEventListener('abort', onEnd);
    }
  }

  #adopt(socket: Socket): void {
    socket.on('error', (error) => this.#lost(socket, printable(error.message)));
    socket.on('close', () => this.#lost(socket, 'the camera closed the connection'));
    if (this.#ending.signal.aborted) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    const { frame, frames } = this.#events;
    const read = createFraming({ message: (message) => this.#hear(message), frame, frames }, CAPS);
    socket.on('data', (chunk: Buffer) => {
      if (this.#ending.signal.aborted) return;
      this.#events.bytes(chunk.length);
      try {
        read(chunk);
      } catch (error) {
        this.#fail(error);
        return;
      }
      this.#events.chunk();
    });
    socket.on('drain', () => this.#events.drain());
  }

  #lost(socket: Socket, detail: string): void {
    if (this.#socket !== socket || this.#ending.signal.aborted) return;
    // Some cameras hang up with every 401; what was asked is asked once more, with the login.
    if (this.#question && this.#challenge && !this.#settled && !this.#reconnected && this.#logins < MAX_LOGINS) {
      this.#reconnected = true;
      this.#socket = undefined;
      clearTimeout(this.#timer);
      void this.#dial();
      return;
    }
    this.#fail(new ProbeFailure('connectionLost', detail));
  }

  #hear(message: RtspMessage): void {
    const [, code, phrase = ''] = /^RTSP\/\d\.\d (\d{3}) ?(.*)$/.exec(message.start) ?? [];
    if (code === undefined) {
      this.#refuse(message);
      return;
    }
    const status = Number(code);
    const cseq = message.headers.get('cseq')?.[0];
    // Late answers to questions given up, and announcements of answers.
    if (status < 200 || !this.#question || (cseq !== undefined && Number(cseq) !== this.#cseq)) return;
    if (status === 401) {
      this.#logIn(message);
      return;
    }
    if (this.#logins > 0) this.#loginWorked = true;
    clearTimeout(this.#timer);
    this.#question = undefined;
    this.#events.answer(status, phrase, message);
  }

  /** A request of the camera. Its wish to send us elsewhere is refused like every redirect. */
  #refuse(message: RtspMessage): void {
    if (message.start.startsWith('REDIRECT ')) {
      this.#fail(new ProbeFailure('noSuchStream', 'redirect not followed: REDIRECT'));
      return;
    }
    const cseq = printable(message.headers.get('cseq')?.[0] ?? '0', 20);
    this.#socket?.write(`RTSP/1.0 501 Not Implemented\r\nCSeq: ${cseq}\r\n\r\n`);
  }

  #logIn(message: RtspMessage): void {
    const offered = parseChallenges(message.headers.get('www-authenticate') ?? []);
    const challenge = chooseChallenge(offered, this.#location);
    const refusal = challenge ? this.#refusal(challenge) : `401 ${unanswerable(offered, this.#location)}`;
    if (refusal !== undefined || !challenge) {
      this.#fail(new ProbeFailure('wrongPassword', refusal ?? ''));
      return;
    }
    this.#challenge = challenge;
    this.#used = 0;
    this.#send(this.#limits.answerMs);
  }

  /** Why a challenge is not answered. */
  #refusal(challenge: ChosenChallenge): string | undefined {
    if (!this.#location.login) return '401 and no credentials are configured';
    // A nonce that ran out is no wrong password, also where the camera forgets to say stale.
    const worn = challenge.stale || this.#loginWorked;
    const tried = this.#logins > 0 && (!worn || this.#logins >= MAX_LOGINS);
    return tried ? `401 to a login by ${challenge.name}` : undefined;
  }
}
