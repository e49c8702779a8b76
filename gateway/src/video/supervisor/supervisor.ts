import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import { type Child, closed, startChild } from './child.ts';
import {
  type Finished,
  JOB_KINDS,
  type Job,
  type JobKind,
  ProcessFailure,
  type Running,
  type Supervisor,
  type SupervisorMetrics,
} from './interface.ts';
import { createLauncher, findProgram, type Launcher } from './launcher.ts';
import { createPlaces } from './places.ts';
import { createProcessorTime } from './processor-time.ts';
import { redactArgs, secretsIn } from './redact.ts';
import { createRoll } from './roll.ts';
import { createSpan } from './span.ts';
import { ownerMark, sweep } from './sweep.ts';

export type Caps = Readonly<Record<JobKind, number>>;

export const DEFAULT_CAPS: Caps = { check: 4, snapshot: 4, live: 32, transcode: 2, clip: 2 };
/** Jobs of one kind that may wait; those beyond are refused. */
const QUEUE_LIMIT = 256;
const MAX_OUTPUT = 16 * 1024 * 1024;
const PIPE_MS = 1_000;

export interface SupervisorOptions {
  readonly log: Logger;
  readonly clock: Clock;
  /** Directory of its own, for the list of running children and their working directories. */
  readonly dir: string;
  /** Processes of a kind at once. */
  readonly caps?: Partial<Caps>;
  readonly queueLimit?: number;
  /** Default: looked for on the PATH when a job comes. */
  readonly ffmpegPath?: string;
  readonly ffprobePath?: string;
  readonly metrics?: SupervisorMetrics;
}

