import type { Delivery, DeliveryKind, DeliveryState, SentObject } from '../domain/exchange.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

const DELIVERY = `d.id, d.subscription_id as "subscriptionId", p.name as "peerName", s.data_set as "dataSet", d.sequence, d.key,
  d.kind, d.state, d.items, d.bytes, d.tries, d.status, d.detail, d.latency_ms as "latencyMs", d.made_at as "madeAt",
  d.done_at as "doneAt"`;
const DELIVERIES = `from exchange_delivery d join exchange_subscription s on s.id = d.subscription_id
  join exchange_peer p on p.id = s.peer_id`;

export interface PendingDelivery {
  readonly id: number;
  readonly sequence: number;
  readonly key: string;
  readonly kind: DeliveryKind;
  readonly body: string;
  readonly items: number;
  /** Tries before this one. */
  readonly tries: number;
}

/** The queue of one message each, the log, and what a subscriber has. */
export function createExchangeDeliveryStore() {
  return {
    /** Subscriptions whose time has come and that nobody works on. */
    async due(tx: Tx, now: number): Promise<string[]> {
      const { rows } = await sql(tx).query<{ id: string }>(
        `select s.id from exchange_subscription s join exchange_peer p on p.id = s.peer_id
         where s.state = 'active' and p.enabled and s.next_at <= ${at('$1')}
           and (s.leased_until is null or s.leased_until < ${at('$1')}) order by s.next_at limit 200`,
        [now],
      );
      return rows.map(({ id }) => id);
    },

    /** Takes it, or keeps it; false = it is somebody else's or stopped meanwhile. */
    async lease(tx: Tx, id: string, owner: string, until: number, now: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `update exchange_subscription set owner = $2, leased_until = ${at('$3')}
         where id = $1 and state = 'active' and (owner = $2 or leased_until is null or leased_until < ${at('$4')})
           and exists (select from exchange_peer p where p.id = peer_id and p.enabled)`,
        [id, owner, until, now],
      );
      return rowCount === 1;
    },

    async release(tx: Tx, id: string, owner: string): Promise<void> {
      await sql(tx).query(
        'update exchange_subscription set owner = null, leased_until = null where id = $1 and owner = $2',
        [id, owner],
      );
    },

    async progress(tx: Tx, id: string): Promise<{ batchLimit: number | null; refusals: number; failures: number }> {
      const { rows } = await sql(tx).query<{ batchLimit: number | null; refusals: number; failures: number }>(
        'select batch_limit as "batchLimit", refusals, failures from exchange_subscription where id = $1',
        [id],
      );
      return rows[0] ?? { batchLimit: null, refusals: 0, failures: 0 };
    },

    /** The message that was made and is not over, with the bytes it goes out with every time. */
    async pending(tx: Tx, id: string): Promise<PendingDelivery | undefined> {
      const { rows } = await sql(tx).query<PendingDelivery>(
        `select id, sequence, key, kind, body, items, tries from exchange_delivery
         where subscription_id = $1 and state = 'sending'`,
        [id],
      );
      return rows[0];
    },

    /** The next number; the message with it must be added in the same transaction. */
    async nextSequence(tx: Tx, id: string): Promise<number> {
      const { rows } = await sql(tx).query<{ sequence: number }>(
        'update exchange_subscription set sequence = sequence + 1 where id = $1 returning sequence',
        [id],
      );
      if (!rows[0]) throw new Error('the subscription is gone');
      return rows[0].sequence;
    },

    async addDelivery(
      tx: Tx,
      d: {
        readonly subscriptionId: string;
        readonly sequence: number;
        readonly key: string;
        readonly kind: DeliveryKind;
        readonly objects: readonly SentObject[];
        readonly body: string;
        readonly bytes: number;
        readonly excerpt: string;
        readonly now: number;
      },
    ): Promise<void> {
      await sql(tx).query(
        `insert into exchange_delivery (subscription_id, sequence, key, kind, state, objects, items, bytes, body, excerpt, made_at)
         values ($1, $2, $3, $4, 'sending', $5::jsonb, $6, $7, $8, $9, ${at('$10')})`,
        [
          d.subscriptionId,
          d.sequence,
          d.key,
          d.kind,
          toJson(d.objects),
          d.objects.length,
          d.bytes,
          d.body,
          d.excerpt,
          d.now,
        ],
      );
    },

    /** What came of a try; `sending` = it goes out again. */
    async tried(
      tx: Tx,
      id: number,
      result: {
        readonly state: DeliveryState;
        readonly status: number | null;
        readonly detail: string;
        readonly latencyMs: number;
        readonly now: number;
      },
    ): Promise<void> {
      await sql(tx).query(
        `update exchange_delivery set state = $2, status = $3, detail = $4, latency_ms = $5, tries = tries + 1,
           done_at = case when $2 = 'sending' then null else ${at('$6')} end,
           body = case when $2 = 'sending' then body end where id = $1`,
        [id, result.state, result.status, result.detail, result.latencyMs, result.now],
      );
    },

    /** Its subscriber has what was in it. */
    async taken(
      tx: Tx,
      subscriptionId: string,
      id: number,
      latencyMs: number,
      most: number,
      now: number,
    ): Promise<void> {
      const objects = `select o ->> 0 as object, o ->> 1 as hash from exchange_delivery d, jsonb_array_elements(d.objects) o where d.id = $2`;
      await sql(tx).query(
        `insert into exchange_sent as s (subscription_id, object, hash, sent_at)
         select $1, object, hash, ${at('$3')} from (${objects}) x where hash is not null
         on conflict (subscription_id, object) do update set hash = excluded.hash, sent_at = excluded.sent_at,
           refused_hash = null, refused_at = null`,
        [subscriptionId, id, now],
      );
      await sql(tx).query(
        `delete from exchange_sent where subscription_id = $1
           and object in (select object from (${objects}) x where hash is null)`,
        [subscriptionId, id],
      );
      await sql(tx).query(
        `update exchange_subscription s set last_ok_at = ${at('$3')}, latency_ms = $4, failures = 0, refusals = 0,
           last_error = null, batch_limit = case when batch_limit * 2 < $5 then batch_limit * 2 end,
           backlog = greatest(0, backlog - d.items)
         from exchange_delivery d where s.id = $1 and d.id = $2`,
        [subscriptionId, id, now, latencyMs, most],
      );
    },

    /** It refused the single item of this message: that one is set aside, the others go on. */
    async setAside(tx: Tx, subscriptionId: string, id: number, now: number): Promise<void> {
      await sql(tx).query(
        `insert into exchange_sent as s (subscription_id, object, refused_hash, refused_at)
         select $1, o ->> 0, coalesce(o ->> 1, ''), ${at('$3')} from exchange_delivery d, jsonb_array_elements(d.objects) o
         where d.id = $2
         on conflict (subscription_id, object) do update set refused_hash = excluded.refused_hash,
           refused_at = excluded.refused_at`,
        [subscriptionId, id, now],
      );
    },

    async refused(
      tx: Tx,
      id: string,
      of: { readonly batchLimit: number; readonly single: boolean; readonly error: string },
    ): Promise<void> {
      await sql(tx).query(
        `update exchange_subscription set batch_limit = $2, refusals = refusals + $3, last_error = $4 where id = $1`,
        [id, of.batchLimit, of.single ? 1 : 0, of.error],
      );
    },

    async failed(tx: Tx, id: string, of: { nextAt: number; error: string }): Promise<void> {
      await sql(tx).query(
        `update exchange_subscription set failures = failures + 1, last_error = $3, next_at = ${at('$2')} where id = $1`,
        [id, of.nextAt, of.error],
      );
    },

    async setBacklog(tx: Tx, id: string, backlog: number): Promise<void> {
      await sql(tx).query('update exchange_subscription set backlog = $2 where id = $1', [id, backlog]);
    },

    /** It has all there is. */
    async complete(tx: Tx, id: string, of: { startedAt: number; nextAt: number; now: number }): Promise<void> {
      // Who asked for something to be sent again meanwhile is not made to wait.
      await sql(tx).query(
        `update exchange_subscription set complete_at = ${at('$4')},
           next_at = case when next_at > ${at('$2')} then next_at else ${at('$3')} end where id = $1`,
        [id, of.startedAt, of.nextAt, of.now],
      );
    },

    async deliveries(
      tx: Tx,
      query: {
        readonly subscriptionId?: string;
        readonly state?: DeliveryState;
        readonly before?: number;
        readonly limit: number;
      },
    ): Promise<Delivery[]> {
      const { rows } = await sql(tx).query<Delivery>(
        `select ${DELIVERY} ${DELIVERIES} where ($1::text is null or d.subscription_id = $1) and ($2::text is null or d.state = $2)
           and ($3::bigint is null or d.id < $3) order by d.id desc limit $4`,
        [query.subscriptionId ?? null, query.state ?? null, query.before ?? null, query.limit],
      );
      return rows;
    },

    async delivery(tx: Tx, id: number): Promise<(Delivery & { excerpt: string }) | undefined> {
      const { rows } = await sql(tx).query<Delivery & { excerpt: string }>(
        `select ${DELIVERY}, d.excerpt ${DELIVERIES} where d.id = $1`,
        [id],
      );
      return rows[0];
    },

    /** What was in a message, or went out since a time, goes out again as it is now; answers how many items. */
    async sendAgain(
      tx: Tx,
      subscriptionId: string,
      what: { readonly delivery: number } | { readonly since: number },
      now: number,
    ): Promise<number> {
      const { rowCount } =
        'delivery' in what
          ? await sql(tx).query(
              `insert into exchange_sent as s (subscription_id, object, hash)
               select $1, o ->> 0, '' from exchange_delivery d, jsonb_array_elements(d.objects) o
               where d.id = $2 and d.subscription_id = $1
               on conflict (subscription_id, object) do update set hash = '', refused_hash = null, refused_at = null`,
              [subscriptionId, what.delivery],
            )
          : await sql(tx).query(
              `update exchange_sent set hash = '', refused_hash = null, refused_at = null
               where subscription_id = $1 and (sent_at >= ${at('$2')} or refused_at is not null)`,
              [subscriptionId, what.since],
            );
      await sql(tx).query(
        `update exchange_subscription set next_at = ${at('$2')}, backlog = backlog + $3 where id = $1`,
        [subscriptionId, now, rowCount],
      );
      return rowCount;
    },

    /** Answers how many went; signs of life go after a day. */
    async pruneDeliveries(tx: Tx, before: number, unchangedBefore: number, limit: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `delete from exchange_delivery where id in (select id from exchange_delivery where state <> 'sending'
           and (made_at < ${at('$1')} or (kind = 'unchanged' and made_at < ${at('$2')})) order by made_at limit $3)`,
        [before, unchangedBefore, limit],
      );
      return rowCount;
    },
  };
}
