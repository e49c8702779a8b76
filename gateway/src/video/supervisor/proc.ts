import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: fixed for programs on Linux, whatever the kernel's own tick is. */
const TICK_MS = 10;

/** One process as the kernel tells it. */
export interface ProcessStat {
  readonly pid: number;
  /** Program name, at most 15 characters. */
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  /** Ticks since boot; a recycled process id has another one. */
  readonly startedAt: string;
  /** Processor time of children that ended and were waited for, in milliseconds. */
  readonly childrenMs: number;
}

/** undefined = there is no such process (or no /proc, as on other systems). */
export function readProcess(pid: number | 'self'): ProcessStat | undefined {
  const text = readOr(`/proc/${pid}/stat`);
  // The name stands in brackets and may itself hold brackets and blanks.
  const from = text?.indexOf('(') ?? -1;
  const to = text?.lastIndexOf(')') ?? -1;
  if (text === undefined || from < 0 || to < from) return undefined;
  const fields = text.slice(to + 2).split(' ');
  return {
    pid: Number(text.slice(0, from)),
    name: text.slice(from + 1, to),
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startedAt: fields[19] ?? '',
    childrenMs: (Number(fields[13]) + Number(fields[14])) * TICK_MS,
  };
}

/** One variable a process was started with; undefined = not set, gone, or someone else's process. */
export function readVariable(pid: number, name: string): string | undefined {
  const entry = readOr(`/proc/${pid}/environ`)
    ?.split('\0')
    .find((each) => each.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

export function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Names this run of the kernel, so that ids from before a reboot match nothing. */
export function bootId(): string {
  return readOr('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown';
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR'].includes(code);
}

/** Signals a whole process group; false = it is gone already. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
