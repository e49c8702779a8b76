/** Integer key of a device inside the database; never leaves the gateway. */
export type DeviceKey = number;

/** Stages of a device's life. */
export const LIFECYCLES = ['pending', 'trial', 'active', 'suspended', 'retired', 'rejected'] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

export const LIFECYCLE_ACTIONS = ['approve', 'reject', 'suspend', 'retire', 'reactivate'] as const;
export type LifecycleAction = (typeof LIFECYCLE_ACTIONS)[number];

/** What a lifecycle stage permits. */
export interface LifecycleRights {
  readonly mayConnect: boolean;
  readonly stored: boolean;
  readonly judged: boolean;
  readonly tickets: boolean;
  /** Part of 在线率. */
  readonly counted: boolean;
  readonly next: Partial<Record<LifecycleAction, Lifecycle>>;
}

export const LIFECYCLE_RIGHTS = {
  pending: {
    mayConnect: false,
    stored: false,
    judged: false,
    tickets: false,
    counted: false,
    next: { approve: 'trial', reject: 'rejected' },
  },
  trial: {
    mayConnect: true,
    stored: true,
    judged: true,
    tickets: false,
    counted: false,
    next: { approve: 'active', reject: 'rejected' },
  },
  active: {
    mayConnect: true,
    stored: true,
    judged: true,
    tickets: true,
    counted: true,
    next: { suspend: 'suspended', retire: 'retired' },
  },
  suspended: {
    mayConnect: true,
    stored: true,
    judged: true,
    tickets: false,
    counted: true,
    next: { reactivate: 'active', retire: 'retired' },
  },
  retired: {
    mayConnect: false,
    stored: false,
    judged: false,
    tickets: false,
    counted: false,
    next: { reactivate: 'active' },
  },
  rejected: {
    mayConnect: false,
    stored: false,
    judged: false,
    tickets: false,
    counted: false,
    next: { approve: 'trial' },
  },
} as const satisfies Record<Lifecycle, LifecycleRights>;

export const DEVICE_FLAGS = ['neverSeen', 'plannedButSending', 'zombie', 'retirementCandidate', 'clockSkew'] as const;
export type DeviceFlag = (typeof DEVICE_FLAGS)[number];

/** `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$` of the public interface. */
export const DEVICE_ID_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

/** The part of a device every stage on the data path keeps in memory (small: 100,000 of them are resident). */
export interface DeviceBrief {
  readonly key: DeviceKey;
  readonly id: string;
  /** Device-type id, e.g. `generic/ebike-charger`. */
  readonly type: string;
  readonly lifecycle: Lifecycle;
  readonly vendorId: string | null;
  readonly serial: string | null;
  readonly externalId: string | null;
  readonly siteId: string | null;
  readonly orgId: string | null;
  readonly module: string | null;
  readonly parentKey: DeviceKey | null;
  readonly healthPolicy: HealthPolicy | null;
}

/** Overrides of the type's health section; durations in milliseconds (input as `30s 5m`), each ≥ 1,000. */
export interface HealthPolicy {
  readonly interval?: number;
  readonly offlineAfter?: number;
  readonly hold?: number;
  readonly recoverAfter?: number;
  readonly freshWithin?: Readonly<Record<string, number>>;
  /** Whether the deadline follows the device's own rhythm; absent = as the type says. */
  readonly learn?: boolean;
  /** Offline for so long, a person is asked whether it is gone for good (疑似退役). */
  readonly retirementCandidateAfter?: number;
}
