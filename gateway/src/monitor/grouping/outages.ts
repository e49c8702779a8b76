import type { DeviceBrief, DeviceKey } from '../../domain/device.ts';
import type { GroupKey } from '../../domain/grouping.ts';
import type { Tx } from '../../domain/tx.ts';
import type { Directory } from '../ports.ts';
import { MASS_KEY, VENDOR_LINK } from './keys.ts';
import type { GroupStore, LiveGroup } from './ports.ts';

/** No gap between two words of a device counts for its rhythm when it is longer. */
const LONGEST_GAP_MS = 7 * 86_400_000;
/** Kinds whose devices memory does not tell. */
const LABELS = ['powerFeed', 'uplink'] as const;

/** Which devices hang on something that was out lately: what they do meanwhile is not their rhythm. Memory only. */
export interface Outages {
  /** What is out now, as the database says. */
  note(tx: Tx, live: readonly LiveGroup[], at: number): Promise<void>;
  /** Whether anything a device hangs on was out at any time since (epoch ms). */
  since(device: DeviceBrief, since: number): boolean;
}

export function createOutages(deps: {
  readonly groups: Pick<GroupStore, 'members' | 'labelled'>;
  readonly directory: Directory;
}): Outages {
  /** Until when it was out, by key and by device; infinity = it is. */
  const keys = new Map<string, number>();
  const devices = new Map<DeviceKey, number>();
  let known = '';

  return {
    async note(tx, live, at) {
      const state = live.map(({ id, bad, good }) => `${id} ${bad + good}`).join();
      if (state === known) return;
      const [members, behind] = await Promise.all([
        deps.groups.members(
          tx,
          live.filter(({ key }) => key !== MASS_KEY).map(({ id }) => id),
        ),
        deps.groups.labelled(tx, live.flatMap(labelOf)),
      ]);
      known = state;
      renew(
        keys,
        live.map(({ key }) => key),
        at,
      );
      renew(devices, [...members.map(({ device }) => device), ...behind], at);
    },
    since(device, since) {
      if (keys.size === 0) return false;
      const { siteId, orgId, vendorId } = device;
      const own = [MASS_KEY, `site:${siteId}`, `org:${orgId}`, `vendor:${vendorId}`, `${VENDOR_LINK}${vendorId}`];
      for (let up = device.parentKey; up !== null; ) {
        const parent = deps.directory.get(up);
        if (!parent || own.length > 20) break;
        own.push(`parent:${parent.id}`);
        up = parent.parentKey;
      }
      return (devices.get(device.key) ?? 0) >= since || own.some((key) => (keys.get(key) ?? 0) >= since);
    },
  };
}

function labelOf({ key }: LiveGroup): GroupKey[] {
  return LABELS.flatMap((kind) => (key.startsWith(`${kind}:`) ? [{ kind, id: key.slice(kind.length + 1) }] : []));
}

/** What is no longer out was so until now; what is long over is forgotten. */
function renew<K>(until: Map<K, number>, out: readonly K[], at: number): void {
  for (const [key, end] of until) {
    if (end === Number.POSITIVE_INFINITY) until.set(key, at);
    else if (end < at - LONGEST_GAP_MS) until.delete(key);
  }
  for (const key of out) until.set(key, Number.POSITIVE_INFINITY);
}
