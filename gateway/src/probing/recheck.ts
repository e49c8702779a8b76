import type { ProbeResult } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Transactor } from '../domain/tx.ts';
import { isGatewayError } from '../errors.ts';

interface Condition {
  readonly device: DeviceKey;
  readonly good: boolean;
  readonly detail: unknown;
}

/** Faults that only time shows to be over. */
const OVER_TIME: readonly string[] = ['stale', 'flapping', 'unsteady'];
const AT_ONCE = 16;

type Looked = { readonly device: DeviceKey; readonly ok: boolean; readonly detail: unknown } | undefined;

/**
 * Looks at devices now, as a repair must prove itself: by a fresh probe where the device has a connection, else by the
 * monitor's verdict on what it sends. A device nobody knows anything of is not proven well.
 */
export function createRecheck(deps: {
  readonly probeNow: (device: DeviceKey) => Promise<ProbeResult>;
  readonly conditions: (tx: Transactor['autocommit'], devices: readonly DeviceKey[]) => Promise<Condition[]>;
  readonly db: Transactor;
  /** Looks for a fault that no probe shows (a picture, a clock); undefined = not its business. */
  readonly inspect?: (device: DeviceKey, fault: string) => Promise<{ ok: boolean; detail: unknown } | undefined>;
}) {
  const look = async (device: DeviceKey, fault: string) => {
    try {
      const inspected = await deps.inspect?.(device, fault);
      if (inspected) return { device, ...inspected };
      const { ok, reason, detail, rttMs } = await deps.probeNow(device);
      return { device, ok, detail: { probe: reason, detail, rttMs } };
    } catch (error) {
      // No connection to probe, or nobody to ask: its data have to prove it.
      if (!isGatewayError(error)) throw error;
      return undefined;
    }
  };
  return async (devices: readonly DeviceKey[], fault = 'offline') => {
    // An answer now shows neither that data flow again nor that a device stays: what it sent has to prove that.
    const byNow = OVER_TIME.includes(fault) ? [] : devices;
    const probed = devices.map((): Looked => undefined);
    const turns = byNow.map((device, index) => ({ device, index })).values();
    // A group may have hundreds: so many at a time.
    const work = async () => {
      for (const { device, index } of turns) probed[index] = await look(device, fault);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    const silent = devices.filter((_, index) => probed[index] === undefined);
    const known = silent.length === 0 ? [] : await deps.conditions(deps.db.autocommit, silent);
    const byData = silent.map((device) => {
      const found = known.find((condition) => condition.device === device);
      return { device, ok: found?.good ?? false, detail: found?.detail ?? { reason: 'neverSeen' } };
    });
    return [...probed.filter((result) => result !== undefined), ...byData];
  };
}
