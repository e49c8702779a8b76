import { actorText } from '../domain/actor.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { decodeCursor, encodeCursor } from './scope.ts';
import { at } from './time.ts';

/** An entry as it is read back; `at` in epoch milliseconds. */
export interface AuditRecord {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly actorName: string;
  readonly address: string | null;
  readonly action: string;
  readonly resource: string;
  readonly resourceId: string | null;
  readonly reason: string | null;
  readonly before: unknown;
  readonly after: unknown;
}

/** The append-only audit table. */
export function createAuditStore() {
  return {
    async append(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
      if (entries.length === 0) return;
      const rows = entries.map(({ actor, at: time, ...entry }) => ({
        ...entry,
        time,
        actor: actorText(actor),
        actorName: actor.name,
        address: actor.address,
      }));
      await sql(tx).query(
        `insert into audit (at, actor, actor_name, address, action, resource, resource_id, reason, before, after)
         select ${at('e.time')}, e.actor, e."actorName", e.address, e.action, e.resource, e."resourceId", e.reason, e.before,
           e.after
         from jsonb_to_recordset($1::jsonb) as e (time float8, actor text, "actorName" text, address text, action text,
           resource text, "resourceId" text, reason text, before jsonb, after jsonb)`,
        [JSON.stringify(rows)],
      );
    },

    /** Newest first. */
    async list(
      tx: Tx,
      query: { limit: number; cursor?: string; resource?: string; resourceId?: string; actor?: string },
    ): Promise<{ items: AuditRecord[]; nextCursor: string | null }> {
      const [before] = query.cursor ? (decodeCursor(query.cursor) ?? []) : [];
      const { rows } = await sql(tx).query<AuditRecord>(
        `select id, at, actor, actor_name as "actorName", address, action, resource, resource_id as "resourceId", reason,
           before, after
         from audit
         where ($1::bigint is null or id < $1::bigint) and ($2::text is null or resource = $2::text)
           and ($3::text is null or resource_id = $3::text) and ($4::text is null or actor = $4::text)
         order by id desc limit $5`,
        [
          typeof before === 'number' ? before : null,
          query.resource ?? null,
          query.resourceId ?? null,
          query.actor ?? null,
          query.limit + 1,
        ],
      );
      const items = rows.slice(0, query.limit);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > query.limit && last ? encodeCursor([last.id]) : null };
    },
  };
}
