import type { Vendor } from '../domain/catalogue-input.ts';
import type { Tx } from '../domain/tx.ts';
import { createTableStore } from './catalogue-table.ts';
import { sql } from './database.ts';

/** Vendors and what they log in with. */
export function createVendorStore() {
  return {
    ...createTableStore<Vendor>({
      name: 'vendor',
      columns: [
        ['name', 'name', 'text'],
        ['contact', 'contact', 'jsonb'],
        ['topics', 'topics', 'text[]'],
        ['createdAt', 'created_at', 'ms'],
      ],
      computed: `exists (select from api_key k where k.vendor_id = t.id and k.revoked_at is null) as "hasKey"`,
      search: ['id', 'name'],
      scope: (scope, params) => (scope.kind === 'vendor' ? `t.id = ${params.add(scope.vendorId)}` : 'true'),
    }),

    /** Every vendor's granted topics and the hashes of its working keys. */
    async logins(
      tx: Tx,
    ): Promise<{ id: string; topics: string[]; keys: { hash: string; expiresAt: number | null }[] }[]> {
      const { rows } = await sql(tx).query<{
        id: string;
        topics: string[];
        hashes: string[];
        expiries: (number | null)[];
      }>(
        `select v.id, v.topics,
           array(select replace(encode(k.key_hash, 'base64'), chr(10), '') from api_key k
             where k.vendor_id = v.id and k.revoked_at is null order by k.id) as hashes,
           array(select k.expires_at from api_key k
             where k.vendor_id = v.id and k.revoked_at is null order by k.id) as expiries
         from vendor v`,
      );
      return rows.map(({ id, topics, hashes, expiries }) => ({
        id,
        topics,
        keys: hashes.map((hash, index) => ({ hash, expiresAt: expiries[index] ?? null })),
      }));
    },
  };
}
