import Type from 'typebox';
import { parseDuration } from '../../domain/duration.ts';
import { fieldError, refuseIf } from '../../domain/input.ts';
import { halfOf, type Language } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import { route } from '../route.ts';
import { IdParams, List } from '../schema.ts';
import {
  DataSetPatch,
  DataSetView,
  DeliveryDetail,
  DeliveryParams,
  DeliveryQuery,
  DeliveryView,
  PeerAnswer,
  PeerInput,
  PeerPatch,
  PeerView,
  Replayed,
  ReplayInput,
  SubscriptionAct,
  SubscriptionInput,
  SubscriptionView,
} from '../schemas/exchange.ts';

const tag = 'exchange';
const [SHORTEST, LONGEST] = [10_000, 31 * 86_400_000];

function periodOf(text: string): number {
  const period = parseDuration(text);
  if (period === undefined || period < SHORTEST || period > LONGEST)
    refuseIf([fieldError('/period', 'range', 'exchange.period')]);
  return period ?? SHORTEST;
}

/** What went wrong is kept in both languages and told in one. */
const told = <One extends { readonly lastError?: string | null; readonly detail?: string | null }>(
  one: One,
  language: Language,
): One => ({
  ...one,
  ...(one.lastError && { lastError: halfOf(one.lastError, language) }),
  ...(one.detail && { detail: halfOf(one.detail, language) }),
});

