import type { RetentionName } from '../domain/retention.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

/** Clocks of processes differ by less. */
const WRONG_AHEAD_MS = 3_600_000;

/** What one batch took away; `next`: where the following one begins, null = nothing older is left. */
export interface Slice {
  readonly removed: number;
  readonly next: number | null;
}

/** Statements of one class: rows before `$1`, at most `$2` of them, ids after `$3`. */
type Purge = (tx: Tx, before: number, limit: number, after: number) => Promise<Slice>;

/**
 * Tables whose ids come in the order of their times are walked by id, which needs no index over the time: a big table
 * gets none for the sake of its end. `only`: a further condition on `s`, the row.
 */
function byId(table: string, time: string, only = 'true'): Purge {
  const statement = `with slice as (select id, ${time} as at from ${table} where id > $3 order by id limit $2),
       gone as (delete from ${table} s using slice where s.id = slice.id and slice.at < ${at('$1')} and ${only} returning 1)
     select (select count(*) from gone)::int as removed, max(id) filter (where at < ${at('$1')})::float8 as next,
       count(*)::int as seen from slice`;
  return async (tx, before, limit, after) => {
    const { rows } = await sql(tx).query<{ removed: number; next: number | null; seen: number }>(statement, [
      before,
      limit,
      after,
    ]);
    const { removed = 0, next = null, seen = 0 } = rows[0] ?? {};
    return { removed, next: seen < limit ? null : next };
  };
}

/** Small tables: their oldest rows by a condition that holds `before`. */
function byTime(table: string, key: string, older: (before: string) => string): Purge {
  const statement = `delete from ${table} where (${key}) in (select ${key} from ${table} where ${older(at('$1'))} limit $2)`;
  return async (tx, before, limit) => {
    const { rowCount } = await sql(tx).query(statement, [before, limit]);
    return { removed: rowCount, next: rowCount < limit ? null : 0 };
  };
}

/** What this family removes; everything else is removed by the part that makes it. */
const PURGES = {
  events: [byId('device_event', 'received_at')],
  health: [
    // The state in which the kept time begins stays: without it nobody could say how a device was until its next turn.
    byId(
      'health_history',
      'at',
      `exists (select from health_history n where n.device = s.device and (n.at, n.id) > (s.at, s.id) and n.at < ${at('$1')})`,
    ),
    byTime('blind_interval', 'path, from_at', (before) => `from_at < ${before} and to_at < ${before}`),
  ],
  commands: [byTime('device_command', 'id', (before) => `issued_at < ${before} and closed_at is not null`)],
  viewings: [
    byTime('viewing', 'id', (before) => `started_at < ${before} and ended_at is not null`),
    byTime('camera_clip', 'id', (before) => `created_at < ${before} and state in ('failed', 'expired')`),
  ],
  refusals: [
    byTime('ingest_rejection', 'day, principal, code', (before) => `day < (${before} at time zone 'UTC')::date`),
    byTime('ingest_note', 'device, code, path', (before) => `last_at < ${before}`),
    byTime('unknown_metric', 'type, name', (before) => `last_seen < ${before}`),
  ],
  // Whoever imports clears up behind himself; this is for those after whom nobody did.
  imports: [
    byTime('import_file', 'token_hash', (before) => `expires_at < ${before}`),
    byTime('import_job', 'id', (before) => `created_at < ${before} and state in ('done', 'failed')`),
  ],
  backupRuns: [
    byTime('backup_run', 'id', (before) => `started_at < ${before} and file is null and state <> 'running'`),
  ],
} as const satisfies Partial<Record<RetentionName, readonly Purge[]>>;

export type PurgedName = keyof typeof PURGES;

/** The oldest row there, by a look that costs next to nothing; what a stable device or an open job rightly keeps is left out. */
const OLDEST: Partial<Record<RetentionName, string>> = {
  events: 'select received_at from device_event order by id limit 1',
  health: 'select min(from_at) from blind_interval where to_at is not null',
  audit: 'select at from audit order by id limit 1',
  viewings: 'select min(started_at) from viewing where ended_at is not null',
  pictures: "select min(taken_at) from picture where purpose in ('check', 'snapshot') and not pinned",
  quarantine: 'select received_at from quarantine order by id limit 1',
  outbox: "select created_at from outbox where state <> 'pending' order by id limit 1",
  exchange: "select made_at from exchange_delivery where state <> 'sending' order by id limit 1",
  sessions: 'select min(expires_at) from session',
  imports: 'select min(created_at) from import_job',
  incidents: 'select min(opened_at) from incident',
  tickets: 'select min(opened_at) from ticket',
  availability: 'select min(day)::timestamptz from availability_day',
};

/** Takes away what is older than it may be, batch by batch, and says how old the oldest is. */
export function createRetentionStore() {
  return {
    names: Object.keys(PURGES) as readonly PurgedName[],

    /** How many statements a class is made of; each is walked to its end. */
    steps: (name: PurgedName): number => PURGES[name].length,

    async purge(tx: Tx, name: PurgedName, step: number, before: number, limit: number, after: number): Promise<Slice> {
      const purges: readonly Purge[] = PURGES[name];
      return (await purges[step]?.(tx, before, limit, after)) ?? { removed: 0, next: null };
    },

    /**
     * Takes the turn of a class; false = it ran since `notSince`, here or in another process. A turn in the future was taken
     * by a clock that has been put right since, and counts for nothing.
     */
    async claim(tx: Tx, name: string, now: number, notSince: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `insert into purge_run as p (name, at) values ($1, ${at('$2')})
         on conflict (name) do update set at = excluded.at, error = null
           where p.at < ${at('$3')} or p.at > ${at('$4')}`,
        [name, now, notSince, now + WRONG_AHEAD_MS],
      );
      return rowCount === 1;
    },

    async ran(tx: Tx, name: string, removed: number, error: string | null): Promise<void> {
      await sql(tx).query('update purge_run set removed = $2::bigint, error = $3 where name = $1', [
        name,
        removed,
        error,
      ]);
    },

    async oldest(tx: Tx): Promise<Partial<Record<RetentionName, number | null>>> {
      const names = Object.keys(OLDEST) as RetentionName[];
      const { rows } = await sql(tx).query<{ name: RetentionName; at: number | null }>(
        names.map((name) => `select '${name}' as name, (${OLDEST[name]}) as at`).join(' union all '),
      );
      return Object.fromEntries(rows.map((row) => [row.name, row.at]));
    },

    /** Refused messages by bytes, newest first: a few large ones count as many small ones. */
    async boundQuarantineBytes(tx: Tx, bytes: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `delete from quarantine where id <= (select max(id) from (
           select id, sum(octet_length(payload)) over (order by id desc) as sum from quarantine) s where sum > $1::float8)`,
        [bytes],
      );
      return rowCount;
    },
  };
}
