import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type { Transactor } from '../domain/tx.ts';
import type { DeviceStore } from './ports.ts';

/** Counts logins of devices that should be silent (zombies, and planned devices that already send). */
export interface UnexpectedLogins {
  /** From memory and at once: a zombie in a reconnect loop must not cost a write each time. */
  note(device: DeviceBrief, at: number): void;
  /** Writes what was counted; call it every few seconds and before the stop. A failed write keeps the counts. */
  flush(): Promise<void>;
}

export function createUnexpectedLogins(deps: {
  readonly db: Transactor;
  readonly devices: Pick<DeviceStore, 'addUnexpected'>;
}): UnexpectedLogins {
  let counts = new Map<DeviceKey, { count: number; at: number }>();
  const add = (key: DeviceKey, count: number, at: number) => {
    const known = counts.get(key);
    counts.set(key, { count: (known?.count ?? 0) + count, at: Math.max(known?.at ?? 0, at) });
  };
  return {
    note: (device, at) => add(device.key, 1, at),
    async flush() {
      if (counts.size === 0) return;
      const written = counts;
      counts = new Map();
      try {
        const rows = [...written].map(([key, entry]) => ({ key, ...entry }));
        await deps.devices.addUnexpected(deps.db.autocommit, rows);
      } catch (error) {
        for (const [key, { count, at }] of written) add(key, count, at);
        throw error;
      }
    },
  };
}