/** 数据交换: platforms above, what is published, who takes it, how that goes, and what was said. */
export const exchangeRoutes = ({ times, services: { exchange } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/exchange/peers',
    access: 'settings:read',
    operationId: 'listExchangePeers',
    tag,
    summary: 'Upper platforms (平台接入); their secrets are never returned',
    ok: Type.Object({ items: List(PeerView) }),
    handler: async () => ({ items: await exchange.peers() }),
  }),
  route({
    method: 'POST',
    url: '/exchange/peers',
    access: 'settings:update',
    operationId: 'createExchangePeer',
    tag,
    summary: 'Add an upper platform',
    body: PeerInput,
    status: 201,
    ok: PeerView,
    handler: ({ caller, body }) => exchange.createPeer(caller, body),
  }),
  route({
    method: 'PATCH',
    url: '/exchange/peers/:id',
    access: 'settings:update',
    operationId: 'updateExchangePeer',
    tag,
    summary: 'Change an upper platform; without `secret` it keeps the one it has, as long as its host stays',
    params: IdParams,
    body: PeerPatch,
    ok: PeerView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => exchange.changePeer(caller, params.id, body),
  }),
  route({
    method: 'DELETE',
    url: '/exchange/peers/:id',
    access: 'settings:update',
    operationId: 'removeExchangePeer',
    tag,
    summary: 'Remove an upper platform with its subscriptions and their records',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => exchange.removePeer(caller, params.id).then(() => undefined),
  }),
  route({
    method: 'POST',
    url: '/exchange/peers/:id/test',
    access: 'settings:update',
    operationId: 'testExchangePeer',
    tag,
    summary: 'Send an empty message to `{baseUrl}/test` now and answer what the platform said',
    params: IdParams,
    ok: PeerAnswer,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params, language }) => told(await exchange.testPeer(caller, params.id), language),
  }),
  route({
    method: 'GET',
    url: '/exchange/data-sets',
    access: 'settings:read',
    operationId: 'listExchangeDataSets',
    tag,
    summary: 'What is published (服务发布): fields, 共享类型, 更新周期 and an example',
    ok: Type.Object({ items: List(DataSetView) }),
    handler: async ({ caller }) => ({ items: await exchange.dataSets(caller) }),
  }),
  route({
    method: 'PATCH',
    url: '/exchange/data-sets/:id',
    access: 'settings:update',
    operationId: 'updateExchangeDataSet',
    tag,
    summary: 'Change 共享类型 or 更新周期; what is shared no more ends its subscriptions',
    params: IdParams,
    body: DataSetPatch,
    ok: DataSetView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body: { sharing, period } }) =>
      exchange.changeDataSet(caller, params.id, {
        ...(sharing === undefined ? {} : { sharing }),
        ...(period === undefined ? {} : { period: periodOf(period) }),
      }),
  }),
  route({
    method: 'GET',
    url: '/exchange/subscriptions',
    access: 'settings:read',
    operationId: 'listExchangeSubscriptions',
    tag,
    summary: 'Which platform takes what (服务订阅)',
    ok: Type.Object({ items: List(SubscriptionView) }),
    handler: async ({ language }) => ({ items: (await exchange.subscriptions()).map((one) => told(one, language)) }),
  }),
  route({
    method: 'POST',
    url: '/exchange/subscriptions',
    access: 'settings:update',
    operationId: 'createExchangeSubscription',
    tag,
    summary: 'Subscribe a platform to a data set; 有条件共享 waits for the approval of a second person',
    body: SubscriptionInput,
    status: 201,
    ok: SubscriptionView,
    problems: ['CONFLICT'],
    handler: ({ caller, body }) => exchange.subscribe(caller, body),
  }),
  route({
    method: 'POST',
    url: '/exchange/subscriptions/:id/act',
    access: 'settings:update',
    operationId: 'actOnExchangeSubscription',
    tag,
    summary: 'Approve, refuse, pause or resume a subscription',
    params: IdParams,
    body: SubscriptionAct,
    ok: SubscriptionView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => exchange.act(caller, params.id, body.act, body.note),
  }),
  route({
    method: 'POST',
    url: '/exchange/subscriptions/:id/replay',
    access: 'settings:update',
    operationId: 'replayExchangeSubscription',
    tag,
    summary: 'Send again, as it is now, everything that went out since a time',
    params: IdParams,
    body: ReplayInput,
    status: 202,
    ok: Replayed,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => exchange.replaySince(caller, params.id, times.parse(body.since, '/since')),
  }),
  route({
    method: 'DELETE',
    url: '/exchange/subscriptions/:id',
    access: 'settings:update',
    operationId: 'removeExchangeSubscription',
    tag,
    summary: 'End a subscription; its records go with it',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params }) => exchange.unsubscribe(caller, params.id).then(() => undefined),
  }),
  route({
    method: 'GET',
    url: '/exchange/status',
    access: 'settings:read',
    operationId: 'getExchangeStatus',
    tag,
    summary: 'Interfaces in use (状态监控): last success, latency, errors, backlog',
    ok: Type.Object({ items: List(SubscriptionView) }),
    handler: async ({ language }) => ({
      items: (await exchange.subscriptions())
        .filter(({ state }) => state === 'active')
        .map((one) => told(one, language)),
    }),
  }),
  route({
    method: 'GET',
    url: '/exchange/deliveries',
    access: 'settings:read',
    operationId: 'listExchangeDeliveries',
    tag,
    summary: 'Messages of the last 30 days (交换记录), newest first',
    query: DeliveryQuery,
    ok: page(DeliveryView),
    async handler({ query, language }) {
      const { cursor, limit = 50, ...filter } = query;
      const before = cursor === undefined ? {} : { before: Number(cursor) };
      const found = await exchange.deliveries({ ...filter, ...before, limit: limit + 1 });
      const items = found.slice(0, limit).map((one) => told(one, language));
      return { items, nextCursor: found.length > limit ? String(items.at(-1)?.id) : null };
    },
  }),
  route({
    method: 'GET',
    url: '/exchange/deliveries/:id',
    access: 'settings:update',
    operationId: 'getExchangeDelivery',
    tag,
    summary: 'One message with the beginning of its content',
    params: DeliveryParams,
    ok: DeliveryDetail,
    problems: ['NOT_FOUND'],
    unfittingPathIsUnknown: true,
    handler: async ({ caller, params, language }) => told(await exchange.delivery(caller, Number(params.id)), language),
  }),
  route({
    method: 'POST',
    url: '/exchange/deliveries/:id/replay',
    access: 'settings:update',
    operationId: 'replayExchangeDelivery',
    tag,
    summary: 'Send again, as it is now, what was in this message',
    params: DeliveryParams,
    status: 202,
    ok: Replayed,
    problems: ['NOT_FOUND'],
    unfittingPathIsUnknown: true,
    handler: ({ caller, params }) => exchange.replay(caller, Number(params.id)),
  }),
];
