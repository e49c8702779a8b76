import type { CommandQuery, CommandRecord, CommandState, CommandStatus, DueCommand } from '../domain/command.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { pageOf, rangeCondition } from './reads-page.ts';
import { createParams } from './scope.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

const COLUMNS = `c.id, c.name, c.params, c.state, c.issued_by as "issuedBy", c.issued_at as "issuedAt", c.reason, c.deadline,
  c.sent_at as "sentAt", c.attempts, c.acked_at as "ackedAt", c.ok, c.result`;

/** Statements of device commands; acknowledgements are written by the ingest family. */
export function createCommandStore() {
  return {
    async insert(tx: Tx, command: CommandRecord): Promise<void> {
      await sql(tx).query(
        `insert into device_command (id, device, name, params, issued_by, issued_at, reason, deadline, retries_left,
           retry_every_ms, next_at)
         values ($1, $2, $3, $4::jsonb, $5, ${at('$6')}, $7, ${at('$8')}, $9, $10, ${at('$11')})`,
        [
          command.id,
          command.device,
          command.name,
          toJson(command.params ?? null),
          command.issuedBy,
          command.issuedAt,
          command.reason,
          command.deadline,
          command.retriesLeft,
          command.retryEvery,
          command.nextAt,
        ],
      );
    },

    /** One more delivery. */
    async markSent(tx: Tx, id: string, when: number): Promise<void> {
      await sql(tx).query(
        `update device_command set sent_at = coalesce(sent_at, ${at('$2')}), attempts = attempts + 1 where id = $1`,
        [id, when],
      );
    },

    /** Answered and not yet written down as closed, or their next moment has come. Oldest first. */
    async due(tx: Tx, now: number, limit: number): Promise<DueCommand[]> {
      const { rows } = await sql(tx).query<DueCommand>(
        `select ${COLUMNS}, c.device, d.id as "deviceId", c.retries_left as "retriesLeft", c.retry_every_ms as "retryEvery"
         from device_command c join device d on d.key = c.device
         where c.closed_at is null and (c.acked_at is not null or c.next_at <= ${at('$1')})
         order by c.next_at limit $2`,
        [now, limit],
      );
      return rows;
    },

    /** Whether any command waits for its end. */
    async anyOpen(tx: Tx): Promise<boolean> {
      const { rows } = await sql(tx).query<{ open: boolean }>(
        'select exists (select from device_command where closed_at is null) as open',
      );
      return rows[0]?.open ?? false;
    },

    /** Takes one retry; false when somebody else did or the command ended meanwhile. */
    async takeRetry(tx: Tx, id: string, left: number, next: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `update device_command set retries_left = $2 - 1, next_at = least(${at('$3')}, deadline)
         where id = $1 and retries_left = $2 and closed_at is null and acked_at is null`,
        [id, left, next],
      );
      return rowCount === 1;
    },

    /** Ends commands; answers the ids of those that had not ended before. `state` null keeps what the answer said. */
    async close(tx: Tx, ids: readonly string[], state: CommandState | null, when: number): Promise<string[]> {
      const { rows } = await sql(tx).query<{ id: string }>(
        `update device_command set closed_at = ${at('$2')}, state = coalesce($3, state)
         where id = any ($1::text[]) and closed_at is null and ($3::text is null or acked_at is null) returning id`,
        [ids, when, state],
      );
      return rows.map(({ id }) => id);
    },

    async get(tx: Tx, device: DeviceKey, id: string): Promise<CommandStatus | undefined> {
      const { rows } = await sql(tx).query<CommandStatus>(
        `select ${COLUMNS} from device_command c where c.device = $1 and c.id = $2`,
        [device, id],
      );
      return rows[0];
    },

    /** Newest first. */
    async list(tx: Tx, device: DeviceKey, query: CommandQuery) {
      const limit = query.limit ?? 100;
      const params = createParams(device);
      const range = rangeCondition(query, 'c.issued_at', ['c.id', 'string'], params);
      const { rows } = await sql(tx).query<CommandStatus>(
        `select ${COLUMNS} from device_command c where c.device = $1 and ${range}
         order by c.issued_at desc, c.id desc limit ${params.add(limit + 1)}`,
        params.values,
      );
      return pageOf(rows, limit, (row) => [row.issuedAt, row.id]);
    },
  };
}
