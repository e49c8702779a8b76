import { AdapterError, type Clock } from '../adapter.ts';
import { type ChosenChallenge, chooseChallenge, type Login, parseChallenges, unanswerable } from '../auth.ts';
import type { PinnedAddress, TargetGuard } from '../targets.ts';
import { OnvifError, type OnvifTarget } from './client.ts';
import { judgeTarget } from './failure.ts';
import { type Answer, type Exchange, exchange } from './http.ts';
import { decodeText, LOGIN_MARK, loginHeader, refusesLogin } from './soap.ts';

export interface PassDeps {
  readonly guard: TargetGuard;
  readonly clock: Clock;
  readonly verifyTls: boolean;
  readonly userAgent: string;
}

/** One SOAP request as a library composed it. */
export interface SoapRequest {
  /** Path and query of the service; the host is always the one we were told to dial. */
  readonly path: string;
  /** Port the camera named for this service; absent = the one dialled. */
  readonly port?: number | undefined;
  /** Holds {@link LOGIN_MARK} where a login belongs. */
  readonly soap: string;
  readonly action?: string | undefined;
  /** false = asked as a stranger, whatever comes. */
  readonly login: boolean;
  /** Device clock minus ours in milliseconds, as far as known by now. */
  readonly clockOffsetMs: number | null;
}

export interface SoapReply {
  readonly status: number;
  readonly xml: string;
  /** Our clock half-way between question and answer, epoch milliseconds. */
  readonly at: number;
}

const SOAP_CAP = 1024 * 1024;
/** Cameras lock an account after a few wrong logins: so many refused logins in one pass, and no more. */
const MAX_REFUSALS = 2;
/** A name with many addresses must not turn one call into a scan. */
const MAX_ADDRESSES = 3;

type Scheme = 'http' | 'token';

/** Everything one call asks of one camera: the pinned address, the login that works, and how often it was refused. */
export class Pass {
  readonly #deps: PassDeps;
  readonly #target: OnvifTarget;
  readonly #signal: AbortSignal;
  readonly #login: Login | undefined;
  readonly #pinned = new Map<string, Promise<readonly PinnedAddress[]>>();
  readonly #tried = new Set<Scheme>();
  #scheme: Scheme | undefined;
  #challenge: ChosenChallenge | undefined;
  #uses = 0;
  #refusals = 0;
  #proven = false;
  #connected = false;
  #resolved = false;
  #asked = false;

  constructor(deps: PassDeps, target: OnvifTarget, signal: AbortSignal) {
    this.#deps = deps;
    this.#target = target;
    this.#signal = signal;
    const { username = '', password = '' } = target;
    this.#login = username === '' && password === '' ? undefined : { username, password };
  }

  /** A login was asked for and taken. */
  get proven(): boolean {
    return this.#proven;
  }

  get port(): number {
    return this.#target.port ?? (this.#target.tls ? 443 : 80);
  }

  /** What it means that nothing came in time, by how far the pass got. */
  silence(budgetMs: number): Error {
    const within = `in ${budgetMs} ms`;
    if (!this.#resolved) return new OnvifError('hostUnreachable', `name lookup unanswered ${within}`);
    // Our own threads did not come to it; the camera was not even asked.
    if (!this.#asked) return new AdapterError('PARSER_BUSY', `no parser thread was free ${within}`, { retry: true });
    if (!this.#connected) return new OnvifError('hostUnreachable', `TCP handshake unanswered ${within}`);
    return new OnvifError('timeout', `connected, no complete answer ${within}`);
  }

  async post(request: SoapRequest): Promise<SoapReply> {
    const { path, action } = request;
    const started = this.#deps.clock.now();
    const answer = await this.#ask({ login: request.login, isRefusal: refusesSoap }, (scheme) => {
      const soap = request.soap.replace(LOGIN_MARK, scheme === 'token' ? this.#token(request.clockOffsetMs) : '');
      const type = `application/soap+xml; charset=utf-8${action === undefined ? '' : `; action="${action}"`}`;
      const authorization = this.#authorization(scheme, 'POST', path, soap);
      return {
        host: this.#target.host,
        port: request.port ?? this.port,
        tls: this.#target.tls ?? false,
        method: 'POST',
        path,
        body: soap,
        cap: SOAP_CAP,
        headers: { 'Content-Type': type, ...authorization },
      };
    });
    const at = (started + this.#deps.clock.now()) / 2;
    return { status: answer.status, xml: decodeText(answer.body, answer.contentType), at };
  }

  /** A picture; its host may be another than the camera's, but never one that is not allowed. */
  get(url: URL, cap: number): Promise<Answer> {
    const tls = url.protocol === 'https:';
    const path = `${url.pathname}${url.search}`;
    return this.#ask({ login: true, isRefusal: ({ status }) => status === 401 || status === 403 }, (scheme) => ({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
      tls,
      method: 'GET',
      path,
      cap,
      headers: { Accept: 'image/jpeg', ...this.#authorization(scheme, 'GET', path, '') },
    }));
  }

  /**
   * Asks as a stranger first: that tells which login the camera wants and costs none of its tries. Then HTTP Digest (or
   * what the camera offers by HTTP), then the WS-Security token.
   */
  async #ask(
    how: { login: boolean; isRefusal: (answer: Answer) => boolean },
    compose: (scheme: Scheme | undefined) => Composed,
  ): Promise<Answer> {
    for (;;) {
      const scheme = how.login ? this.#scheme : undefined;
      const composed = compose(scheme);
      const answer = await this.#send(composed);
      if (!how.isRefusal(answer)) {
        if (scheme !== undefined) this.#proven = true;
        return answer;
      }
      if (!how.login) return answer;
      this.#learn(answer, scheme, composed);
    }
  }

