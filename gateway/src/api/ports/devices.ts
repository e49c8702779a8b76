import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { CommandStatus } from '../../domain/command.ts';
import type { DeviceKey, LifecycleAction } from '../../domain/device.ts';
import type {
  BulkInput,
  DeviceFilter,
  DeviceInput,
  DevicePatch,
  DeviceQuery,
  LifecycleInput,
  ReplaceInput,
  ResubmitInput,
  RetirementInput,
} from '../../domain/device-input.ts';
import type { Device, DeviceCount, DeviceCountBy, DeviceCredentials } from '../../domain/device-record.ts';
import type { Page, TimedPage, TimeRange } from '../../domain/page.ts';
import type { Value } from '../../domain/reading.ts';
import type { MessageOwner, RecentMessage } from '../../domain/recent-message.ts';
import type { AGGREGATES, BulkResult, NewDeviceView, TelemetryView } from '../schemas/device.ts';

export interface DevicePort {
  create(
    actor: Actor,
    input: DeviceInput,
  ): Promise<{
    device: Device;
    credentials: DeviceCredentials;
    warnings: Static<typeof NewDeviceView>['warnings'];
  }>;
  get(actor: Actor, id: string): Promise<Device>;
  list(actor: Actor, query: DeviceQuery): Promise<Page<Device>>;
  counts(actor: Actor, filter: DeviceFilter, by?: DeviceCountBy): Promise<readonly DeviceCount[]>;
  update(actor: Actor, id: string, patch: DevicePatch): Promise<Device>;
  lifecycle(
    actor: Actor,
    id: string,
    action: LifecycleAction,
    reason: string,
    options?: { override?: boolean; confirm?: boolean },
  ): Promise<Device>;
  giveBack(actor: Actor, id: string, input: LifecycleInput): Promise<Device>;
  resubmit(actor: Actor, id: string, input: ResubmitInput): Promise<Device>;
  replace(actor: Actor, id: string, input: ReplaceInput): Promise<{ device: Device; credentials: DeviceCredentials }>;
  rotateCredentials(actor: Actor, id: string): Promise<DeviceCredentials>;
  bulk(actor: Actor, input: BulkInput): Promise<Static<typeof BulkResult>>;
}

/** Devices that may be gone for good. */
export interface RetirementPort {
  decide(actor: Actor, id: string, input: RetirementInput): Promise<Device>;
}

/** The time-series store, read side. */
export interface SeriesPort {
  query(query: {
    device: DeviceKey;
    metrics?: readonly string[];
    from: number;
    to: number;
    bucket?: { ms: number; origin?: number; agg: (typeof AGGREGATES)[number] };
    limit: number;
    cursor?: string;
  }): Promise<{
    readonly series: Static<typeof TelemetryView>['series'];
    readonly nextCursor: string | null;
    readonly source?: 'raw' | 'hourly' | 'daily';
  }>;
  latest(device: DeviceKey): Promise<
    readonly {
      readonly metric: string;
      readonly unit: string | null;
      readonly value: Value;
      readonly time: number;
      readonly receivedAt: number;
      readonly flags: readonly string[];
    }[]
  >;
}

export interface CommandPort {
  /** Keeps the command and sends it; throws UNAVAILABLE when the device is not connected and no retry was asked for. */
  send(
    actor: Actor,
    device: Device,
    command: {
      name: string;
      params?: unknown;
      timeout?: number | undefined;
      retries?: number | undefined;
      reason?: string | undefined;
    },
  ): Promise<{ id: string }>;
  get(actor: Actor, device: Device, id: string): Promise<CommandStatus>;
  list(actor: Actor, device: Device, query: TimeRange): Promise<TimedPage<CommandStatus>>;
}

/** The last messages of devices and logins, in memory. */
export interface RecentMessagePort {
  readonly since: number;
  /** Newest first. */
  of(owner: MessageOwner): readonly RecentMessage[] | Promise<readonly RecentMessage[]>;
}
