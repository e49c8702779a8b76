import { randomUUID } from 'node:crypto';
import { type Actor, actorText } from '../../domain/actor.ts';
import type { Tx } from '../../domain/tx.ts';
import { GatewayError, isGatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { ImportDeps, ImportJob } from './ports.ts';
import type { ImportResult, OnProgress, Phase } from './run.ts';

/** Imports that wait behind the one that runs; each holds its file in memory. */
const MAX_WAITING = 3;
const BEAT_MS = 5_000;
/** A job nobody has heard of for so long was cut off with its process. */
const DEAD_MS = 60_000;
const KEEP_MS = 7 * 24 * 3_600_000;

/** An import as its owner sees it. */
export interface JobView {
  readonly id: string;
  /** `interrupted`: the gateway stopped in the middle and nothing was written. */
  readonly state: ImportJob['state'] | 'interrupted';
  readonly phase: Phase;
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  readonly createdAt: number;
  readonly result: ImportResult | null;
  /** Why a failed job failed. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

type Outcome = Pick<JobView, 'result' | 'problem'>;
type Work = (
  signal: AbortSignal,
  progress: OnProgress,
  onCommit: (tx: Tx, result: ImportResult) => Promise<void>,
) => Promise<ImportResult>;

/** One import at a time, few waiting; what became of each is kept for a week. */
export function createImportJobs(deps: Pick<ImportDeps, 'db' | 'imports' | 'sealing' | 'clock' | 'log'>) {
  const { db, imports, sealing, clock, log } = deps;
  const live = new Map<string, JobView & { readonly owner: string }>();
  const stopping = new AbortController();
  let tail: Promise<unknown> = Promise.resolve();
  let queued = 0;

  const seal = (id: string, outcome: Outcome) => sealing.seal(JSON.stringify(outcome), `import-job:${id}`);
  const save = (tx: Tx, job: JobView & { readonly owner: string }) =>
    imports.saveJob(tx, {
      id: job.id,
      owner: job.owner,
      state: job.state === 'interrupted' ? 'failed' : job.state,
      phase: job.phase,
      done: job.done,
      total: job.total,
      result: job.result || job.problem ? seal(job.id, job) : null,
      createdAt: job.createdAt,
      beatAt: clock.now(),
    });

  const refuseWhenFull = () => {
    if (queued > MAX_WAITING) throw new GatewayError('TOO_MANY_REQUESTS', bilingual('registry.import.busy'));
    if (stopping.signal.aborted) throw new GatewayError('UNAVAILABLE');
  };

  /** Runs after those before it. */
  const enqueue = <T>(work: () => Promise<T>): Promise<T> => {
    queued++;
    const run = tail.then(work).finally(() => queued--);
    tail = run.catch(() => undefined);
    return run;
  };

  const runJob = async (id: string, work: Work) => {
    const change = (more: Partial<JobView>) => {
      const before = live.get(id);
      if (before) live.set(id, { ...before, ...more });
      return live.get(id);
    };
    const beat = setInterval(() => {
      const job = live.get(id);
      if (job) save(db.autocommit, job).catch((error) => log.warn({ job: id, error }, 'a job could not be noted'));
    }, BEAT_MS);
    try {
      stopping.signal.throwIfAborted();
      change({ state: 'running' });
      const result = await work(
        stopping.signal,
        (phase, done, total) => change({ phase, done, total }),
        async (tx, made) => {
          const job = live.get(id);
          if (job) await save(tx, { ...job, state: 'done', phase: 'done', done: job.total, result: made });
        },
      );
      const job = change({ state: 'done', phase: 'done', result });
      if (job) await save(db.autocommit, job);
    } catch (error) {
      const known = isGatewayError(error) ? error : new GatewayError('INTERNAL', undefined, { cause: error });
      if (known !== error) log.error({ job: id, error }, 'an import failed');
      const job = change({ state: 'failed', problem: { code: known.code, detail: known.message } });
      if (job) await save(db.autocommit, job);
    } finally {
      clearInterval(beat);
      live.delete(id);
    }
  };

  return {
    /** Runs at once or after those before it; the caller waits. */
    wait(work: (signal: AbortSignal) => Promise<ImportResult>): Promise<ImportResult> {
      refuseWhenFull();
      return enqueue(() => work(stopping.signal));
    },

    /** Begins a job; answers its id when it is kept. */
    async begin(actor: Actor, work: Work): Promise<string> {
      refuseWhenFull();
      const id = randomUUID();
      const now = clock.now();
      const job = {
        id,
        owner: actorText(actor),
        state: 'waiting' as const,
        phase: 'waiting' as const,
        done: 0,
        total: 0,
        createdAt: now,
        result: null,
        problem: null,
      };
      live.set(id, job);
      const begun = db.transaction(async (tx) => {
        await imports.purgeJobs(tx, now - KEEP_MS);
        await save(tx, job);
      });
      enqueue(async () => {
        await begun;
        await runJob(id, work);
      }).catch((error) => {
        live.delete(id);
        log.error({ job: id, error }, 'an import could not be run');
      });
      await begun;
      return id;
    },

    async get(actor: Actor, id: string): Promise<JobView> {
      const owner = actorText(actor);
      const running = live.get(id);
      if (running?.owner === owner) return running;
      const kept = await imports.job(db.autocommit, id, owner);
      if (!kept) throw new GatewayError('NOT_FOUND');
      const { result = null, problem = null }: Partial<Outcome> = kept.result
        ? (JSON.parse(sealing.open(kept.result, `import-job:${id}`)) as Outcome)
        : {};
      const over = kept.state === 'done' || kept.state === 'failed';
      const dead = !over && clock.now() - kept.beatAt > DEAD_MS;
      return {
        id,
        state: dead ? 'interrupted' : kept.state,
        phase: kept.phase as Phase,
        done: kept.done,
        total: kept.total,
        createdAt: kept.createdAt,
        // One that was kept before warnings were told has none.
        result: result && { ...result, warnings: result.warnings ?? [], warningCount: result.warningCount ?? 0 },
        problem,
      };
    },

    /** The running import is given up at its next step; those waiting never begin. */
    async stop(): Promise<void> {
      stopping.abort(new GatewayError('UNAVAILABLE'));
      await tail;
    },
  };
}
