import type {
  DataSet,
  Delivery,
  DeliveryKind,
  DeliveryState,
  Difference,
  InterfaceState,
  Peer,
  SentObject,
  Subscription,
} from '../domain/exchange.ts';
import type { Notice } from '../domain/notice.ts';
import type { Tx } from '../domain/tx.ts';

/** What the hand-over asks of the database. Times are epoch milliseconds. */
export interface ExchangeStore {
  peers(tx: Tx): Promise<Peer[]>;
  /** `secret` is sealed. */
  peer(tx: Tx, id: string): Promise<(Peer & { secret: string }) | undefined>;
  putPeer(
    tx: Tx,
    peer: Pick<Peer, 'id' | 'name' | 'baseUrl' | 'auth' | 'enabled'>,
    now: number,
    secret?: string,
  ): Promise<void>;
  removePeer(tx: Tx, id: string): Promise<void>;
  dataSets(tx: Tx): Promise<DataSet[]>;
  putDataSet(tx: Tx, set: DataSet): Promise<void>;
  sample(tx: Tx, of: Pick<Subscription, 'dataSet' | 'orgId' | 'modules'>): Promise<unknown>;
  subscriptions(tx: Tx): Promise<(Subscription & { alarmedSince: number | null })[]>;
  subscription(tx: Tx, id: string): Promise<Subscription | undefined>;
  addSubscription(
    tx: Tx,
    subscription: Pick<
      Subscription,
      'id' | 'peerId' | 'dataSet' | 'orgId' | 'modules' | 'purpose' | 'state' | 'requestedBy' | 'requestedAt'
    >,
  ): Promise<void>;
  setState(tx: Tx, id: string, state: Subscription['state'], now: number): Promise<void>;
  decide(tx: Tx, id: string, by: string, note: string | null, now: number): Promise<void>;
  removeSubscription(tx: Tx, id: string): Promise<void>;
  setInterface(tx: Tx, id: string, state: InterfaceState, now: number, alarmedSince: number | null): Promise<void>;
  deliveries(
    tx: Tx,
    query: { subscriptionId?: string; state?: DeliveryState; before?: number; limit: number },
  ): Promise<Delivery[]>;
  delivery(tx: Tx, id: number): Promise<(Delivery & { excerpt: string }) | undefined>;
  sendAgain(tx: Tx, id: string, what: { delivery: number } | { since: number }, now: number): Promise<number>;
}

export interface PendingDelivery {
  readonly id: number;
  readonly sequence: number;
  readonly key: string;
  readonly kind: DeliveryKind;
  readonly body: string;
  readonly items: number;
  readonly tries: number;
}

/** What the courier asks besides. */
export interface DeliveryStore
  extends Pick<ExchangeStore, 'peer' | 'dataSets' | 'subscription' | 'subscriptions' | 'setInterface'> {
  due(tx: Tx, now: number): Promise<string[]>;
  lease(tx: Tx, id: string, owner: string, until: number, now: number): Promise<boolean>;
  release(tx: Tx, id: string, owner: string): Promise<void>;
  progress(tx: Tx, id: string): Promise<{ batchLimit: number | null; refusals: number; failures: number }>;
  pending(tx: Tx, id: string): Promise<PendingDelivery | undefined>;
  differences(
    tx: Tx,
    of: Subscription,
    after: string,
    now: number,
    limit: number,
  ): Promise<{ items: Difference[]; next: string | null }>;
  backlog(tx: Tx, of: Subscription, now: number): Promise<number>;
  setBacklog(tx: Tx, id: string, backlog: number): Promise<void>;
  nextSequence(tx: Tx, id: string): Promise<number>;
  addDelivery(
    tx: Tx,
    delivery: {
      subscriptionId: string;
      sequence: number;
      key: string;
      kind: DeliveryKind;
      objects: readonly SentObject[];
      body: string;
      bytes: number;
      excerpt: string;
      now: number;
    },
  ): Promise<void>;
  tried(
    tx: Tx,
    id: number,
    result: { state: DeliveryState; status: number | null; detail: string; latencyMs: number; now: number },
  ): Promise<void>;
  taken(tx: Tx, subscriptionId: string, id: number, latencyMs: number, most: number, now: number): Promise<void>;
  setAside(tx: Tx, subscriptionId: string, id: number, now: number): Promise<void>;
  refused(tx: Tx, id: string, of: { batchLimit: number; single: boolean; error: string }): Promise<void>;
  failed(tx: Tx, id: string, of: { nextAt: number; error: string }): Promise<void>;
  complete(tx: Tx, id: string, of: { startedAt: number; nextAt: number; now: number }): Promise<void>;
  pruneDeliveries(tx: Tx, before: number, unchangedBefore: number, limit: number): Promise<number>;
}

/** Encryption at rest; `context` binds a sealed secret to the place it belongs to. */
export interface Secrets {
  seal(plain: string, context: string): string;
  open(sealed: string, context: string): string;
}

export type AddNotices = (tx: Tx, notices: readonly Notice[]) => Promise<unknown>;

export const secretContext = (peerId: string) => `exchange:${peerId}`;
