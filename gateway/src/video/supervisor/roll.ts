import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bootId, readProcess } from './proc.ts';

/** A running child as it stands on disk. No URL and no argument: the file must be harmless. */
export interface RollEntry {
  readonly pid: number;
  readonly startedAt: string;
  readonly program: string;
  readonly boot: string;
  readonly kind: string;
  readonly label: string;
}

export interface Roll {
  /** Synchronous, in the turn that starts the process: a crash finds it either not started or written down. */
  add(pid: number, program: string, kind: string, label: string): void;
  remove(pid: number): void;
  /** What stands there; unreadable files (a crash in mid-write) are left out. */
  read(): RollEntry[];
  clear(): void;
}

/** The children that run now, one file each in `dir`, for the sweep after a crash. */
export function createRoll(dir: string): Roll {
  const file = (pid: number) => join(dir, `${pid}.json`);
  return {
    add(pid, program, kind, label) {
      const startedAt = readProcess(pid)?.startedAt ?? '';
      const entry: RollEntry = { pid, startedAt, program: basename(program), boot: bootId(), kind, label };
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      writeFileSync(file(pid), JSON.stringify(entry), { mode: 0o600 });
    },
    remove: (pid) => rmSync(file(pid), { force: true }),
    read: () =>
      names(dir).flatMap((name) => {
        const entry = parse(readFileSync(join(dir, name), 'utf8'));
        return entry ? [entry] : [];
      }),
    clear() {
      for (const name of names(dir)) rmSync(join(dir, name), { force: true });
    },
  };
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function parse(text: string): RollEntry | undefined {
  try {
    const entry = JSON.parse(text) as Partial<RollEntry> | null;
    const { pid, startedAt, program, boot } = entry ?? {};
    if (!Number.isSafeInteger(pid) || Number(pid) < 2 || !startedAt || !program || !boot) return undefined;
    return { kind: '', label: '', ...entry, pid: Number(pid), startedAt, program, boot };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
