import type { CommandRecord } from '../domain/command.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { toJson } from './storable.ts';

/** Statements of device commands; acknowledgements are written by the ingest family. */
export function createCommandStore() {
  return {
    async insert(tx: Tx, command: CommandRecord): Promise<void> {
      await sql(tx).query(
        `insert into device_command (id, device, name, params, issued_by, issued_at)
         values ($1, $2, $3, $4::jsonb, $5, to_timestamp($6::float8 / 1000))`,
        [command.id, command.device, command.name, toJson(command.params ?? null), command.issuedBy, command.issuedAt],
      );
    },
    async markSent(tx: Tx, id: string, at: number): Promise<void> {
      await sql(tx).query('update device_command set sent_at = to_timestamp($2::float8 / 1000) where id = $1', [
        id,
        at,
      ]);
    },
    async remove(tx: Tx, id: string): Promise<void> {
      await sql(tx).query('delete from device_command where id = $1 and sent_at is null', [id]);
    },
  };
}
