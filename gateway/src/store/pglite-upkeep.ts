import type { Clock, Logger } from '../../../adapters/adapter.ts';
import { repeat, type Task } from '../schedule.ts';
import type { Session } from './database.ts';
import { listSnapshots, type PgliteDirectory } from './pglite-directory.ts';

/** PGlite is PostgreSQL without its background processes: no checkpointer, no autovacuum. Their work is planned here. */

/** Write-ahead log beyond this brings the next checkpoint forward; without one it would grow until the disk is full. */
const WAL_BYTES = 128 * 1024 * 1024;
const WAL_LOOK_MS = 10_000;

const WAL_SINCE_CHECKPOINT =
  'select pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::float8 as bytes from pg_control_checkpoint()';

/** The thresholds of autovacuum. Only what changed is touched, since everybody waits meanwhile. */
const TABLES_DUE = `
  select s.relid::regclass::text as name
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid
  where s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)
     or s.n_ins_since_vacuum > 1000 + 0.2 * greatest(c.reltuples, 0)
     or s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0)
  order by 1`;

/** Vacuums and analyses the tables that need it, one statement each so that others get their turn between. */
export async function vacuumDue(session: Session): Promise<string[]> {
  // The session counts what it changed and hands it over when it feels like it.
  await session.query('select pg_stat_force_next_flush()');
  const { rows } = await session.query<{ name: string }>(TABLES_DUE);
  for (const { name } of rows) await session.query(`vacuum (analyze) ${name}`);
  return rows.map(({ name }) => name);
}

export interface UpkeepIntervals {
  /** CHECKPOINT and fsync of all files, in milliseconds. Default 10 minutes. */
  readonly checkpointEveryMs?: number;
  /** Full copy of the data directory, in milliseconds. Default 1 hour. */
  readonly snapshotEveryMs?: number;
}

export async function planUpkeep(
  directory: PgliteDirectory,
  work: { session: Session; checkpoint(): Promise<void>; snapshot(): Promise<void> },
  options: UpkeepIntervals & { log: Logger; clock: Clock },
): Promise<Task[]> {
  const { log, clock } = options;
  const checkpointEveryMs = options.checkpointEveryMs ?? 600_000;
  const snapshotEveryMs = options.snapshotEveryMs ?? 3_600_000;
  const newest = (await listSnapshots(directory)).at(-1);
  // Runs of less than an hour would otherwise never get one.
  const due = newest === undefined ? checkpointEveryMs : newest + snapshotEveryMs - clock.now();
  const firstAfterMs = Math.min(snapshotEveryMs, Math.max(checkpointEveryMs, due));
  return [
    repeat({ name: 'database checkpoint', everyMs: checkpointEveryMs, log }, async () => {
      await vacuumDue(work.session);
      await work.checkpoint();
    }),
    repeat({ name: 'database log size', everyMs: WAL_LOOK_MS, log }, async () => {
      const { rows } = await work.session.query<{ bytes: number }>(WAL_SINCE_CHECKPOINT);
      if ((rows[0]?.bytes ?? 0) > WAL_BYTES) await work.checkpoint();
    }),
    repeat({ name: 'database snapshot', everyMs: snapshotEveryMs, firstAfterMs, log }, work.snapshot),
  ];
}
