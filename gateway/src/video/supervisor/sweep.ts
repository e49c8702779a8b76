import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../../adapters/adapter.ts';
import { MARK } from './launcher.ts';
import { bootId, listProcesses, readProcess, readVariable, signalGroup } from './proc.ts';
import type { RollEntry } from './roll.ts';

const NAME_LENGTH = 15;
const GONE_MS = 2_000;

/** Who started a child: written into its environment, so that it can be told from the child of another gateway. */
export function ownerMark(dir: string): string {
  const self = readProcess('self');
  return `${self?.pid ?? process.pid}:${self?.startedAt ?? ''}:${dir}`;
}

/**
 * Ends what an earlier run left behind and returns how many process groups that were. Killed is only a process whose id,
 * start time and program are those written down, or that carries the mark of a dead gateway on the same directory: a
 * recycled id belongs to somebody else.
 */
export async function sweep(options: {
  entries: readonly RollEntry[];
  /** Names the wrappers have before they become the program. */
  wrappers: readonly string[];
  dir: string;
  log: Logger;
}): Promise<number> {
  const { entries, wrappers, dir, log } = options;
  const boot = bootId();
  const written = new Map(entries.filter((entry) => entry.boot === boot).map((entry) => [entry.pid, entry]));
  const groups = new Set<number>();
  const own = readProcess('self')?.group;

  for (const pid of listProcesses()) {
    const found = pid === process.pid ? undefined : readProcess(pid);
    if (!found || found.state === 'Z' || found.group === own) continue;
    const mark = readMark(pid);
    if (mark?.ownerLives) continue;
    const entry = written.get(pid);
    const named = entry !== undefined && [entry.program.slice(0, NAME_LENGTH), ...wrappers].includes(found.name);
    const isWritten = named && entry.startedAt === found.startedAt;
    if (isWritten || mark?.dir === dir) groups.add(found.group);
  }
  for (const group of groups) signalGroup(group, 'SIGKILL');
  if (groups.size === 0) return 0;
  log.warn({ groups: groups.size }, 'ended processes that an earlier run left behind');
  await gone(groups);
  return groups.size;
}

/** undefined = no child of a gateway, or one whose environment we may not read. */
function readMark(pid: number): { readonly dir: string; readonly ownerLives: boolean } | undefined {
  const [, owner, startedAt, dir = ''] = /^(\d+):(\d*):(.*)$/s.exec(readVariable(pid, MARK) ?? '') ?? [];
  if (owner === undefined) return undefined;
  return { dir, ownerLives: readProcess(Number(owner))?.startedAt === startedAt };
}

async function gone(groups: ReadonlySet<number>): Promise<void> {
  const alive = () =>
    listProcesses().some((pid) => {
      const found = readProcess(pid);
      return found !== undefined && found.state !== 'Z' && groups.has(found.group);
    });
  const deadline = performance.now() + GONE_MS;
  while (alive() && performance.now() < deadline) await sleep(20);
}
