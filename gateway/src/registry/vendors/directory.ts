import type { Clock } from '../../../../adapters/adapter.ts';
import { opensMqtt } from '../../domain/key-scope.ts';
import type { Tx } from '../../domain/tx.ts';
import { type VendorClosed, vendorClosed } from '../../domain/vendor-access.ts';
import type { VendorKeyRow, VendorLoginRow } from '../../domain/vendor-rows.ts';
import type { Calendar, VendorStore } from './ports.ts';

/** A key that worked at the last look and does not any more. */
export interface EndedKey {
  readonly id: string;
  readonly vendorId: string;
  readonly reason: VendorClosed | 'keyEnded';
}

/** Vendors' logins in memory: state, granted topics and working keys. The data path asks it for every message. */
export interface VendorDirectory {
  byId(id: string): VendorLoginRow | undefined;
  all(): Iterable<VendorLoginRow>;
  /** Why a vendor may not work now; null = it may. */
  closed(id: string): VendorClosed | null;
  /** Keys that are passwords of the MQTT login now. */
  mqttKeys(id: string): readonly VendorKeyRow[];
  /** Whether a live MQTT session of this key may go on. */
  keyWorks(vendorId: string, keyId: string): boolean;
  /** Reads all of them; at start, after a change of ours, and from time to time for other processes' changes. */
  load(tx: Tx): Promise<void>;
  /** Keys that stopped working since the last call: revoked, expired, or their vendor's access is over. */
  endedKeys(): EndedKey[];
}

export function createVendorDirectory(deps: {
  readonly vendors: Pick<VendorStore, 'logins'>;
  readonly clock: Clock;
  readonly calendar: Calendar;
}): VendorDirectory {
  let byId = new Map<string, VendorLoginRow>();
  let working = new Map<string, string>();

  const closed = (id: string) => {
    const vendor = byId.get(id);
    return vendor ? vendorClosed(vendor, deps.calendar.today()) : 'unknown';
  };
  const alive = ({ expiresAt, scopes }: VendorKeyRow) =>
    opensMqtt(scopes) && (expiresAt === null || expiresAt > deps.clock.now());

  return {
    byId: (id) => byId.get(id),
    all: () => byId.values(),
    closed,
    mqttKeys: (id) => byId.get(id)?.keys.filter(alive) ?? [],
    keyWorks: (vendorId, keyId) =>
      closed(vendorId) === null && (byId.get(vendorId)?.keys.some((key) => key.id === keyId && alive(key)) ?? false),
    async load(tx) {
      byId = new Map((await deps.vendors.logins(tx)).map((vendor) => [vendor.id, vendor]));
    },
    endedKeys() {
      const now = new Map<string, string>();
      for (const vendor of byId.values()) {
        if (closed(vendor.id) !== null) continue;
        for (const key of vendor.keys) if (alive(key)) now.set(key.id, vendor.id);
      }
      const ended = [...working].filter(([id]) => !now.has(id));
      working = now;
      return ended.map(([id, vendorId]) => ({ id, vendorId, reason: closed(vendorId) ?? 'keyEnded' }));
    },
  };
}
