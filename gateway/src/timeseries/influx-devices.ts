import type { DeviceKey } from '../domain/device.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from '../store/database.ts';

/** Ids of devices, which never change: dashboards beside us know devices by them and not by our keys. */
export interface DeviceIds {
  load(tx: Tx, keys: Iterable<DeviceKey>): Promise<void>;
  /** Undefined when `load` found no such device. */
  get(key: DeviceKey): string | undefined;
}

export function createDeviceIds(): DeviceIds {
  const ids = new Map<DeviceKey, string>();
  return {
    async load(tx, keys) {
      const missing = new Set<DeviceKey>();
      for (const key of keys) if (!ids.has(key) && Number.isInteger(key) && key <= 0x7fffffff) missing.add(key);
      if (missing.size === 0) return;
      const { rows } = await sql(tx).query<{ key: DeviceKey; id: string }>(
        'select key, id from device where key = any ($1::int[])',
        [[...missing]],
      );
      for (const { key, id } of rows) ids.set(key, id);
    },
    get: (key) => ids.get(key),
  };
}
