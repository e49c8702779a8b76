import Type from 'typebox';
import { Name, ObjectId } from '../../domain/device-input.ts';
import {
  DATA_SET_IDS,
  DELIVERY_KINDS,
  DELIVERY_STATES,
  INTERFACE_STATES,
  PEER_AUTH,
  SHARING,
  SUBSCRIPTION_STATES,
} from '../../domain/exchange.ts';
import { Anything, DurationOut, Enum, List, Named, Nullable, Strict, TimeIn, TimeOut } from '../schema.ts';

const Text = Type.String();
const Count = Type.Integer();
const Line = (max: number, description: string) =>
  Type.String({ minLength: 1, maxLength: max, pattern: '^[^\\p{Cc}]+$', description });

export const PeerView = Named(
  'ExchangePeer',
  Type.Object({
    id: Text,
    name: Text,
    baseUrl: Text,
    auth: Enum(PEER_AUTH),
    enabled: Type.Boolean(),
    createdAt: TimeOut,
    subscriptions: Count,
  }),
);
const peer = {
  name: Name,
  baseUrl: Type.String({
    pattern: '^https?://[^\\s/@?#]+(/[^\\s?#]*)?$',
    maxLength: 1_000,
    description: 'Messages go to `{baseUrl}/{dataSet}`; without user name, password and query',
    examples: ['https://exchange.example/street'],
  }),
  auth: Enum(PEER_AUTH, { description: '`hmac` signs every message, `bearer` sends the secret as a token' }),
  secret: Type.String({
    minLength: 8,
    maxLength: 512,
    pattern: '^[\\x21-\\x7e]+$',
    description: 'Agreed with the platform; never shown again',
  }),
  enabled: Type.Optional(Type.Boolean()),
};
export const PeerInput = Strict(peer);
export const PeerPatch = Strict({
  name: Type.Optional(peer.name),
  baseUrl: Type.Optional(peer.baseUrl),
  auth: Type.Optional(peer.auth),
  secret: Type.Optional(peer.secret),
  enabled: peer.enabled,
});
export const PeerAnswer = Named(
  'ExchangePeerAnswer',
  Type.Object({
    outcome: Enum(['taken', 'refused', 'failed']),
    status: Nullable(Count),
    detail: Text,
    latencyMs: Count,
  }),
);

const dataSet = {
  id: Enum(DATA_SET_IDS),
  sharing: Enum(SHARING, { description: '无条件共享, 有条件共享 (a second person approves), 不予共享' }),
  period: { ...DurationOut, description: '更新周期' },
  fields: List(Text),
};
export const DataSetView = Named(
  'ExchangeDataSet',
  Type.Object({
    ...dataSet,
    sample: Type.Optional({ ...Anything, description: 'One object as a platform gets it; null = there is none' }),
  }),
);
export const DataSetPatch = Strict({
  sharing: Type.Optional(Enum(SHARING)),
  period: Type.Optional(Type.String({ maxLength: 20, description: 'At least 10s, at most 31d', examples: ['5m'] })),
});

export const SubscriptionView = Named(
  'ExchangeSubscription',
  Type.Object({
    id: Text,
    peerId: Text,
    peerName: Text,
    dataSet: Enum(DATA_SET_IDS),
    orgId: Nullable(Text),
    modules: Nullable(List(Text)),
    purpose: Text,
    state: Enum(SUBSCRIPTION_STATES),
    requestedBy: Text,
    requestedAt: TimeOut,
    decidedBy: Nullable(Text),
    decidedAt: Nullable(TimeOut),
    decisionNote: Nullable(Text),
    sequence: Count,
    completeAt: Nullable({ ...TimeOut, description: 'When it last had everything' }),
    lastOkAt: Nullable(TimeOut),
    latencyMs: Nullable(Count),
    failures: { ...Count, description: 'Tries in a row that failed' },
    lastError: Nullable(Text),
    nextAt: TimeOut,
    backlog: { ...Count, description: 'Items it does not have yet, as of the last look' },
    refused: { ...Count, description: 'Items it refused for what is in them; tried again every hour' },
    interface: Enum(INTERFACE_STATES, { description: '正常, 异常, 逾期未更新' }),
    interfaceSince: TimeOut,
  }),
);
export const SubscriptionInput = Strict({
  peerId: ObjectId,
  dataSet: Enum(DATA_SET_IDS),
  orgId: Type.Optional(ObjectId),
  modules: Type.Optional(Type.Array(ObjectId, { minItems: 1, maxItems: 100 })),
  purpose: Line(200, 'Why it is handed over; stands in the audit'),
});
export const SubscriptionAct = Strict({
  act: Enum(['approve', 'refuse', 'pause', 'resume']),
  note: Type.Optional(Line(500, 'Why')),
});
export const ReplayInput = Strict({ since: TimeIn });
export const Replayed = Type.Object({ items: { ...Count, description: 'Items that go out again' } });

const delivery = {
  id: Count,
  subscriptionId: Text,
  peerName: Text,
  dataSet: Enum(DATA_SET_IDS),
  sequence: Count,
  key: Text,
  kind: Enum(DELIVERY_KINDS),
  state: Enum(DELIVERY_STATES),
  items: Count,
  bytes: Count,
  tries: Count,
  status: Nullable(Count),
  detail: Nullable(Text),
  latencyMs: Nullable(Count),
  madeAt: TimeOut,
  doneAt: Nullable(TimeOut),
};
export const DeliveryView = Named('ExchangeDelivery', Type.Object(delivery));
export const DeliveryDetail = Named(
  'ExchangeDeliveryDetail',
  Type.Object({ ...delivery, excerpt: { ...Text, description: 'The first 2,000 characters' } }),
);
export const DeliveryQuery = Strict({
  subscriptionId: Type.Optional(ObjectId),
  state: Type.Optional(Enum(DELIVERY_STATES)),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
});
export const DeliveryParams = Type.Object({ id: Type.String({ pattern: '^\\d{1,15}$' }) });
