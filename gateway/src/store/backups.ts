import type { BackupOutcome, BackupRun } from '../domain/backup-rows.ts';
import type { Page } from '../domain/page.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { newestFirst } from './newest-first.ts';
import { createParams } from './scope.ts';
import { at } from './time.ts';

const COLUMNS = `b.id, b.trigger, b.started_by as "startedBy", b.started_at as "startedAt", b.ended_at as "endedAt", b.state,
  b.file, b.bytes, b.row_count as rows, b.tables, b.files, b.checked_at as "checkedAt", b.error`;

/** Which backups were made. */
export function createBackupStore() {
  return {
    /** False = one is under way already. */
    async begin(tx: Tx, run: Pick<BackupRun, 'id' | 'trigger' | 'startedBy' | 'startedAt'>): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `insert into backup_run (id, trigger, started_by, started_at, state) values ($1, $2, $3, ${at('$4')}, 'running')
         on conflict (state) where state = 'running' do nothing`,
        [run.id, run.trigger, run.startedBy, run.startedAt],
      );
      return rowCount === 1;
    },
    async end(tx: Tx, { id, ...run }: BackupOutcome): Promise<void> {
      await sql(tx).query(
        `update backup_run set ended_at = ${at('$2')}, state = $3, file = $4, bytes = $5::bigint, row_count = $6::bigint,
           tables = $7::jsonb, files = $8::int, checked_at = ${at('$9')}, error = $10 where id = $1`,
        [
          id,
          run.endedAt,
          run.state,
          run.file,
          run.bytes,
          run.rows,
          JSON.stringify(run.tables),
          run.files,
          run.checkedAt,
          run.error,
        ],
      );
    },
    /** Runs that a stop of the gateway cut off. */
    async interrupted(tx: Tx, now: number, error: string): Promise<void> {
      await sql(tx).query(
        `update backup_run set state = 'failed', ended_at = ${at('$1')}, error = $2 where state = 'running'`,
        [now, error],
      );
    },
    async forgetFiles(tx: Tx, kept: readonly string[]): Promise<void> {
      await sql(tx).query('update backup_run set file = null where file is not null and file <> all($1::text[])', [
        kept,
      ]);
    },
    async newest(tx: Tx): Promise<{ last: BackupRun | undefined; good: BackupRun | undefined; daily: number | null }> {
      const one = async (condition: string) =>
        (
          await sql(tx).query<BackupRun>(
            `select ${COLUMNS} from backup_run b where ${condition} order by b.started_at desc, b.id desc limit 1`,
          )
        ).rows[0];
      const daily = await one("b.trigger = 'daily'");
      return {
        last: await one("b.state <> 'running'"),
        good: await one("b.state = 'done' and b.checked_at is not null"),
        daily: daily?.startedAt ?? null,
      };
    },
    list: (tx: Tx, query: { readonly limit: number; readonly cursor?: string | undefined }): Promise<Page<BackupRun>> =>
      newestFirst<BackupRun>(tx, 'from backup_run b', COLUMNS, 'b.started_at', 'true', query, createParams()),
  };
}
