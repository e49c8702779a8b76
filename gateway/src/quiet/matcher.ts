import type { DeviceBrief } from '../domain/device.ts';
import { labelsKey, type QuietPlaces, type QuietReach, type QuietTime } from '../domain/quiet-rows.ts';

/** Finds the times that hold for a device without looking at all of them. */
export interface Matcher<T> {
  of(device: DeviceBrief): readonly T[];
}

type Rule = Pick<QuietTime, 'scope' | 'reach'>;

/**
 * Every entry stands in one index only, that of its narrowest list; the few candidates are then looked at in full. So
 * 10,000 windows of single devices or sites cost a device no more than a handful of lookups.
 */
export function createMatcher<T extends Rule>(entries: readonly T[], places: QuietPlaces): Matcher<T> {
  const indexes = new Map<Index, Map<string | number, T[]>>();
  for (const entry of entries) {
    const [index, keys] = narrowest(entry, places);
    const map = indexes.get(index) ?? new Map<string | number, T[]>();
    indexes.set(index, map);
    for (const key of keys) {
      const list = map.get(key);
      if (list) list.push(entry);
      else map.set(key, [entry]);
    }
  }
  const used = [...indexes];
  return {
    of(device) {
      const found: T[] = [];
      for (const [index, map] of used) {
        const key = device[index];
        if (key === null) continue;
        for (const entry of map.get(key) ?? []) if (holds(entry, device, places)) found.push(entry);
      }
      return found;
    },
  };
}

type Index = 'id' | 'key' | 'siteId' | 'orgId' | 'vendorId' | 'type' | 'module';

function narrowest({ scope }: Rule, places: QuietPlaces): [Index, Iterable<string | number>] {
  if (scope.devices) return ['id', scope.devices];
  if (scope.labels) return ['key', places.labelled.get(labelsKey(scope.labels)) ?? []];
  if (scope.sites) return ['siteId', scope.sites];
  if (scope.orgs) return ['orgId', new Set(scope.orgs.flatMap((org) => [...(places.below.get(org) ?? [])]))];
  if (scope.vendors) return ['vendorId', scope.vendors];
  if (scope.types) return ['type', scope.types];
  return ['module', scope.modules ?? []];
}

/** Whether a device is in each list there is, and within what the creator saw. */
export function holds({ scope, reach }: Rule, device: DeviceBrief, places: QuietPlaces): boolean {
  const { orgId } = device;
  if (scope.devices && !scope.devices.includes(device.id)) return false;
  if (scope.sites && (device.siteId === null || !scope.sites.includes(device.siteId))) return false;
  if (scope.modules && (device.module === null || !scope.modules.includes(device.module))) return false;
  if (scope.vendors && (device.vendorId === null || !scope.vendors.includes(device.vendorId))) return false;
  if (scope.types && !scope.types.includes(device.type)) return false;
  if (scope.orgs && (orgId === null || !scope.orgs.some((org) => places.below.get(org)?.has(orgId)))) return false;
  if (scope.labels && !places.labelled.get(labelsKey(scope.labels))?.has(device.key)) return false;
  return reach === null || reaches(reach, device, places);
}

/** The same rule as the store's for what an actor sees: the devices of its organisations and those they maintain. */
function reaches({ orgIds, moduleIds }: QuietReach, device: DeviceBrief, places: QuietPlaces): boolean {
  if (moduleIds && (device.module === null || !moduleIds.includes(device.module))) return false;
  return orgIds.some((root) => {
    const below = places.below.get(root);
    if (!below) return false;
    if (device.orgId !== null && below.has(device.orgId)) return true;
    for (const unit of below) if (places.kept.get(unit)?.has(device.key)) return true;
    return false;
  });
}
