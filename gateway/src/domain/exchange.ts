/** Hand-over to upper platforms (数据交换). Times are epoch milliseconds, durations milliseconds. */

/** 无条件共享, 有条件共享 (needs the consent of a second person), 不予共享. */
export const SHARING = ['unconditional', 'conditional', 'none'] as const;
export type Sharing = (typeof SHARING)[number];

export const DATA_SET_IDS = ['devices', 'cameras', 'states', 'tickets', 'incidents'] as const;
export type DataSetId = (typeof DATA_SET_IDS)[number];

export interface DataSet {
  readonly id: DataSetId;
  readonly sharing: Sharing;
  /** 更新周期: every so often a subscriber hears of what changed, or that nothing did. */
  readonly period: number;
  readonly fields: readonly string[];
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const PLACE = ['organisationId', 'organisation', 'module'];

/** What is published, as shipped. No secret, no address of a device, nobody's name. */
export const DATA_SETS: readonly DataSet[] = [
  {
    id: 'devices',
    sharing: 'conditional',
    period: DAY,
    fields: [
      ...['id', 'name', 'type', 'nationalCode', 'serial', ...PLACE, 'site', 'vendor', 'maintenanceUnit'],
      ...['location', 'installedOn', 'lifecycle'],
    ],
  },
  {
    id: 'cameras',
    sharing: 'conditional',
    period: DAY,
    fields: [
      ...['nationalCode', 'id', 'name', 'manufacturer', 'model', ...PLACE, 'site', 'location', 'cameraType'],
      ...['positionType', 'direction', 'pointClass', 'lifecycle'],
    ],
  },
  {
    id: 'states',
    sharing: 'unconditional',
    period: 5 * MINUTE,
    fields: ['id', 'nationalCode', 'state', 'reason', 'since'],
  },
  {
    id: 'tickets',
    sharing: 'conditional',
    period: 5 * MINUTE,
    fields: [
      ...['id', 'no', 'kind', 'fault', 'priority', 'severity', 'lifeSafety', 'stage', 'stageSince', ...PLACE],
      ...['handlerOrganisation', 'cause', 'devices', 'openedAt', 'dueAt'],
    ],
  },
  {
    id: 'incidents',
    sharing: 'conditional',
    period: MINUTE / 2,
    fields: [
      ...['id', 'kind', 'fault', 'cause', 'severity', 'lifeSafety', 'state', 'openedAt', 'resolvedAt', ...PLACE],
      ...['deviceId', 'deviceName', 'nationalCode', 'location', 'deviceCount'],
    ],
  },
];

export const isDataSetId = (id: string): id is DataSetId => DATA_SET_IDS.some((one) => one === id);

export const PEER_AUTH = ['hmac', 'bearer'] as const;
export type PeerAuth = (typeof PEER_AUTH)[number];

export interface Peer {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly auth: PeerAuth;
  readonly enabled: boolean;
  readonly createdAt: number;
  /** How many subscriptions it has. */
  readonly subscriptions: number;
}

export const SUBSCRIPTION_STATES = ['pending', 'active', 'paused', 'refused'] as const;
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number];
/** 正常, 异常 (it does not take what it is given), 逾期未更新 (nothing failed, yet it is behind). */
export const INTERFACE_STATES = ['normal', 'failing', 'overdue'] as const;
export type InterfaceState = (typeof INTERFACE_STATES)[number];

export interface Subscription {
  readonly id: string;
  readonly peerId: string;
  readonly peerName: string;
  readonly dataSet: DataSetId;
  readonly orgId: string | null;
  readonly modules: readonly string[] | null;
  readonly purpose: string;
  readonly state: SubscriptionState;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly decisionNote: string | null;
  readonly sequence: number;
  /** When everything there was had arrived; null = never yet. */
  readonly completeAt: number | null;
  readonly lastOkAt: number | null;
  readonly latencyMs: number | null;
  /** Tries in a row that failed. */
  readonly failures: number;
  readonly lastError: string | null;
  readonly nextAt: number;
  /** Items that differ from what it has. */
  readonly backlog: number;
  /** Items it refused for what is in them, and that are tried again every hour. */
  readonly refused: number;
  readonly interface: InterfaceState;
  readonly interfaceSince: number;
}

export const DELIVERY_STATES = ['sending', 'delivered', 'refused'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
/** `full` = the first ones, until it has everything; `unchanged` = the sign of life when nothing changed. */
export const DELIVERY_KINDS = ['full', 'changes', 'unchanged'] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

export interface Delivery {
  readonly id: number;
  readonly subscriptionId: string;
  readonly peerName: string;
  readonly dataSet: DataSetId;
  readonly sequence: number;
  readonly key: string;
  readonly kind: DeliveryKind;
  readonly state: DeliveryState;
  readonly items: number;
  readonly bytes: number;
  readonly tries: number;
  readonly status: number | null;
  readonly detail: string | null;
  readonly latencyMs: number | null;
  readonly madeAt: number;
  readonly doneAt: number | null;
}

/** `null` hash = taken away. */
export type SentObject = readonly [object: string, hash: string | null];

/** What one subscriber lacks. */
export interface Difference {
  readonly object: string;
  /** null = it is to be taken away. */
  readonly hash: string | null;
  /** JSON text of its data; null when taken away. */
  readonly data: string | null;
}
