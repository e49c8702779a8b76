import type { ProbeResult, ProbeTarget } from '../adapter.ts';
import { type ChosenChallenge, chooseChallenge, parseChallenges, unanswerable } from '../auth.ts';
import type { TargetGuard } from '../targets.ts';
import { Approach } from './approach.ts';
import { ProbeFailure, printable } from './failure.ts';
import { locate, type RtspLocation } from './location.ts';
import type { RtspResponse } from './response.ts';
import { videoFacts } from './sdp.ts';
import { RtspSession } from './session.ts';
import { judge } from './verdict.ts';

export interface ProbeDeps {
  readonly guard: TargetGuard;
  readonly verifyTls: boolean;
  readonly userAgent: string;
  /** Milliseconds, never going back. */
  readonly monotonic: () => number;
}

type Facts = Record<string, string | number | boolean>;

/** Cameras lock an account after a few wrong logins: so many requests with a login in one pass, and no more. */
const MAX_LOGINS = 2;

/**
 * DESCRIBE: proves host, port, protocol, account and path without opening a media session. OPTIONS before it would prove
 * less and cost a third of the exchanges.
 * `budgetMs` bounds everything from name lookup to the last byte.
 */
export async function probeRtsp(
  deps: ProbeDeps,
  target: ProbeTarget,
  budgetMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const startedAt = deps.monotonic();
  const facts: Facts = {};
  const result = (ok: boolean, reason: ProbeResult['reason'], detail: string): ProbeResult => ({
    ok,
    reason,
    detail,
    rttMs: Math.round(deps.monotonic() - startedAt),
    ...(Object.keys(facts).length > 0 ? { facts } : {}),
  });
  const location = locate(target.connection);
  if (typeof location === 'string') return result(false, 'targetNotAllowed', location);

  signal.throwIfAborted();
  const ending = new AbortController();
  const pass = new Pass(deps, location, facts, budgetMs, ending.signal);
  const timer = setTimeout(() => ending.abort(pass.silence()), budgetMs);
  const onAbort = () => ending.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return result(true, 'ok', await pass.run());
  } catch (error) {
    if (error instanceof ProbeFailure) return result(false, error.reason, error.message);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    pass.close();
  }
}

/** One probe of one camera: at most two connections, at most two requests that carry a login. */
class Pass {
  readonly #deps: ProbeDeps;
  readonly #location: RtspLocation;
  readonly #facts: Facts;
  readonly #approach: Approach;
  readonly #signal: AbortSignal;
  #session: RtspSession | undefined;
  #challenge: ChosenChallenge | undefined;
  #logins = 0;
  #reconnected = false;

  constructor(deps: ProbeDeps, location: RtspLocation, facts: Facts, budgetMs: number, signal: AbortSignal) {
    this.#deps = deps;
    this.#location = location;
    this.#facts = facts;
    const { host, port } = location;
    this.#approach = new Approach({ guard: deps.guard, host, port, budgetMs, signal });
    this.#signal = signal;
  }

  async run(): Promise<string> {
    for (;;) {
      const { login, uri } = this.#location;
      const answered = this.#challenge !== undefined && login !== undefined;
      const authorization = this.#challenge && login && this.#challenge.authorization(login, 'DESCRIBE', uri);
      const response = await this.#ask('DESCRIBE', {
        Accept: 'application/sdp',
        ...(authorization ? { Authorization: authorization } : {}),
      });
      if (response.status === 200) return this.#readDescription(response);
      if (response.status !== 401) throw judge(response);
      this.#learn(response);
      if (answered && (!this.#challenge?.stale || this.#logins >= MAX_LOGINS)) {
        throw new ProbeFailure('wrongPassword', `401 to a login by ${this.#challenge?.name ?? 'no scheme'}`);
      }
    }
  }

  close(): void {
    this.#session?.close();
  }

  silence(): ProbeFailure {
    return this.#approach.silence();
  }

  /** Takes the challenge of a 401; throws when it cannot be answered. */
  #learn(response: RtspResponse): void {
    const offered = parseChallenges(response.headers.get('www-authenticate') ?? []);
    this.#challenge = chooseChallenge(offered, this.#location);
    if (!this.#challenge) throw new ProbeFailure('wrongPassword', `401 ${unanswerable(offered, this.#location)}`);
    this.#facts.auth = this.#challenge.name;
    if (!this.#location.login) throw new ProbeFailure('wrongPassword', '401 and no credentials are configured');
  }

  #readDescription(response: RtspResponse): string {
    const video = videoFacts(response.body);
    // NVRs answer 200 with an empty description for a channel whose camera is gone.
    if (!video) throw new ProbeFailure('noSuchStream', 'the description offers no video');
    Object.assign(this.#facts, video);
    const size = video.width ? ` ${video.width}x${video.height}` : '';
    return `DESCRIBE 200 ${video.codec ?? 'unknown codec'}${size}`;
  }

  /** Sends one request, reconnecting once when the camera hung up after an answer (some close with every 401). */
  async #ask(method: string, headers: Record<string, string>): Promise<RtspResponse> {
    for (;;) {
      try {
        this.#session ??= await this.#connect();
        if (headers.Authorization) this.#logins += 1;
        return this.#note(await this.#session.request(method, this.#location.uri, headers));
      } catch (error) {
        const lost = error instanceof ProbeFailure && error.reason === 'connectionLost';
        const answeredBefore = this.#facts.status !== undefined;
        if (!lost || !answeredBefore || this.#reconnected || this.#logins >= MAX_LOGINS) throw error;
        this.#reconnected = true;
        this.#session = undefined;
      }
    }
  }

  #note(response: RtspResponse): RtspResponse {
    this.#facts.status = response.status;
    const server = printable(response.headers.get('server')?.[0] ?? '');
    if (server !== '') this.#facts.server = server;
    return response;
  }

  #connect(): Promise<RtspSession> {
    const { host, port, tls } = this.#location;
    return this.#approach.connect((target, onTcp) =>
      RtspSession.open({
        target,
        port,
        tls: tls ? { host, verify: this.#deps.verifyTls } : undefined,
        userAgent: this.#deps.userAgent,
        signal: this.#signal,
        onTcp,
      }),
    );
  }
}
