import { actorText } from '../domain/actor.ts';
import type { AuditEntry } from '../domain/audit.ts';
import type { AuditSigner, ChainedRecord, ChainHead } from '../domain/audit-chain.ts';
import type { AuditFilter } from '../domain/audit-rows.ts';
import { countAuditEntries } from '../domain/audit-trail.ts';
import type { Tx } from '../domain/tx.ts';
import { createAuditAnchorStore } from './audit-anchors.ts';
import {
  CONTENT_COLUMNS,
  countUnlinked,
  inTransaction,
  linkAllOldRows,
  linkEntries,
  type PreparedEntry,
  prepareEntry,
  readChain,
  readHead,
} from './audit-chain.ts';
import { type Session, sql } from './database.ts';
import { containing, createParams, decodeCursor, encodeCursor } from './scope.ts';
import { at } from './time.ts';

/** Where nothing is proven: tests of other parts. */
const UNSIGNED: AuditSigner = { sign: () => 'unsigned', check: () => 'valid' };
/** Records whose words are read for one page: a fraction of a second's work on two processors. */
const STRETCH = 50_000;
const RECORD_COLUMNS = `seq, prev_hash as "prevHash", hash, digests, ${CONTENT_COLUMNS}`;

/**
 * The append-only audit table, a hash chain. Entries wait on their transaction and are linked right before its commit:
 * they exist exactly when the change does, and the chain is locked for the shortest time there is.
 */
export function createAuditStore(signer: AuditSigner = UNSIGNED, stretchLength = STRETCH) {
  const waiting = new WeakMap<Session, PreparedEntry[]>();

  return {
    ...createAuditAnchorStore(),

    async append(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
      if (entries.length === 0) return;
      const prepared = entries.map(prepare);
      countAuditEntries(entries.length);
      const session = sql(tx);
      const queued = waiting.get(session);
      if (queued) {
        for (const entry of prepared) queued.push(entry);
      } else if (session.beforeCommit) {
        waiting.set(session, prepared);
        session.beforeCommit(() => linkEntries(session, signer, prepared));
      } else {
        await inTransaction(session, (own) => linkEntries(own, signer, prepared));
      }
    },

    /** Links the rows from before the chain; once, before anybody writes. Answers how many there were. */
    linkOld: (tx: Tx): Promise<number> => linkAllOldRows(tx, signer),

    head: (tx: Tx): Promise<ChainHead | undefined> => readHead(sql(tx)),

    /** Records behind `after` in their order, with the head of the same moment. */
    async chain(tx: Tx, after: number, limit: number): Promise<{ head: ChainHead | null; records: ChainedRecord[] }> {
      const rows = await readChain(sql(tx), after, limit);
      const [first] = rows;
      const head =
        first && first.headSeq !== null
          ? { seq: Number(first.headSeq), hash: String(first.headHash), signature: String(first.headSignature) }
          : null;
      const records = rows.filter(({ seq }) => seq !== null).map(withoutHead);
      return { head, records };
    },

    unlinked: (tx: Tx): Promise<number> => countUnlinked(sql(tx)),

    /** Newest first. Words are looked for in a stretch of records at a time: a page may be short and still have a next one. */
    async list(tx: Tx, query: AuditFilter): Promise<{ items: ChainedRecord[]; nextCursor: string | null }> {
      const params = createParams();
      const stretch = query.q === undefined ? null : await stretchOf(tx, query, stretchLength);
      const where = conditions(query, params);
      const within = stretch === null ? '' : ` and seq >= ${params.add(stretch)}::bigint`;
      const { rows } = await sql(tx).query<ChainedRecord>(
        `select ${RECORD_COLUMNS} from audit where ${where}${within} order by seq desc limit ${params.add(query.limit + 1)}::int`,
        params.values,
      );
      const items = rows.slice(0, query.limit);
      const last = items.at(-1);
      if (rows.length > query.limit && last) return { items, nextCursor: encodeCursor([last.seq]) };
      return { items, nextCursor: stretch === null ? null : encodeCursor([stretch]) };
    },

    async get(tx: Tx, seq: number): Promise<ChainedRecord | undefined> {
      const { rows } = await sql(tx).query<ChainedRecord>(
        `select ${RECORD_COLUMNS} from audit where seq = $1::bigint`,
        [seq],
      );
      return rows[0];
    },

    /** How many of each action there were in [from, to), with the first and last place. */
    async tally(tx: Tx, from: number, to: number) {
      const { rows } = await sql(tx).query<{ action: string; count: number; firstSeq: number; lastSeq: number }>(
        `select action, count(*)::int as count, min(seq) as "firstSeq", max(seq) as "lastSeq"
         from audit where at >= ${at('$1')} and at < ${at('$2')} group by action order by action`,
        [from, to],
      );
      return rows;
    },

    /** Who changed more than `limit` objects since then, the gateway itself aside. */
    async busyActors(tx: Tx, since: number, limit: number, quiet: readonly string[]) {
      const { rows } = await sql(tx).query<{ actor: string; actorName: string; count: number; lastSeq: number }>(
        `select actor, max(actor_name) as "actorName", max(seq) as "lastSeq",
           sum(case when jsonb_typeof(after->'affected') = 'number' then greatest((after->>'affected')::numeric, 1)
             else 1 end)::int as count
         from audit where at > ${at('$1')} and actor <> 'system' and action <> all ($3::text[])
         group by actor
         having sum(case when jsonb_typeof(after->'affected') = 'number' then greatest((after->>'affected')::numeric, 1)
           else 1 end) > $2
         order by actor`,
        [since, limit, quiet],
      );
      return rows;
    },

    /** The newest record older than that, up to which a purge may go. */
    async lastBefore(tx: Tx, time: number): Promise<{ seq: number; hash: string; at: number } | undefined> {
      // The first record that is young enough bounds it, so that a clock that was wrong once removes nothing younger.
      const { rows } = await sql(tx).query<{ seq: number; hash: string; at: number }>(
        `select seq, hash, at from audit
         where seq < coalesce((select min(seq) from audit where at >= ${at('$1')}),
           (select max(seq) from audit))
         order by seq desc limit 1`,
        [time],
      );
      return rows[0];
    },

    async firstSeq(tx: Tx): Promise<number | undefined> {
      const { rows } = await sql(tx).query<{ seq: number }>('select seq from audit order by seq limit 1');
      return rows[0]?.seq;
    },

    /** Removes up to `limit` of the oldest records a purge record names; answers how many. */
    async purge(tx: Tx, throughSeq: number, limit: number): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>('select audit_purge($1::bigint, $2::int) as n', [
        throughSeq,
        limit,
      ]);
      return rows[0]?.n ?? 0;
    },

    /** The newest record of an action on an object. */
    async latest(tx: Tx, action: string, resource: string): Promise<ChainedRecord | undefined> {
      const { rows } = await sql(tx).query<ChainedRecord>(
        `select ${RECORD_COLUMNS} from audit where resource = $2 and action = $1 order by seq desc limit 1`,
        [action, resource],
      );
      return rows[0];
    },
  };
}

