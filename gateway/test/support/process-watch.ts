import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { MARK } from '../../src/video/supervisor/launcher.ts';
import { listProcesses, readProcess, readVariable } from '../../src/video/supervisor/proc.ts';

/** What a gateway process holds at one moment, read from outside. */
export interface Holding {
  /** Milliseconds since the watch began. */
  readonly at: number;
  readonly rssMb: number;
  /** Open descriptors but those of the embedded database's own files. */
  readonly fds: number;
  /** Of these, sockets and pipes. */
  readonly sockets: number;
  /** The embedded database opens each of its files when it is first needed, and keeps it: a young one has not met them all. */
  readonly databaseFiles: number;
  readonly children: number;
  /** Children by kind, as the gateway itself has noted them. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly zombies: readonly number[];
}

/** Processes that carry the mark of a gateway on this data directory, whoever started them; zombies left out. */
export function supervised(dataDir: string): number[] {
  const mark = `:${join(dataDir, 'processes')}`;
  return listProcesses().filter(
    (pid) => readVariable(pid, MARK)?.endsWith(mark) === true && readProcess(pid)?.state !== 'Z',
  );
}

export function holdingOf(pid: number, dataDir: string, at: number): Holding {
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const ours = listProcesses().flatMap((each) => {
    const found = readProcess(each);
    return found?.parent === pid ? [found] : [];
  });
  const kinds: Record<string, number> = {};
  for (const { pid: child, state } of ours) {
    const kind = state === 'Z' ? undefined : kindOf(child, dataDir);
    if (kind !== undefined) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const database = `${realpathSync(dataDir)}/database/`;
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
  return {
    at,
    rssMb: Math.round(Number(rss) / 1024),
    fds: open.filter((target) => !target.startsWith(database)).length,
    databaseFiles: open.filter((target) => target.startsWith(database)).length,
    sockets: open.filter((target) => /^(socket|pipe):/.test(target)).length,
    children: ours.filter(({ state }) => state !== 'Z').length,
    kinds,
    zombies: ours.filter(({ state }) => state === 'Z').map((one) => one.pid),
  };
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** undefined = it has just ended or just begun. */
function kindOf(pid: number, dataDir: string): string | undefined {
  try {
    const note = readFileSync(join(dataDir, 'processes', 'running', `${pid}.json`), 'utf8');
    return (JSON.parse(note) as { kind: string }).kind;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Names of what is left in folders of a data directory; a folder that is not there is empty. */
export function leftIn(dataDir: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    try {
      return readdirSync(join(dataDir, folder)).map((name) => `${folder}/${name}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
