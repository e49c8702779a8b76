import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { DeviceKey, LifecycleAction } from '../../domain/device.ts';
import type { BulkInput, DeviceInput, DevicePatch, DeviceQuery, ReplaceInput } from '../../domain/device-input.ts';
import type { Device, DeviceCredentials } from '../../domain/device-record.ts';
import type { Decoded, DecodeInput, DeviceType } from '../../domain/device-type/index.ts';
import type { Page } from '../../domain/page.ts';
import type { Value } from '../../domain/reading.ts';
import type { FieldError } from '../../errors.ts';
import type { AGGREGATES, BulkResult, TelemetryView } from '../schemas/device.ts';

export interface DevicePort {
  create(actor: Actor, input: DeviceInput): Promise<{ device: Device; credentials: DeviceCredentials }>;
  get(actor: Actor, id: string): Promise<Device>;
  list(actor: Actor, query: DeviceQuery): Promise<Page<Device>>;
  update(actor: Actor, id: string, patch: DevicePatch): Promise<Device>;
  lifecycle(actor: Actor, id: string, action: LifecycleAction, reason: string): Promise<Device>;
  replace(actor: Actor, id: string, input: ReplaceInput): Promise<{ device: Device; credentials: DeviceCredentials }>;
  rotateCredentials(actor: Actor, id: string): Promise<DeviceCredentials>;
  bulk(actor: Actor, input: BulkInput): Promise<Static<typeof BulkResult>>;
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
  /** Keeps the command and sends it; throws UNAVAILABLE when the device is not connected. */
  send(actor: Actor, device: Device, command: { name: string; params?: unknown }): Promise<{ id: string }>;
}

/** The catalogue of device types. */
export interface DeviceTypePort {
  get(id: string): DeviceType | undefined;
  list(): readonly DeviceType[];
  isBuiltIn(id: string): boolean;
  decode(typeId: string, input: DecodeInput): Decoded | undefined;
  add(
    source: unknown,
  ): Promise<
    { readonly ok: true; readonly type: DeviceType } | { readonly ok: false; readonly errors: readonly FieldError[] }
  >;
}