/** Does nothing before `start()`. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, metrics } = options;
  const dir = resolve(options.dir);
  const log = options.log.child({ part: 'supervisor' });
  const paths = { ffmpeg: options.ffmpegPath, ffprobe: options.ffprobePath };
  const workRoot = join(dir, 'work');
  const roll = createRoll(join(dir, 'running'));
  const mark = ownerMark(dir);
  const cpu = createProcessorTime();
  const children = new Set<Child>();
  const spent = Object.fromEntries(JOB_KINDS.map((kind) => [kind, 0])) as Record<JobKind, number>;
  let launcher: Launcher | undefined;
  let started = 0;
  let killed = 0;
  /** Processes and preparations that must be over before `stop` is. */
  const unfinished = new Set<Promise<unknown>>();

  const places = Object.fromEntries(
    JOB_KINDS.map((kind) => {
      const cap = options.caps?.[kind] ?? DEFAULT_CAPS[kind];
      const report = () => {
        const { running, queued } = made.counts();
        metrics?.processes(kind, running, queued);
      };
      const made = createPlaces(kind, cap, options.queueLimit ?? QUEUE_LIMIT, report);
      return [kind, made];
    }),
  ) as Record<JobKind, ReturnType<typeof createPlaces>>;
  const closing = new AbortController();

  /** Everything from the place to the running process; gives the place back when it does not come to one. */
  const start = async (job: Job) => {
    if (!launcher) throw new ProcessFailure('stopped', 'the supervisor has not been started');
    const leave = await places[job.kind].take({
      whenFull: job.whenFull ?? 'queue',
      waitMs: job.deadlineMs,
      signal: job.signal,
    });
    const begun = clock.monotonic();
    let workDir: string | undefined;
    const span = createSpan(job, closing.signal);
    const cleanUp = async () => {
      leave();
      span.end();
      if (workDir !== undefined) await rm(workDir, { recursive: true, force: true });
    };
    try {
      const args = await span.args();
      workDir = job.workDir === undefined ? await mkdtemp(join(workRoot, `${job.kind}-`)) : undefined;
      if (closing.signal.aborted) throw new ProcessFailure('stopped', `no ${job.kind} is started any more`);
      if (job.signal?.aborted) throw new ProcessFailure('aborted', `${job.kind} given up before it started`);
      const child = await launch(job, args, workDir, begun);
      return { child, begun, cleanUp };
    } catch (error) {
      await cleanUp();
      if (error instanceof ProcessFailure) metrics?.processEnded(job.kind, error.kind, 0);
      throw error;
    }
  };

  const launch = async (job: Job, args: readonly string[], workDir: string | undefined, begun: number) => {
    const program = findProgram(paths[job.program] ?? job.program);
    if (!launcher || program === undefined) {
      throw new ProcessFailure('spawn', `${job.program} is not installed or cannot be run`);
    }
    const cwd = job.workDir ?? workDir ?? workRoot;
    const shown = redactArgs(args);
    if (children.size === 0) cpu.reset();
    const child = await startChild({
      ...launcher.command(job.kind, program, args),
      cwd,
      env: launcher.environment(cwd, dir, mark),
      deadlineMs: job.deadlineMs === null ? null : Math.max(1, job.deadlineMs - (clock.monotonic() - begun)),
      signal: job.signal,
      secrets: secretsIn(args),
      what: `${job.program} (${job.kind})`,
      onStart: (pid) => writeDown(() => roll.add(pid, program, job.kind, job.label)),
      onReaped: (pid) => writeDown(() => roll.remove(pid)),
    });
    children.add(child);
    if (closing.signal.aborted) child.end('stopped');
    started += 1;
    log.debug(
      { pid: child.pid, kind: job.kind, label: job.label, program: job.program, args: shown },
      'process started',
    );
    return child;
  };

  /** A full disk costs the note, not the picture: the mark in the environment finds the child as well. */
  const writeDown = (work: () => void) => {
    try {
      work();
    } catch (error) {
      log.warn({ error }, 'the list of running processes cannot be written');
    }
  };

  const finish = async (job: Job, { child, begun, cleanUp }: Awaited<ReturnType<typeof start>>) => {
    const exit = await child.gone;
    children.delete(child);
    const wallMs = clock.monotonic() - begun;
    const cpuMs = await cpu.of(wallMs);
    await cleanUp();
    spent[job.kind] += cpuMs ?? 0;
    if (exit && exit.kind !== 'exit') killed += 1;
    metrics?.processEnded(job.kind, exit?.kind ?? 'ok', cpuMs ?? 0);
    log.debug(
      { pid: child.pid, kind: job.kind, label: job.label, wallMs, cpuMs, failure: exit?.message },
      'process ended',
    );
    return { failure: exit, cpuMs, wallMs };
  };

  const track = <T>(work: Promise<T>): Promise<T> => {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    unfinished.add(settled);
    void settled.then(() => unfinished.delete(settled));
    return work;
  };

  const run = async (job: Job, maxOutput: number): Promise<Finished> => {
    const begun = await start(job);
    const { child } = begun;
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxOutput) return void chunks.push(chunk);
      chunks.length = 0;
      child.end('output', true);
      child.stdout.destroy();
    });
    const { failure, cpuMs, wallMs } = await finish(job, begun);
    // Output that came in one go with the end is over the limit all the same.
    await closed(child.stdout, PIPE_MS);
    if (failure) throw failure;
    if (size > maxOutput) throw new ProcessFailure('output', `${job.program} (${job.kind}) wrote more than allowed`);
    return { stdout: Buffer.concat(chunks), stderr: child.stderr(), cpuMs, wallMs };
  };

  const spawn = async (job: Job): Promise<Running> => {
    const begun = await start(job);
    const { child } = begun;
    const ended = track(finish(job, begun));
    return {
      pid: child.pid,
      stdout: child.stdout,
      ended,
      async stop() {
        child.end('owner');
        await ended;
      },
    };
  };

  return {
    async start() {
      mkdirSync(workRoot, { recursive: true, mode: 0o700 });
      const made = await createLauncher();
      await sweep({ entries: roll.read(), wrappers: made.wrappers, dir, log });
      roll.clear();
      await rm(workRoot, { recursive: true, force: true });
      mkdirSync(workRoot, { recursive: true, mode: 0o700 });
      if (!made.diesWithUs) log.warn({}, 'no setpriv: after a crash children live on until the next start');
      launcher = made;
    },
    async stop() {
      closing.abort();
      for (const place of Object.values(places)) place.close();
      for (const child of children) child.end('stopped');
      await Promise.all(unfinished);
    },
    run: (job, limits) => track(run(job, limits?.maxOutput ?? MAX_OUTPUT)),
    spawn: (job) => track(spawn(job)),
    stats: () => ({
      running: mapKinds((kind) => places[kind].counts().running),
      queued: mapKinds((kind) => places[kind].counts().queued),
      pids: [...children].map((child) => child.pid),
      started,
      killed,
      cpuMs: { ...spent },
    }),
  };
}

function mapKinds(read: (kind: JobKind) => number): Record<JobKind, number> {
  return Object.fromEntries(JOB_KINDS.map((kind) => [kind, read(kind)])) as Record<JobKind, number>;
}
