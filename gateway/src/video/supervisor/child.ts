import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type FailureKind, ProcessFailure } from './interface.ts';
import { signalGroup } from './proc.ts';
import { redact } from './redact.ts';
import { createTail } from './stderr-tail.ts';

/** From the asking to the not asking. */
const GRACE_MS = 2_000;
/** How long the pipes of a dead process may stay open: a grandchild that left the group holds them. */
const PIPE_MS = 1_000;
/** How long what a dead process wrote waits for a slow reader. */
const UNREAD_MS = 10_000;

/** Why we ended it; `owner` = its owner had enough of it, which is no failure. */
export type EndReason = Extract<FailureKind, 'deadline' | 'aborted' | 'output' | 'stopped'> | 'owner';

export interface Child {
  readonly pid: number;
  readonly stdout: Readable;
  /** Reaped, its group killed, stderr read; null = it did its work or its owner ended it. Never rejects. */
  readonly gone: Promise<ProcessFailure | null>;
  /** The first reason counts. `atOnce` leaves out the SIGTERM. */
  end(reason: EndReason, atOnce?: boolean): void;
  stderr(): string;
}

export interface ChildOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly deadlineMs: number | null;
  readonly signal: AbortSignal | undefined;
  readonly secrets: readonly string[];
  /** For messages: what runs, without its arguments. */
  readonly what: string;
  /** Called in the turn that started the process and in the turn that reaped it. */
  readonly onStart: (pid: number) => void;
  readonly onReaped: (pid: number) => void;
}

/** Starts one process in a group of its own. Rejects with `spawn`. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { what, secrets, signal, deadlineMs } = options;
  const tail = createTail(secrets);
  const child = launch(options);
  const { pid, stdout, stderr } = child;
  // The error itself holds the arguments, so only its code is told.
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      stdout.destroy();
      stderr.destroy();
      reject(new ProcessFailure('spawn', `${what} could not be started: ${error.code ?? 'unknown'}`));
    });
  });
  if (pid === undefined) return failed;
  failed.catch((error: unknown) => tail.add(Buffer.from(`\n${String(error)}\n`)));

  options.onStart(pid);
  stderr.on('data', (chunk: Buffer) => tail.add(chunk));

  let reason: EndReason | null = null;
  let killer: NodeJS.Timeout | undefined;
  const end = (why: EndReason, atOnce = false) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    reason ??= why;
    if (atOnce) return void signalGroup(pid, 'SIGKILL');
    if (killer) return;
    signalGroup(pid, 'SIGTERM');
    killer = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
  };
  const onAbort = () => end('aborted');
  const deadline = deadlineMs === null ? undefined : setTimeout(() => end('deadline'), deadlineMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();

  const gone = new Promise<ProcessFailure | null>((resolve) => {
    child.once('exit', (code, killedBy) => {
      clearTimeout(deadline);
      clearTimeout(killer);
      signal?.removeEventListener('abort', onAbort);
      // Whatever it started goes with it, also when it ended by itself.
      signalGroup(pid, 'SIGKILL');
      options.onReaped(pid);
      releaseLater(stdout);
      void closed(stderr, PIPE_MS).then(() => {
        resolve(judge({ what, reason, deadlineMs, code, killedBy, stderr: tail.text() }));
      });
    });
  });
  return { pid, stdout, gone, end, stderr: tail.text };
}

function launch({ file, args, cwd, env, what }: ChildOptions) {
  try {
    return spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    // A bad argument (a NUL byte) or no file descriptor left for the pipes.
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ProcessFailure('spawn', `${what} could not be started: ${code}`);
  }
}

function judge(end: {
  what: string;
  reason: EndReason | null;
  deadlineMs: number | null;
  code: number | null;
  killedBy: NodeJS.Signals | null;
  stderr: string;
}): ProcessFailure | null {
  const { what, reason, deadlineMs, code, killedBy, stderr } = end;
  const details = { stderr, exitCode: code };
  switch (reason) {
    case 'owner':
      return null;
    case 'deadline':
      return new ProcessFailure('deadline', `${what} ran longer than ${deadlineMs} ms`, details);
    case 'aborted':
      return new ProcessFailure('aborted', `${what} was given up`, details);
    case 'output':
      return new ProcessFailure('output', `${what} wrote more than allowed`, details);
    case 'stopped':
      return new ProcessFailure('stopped', `${what} was ended with the gateway`, details);
    case null: {
      if (code === 0) return null;
      const last =
        redact(stderr)
          .trim()
          .split(/[\r\n]/)
          .at(-1)
          ?.slice(0, 200) ?? '';
      return new ProcessFailure('exit', `${what} ended with ${killedBy ?? code}${last && `: ${last}`}`, details);
    }
  }
}

/** Resolves when the pipe is at its end, at the latest after `ms`, closing it then. */
export function closed(stream: Readable, ms: number): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => stream.destroy(), ms);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    stream.resume();
  });
}

/** Nobody may hold a descriptor by not reading. */
function releaseLater(stream: Readable): void {
  if (stream.closed) return;
  const timer = setTimeout(() => stream.destroy(), UNREAD_MS);
  timer.unref();
  stream.once('close', () => clearTimeout(timer));
}
