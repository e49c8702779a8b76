import { readdirSync, readFileSync } from 'node:fs';
import { type Database, sql } from '../../gateway/src/store/database.ts';

const TICK_MS = 10;

interface Stat {
  readonly parent: number;
  readonly ownMs: number;
  readonly endedChildrenMs: number;
}

/** Process id of the server's first process, as its own backend tells. */
export async function serverOf(db: Database): Promise<number> {
  const { rows } = await sql(db.autocommit).query<{ pid: number }>('select pg_backend_pid() as pid');
  return statOf(rows[0]?.pid ?? 0)?.parent ?? 0;
}

/** Processor time of a PostgreSQL on this machine so far, its ended workers included: the same however busy the machine is. */
export function serverProcessorMs(server: number): number {
  let total = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (stat && (Number(name) === server || stat.parent === server)) total += stat.ownMs + stat.endedChildrenMs;
  }
  return total;
}

function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It ended between the listing and the look.
    return undefined;
  }
  // The name in brackets may hold spaces.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (n: number) => fields[n] ?? 0;
  return { parent: at(1), ownMs: (at(11) + at(12)) * TICK_MS, endedChildrenMs: (at(13) + at(14)) * TICK_MS };
}

/** Processor time of one process so far, all its threads included. */
export function processorMs(pid: number): number {
  return statOf(pid)?.ownMs ?? Number.NaN;
}