  /** After a refusal: what to try next, or the end of the pass. */
  #learn(answer: Answer, refused: Scheme | undefined, { host, method }: Composed): void {
    if (!this.#login) throw new OnvifError('wrongPassword', 'the camera wants a login and none is configured');
    const offered = parseChallenges(answer.challenges);
    const basic = bare(host) === bare(this.#target.host);
    const challenge = chooseChallenge(offered, { integrity: true, basic });
    const stale = refused === 'http' && challenge?.stale === true;
    if (challenge) {
      this.#challenge = challenge;
      this.#uses = 0;
    }
    if (refused !== undefined) {
      this.#refusals += 1;
      this.#tried.add(refused);
      // A login that worked a moment ago is right; what is refused now is the right to do this.
      if (this.#proven && !stale) throw new OnvifError('wrongPassword', 'the account may not do this');
      if (this.#refusals >= MAX_REFUSALS)
        throw new OnvifError('wrongPassword', `login refused ${this.#refusals} times`);
      if (stale) return;
    }
    // 403 to a stranger's question is how some cameras say that the account is locked or the address is barred.
    const token = method === 'POST' && !this.#tried.has('token');
    const next = challenge && !this.#tried.has('http') ? 'http' : token ? 'token' : undefined;
    if (!next) {
      const said = refused === 'http' ? this.#challenge?.name : refused;
      throw new OnvifError(
        'wrongPassword',
        said ? `login refused (${said})` : `HTTP ${answer.status} ${unanswerable(offered, { basic })}`,
      );
    }
    this.#scheme = next;
  }

  #token(clockOffsetMs: number | null): string {
    return this.#login ? loginHeader(this.#login, this.#deps.clock.now() + (clockOffsetMs ?? 0)) : '';
  }

  #authorization(scheme: Scheme | undefined, method: string, path: string, body: string): Record<string, string> {
    if (scheme !== 'http' || !this.#challenge || !this.#login) return {};
    this.#uses += 1;
    return { Authorization: this.#challenge.authorization(this.#login, method, path, { use: this.#uses, body }) };
  }

  async #send(composed: Composed): Promise<Answer> {
    const { verifyTls, userAgent } = this.#deps;
    const addresses = await this.resolve(composed.host, composed.port);
    this.#asked = true;
    let failure: unknown;
    for (const address of addresses.slice(0, MAX_ADDRESSES)) {
      try {
        const answer = await exchange({
          ...composed,
          headers: { 'User-Agent': userAgent, ...composed.headers },
          address,
          verifyTls,
          signal: this.#signal,
          onConnect: () => {
            this.#connected = true;
          },
        });
        // From here on every request goes to the address that answered.
        this.#pinned.set(`${composed.host} ${composed.port}`, Promise.resolve([address]));
        return answer;
      } catch (error) {
        const unheard = error instanceof OnvifError && ['portClosed', 'hostUnreachable'].includes(error.reason);
        if (!unheard) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** Permitted addresses of a host, asked once a pass. Throws OnvifError targetNotAllowed or hostUnreachable. */
  async resolve(host: string, port: number): Promise<readonly PinnedAddress[]> {
    const key = `${host} ${port}`;
    const known = this.#pinned.get(key);
    const asked = known ?? this.#deps.guard.resolve(host, port);
    if (!known) this.#pinned.set(key, asked);
    try {
      const addresses = await abortable(asked, this.#signal);
      this.#resolved = true;
      return addresses;
    } catch (error) {
      throw judgeTarget(error);
    }
  }
}

type Composed = Omit<Exchange, 'address' | 'verifyTls' | 'signal' | 'onConnect'>;

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, '');
}

function refusesSoap({ status, body, contentType }: Answer): boolean {
  return refusesLogin(status, decodeText(body.subarray(0, 16_384), contentType));
}

/** The system's resolver cannot be cancelled; its late answer is dropped. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
