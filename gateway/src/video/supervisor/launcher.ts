import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import type { JobKind } from './interface.ts';

const GIB = 1024 ** 3;
/** Names the gateway a process belongs to, in the process's own environment. */
export const MARK = 'CHENGYUN_SUPERVISED_BY';
/** Nothing else of the gateway's environment reaches a child: it holds passwords and keys. */
const INHERITED = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ'];
/** Background work yields to the ingest path and to people who watch. */
const NICENESS: Partial<Record<JobKind, string>> = { check: '10', clip: '5', transcode: '5' };
/** Bytes of private memory: a header that claims 2 GB is no reason to have it. Encoders keep many large frames. */
const MEMORY: Readonly<Record<JobKind, number>> = {
  check: 1 * GIB,
  snapshot: 1 * GIB,
  live: 1 * GIB,
  transcode: 3 * GIB,
  clip: 3 * GIB,
};
const WRAPPERS = ['setpriv', 'prlimit', 'nice'] as const;
const PROBE_MS = 5_000;

export interface Launcher {
  /** Names under which a child may show in the process list while its wrappers start it. */
  readonly wrappers: readonly string[];
  /** Whether the kernel ends the children with the gateway. */
  readonly diesWithUs: boolean;
  command(kind: JobKind, program: string, args: readonly string[]): { readonly file: string; readonly args: string[] };
  environment(workDir: string, homeDir: string, owner: string): Record<string, string>;
}

/**
 * `setpriv` makes the kernel end a child when the gateway dies, however it dies; Node cannot say that itself. `prlimit`
 * bounds its memory. Each wrapper replaces itself by the next, so the process id stays the same.
 */
export async function createLauncher(env: NodeJS.ProcessEnv = process.env): Promise<Launcher> {
  const path = env.PATH ?? '/usr/local/bin:/usr/bin:/bin';
  const [setpriv, prlimit, nice] = WRAPPERS.map((name) => findProgram(name, path));
  const diesWithUs = setpriv !== undefined && (await works(setpriv));
  const guard = setpriv !== undefined && diesWithUs ? [setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--'] : [];

  return {
    wrappers: WRAPPERS,
    diesWithUs,
    command(kind, program, args) {
      const niceness = NICENESS[kind];
      const soft = nice !== undefined && niceness !== undefined ? [nice, '-n', niceness] : [];
      const limits = prlimit === undefined ? [] : [prlimit, `--data=${MEMORY[kind]}`, '--core=0'];
      const [file = program, ...rest] = [...guard, ...limits, ...soft, program];
      return { file, args: [...rest, ...args] };
    },
    environment(workDir, homeDir, owner) {
      const kept = INHERITED.flatMap((name) => {
        const value = env[name];
        return value === undefined ? [] : [[name, value] as const];
      });
      // fontconfig keeps its cache at home; a home of its own for each process would build it each time.
      return { ...Object.fromEntries(kept), PATH: path, HOME: homeDir, TMPDIR: workDir, [MARK]: owner };
    },
  };
}

/** Absolute path of a program; undefined = not there or not executable. */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  const candidates = isAbsolute(name) ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  return candidates.find((each) => {
    try {
      accessSync(each, constants.X_OK);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return false;
    }
  });
}

/** The one of busybox knows no parent-death signal. */
async function works(setpriv: string): Promise<boolean> {
  try {
    await promisify(execFile)(setpriv, ['--pdeathsig', 'KILL', '--no-new-privs', '--', 'true'], { timeout: PROBE_MS });
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return false;
  }
}
