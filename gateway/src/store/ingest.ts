import type { CommandAck, KeyClaim, Ledger, QuarantineEntry, Tally } from '../domain/ingest-rows.ts';
import type { DeviceEvent } from '../domain/reading.ts';
import type { ReadingsElsewhere } from '../domain/readings-elsewhere.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { findRepeats } from './ingest-repeats.ts';
import { storable, storableJson } from './storable.ts';

const BUCKETS = 'drained, stored, duplicate, rejected, quarantined, lost';

/** Statements of the ingest stage: ledger, message identity, events, quarantine and counts. */
export function createIngestStore(elsewhere?: ReadingsElsewhere) {
  return {
    async ledger(tx: Tx, spool: string): Promise<Ledger> {
      await sql(tx).query('insert into ingest_ledger (spool) values ($1) on conflict do nothing', [spool]);
      const { rows } = await sql(tx).query<Ledger>(
        `select ${BUCKETS.split(', ')
          .map((name) => `${name}::float8 as ${name}`)
          .join(', ')} from ingest_ledger where spool = $1`,
        [spool],
      );
      const [row] = rows;
      if (!row) throw new Error('the ledger row vanished');
      return row;
    },

    async otherLedgers(tx: Tx, spool: string): Promise<Ledger> {
      const sums = BUCKETS.split(', ').map((name) => `coalesce(sum(${name}), 0)::float8 as ${name}`);
      const { rows } = await sql(tx).query<Ledger>(`select ${sums.join(', ')} from ingest_ledger where spool <> $1`, [
        spool,
      ]);
      return rows[0] as Ledger;
    },

    async advance(tx: Tx, spool: string, from: number, delta: Ledger): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `update ingest_ledger set drained = drained + $3, stored = stored + $4, duplicate = duplicate + $5,
           rejected = rejected + $6, quarantined = quarantined + $7, lost = lost + $8, updated_at = now()
         where spool = $1 and drained = $2`,
        [spool, from, delta.drained, delta.stored, delta.duplicate, delta.rejected, delta.quarantined, delta.lost],
      );
      return rowCount === 1;
    },

    async claimKeys(tx: Tx, claims: readonly KeyClaim[]): Promise<ReadonlyMap<number, number>> {
      const { rowCount } = await sql(tx).query(
        `insert into message_key (device, key, time, received_at)
         select d, k, to_timestamp(t / 1000), to_timestamp(r / 1000)
         from unnest($1::int[], $2::text[], $3::float8[], $4::float8[]) as c (d, k, t, r)
         on conflict do nothing`,
        [
          claims.map((claim) => claim.device),
          claims.map((claim) => storable(claim.key)),
          claims.map((claim) => claim.time),
          claims.map((claim) => claim.receivedAt),
        ],
      );
      if (rowCount === claims.length) return new Map();
      // Rare: some were claimed before, which their receive time tells.
      const first = await sql(tx).query<{ i: number; time: number }>(
        `select c.i, (extract(epoch from m.time) * 1000)::float8 as time
         from unnest($1::int[], $2::int[], $3::text[], $4::float8[]) as c (i, d, k, r)
         join message_key m on m.device = c.d and m.key = c.k and m.received_at <> to_timestamp(c.r / 1000)`,
        [
          claims.map((_, index) => index),
          claims.map((claim) => claim.device),
          claims.map((claim) => storable(claim.key)),
          claims.map((claim) => claim.receivedAt),
        ],
      );
      return new Map(first.rows.map((row) => [row.i, row.time]));
    },

    findRepeats: (tx: Tx, probes: Parameters<typeof findRepeats>[1], windowMs: number) =>
      findRepeats(tx, probes, windowMs, elsewhere),

    async insertEvents(tx: Tx, events: readonly DeviceEvent[]): Promise<ReadonlySet<number>> {
      const { rows } = await sql(tx).query<{ device: number; code: string; component: string; time: number }>(
        `insert into device_event (device, code, component, time, received_at, severity, life_safety, data)
         select d, c, p, to_timestamp(t / 1000), to_timestamp(r / 1000), s, l, j::jsonb
         from unnest($1::int[], $2::text[], $3::text[], $4::float8[], $5::float8[], $6::text[], $7::bool[], $8::text[])
           as e (d, c, p, t, r, s, l, j)
         on conflict do nothing returning device, code, component, (extract(epoch from time) * 1000)::float8 as time`,
        [
          events.map((event) => event.device),
          events.map((event) => storable(event.code)),
          events.map((event) => storable(event.component ?? '')),
          events.map((event) => event.time),
          events.map((event) => event.receivedAt),
          events.map((event) => event.severity),
          events.map((event) => event.lifeSafety),
          events.map((event) => storableJson(event.data)),
        ],
      );
      const name = (device: number, code: string, component: string, time: number) =>
        `${device}|${code}|${component}|${Math.round(time * 1_000)}`;
      const fresh = new Set(rows.map((row) => name(row.device, row.code, row.component, row.time)));
      const known = new Set<number>();
      events.forEach((event, index) => {
        const own = name(event.device, storable(event.code), storable(event.component ?? ''), event.time);
        // The first of two equal ones in a batch is the new one.
        if (!fresh.delete(own)) known.add(index);
      });
      return known;
    },

    async quarantine(tx: Tx, entries: readonly QuarantineEntry[]): Promise<void> {
      await sql(tx).query(
        `insert into quarantine (received_at, via, principal, device, topic, payload, code, detail)
         select to_timestamp(r / 1000), v, p, d, t, decode(b, 'base64'), c, x
         from unnest($1::float8[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[])
           as q (r, v, p, d, t, b, c, x)`,
        [
          entries.map((entry) => entry.receivedAt),
          entries.map((entry) => entry.via),
          entries.map((entry) => storable(entry.principal)),
          entries.map((entry) => entry.device),
          entries.map((entry) => storable(entry.topic)),
          entries.map((entry) => Buffer.from(entry.payload).toString('base64')),
          entries.map((entry) => entry.code),
          entries.map((entry) => storable(entry.detail).slice(0, 1_000)),
        ],
      );
    },

    async tally(tx: Tx, tally: Tally): Promise<void> {
      const session = sql(tx);
      if (tally.rejections.length > 0) {
        await session.query(
          `insert into ingest_rejection (day, principal, code, count, last_at)
           select (to_timestamp(a / 1000) at time zone 'UTC')::date, p, c, n, to_timestamp(a / 1000)
           from unnest($1::text[], $2::text[], $3::bigint[], $4::float8[]) as r (p, c, n, a)
           on conflict (day, principal, code) do update
             set count = ingest_rejection.count + excluded.count, last_at = excluded.last_at`,
          columns(tally.rejections, 'principal', 'code', 'count', 'at'),
        );
      }
      if (tally.notes.length > 0) {
        await session.query(
          `insert into ingest_note (device, code, path, detail, count, last_at)
           select d, c, p, x, n, to_timestamp(a / 1000)
           from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::float8[]) as r (d, c, p, x, n, a)
           on conflict (device, code, path) do update
             set count = ingest_note.count + excluded.count, detail = excluded.detail, last_at = excluded.last_at`,
          columns(tally.notes, 'device', 'code', 'path', 'detail', 'count', 'at'),
        );
      }
      if (tally.unknown.length > 0) {
        await session.query(
          `insert into unknown_metric (type, name, count, last_seen)
           select t, m, n, to_timestamp(a / 1000) from unnest($1::text[], $2::text[], $3::bigint[], $4::float8[]) as r (t, m, n, a)
           on conflict (type, name) do update
             set count = unknown_metric.count + excluded.count, last_seen = excluded.last_seen`,
          columns(tally.unknown, 'type', 'name', 'count', 'at'),
        );
      }
      if (tally.hours.length > 0) {
        await session.query(
          `insert into ingest_count (hour, device, code, count)
           select to_timestamp(h / 1000), d, c, n from unnest($1::float8[], $2::int[], $3::text[], $4::bigint[]) as r (h, d, c, n)
           order by 1, 2, 3 on conflict (hour, device, code) do update set count = ingest_count.count + excluded.count`,
          columns(tally.hours, 'hour', 'device', 'code', 'count'),
        );
      }
      if (tally.zombies.length > 0) {
        await session.query(
          `update device set zombie_count = zombie_count + z.n, zombie_at = to_timestamp(z.a / 1000)
           from unnest($1::int[], $2::bigint[], $3::float8[]) as z (d, n, a) where device.key = z.d`,
          columns(tally.zombies, 'device', 'count', 'at'),
        );
      }
    },

    async acknowledge(tx: Tx, acks: readonly CommandAck[]): Promise<void> {
      await sql(tx).query(
        `update device_command set acked_at = to_timestamp(a.at / 1000), ok = a.ok, result = a.result::jsonb,
           state = case when closed_at is not null or to_timestamp(a.at / 1000) > deadline then state
             when a.ok then 'acknowledged' else 'failed' end
         from unnest($1::int[], $2::text[], $3::bool[], $4::text[], $5::float8[]) as a (device, id, ok, result, at)
         where device_command.device = a.device and device_command.id = a.id and device_command.acked_at is null`,
        [
          acks.map((ack) => ack.device),
          acks.map((ack) => storable(ack.id)),
          acks.map((ack) => ack.ok),
          acks.map((ack) => storableJson(ack.result)),
          acks.map((ack) => ack.at),
        ],
      );
    },

    /** Keeps the newest `rows` refused messages; answers how many went. */
    async boundQuarantine(tx: Tx, rows: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        'delete from quarantine where id <= (select id from quarantine order by id desc offset $1 limit 1)',
        [rows],
      );
      return rowCount;
    },

    /** Forgets message keys older than a day, in slices that never hold the table long. */
    async forgetKeys(tx: Tx, before: number, limit = 20_000): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `delete from message_key where (device, key) in
           (select device, key from message_key where received_at < to_timestamp($1::float8 / 1000) limit $2)`,
        [before, limit],
      );
      return rowCount;
    },
  };
}

/** Rows to column arrays; text is made storable. */
function columns<R extends object>(rows: readonly R[], ...names: (keyof R)[]): unknown[][] {
  return names.map((name) =>
    rows.map((row) => {
      const value = row[name];
      return typeof value === 'string' ? storable(value) : value;
    }),
  );
}
