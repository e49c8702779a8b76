import type { paths } from '../../api/schema.d.ts';
import { onlyNamed } from '../../parts/kept-filters.ts';

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
export const narrowedBy = (address: Address): Record<string, string> => onlyNamed(address, FILTERS);
