import {
  DATA_SETS,
  type DataSet,
  isDataSetId,
  type Peer,
  type Sharing,
  type Subscription,
} from '../domain/exchange.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createExchangeDeliveryStore } from './exchange-deliveries.ts';
import { createExchangeDifferences } from './exchange-differences.ts';
import { at } from './time.ts';

const PEER = `p.id, p.name, p.base_url as "baseUrl", p.auth, p.enabled, p.created_at as "createdAt",
  (select count(*)::int from exchange_subscription s where s.peer_id = p.id) as subscriptions`;
const SUBSCRIPTION = `s.id, s.peer_id as "peerId", p.name as "peerName", s.data_set as "dataSet", s.org_id as "orgId", s.modules,
  s.purpose, s.state, s.requested_by as "requestedBy", s.requested_at as "requestedAt", s.decided_by as "decidedBy",
  s.decided_at as "decidedAt", s.decision_note as "decisionNote", s.sequence, s.complete_at as "completeAt",
  s.last_ok_at as "lastOkAt", s.latency_ms as "latencyMs", s.failures, s.last_error as "lastError", s.next_at as "nextAt",
  s.backlog, s.interface, s.interface_since as "interfaceSince", s.alarmed_since as "alarmedSince",
  (select count(*)::int from exchange_sent x where x.subscription_id = s.id and x.refused_hash is not null) as refused`;
const SUBSCRIPTIONS = `select ${SUBSCRIPTION} from exchange_subscription s join exchange_peer p on p.id = s.peer_id`;

export type SubscriptionRow = Subscription & { readonly alarmedSince: number | null };

/** Peers, published data sets and who takes them. */
export function createExchangeStore() {
  return {
    ...createExchangeDifferences(),
    ...createExchangeDeliveryStore(),

    async peers(tx: Tx): Promise<Peer[]> {
      return (await sql(tx).query<Peer>(`select ${PEER} from exchange_peer p order by p.name, p.id`)).rows;
    },

    async peer(tx: Tx, id: string): Promise<(Peer & { secret: string }) | undefined> {
      const { rows } = await sql(tx).query<Peer & { secret: string }>(
        `select ${PEER}, p.secret from exchange_peer p where p.id = $1`,
        [id],
      );
      return rows[0];
    },

    /** Makes or changes; an undefined secret keeps the one there is. Whoever waits for a broken peer tries at once. */
    async putPeer(
      tx: Tx,
      peer: Pick<Peer, 'id' | 'name' | 'baseUrl' | 'auth' | 'enabled'>,
      now: number,
      secret?: string,
    ): Promise<void> {
      await sql(tx).query(
        `insert into exchange_peer as p (id, name, base_url, auth, enabled, secret, created_at)
         values ($1, $2, $3, $4, $5, coalesce($6::text, ''), ${at('$7')})
         on conflict (id) do update set name = excluded.name, base_url = excluded.base_url, auth = excluded.auth,
           enabled = excluded.enabled, secret = coalesce($6::text, p.secret), updated_at = now()`,
        [peer.id, peer.name, peer.baseUrl, peer.auth, peer.enabled, secret ?? null, now],
      );
      await sql(tx).query(
        `update exchange_subscription set next_at = ${at('$2')} where peer_id = $1 and failures > 0`,
        [peer.id, now],
      );
    },

    async removePeer(tx: Tx, id: string): Promise<void> {
      await sql(tx).query('delete from exchange_peer where id = $1', [id]);
    },

    async dataSets(tx: Tx): Promise<DataSet[]> {
      const { rows } = await sql(tx).query<{ id: string; sharing: Sharing; period: number }>(
        'select id, sharing, period_ms as period from exchange_data_set',
      );
      const changed = new Map(rows.map((row) => [row.id, row]));
      return DATA_SETS.map((set) => ({ ...set, ...(isDataSetId(set.id) ? changed.get(set.id) : {}) })) as DataSet[];
    },

    /** A set that needs consent now stops for those nobody consented to; one that is shared no more stops for all. */
    async putDataSet(tx: Tx, { id, sharing, period }: DataSet): Promise<void> {
      await sql(tx).query(
        `insert into exchange_data_set (id, sharing, period_ms) values ($1, $2, $3)
         on conflict (id) do update set sharing = excluded.sharing, period_ms = excluded.period_ms, updated_at = now()`,
        [id, sharing, period],
      );
      if (sharing === 'unconditional') return;
      await sql(tx).query(
        `update exchange_subscription set state = $2 where data_set = $1 and state in ('active', 'paused', 'pending')
           and ($2 = 'refused' or decided_by is null)`,
        [id, sharing === 'none' ? 'refused' : 'pending'],
      );
    },

    async subscriptions(tx: Tx): Promise<SubscriptionRow[]> {
      return (await sql(tx).query<SubscriptionRow>(`${SUBSCRIPTIONS} order by p.name, s.data_set, s.id`)).rows;
    },

    async subscription(tx: Tx, id: string): Promise<SubscriptionRow | undefined> {
      return (await sql(tx).query<SubscriptionRow>(`${SUBSCRIPTIONS} where s.id = $1`, [id])).rows[0];
    },

    async addSubscription(
      tx: Tx,
      s: Pick<
        Subscription,
        'id' | 'peerId' | 'dataSet' | 'orgId' | 'modules' | 'purpose' | 'state' | 'requestedBy' | 'requestedAt'
      >,
    ): Promise<void> {
      await sql(tx).query(
        `insert into exchange_subscription (id, peer_id, data_set, org_id, modules, purpose, state, requested_by, requested_at,
           next_at, interface_since)
         values ($1, $2, $3, $4, $5::text[], $6, $7, $8, ${at('$9')}, ${at('$9')}, ${at('$9')})`,
        [s.id, s.peerId, s.dataSet, s.orgId, s.modules, s.purpose, s.state, s.requestedBy, s.requestedAt],
      );
    },

    /** Back at work it is new again to the clock of its interface: what it missed meanwhile is no fault of it. */
    async setState(tx: Tx, id: string, state: Subscription['state'], now: number): Promise<void> {
      await sql(tx).query(
        `update exchange_subscription set state = $2, next_at = ${at('$3')}, failures = 0,
           interface = 'normal', interface_since = ${at('$3')} where id = $1`,
        [id, state, now],
      );
    },

    async decide(tx: Tx, id: string, by: string, note: string | null, now: number): Promise<void> {
      await sql(tx).query(
        `update exchange_subscription set decided_by = $2, decision_note = $3, decided_at = ${at('$4')} where id = $1`,
        [id, by, note, now],
      );
    },

    async removeSubscription(tx: Tx, id: string): Promise<void> {
      await sql(tx).query('delete from exchange_subscription where id = $1', [id]);
    },

    async setInterface(
      tx: Tx,
      id: string,
      state: Subscription['interface'],
      now: number,
      alarmedSince: number | null,
    ): Promise<void> {
      await sql(tx).query(
        `update exchange_subscription set interface = $2, alarmed_since = ${at('$4')},
           interface_since = case when interface = $2 then interface_since else ${at('$3')} end where id = $1`,
        [id, state, now, alarmedSince],
      );
    },
  };
}
