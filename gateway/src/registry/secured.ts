import type { Actor } from '../domain/actor.ts';
import type { DeviceKey } from '../domain/device.ts';
import { requireRight } from '../domain/permission.ts';
import type { Tx } from '../domain/tx.ts';

/** 重保: what takes place now and must not lose a device by mistake. */
export interface SecurityStore {
  /** Names of the 重保 that goes on at a moment (epoch milliseconds), by device; `keys` null = of every device. */
  securedAt(tx: Tx, keys: readonly DeviceKey[] | null, moment: number): Promise<ReadonlyMap<DeviceKey, string>>;
}

/** Actions after which nobody is told of a device. */
const OUT_OF_SERVICE: ReadonlySet<string> = new Set(['suspend', 'retire']);

/**
 * Devices that an action would take out of a 重保 that goes on, with its name. Whoever confirms needs the right that
 * declares one; FORBIDDEN otherwise.
 */
export async function takenOutOfSecurity(
  tx: Tx,
  actor: Actor,
  { action, confirm }: { readonly action: string; readonly confirm: boolean },
  keys: readonly DeviceKey[],
  { security, now }: { readonly security: SecurityStore; readonly now: number },
): Promise<ReadonlyMap<DeviceKey, string>> {
  if (!OUT_OF_SERVICE.has(action) || keys.length === 0) return new Map();
  const secured = await security.securedAt(tx, keys, now);
  if (confirm && secured.size > 0) requireRight(actor, 'maintenanceWindows', 'decide');
  return secured;
}
