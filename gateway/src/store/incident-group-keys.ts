import type { GroupKind } from '../domain/grouping.ts';

/** Keys whose members are counted; behind a vendor's link nothing needs counting. */
export type KeyedKind = Exclude<GroupKind, 'vendorLink'>;

const column = (name: string) => ({ id: `d.${name}`, on: `d.${name} = w.id` });

/** How each key is read from a device `d` and found by its index for a wanted id `w.id`. */
export const KEYED: Readonly<Record<KeyedKind, { readonly id: string; readonly on: string }>> = {
  parent: { id: 'w.id', on: 'd.parent_key = (select p.key from device p where p.id = w.id)' },
  powerFeed: {
    id: `coalesce(d.site_id, '') || '/' || (d.labels ->> 'powerFeed')`,
    // The partial indexes need their own words to be used.
    on: `d.labels ? 'powerFeed' and d.labels ->> 'powerFeed' = substr(w.id, strpos(w.id, '/') + 1)
      and coalesce(d.site_id, '') = substr(w.id, 1, strpos(w.id, '/') - 1)`,
  },
  uplink: { id: `d.labels ->> 'uplink'`, on: `d.labels ? 'uplink' and d.labels ->> 'uplink' = w.id` },
  site: column('site_id'),
  vendor: column('vendor_id'),
  org: column('org_id'),
};

/** `from …` that joins the devices of the ids in parameter `$n`. */
export function membersSql(kind: KeyedKind, n: number): string {
  return `from unnest($${n}::text[]) as w (id) join device d on ${KEYED[kind].on}`;
}
