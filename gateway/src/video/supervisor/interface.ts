import type { Readable } from 'node:stream';

/** What a child process is for; each kind has its own cap, so a burst of one never starves another. */
export const JOB_KINDS = ['check', 'snapshot', 'live', 'transcode', 'clip'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** One child process. Arguments are an array, never a shell line. */
export interface Job {
  readonly kind: JobKind;
  readonly program: 'ffmpeg' | 'ffprobe';
  /**
   * A function is asked only once there is a place, so that nothing is opened for a job that still waits. Its time counts
   * to the deadline; what it throws, the caller gets as it is. The signal is aborted when the job is over, however that
   * came, so what is opened with it is closed in any case.
   */
  readonly args: readonly string[] | ((signal: AbortSignal) => Promise<readonly string[]>);
  /**
   * Wall clock of the whole process in milliseconds, from the moment it has a place: waiting for one costs a job nothing
   * of it and is bounded by the same time (`busy` after that). null only for a live session that its owner ends.
   */
  readonly deadlineMs: number | null;
  readonly signal?: AbortSignal;
  /** Who it works for, for logs and the registry file; never a URL. */
  readonly label: string;
  /** `queue` waits for a place (within the deadline), `refuse` fails at once with `busy`. Default `queue`. */
  readonly whenFull?: 'queue' | 'refuse';
  /** Absolute directory the process works in. Default: an empty one of its own, gone when it ends. */
  readonly workDir?: string;
}

export interface Finished {
  readonly stdout: Buffer;
  /** Its last 16 KiB, credentials redacted. */
  readonly stderr: string;
  /** User and system time in milliseconds as far as it was seen; null = unknown. */
  readonly cpuMs: number | null;
  readonly wallMs: number;
}

/**
 * `busy` no place · `deadline` ran too long · `aborted` by the caller's signal · `exit` ended with an error ·
 * `spawn` could not be started · `output` wrote more than allowed · `stopped` the supervisor is not running (any more).
 */
export type FailureKind = 'busy' | 'deadline' | 'aborted' | 'exit' | 'spawn' | 'output' | 'stopped';

/** A process that did not do its work; `stderr` is redacted. */
export class ProcessFailure extends Error {
  readonly kind: FailureKind;
  readonly stderr: string;
  readonly exitCode: number | null;
  constructor(
    kind: FailureKind,
    message: string,
    details: { stderr?: string; exitCode?: number | null; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProcessFailure';
    this.kind = kind;
    this.stderr = details.stderr ?? '';
    this.exitCode = details.exitCode ?? null;
  }
}

/** A process that runs until its owner ends it. */
export interface Running {
  readonly pid: number;
  /** Bounded by back pressure: who does not read stops the process, not the memory. */
  readonly stdout: Readable;
  /** Resolves when the whole group is gone and reaped; rejects never. */
  readonly ended: Promise<{ readonly failure: ProcessFailure | null; readonly cpuMs: number | null }>;
  /** SIGTERM to the group, SIGKILL two seconds later; resolves like `ended`. */
  stop(): Promise<void>;
}

export interface SupervisorStats {
  readonly running: Readonly<Record<JobKind, number>>;
  readonly queued: Readonly<Record<JobKind, number>>;
  readonly started: number;
  readonly killed: number;
  /** Process ids of what runs now. */
  readonly pids: readonly number[];
  /** Milliseconds of processor time of ended processes, by kind. */
  readonly cpuMs: Readonly<Record<JobKind, number>>;
}

/** What the supervisor counts; `outcome` is `ok` or the kind of the failure. */
export interface SupervisorMetrics {
  processes(kind: JobKind, running: number, queued: number): void;
  processEnded(kind: JobKind, outcome: 'ok' | FailureKind, cpuMs: number): void;
}

/** Runs every child process of the gateway: bounded, with deadlines, no orphan after a crash. */
export interface Supervisor {
  /** Sweeps what an earlier run left behind; must be called once before the first job. */
  start(): Promise<void>;
  /** Ends every process; no job is taken any more. */
  stop(): Promise<void>;
  /** Runs to the end and hands over its output (`maxOutput` bytes, default 16 MiB). Rejects with {@link ProcessFailure}. */
  run(job: Job, options?: { readonly maxOutput?: number }): Promise<Finished>;
  /** Starts and hands over the process. Rejects with {@link ProcessFailure} when it cannot start. */
  spawn(job: Job): Promise<Running>;
  stats(): SupervisorStats;
}
