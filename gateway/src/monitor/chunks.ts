import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { HealthChange } from '../domain/health-rows.ts';
import { isGatewayError } from '../errors.ts';
import type { InTurn, SettleContext } from './context.ts';
import { settle } from './settle.ts';

/** Devices per transaction (a); with 4 facts each this stays well below 200 ms on PostgreSQL. */
const CHUNK = 1_000;
/** What one device breaks is left alone for this long, so that it does not stop the others. */
const POISON_MS = 60_000;

/** Judges any number of devices, a chunk at a time; one that cannot be judged does not stop the others. */
export interface Settler {
  /** Throws UNAVAILABLE when the database is away; the devices stay dirty then. */
  settleAll(devices: readonly DeviceKey[]): Promise<void>;
  /** false while the device is left alone. */
  notPoisoned(device: DeviceKey): boolean;
  /** Why devices are left alone; null = all can be judged. */
  trouble(): string | null;
}

export function createSettler(options: {
  readonly context: SettleContext;
  readonly inTurn: InTurn;
  readonly dirty: Set<DeviceKey>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onChange: ((changes: readonly HealthChange[]) => void) | undefined;
  readonly onError: ((error: unknown) => void) | undefined;
}): Settler {
  const { context, inTurn, dirty, clock, log } = options;
  const poison = new Map<DeviceKey, { readonly until: number; readonly why: string }>();

  /** Settles in chunks; a chunk that fails for its content is halved until the one device at fault is found. */
  async function settleAll(devices: readonly DeviceKey[]): Promise<void> {
    for (let from = 0; from < devices.length; from += CHUNK) await settleChunk(devices.slice(from, from + CHUNK));
  }

  async function settleChunk(devices: readonly DeviceKey[]): Promise<void> {
    for (const key of devices) dirty.delete(key);
    try {
      const changes = await inTurn(() => settle(context, devices));
      for (const key of devices) poison.delete(key);
      if (changes.length > 0) options.onChange?.(changes);
    } catch (error) {
      for (const key of devices) dirty.add(key);
      if (isGatewayError(error, 'UNAVAILABLE')) throw error;
      if (devices.length > 1) {
        const half = Math.ceil(devices.length / 2);
        await settleChunk(devices.slice(0, half));
        await settleChunk(devices.slice(half));
        return;
      }
      const [key] = devices;
      if (key === undefined) return;
      log.error({ device: key, error }, 'a device cannot be judged');
      options.onError?.(error);
      const why = error instanceof Error ? error.message : String(error);
      poison.set(key, { until: clock.monotonic() + POISON_MS, why });
    }
  }

  return {
    settleAll,
    notPoisoned: (key) => (poison.get(key)?.until ?? 0) <= clock.monotonic(),
    trouble: () => poison.values().next().value?.why ?? null,
  };
}
