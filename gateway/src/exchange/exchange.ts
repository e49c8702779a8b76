import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DataSet, DataSetId, Delivery, DeliveryState, Peer, Sharing, Subscription } from '../domain/exchange.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import type { CheckTarget } from '../outbound.ts';
import { type ExchangeStore, type Secrets, secretContext } from './ports.ts';
import { type PostResult, post } from './post.ts';

export interface PeerInput {
  readonly name: string;
  readonly baseUrl: string;
  readonly auth: Peer['auth'];
  readonly secret: string;
  readonly enabled?: boolean;
}

export interface SubscriptionInput {
  readonly peerId: string;
  readonly dataSet: DataSetId;
  readonly orgId?: string;
  readonly modules?: readonly string[];
  readonly purpose: string;
}

/** What a person may do with a subscription; `approve` and `refuse` are for somebody other than who asked. */
export type SubscriptionAct = 'approve' | 'refuse' | 'pause' | 'resume';

const FROM: Readonly<Record<SubscriptionAct, readonly Subscription['state'][]>> = {
  approve: ['pending', 'refused'],
  refuse: ['pending', 'active', 'paused'],
  pause: ['active'],
  resume: ['paused'],
};
const TEST_WITHIN_MS = 10_000;

export type Exchange = ReturnType<typeof createExchange>;

