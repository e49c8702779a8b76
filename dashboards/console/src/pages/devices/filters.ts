import type { paths } from '../../api/schema.d.ts';

type Query = NonNullable<paths['/api/v1/devices']['get']['parameters']['query']>;
export type DeviceQuery = Omit<Query, 'limit' | 'cursor' | 'sort'>;
export type Address = Readonly<Record<string, string | undefined>>;

/** Filters that stand in the address under the gateway's own names. */
const SAME = [
  'q',
  'healthState',
  'lifecycle',
  'flag',
  'kind',
  'type',
  'module',
  'orgId',
  'siteId',
  'vendorId',
  'maintenanceUnitId',
] as const;
const YES_NO = ['suspect', 'openTicket'] as const;
/** All that narrows the list; the sort does not. */
export const FILTERS = [...SAME, ...YES_NO, 'since'] as const;

const HOUR = 3_600_000;
/** `since` in the address: so for longer than, or changed within. Relative, so that a saved filter keeps its meaning. */
export const SINCE = {
  over1h: ['unchangedSince', HOUR],
  over24h: ['unchangedSince', 24 * HOUR],
  over3d: ['unchangedSince', 72 * HOUR],
  over7d: ['unchangedSince', 168 * HOUR],
  over30d: ['unchangedSince', 720 * HOUR],
  within1h: ['changedSince', HOUR],
  within24h: ['changedSince', 24 * HOUR],
} as const;
export type Since = keyof typeof SINCE;
const isSince = (text: string): text is Since => Object.hasOwn(SINCE, text);

/** What the gateway is asked for; what it does not know in an address is left out. `now` in epoch milliseconds. */
export function queryOf(address: Address, now: number): DeviceQuery {
  const query: Record<string, unknown> = {};
  for (const name of SAME) if (address[name]) query[name] = address[name];
  for (const name of YES_NO) if (address[name]) query[name] = address[name] === 'true';
  const since = address['since'];
  if (since && isSince(since)) query[SINCE[since][0]] = now - SINCE[since][1];
  return query;
}

/** The filters of an address alone, in a fixed order: names a list, and is what is saved. */
export function narrowedBy(address: Address): Record<string, string> {
  return Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = address[name];
      return value ? [[name, value] as const] : [];
    }),
  );
}

/** A filter with a name; kept in this browser for whoever is signed in. */
export interface Saved {
  readonly name: string;
  readonly filters: Record<string, string>;
}

const placeOf = (user: string) => `cgw.devices.saved.${user}`;

export function savedFilters(user: string): Saved[] {
  return readKept(placeOf(user), (kept) =>
    kept.flatMap((one: unknown) => {
      if (typeof one !== 'object' || one === null || !('name' in one) || !('filters' in one)) return [];
      const { name, filters } = one;
      if (typeof name !== 'string' || typeof filters !== 'object' || filters === null) return [];
      const texts = Object.entries(filters).flatMap(([key, value]) =>
        typeof value === 'string' ? [[key, value]] : [],
      );
      return [{ name, filters: narrowedBy(Object.fromEntries(texts)) }];
    }),
  );
}

export function saveFilters(user: string, all: readonly Saved[]): void {
  localStorage.setItem(placeOf(user), JSON.stringify(all));
}

/** A list that this browser keeps; whatever else stands there is none. */
export function readKept<T>(place: string, read: (kept: unknown[]) => T[]): T[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return Array.isArray(kept) ? read(kept) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
