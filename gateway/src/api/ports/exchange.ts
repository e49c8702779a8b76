import type { Actor } from '../../domain/actor.ts';
import type {
  DataSet,
  DataSetId,
  Delivery,
  DeliveryState,
  Peer,
  Sharing,
  Subscription,
} from '../../domain/exchange.ts';

export interface PeerInput {
  readonly name: string;
  readonly baseUrl: string;
  readonly auth: Peer['auth'];
  readonly secret: string;
  readonly enabled?: boolean;
}

/** Hand-over to upper platforms; times in epoch milliseconds. Secrets go in and never come out. */
export interface ExchangePort {
  peers(): Promise<readonly Peer[]>;
  createPeer(actor: Actor, input: PeerInput): Promise<Peer>;
  changePeer(actor: Actor, id: string, input: Partial<PeerInput>): Promise<Peer>;
  removePeer(actor: Actor, id: string): Promise<void>;
  testPeer(
    actor: Actor,
    id: string,
  ): Promise<{
    readonly outcome: 'taken' | 'refused' | 'failed';
    readonly status: number | null;
    readonly detail: string;
    readonly latencyMs: number;
  }>;
  dataSets(actor: Actor): Promise<readonly (DataSet & { readonly sample: unknown })[]>;
  changeDataSet(actor: Actor, id: string, input: { sharing?: Sharing; period?: number }): Promise<DataSet>;
  subscriptions(): Promise<readonly Subscription[]>;
  subscribe(
    actor: Actor,
    input: {
      readonly peerId: string;
      readonly dataSet: DataSetId;
      readonly orgId?: string;
      readonly modules?: readonly string[];
      readonly purpose: string;
    },
  ): Promise<Subscription>;
  act(actor: Actor, id: string, act: 'approve' | 'refuse' | 'pause' | 'resume', note?: string): Promise<Subscription>;
  unsubscribe(actor: Actor, id: string): Promise<void>;
  replaySince(actor: Actor, id: string, since: number): Promise<{ items: number }>;
  deliveries(query: {
    subscriptionId?: string;
    state?: DeliveryState;
    before?: number;
    limit: number;
  }): Promise<readonly Delivery[]>;
  delivery(actor: Actor, id: number): Promise<Delivery & { excerpt: string }>;
  replay(actor: Actor, id: number): Promise<{ items: number }>;
}