/** 平台接入, 服务发布, 服务订阅, 交换记录, as an administrator works with them. */
export function createExchange(options: {
  readonly store: ExchangeStore;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly secrets: Secrets;
  readonly checkTarget: CheckTarget;
  readonly clock: Clock;
  /** Something is due now. */
  readonly kick: () => void;
}) {
  const { store, transactor, clock, secrets } = options;
  const db = transactor.autocommit;
  const newId = (kind: string) => `${kind}_${randomUUID().replaceAll('-', '')}`;
  const seal = (id: string, secret: string) => secrets.seal(secret, secretContext(id));
  const prove = (
    tx: Tx,
    actor: Actor,
    action: string,
    id: string,
    change: { before?: unknown; after?: unknown } = {},
  ) => options.audit.append(tx, [{ at: clock.now(), actor, action, resource: 'exchange', resourceId: id, ...change }]);

  /** What leaves here is of the whole street; nobody hands over what he does not see. */
  const whole = (actor: Actor) => {
    if (actor.scope.kind !== 'all') throw new GatewayError('FORBIDDEN', bilingual('exchange.wholeReach'));
  };
  const peerOf = async (tx: Tx, id: string) => {
    const found = await store.peer(tx, id);
    if (!found) throw new GatewayError('NOT_FOUND');
    const { secret, ...peer } = found;
    return { peer, secret };
  };
  const setOf = async (tx: Tx, id: string): Promise<DataSet> => {
    const found = (await store.dataSets(tx)).find((set) => set.id === id);
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };
  const subscriptionOf = async (tx: Tx, id: string): Promise<Subscription> => {
    const found = await store.subscription(tx, id);
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };

  const mayApprove = async (tx: Tx, actor: Actor, { requestedBy, dataSet }: Subscription) => {
    if (requestedBy === actorText(actor)) throw new GatewayError('FORBIDDEN', bilingual('exchange.secondPerson'));
    if ((await setOf(tx, dataSet)).sharing === 'none')
      throw new GatewayError('CONFLICT', bilingual('exchange.notShared'));
  };

  /** Changes it, proves it and answers what it is then. */
  async function changed(
    actor: Actor,
    id: string,
    action: string,
    work: (tx: Tx, before: Subscription) => Promise<unknown>,
  ): Promise<Subscription> {
    whole(actor);
    const after = await transactor.transaction(async (tx) => {
      const before = await subscriptionOf(tx, id);
      const more = await work(tx, before);
      const now = await subscriptionOf(tx, id);
      await prove(tx, actor, action, id, { before: { state: before.state }, after: more ?? { state: now.state } });
      return now;
    });
    options.kick();
    return after;
  }

  return {
    peers: () => store.peers(db),

    async createPeer(actor: Actor, input: PeerInput): Promise<Peer> {
      whole(actor);
      return transactor.transaction(async (tx) => {
        const id = newId('xp');
        const { secret, enabled = true, ...rest } = input;
        await store.putPeer(tx, { id, enabled, ...rest }, clock.now(), seal(id, secret));
        const { peer } = await peerOf(tx, id);
        await prove(tx, actor, 'createPeer', id, { after: peer });
        return peer;
      });
    },

    async changePeer(actor: Actor, id: string, input: Partial<PeerInput>): Promise<Peer> {
      whole(actor);
      const peer = await transactor.transaction(async (tx) => {
        const { peer: before } = await peerOf(tx, id);
        const { secret, ...rest } = input;
        const next = { ...before, ...rest };
        // A token goes only to the platform it was given for.
        const moved = new URL(next.baseUrl).origin !== new URL(before.baseUrl).origin || next.auth !== before.auth;
        if (moved && secret === undefined) refuseIf([fieldError('/secret', 'required', 'exchange.secretAgain')]);
        await store.putPeer(tx, next, clock.now(), secret === undefined ? undefined : seal(id, secret));
        const { peer: after } = await peerOf(tx, id);
        await prove(tx, actor, 'updatePeer', id, {
          before,
          after: { ...after, ...(secret === undefined ? {} : { newSecret: true }) },
        });
        return after;
      });
      options.kick();
      return peer;
    },

    async removePeer(actor: Actor, id: string): Promise<void> {
      whole(actor);
      await transactor.transaction(async (tx) => {
        const { peer: before } = await peerOf(tx, id);
        await store.removePeer(tx, id);
        await prove(tx, actor, 'removePeer', id, { before });
      });
    },

    /** Asks the platform now and answers what it said; nothing of the street is in it. */
    async testPeer(actor: Actor, id: string): Promise<PostResult> {
      whole(actor);
      const { peer, secret } = await peerOf(db, id);
      const body = JSON.stringify({ version: 1, kind: 'test', madeAt: new Date(clock.now()).toISOString(), items: [] });
      const parcel = { to: 'test', key: `test:${randomUUID()}`, body };
      const target = { ...peer, secret: secrets.open(secret, secretContext(id)) };
      const result = await post(parcel, target, options, {
        signal: AbortSignal.timeout(TEST_WITHIN_MS),
        within: TEST_WITHIN_MS,
      });
      await transactor.transaction((tx) =>
        prove(tx, actor, 'testPeer', id, { after: { outcome: result.outcome, status: result.status } }),
      );
      return result;
    },

    async dataSets(actor: Actor): Promise<(DataSet & { sample: unknown })[]> {
      const sets = await store.dataSets(db);
      // An example is of the street: only for whoever may see all of it.
      const shown = actor.scope.kind === 'all';
      const sampleOf = ({ id }: DataSet) => store.sample(db, { dataSet: id, orgId: null, modules: null });
      return Promise.all(sets.map(async (set) => ({ ...set, sample: shown ? await sampleOf(set) : null })));
    },

    async changeDataSet(actor: Actor, id: string, input: { sharing?: Sharing; period?: number }): Promise<DataSet> {
      whole(actor);
      return transactor.transaction(async (tx) => {
        const before = await setOf(tx, id);
        const after = { ...before, ...input };
        await store.putDataSet(tx, after);
        const part = ({ sharing, period }: DataSet) => ({ sharing, period });
        await prove(tx, actor, 'updateDataSet', id, { before: part(before), after: part(after) });
        return after;
      });
    },

    subscriptions: (): Promise<Subscription[]> => store.subscriptions(db),

    async subscribe(actor: Actor, input: SubscriptionInput): Promise<Subscription> {
      whole(actor);
      const made = await transactor.transaction(async (tx) => {
        if (!(await store.peer(tx, input.peerId))) refuseIf([fieldError('/peerId', 'unknown', 'exchange.noPeer')]);
        const { sharing } = await setOf(tx, input.dataSet);
        if (sharing === 'none') throw new GatewayError('CONFLICT', bilingual('exchange.notShared'));
        const id = newId('xs');
        await store.addSubscription(tx, {
          ...{ id, peerId: input.peerId, dataSet: input.dataSet, purpose: input.purpose },
          ...{ orgId: input.orgId ?? null, modules: input.modules ?? null },
          state: sharing === 'conditional' ? 'pending' : 'active',
          ...{ requestedBy: actorText(actor), requestedAt: clock.now() },
        });
        const after = await subscriptionOf(tx, id);
        await prove(tx, actor, 'subscribe', id, { after: { ...input, state: after.state } });
        return after;
      });
      options.kick();
      return made;
    },

    act: (actor: Actor, id: string, act: SubscriptionAct, note?: string) =>
      changed(actor, id, `${act}Subscription`, async (tx, before) => {
        if (!FROM[act].includes(before.state)) throw new GatewayError('CONFLICT', bilingual('exchange.wrongState'));
        if (act === 'approve') await mayApprove(tx, actor, before);
        if (act === 'approve' || act === 'refuse')
          await store.decide(tx, id, actorText(actor), note ?? null, clock.now());
        const state = act === 'pause' ? 'paused' : act === 'refuse' ? 'refused' : 'active';
        await store.setState(tx, id, state, clock.now());
      }),

    async unsubscribe(actor: Actor, id: string): Promise<void> {
      whole(actor);
      await transactor.transaction(async (tx) => {
        const { state, peerName, dataSet, purpose } = await subscriptionOf(tx, id);
        await store.removeSubscription(tx, id);
        await prove(tx, actor, 'unsubscribe', id, { before: { state, peerName, dataSet, purpose } });
      });
    },

    /** Everything that went out since then goes out again, as it is now. */
    async replaySince(actor: Actor, id: string, since: number): Promise<{ items: number }> {
      let items = 0;
      await changed(actor, id, 'replaySubscription', async (tx) => {
        items = await store.sendAgain(tx, id, { since }, clock.now());
        return { since, items };
      });
      return { items };
    },

    deliveries: (query: { subscriptionId?: string; state?: DeliveryState; before?: number; limit: number }) =>
      store.deliveries(db, query),

    async delivery(actor: Actor, id: number): Promise<Delivery & { excerpt: string }> {
      whole(actor);
      const found = await store.delivery(db, id);
      if (!found) throw new GatewayError('NOT_FOUND');
      return found;
    },

    /** What was in that message goes out again, as it is now. */
    async replay(actor: Actor, id: number): Promise<{ items: number }> {
      whole(actor);
      const found = await store.delivery(db, id);
      if (!found) throw new GatewayError('NOT_FOUND');
      let items = 0;
      await changed(actor, found.subscriptionId, 'replayDelivery', async (tx) => {
        items = await store.sendAgain(tx, found.subscriptionId, { delivery: id }, clock.now());
        return { delivery: id, items };
      });
      return { items };
    },
  };
}
