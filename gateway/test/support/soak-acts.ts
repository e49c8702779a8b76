import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../../tools/simulator/random.ts';
import { supervised } from './process-watch.ts';

/** What people and bad luck do to a gateway, over and over, until they are ended. */
export interface Acts {
  /** Answers of the API as `what status`, counted. */
  readonly answers: Readonly<Record<string, number>>;
  /** Milliseconds of the slowest `/healthz`; those without an answer within 2 s are counted apart. */
  readonly slowestMs: number;
  readonly unanswered: number;
  /** Child processes that were killed. */
  readonly killed: number;
  end(): Promise<void>;
}

export interface ActsOptions {
  readonly base: string;
  readonly dataDir: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Cameras people look at. */
  readonly good: readonly string[];
  /** Cameras with something wrong, asked for snapshots too. */
  readonly bad: readonly string[];
  readonly flipping: readonly string[];
  flip(id: string, misbehave: boolean): Promise<void>;
  /** Milliseconds between two flips. */
  readonly flipEveryMs: number;
}

const ANSWER_MS = 2_000;
const PURPOSE = '长时运行';

export function startActs(options: ActsOptions): Acts {
  const { base, headers, good, bad } = options;
  const random = createRandom(20_261_123);
  const ending = new AbortController();
  const answers: Record<string, number> = {};
  const counts = { slowestMs: 0, unanswered: 0, killed: 0 };
  const pick = (ids: readonly string[]) => ids[Math.floor(random.between(0, ids.length))] ?? '';

  const ask = async (what: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${base}/api/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const key = `${what} ${answer.status}`;
    answers[key] = (answers[key] ?? 0) + 1;
    const type = answer.headers.get('content-type') ?? '';
    if (/json/.test(type)) return answer.json();
    await answer.arrayBuffer();
    return {};
  };
  const again = async (pauseMs: number, act: () => Promise<unknown>) => {
    while (!ending.signal.aborted) {
      await act();
      await sleep(pauseMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  };

  /** Opens a view, reads it for a moment or not at all, and is never seen again. */
  const vanish = async () => {
    const opened = (await ask('live', `/cameras/${pick(good)}/live`, { purpose: PURPOSE })) as { url?: string };
    if (opened.url === undefined || random.chance(0.5)) return;
    const answer = await fetch(`${base}${opened.url}`, { headers });
    await answer.arrayBuffer();
  };
  const answersInTime = async () => {
    const begun = performance.now();
    try {
      const answer = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS) });
      await answer.arrayBuffer();
      counts.slowestMs = Math.max(counts.slowestMs, performance.now() - begun);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      counts.unanswered += 1;
    }
  };
  const killOne = async () => {
    const children = supervised(options.dataDir);
    const victim = children[Math.floor(random.between(0, children.length))];
    if (victim === undefined) return;
    try {
      process.kill(victim, 'SIGKILL');
      counts.killed += 1;
    } catch (error) {
      // It ended by itself in the meantime.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  let misbehave = false;
  const flipAll = async () => {
    await Promise.all(options.flipping.map((id) => options.flip(id, misbehave)));
    misbehave = !misbehave;
  };

  const loops = Promise.all([
    again(300, () => ask('good snapshot', `/cameras/${pick(good)}/snapshot.jpg`)),
    again(700, () => ask('marked snapshot', `/cameras/${pick(good)}/snapshot.jpg?mark=true`)),
    again(500, () => ask('bad snapshot', `/cameras/${pick(bad)}/snapshot.jpg`)),
    again(2_000, vanish),
    again(5_000, () => ask('clip', `/cameras/${pick(good)}/clips`, { purpose: PURPOSE, seconds: 1 })),
    again(2_500, killOne),
    again(250, answersInTime),
    again(options.flipEveryMs, flipAll),
  ]);
  // One that throws ends all; `end` tells why.
  loops.catch((error) => ending.abort(error));
  return {
    answers,
    get slowestMs() {
      return counts.slowestMs;
    },
    get unanswered() {
      return counts.unanswered;
    },
    get killed() {
      return counts.killed;
    },
    async end() {
      ending.abort();
      await loops;
    },
  };
}
