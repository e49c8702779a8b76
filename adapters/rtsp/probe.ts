import type { ProbeResult, ProbeTarget } from '../adapter.ts';
import { type PinnedAddress, TargetError, type TargetGuard } from '../targets.ts';
import { type ChosenChallenge, chooseChallenge, parseChallenges } from './auth.ts';
import { type FailureReason, ProbeFailure, printable } from './failure.ts';
import { hostAlive, WEB_PORT } from './host-alive.ts';
import { locate, type RtspLocation } from './location.ts';
import type { RtspResponse } from './response.ts';
import { videoFacts } from './sdp.ts';
import { RtspSession } from './session.ts';

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
/** After this part of the budget without a handshake the host is asked on another port whether it lives at all. */
const ASK_HOST_AFTER = 0.5;
/** A name with many addresses must not turn one probe into a port scan. */
const MAX_ADDRESSES = 3;

/**
 * OPTIONS, then DESCRIBE: proves host, port, protocol, account and path without opening a media session.
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
  readonly #budgetMs: number;
  readonly #signal: AbortSignal;
  #session: RtspSession | undefined;
  #resolved = false;
  #connected = false;
  #hostAlive = false;
  #challenge: ChosenChallenge | undefined;
  #logins = 0;
  #reconnected = false;

  constructor(deps: ProbeDeps, location: RtspLocation, facts: Facts, budgetMs: number, signal: AbortSignal) {
    this.#deps = deps;
    this.#location = location;
    this.#facts = facts;
    this.#budgetMs = budgetMs;
    this.#signal = signal;
  }

  async run(): Promise<string> {
    const options = await this.#ask('OPTIONS', {});
    // Any RTSP answer proves an RTSP server; only a refusal of service ends the probe here.
    if (options.status === 401) this.#learn(options);
    else if (options.status === 453 || options.status === 503) throw judge(options);
    return this.#describe();
  }

  close(): void {
    this.#session?.close();
  }

  /** What it means that nothing came in time, by how far the pass got. */
  silence(): ProbeFailure {
    const within = `in ${this.#budgetMs} ms`;
    if (!this.#resolved) return new ProbeFailure('hostUnreachable', `name lookup unanswered ${within}`);
    if (this.#connected) return new ProbeFailure('timeout', `connected, no complete answer ${within}`);
    if (!this.#hostAlive) return new ProbeFailure('hostUnreachable', `TCP handshake unanswered ${within}`);
    return new ProbeFailure('timeout', `TCP handshake unanswered ${within}, but the host answers on port ${WEB_PORT}`);
  }

  async #describe(): Promise<string> {
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

  /** Takes the challenge of a 401; throws when it cannot be answered. */
  #learn(response: RtspResponse): void {
    this.#challenge = chooseChallenge(parseChallenges(response.headers.get('www-authenticate') ?? []));
    if (!this.#challenge) throw new ProbeFailure('wrongPassword', '401 without a login scheme we can answer');
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

  async #connect(): Promise<RtspSession> {
    const { host, port } = this.#location;
    const targets = await this.#abortable(resolveTargets(this.#deps.guard, host, port));
    this.#resolved = true;
    const asking = setTimeout(() => void this.#askHost(targets[0]), this.#budgetMs * ASK_HOST_AFTER);
    try {
      return await this.#connectFirst(targets);
    } finally {
      clearTimeout(asking);
    }
  }

  async #askHost(target: PinnedAddress | undefined): Promise<void> {
    if (this.#connected || !target || !this.#deps.guard.allows(target.address, WEB_PORT)) return;
    this.#hostAlive = await hostAlive(target, this.#signal);
  }

  async #connectFirst(targets: readonly PinnedAddress[]): Promise<RtspSession> {
    const { host, port, tls } = this.#location;
    let failure: unknown;
    for (const target of targets.slice(0, MAX_ADDRESSES)) {
      try {
        const session = await RtspSession.open({
          target,
          port,
          tls: tls ? { host, verify: this.#deps.verifyTls } : undefined,
          userAgent: this.#deps.userAgent,
          signal: this.#signal,
          onTcp: () => {
            this.#connected = true;
          },
        });
        return session;
      } catch (error) {
        if (this.#signal.aborted) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** The system's resolver cannot be cancelled; its late answer is dropped. */
  #abortable<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(this.#signal.reason);
      this.#signal.addEventListener('abort', onAbort, { once: true });
      work.then(resolve, reject).finally(() => this.#signal.removeEventListener('abort', onAbort));
    });
  }
}

async function resolveTargets(guard: TargetGuard, host: string, port: number) {
  try {
    return await guard.resolve(host, port);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw new ProbeFailure(error.kind === 'notAllowed' ? 'targetNotAllowed' : 'hostUnreachable', error.message);
  }
}

/** The verdict on every answer to DESCRIBE that is neither 200 nor 401. */
function judge(response: RtspResponse): ProbeFailure {
  const { status } = response;
  const said = `${status} ${printable(response.phrase, 60)}`.trim();
  return new ProbeFailure(reasonOf(status), status >= 300 && status < 400 ? `redirect not followed: ${said}` : said);
}

function reasonOf(status: number): FailureReason {
  // Hikvision and Dahua answer 403 to an account that is locked or may not see this channel.
  if (status === 403) return 'wrongPassword';
  if (status === 453 || status === 503) return 'sessionLimit';
  // 454 and 457 are what some NVRs say of a channel that is gone; a redirect says the stream is not here.
  if ([404, 410, 454, 457].includes(status) || (status >= 300 && status < 400)) return 'noSuchStream';
  return 'serverError';
}
