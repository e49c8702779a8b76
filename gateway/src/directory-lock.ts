import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from './errors.ts';
import { bilingual } from './messages/index.ts';

interface LockOwner {
  readonly pid: number;
  /** Start time of that process in kernel ticks, since process ids are reused; null where the system does not tell. */
  readonly started: string | null;
  /** Changes with every start of the machine. */
  readonly boot: string | null;
  /** Name of the machine or container; process ids of another one say nothing here. */
  readonly host?: string;
}

export interface DirectoryLock {
  /** The last owner died together with its machine: what it wrote last may not have reached the disk. */
  readonly afterMachineCrash: boolean;
  /** Name of the machine or container whose lock was taken over, when it is not ours: its process may still live. */
  readonly takenFrom: string | null;
  release(): Promise<void>;
}

/**
 * Claims a directory for this process by a file in it. Refuses with CONFLICT while its owner lives; takes over what a dead
 * one left behind. With `again`, a process that holds it already gets it once more: its start is tried anew.
 */
export async function lockDirectory(
  directory: string,
  { file = 'lock', again = false }: { readonly file?: string; readonly again?: boolean } = {},
): Promise<DirectoryLock> {
  const path = join(directory, file);
  const mine: LockOwner = { pid: process.pid, started: startTimeOf(process.pid), boot: bootId(), host: hostname() };
  const text = JSON.stringify(mine);
  let afterMachineCrash = false;
  let takenFrom: string | null = null;
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await writeFile(path, text, { flag: 'wx', mode: 0o600, flush: true });
      return { afterMachineCrash, takenFrom, release: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = parseOwner(await readFile(path, 'utf8').catch(() => ''));
    const ourselves = again && owner?.pid === mine.pid && owner.started === mine.started && owner.host === mine.host;
    if (owner && !ourselves && isAlive(owner, mine)) {
      throw new GatewayError('CONFLICT', bilingual('start.directoryTaken', { directory, pid: owner.pid }));
    }
    afterMachineCrash ||= owner !== undefined && owner.boot !== null && owner.boot !== mine.boot;
    if (owner?.host !== undefined && owner.host !== mine.host) takenFrom = owner.host;
    await rm(path, { force: true });
  }
  throw new GatewayError('CONFLICT', bilingual('start.directoryOpening', { directory }));
}

function isAlive(owner: LockOwner, mine: LockOwner): boolean {
  if (owner.boot !== mine.boot) return false;
  const started = startTimeOf(owner.pid);
  if (started !== null || owner.started !== null) return started === owner.started;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as LockOwner;
    return Number.isInteger(owner.pid) ? owner : undefined;
  } catch {
    // Cut off while it was written: nobody holds it.
    return undefined;
  }
}

function startTimeOf(pid: number): string | null {
  const stat = readOptional(`/proc/${pid}/stat`);
  // The second field may hold blanks and brackets; the rest is counted from the last bracket.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

function bootId(): string | null {
  return readOptional('/proc/sys/kernel/random/boot_id')?.trim() ?? null;
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // No /proc: another operating system, or the process is gone.
    return undefined;
  }
}