/** Where the stretch begins that is searched now, null when no record is older; those before it are searched by the next page. */
async function stretchOf(tx: Tx, query: AuditFilter, length: number): Promise<number | null> {
  const { rows } = await sql(tx).query<{ first: number | null; last: number | null }>(
    'select (select min(seq) from audit) as first, (select max(seq) from audit) as last',
  );
  const { first, last } = rows[0] ?? {};
  const from = (beforeOf(query) ?? (last ?? 0) + 1) - length;
  return typeof first === 'number' && from > first ? from : null;
}

function beforeOf({ cursor }: AuditFilter): number | undefined {
  const [before] = cursor ? (decodeCursor(cursor) ?? []) : [];
  return typeof before === 'number' ? before : undefined;
}

function conditions(query: AuditFilter, params: ReturnType<typeof createParams>): string {
  const parts = ['seq is not null'];
  const equal = (column: string, value: string | undefined) => {
    if (value !== undefined) parts.push(`${column} = ${params.add(value)}`);
  };
  const before = beforeOf(query);
  if (before !== undefined) parts.push(`seq < ${params.add(before)}::bigint`);
  equal('actor', query.actor);
  equal('action', query.action);
  equal('resource', query.resource);
  equal('resource_id', query.resourceId);
  if (query.from !== undefined) parts.push(`at >= ${at(params.add(query.from))}`);
  if (query.to !== undefined) parts.push(`at < ${at(params.add(query.to))}`);
  if (query.q !== undefined) {
    const words = params.add(containing(query.q));
    parts.push(`(actor_name ilike ${words} or resource_id ilike ${words} or reason ilike ${words}
      or before::text ilike ${words} or after::text ilike ${words})`);
  }
  return parts.join(' and ');
}

function prepare({ actor, at: time, ...entry }: AuditEntry): PreparedEntry {
  return prepareEntry({
    at: Math.round(time),
    actor: actorText(actor),
    actorName: actor.name,
    address: actor.address,
    action: entry.action,
    resource: entry.resource,
    resourceId: entry.resourceId,
    reason: entry.reason ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  });
}

function withoutHead(row: Record<string, unknown>): ChainedRecord {
  const { headSeq: _seq, headHash: _hash, headSignature: _signature, ...record } = row;
  return record as unknown as ChainedRecord;
}
