import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { BlindRun } from '../../domain/health-rows.ts';
import type { Clocks } from '../clocks.ts';

/** What we found out about our own way to the devices of a path. */
export interface PathTest {
  readonly ok: boolean;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Tries our own part of a path: broker, database, spool, network. Given by the assembly. */
export type OwnPathTest = (path: string) => Promise<PathTest>;

export interface PathVerdict extends PathTest {
  /** The path was frozen for as long as is allowed: what it hears is judged although it is not sound. */
  readonly exhausted: boolean;
}

/** A path whose devices are not judged because our own part of it is broken. Epoch milliseconds. */
export interface FrozenPath {
  readonly path: string;
  readonly since: number;
  /** Judged again at the latest then. */
  readonly until: number;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Whether mass silence is the devices' or ours, and the freeze while it is ours. */
export interface OwnPaths {
  /** What the last test said, while it is fresh; undefined = ask {@link look} first. */
  verdict(path: string): PathVerdict | undefined;
  /** Tests these paths and freezes the broken ones; answers those. */
  look(paths: readonly string[]): Promise<readonly string[]>;
  /** Tests frozen paths again and lets go of those that are sound or were frozen long enough; answers those. */
  tend(): Promise<readonly string[]>;
  frozen(): readonly FrozenPath[];
  /**
   * Takes up what an earlier run had frozen, for what is left of its time, and tests it at the next {@link tend}. One that was
   * frozen for as long as is allowed stays judged unless that test finds it sound.
   */
  restore(runs: readonly BlindRun[]): void;
}

export const OWN_PATH_BROKEN = 'ownPathBroken';
const FRESH_MS = 30_000;
const AGAIN_MS = 10_000;
/** A test that hangs has answered. */
const TEST_WITHIN_MS = 10_000;

export function createOwnPaths(options: {
  readonly test: OwnPathTest | undefined;
  readonly clocks: Pick<Clocks, 'hold' | 'relieve'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly freezeMs: () => number;
}): OwnPaths {
  const { clocks, clock, log } = options;
  const verdicts = new Map<string, PathVerdict & { at: number }>();
  const frozen = new Map<string, FrozenPath & { begun: number; next: number }>();
  /** Paths that were frozen for as long as is allowed and have not been sound since. */
  const exhausted = new Set<string>();
  /** Of those, the ones an earlier run left: not tested since. */
  const untested = new Set<string>();

  async function test(path: string): Promise<PathTest> {
    if (!options.test) return { ok: true, evidence: { tested: false } };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<PathTest>((resolve) => {
      timer = setTimeout(
        () => resolve({ ok: false, evidence: { error: 'no answer', withinMs: TEST_WITHIN_MS } }),
        TEST_WITHIN_MS,
      );
    });
    const asked = options.test(path).catch(
      (error: unknown): PathTest => ({
        ok: false,
        evidence: { error: error instanceof Error ? error.message : String(error) },
      }),
    );
    return Promise.race([asked, late]).finally(() => clearTimeout(timer));
  }

  async function judge(path: string): Promise<PathTest> {
    const found = await test(path);
    if (found.ok) exhausted.delete(path);
    verdicts.set(path, { ...found, exhausted: exhausted.has(path), at: clock.monotonic() });
    return found;
  }

  function freeze(
    path: string,
    {
      since,
      frozenMs,
      evidence,
      nextMs,
    }: Pick<FrozenPath, 'since' | 'evidence'> & { frozenMs: number; nextMs: number },
  ): void {
    const mono = clock.monotonic();
    const until = clock.now() + options.freezeMs() - frozenMs;
    frozen.set(path, { path, since, until, evidence, begun: mono - frozenMs, next: mono + nextMs });
    clocks.hold(path, OWN_PATH_BROKEN, since);
  }

  function thaw(path: string, reason: string): void {
    frozen.delete(path);
    clocks.relieve(path, OWN_PATH_BROKEN);
    log.warn({ path, reason }, 'devices of this path are judged again');
  }

  return {
    verdict(path) {
      const known = verdicts.get(path);
      return known && clock.monotonic() - known.at <= FRESH_MS ? known : undefined;
    },
    async look(paths) {
      const broken: string[] = [];
      for (const path of paths) {
        if (frozen.has(path)) continue;
        const { ok, evidence } = await judge(path);
        if (ok || exhausted.has(path)) continue;
        freeze(path, { since: clock.now(), frozenMs: 0, evidence, nextMs: AGAIN_MS });
        log.error(
          { path, evidence },
          'many devices fell silent because our own part of their path is broken; nobody is judged',
        );
        broken.push(path);
      }
      return broken;
    },
    async tend() {
      const thawed: string[] = [];
      for (const path of untested) {
        await judge(path);
        untested.delete(path);
      }
      for (const { path, begun, next } of [...frozen.values()]) {
        const now = clock.monotonic();
        const over = now - begun >= options.freezeMs();
        if (!over && now < next) continue;
        if (over) exhausted.add(path);
        const { ok } = await judge(path);
        if (ok || over) {
          thaw(path, ok ? 'our path is sound' : 'frozen for as long as is allowed');
          thawed.push(path);
        } else {
          const entry = frozen.get(path);
          if (entry) entry.next = clock.monotonic() + AGAIN_MS;
        }
      }
      return thawed;
    },
    restore(runs) {
      for (const { path, from, open, ranMs } of runs) {
        if (ranMs >= options.freezeMs()) {
          exhausted.add(path);
          untested.add(path);
        }
        if (open) freeze(path, { since: from, frozenMs: Math.max(0, ranMs), evidence: { restarted: true }, nextMs: 0 });
      }
    },
    frozen: () => [...frozen.values()].map(({ path, since, until, evidence }) => ({ path, since, until, evidence })),
  };
}
