import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import type { Vendor } from '../domain/vendor-input.ts';
import type { VendorLoginRow } from '../domain/vendor-rows.ts';
import { createTableStore } from './catalogue-table.ts';
import { sql } from './database.ts';
import type { Params } from './scope.ts';

/** Serialises grants of topics (two administrators must not grant overlapping ones at once) and applications. */
const GRANT_LOCK = 7_013;
const APPLICATION_LOCK = 7_014;

/** Vendors and what they log in with. */
export function createVendorStore() {
  const table = createTableStore<Vendor>({
    name: 'vendor',
    columns: [
      ['name', 'name', 'text'],
      ['contact', 'contact', 'jsonb'],
      ['topics', 'topics', 'text[]'],
      ['state', 'state', 'text'],
      ['stateReason', 'state_reason', 'text'],
      ['stateAt', 'state_at', 'ms'],
      ['creditCode', 'credit_code', 'text'],
      ['purpose', 'purpose', 'text'],
      ['moduleIds', 'module_ids', 'text[]'],
      ['contract', 'contract', 'jsonb'],
      ['agreement', 'agreement', 'jsonb'],
      ['agreementRequired', 'agreement_required', 'boolean'],
      ['quotas', 'quotas', 'jsonb'],
      ['createdAt', 'created_at', 'ms'],
    ],
    computed: `exists (select from api_key k where k.vendor_id = t.id and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > now())) as "hasKey"`,
    search: ['id', 'name'],
    scope: (scope: Scope, params: Params) =>
      scope.kind === 'vendor' ? `t.id = ${params.add(scope.vendorId)}` : 'true',
    filters: { state: 'state' },
  });
  return {
    ...table,

    /** The vendor a company's code names, if there is one; nobody else asks until the transaction ends. */
    async byCreditCode(tx: Tx, code: string): Promise<Vendor | undefined> {
      await sql(tx).query('select pg_advisory_xact_lock($1)', [APPLICATION_LOCK]);
      const { rows } = await sql(tx).query<{ id: string }>('select id from vendor where credit_code = $1 for update', [
        code,
      ]);
      const [row] = rows;
      return row && table.get(tx, row.id, { kind: 'all' });
    },

    async countByState(tx: Tx, state: string): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>('select count(*)::int as n from vendor where state = $1', [
        state,
      ]);
      return rows[0]?.n ?? 0;
    },

    /** Topics of every other vendor that may come back, until the transaction ends nobody else grants any. */
    async otherGrants(tx: Tx, id: string): Promise<{ id: string; topics: string[] }[]> {
      await sql(tx).query('select pg_advisory_xact_lock($1)', [GRANT_LOCK]);
      const { rows } = await sql(tx).query<{ id: string; topics: string[] }>(
        `select id, topics from vendor where id <> $1 and cardinality(topics) > 0 and state not in ('ended', 'rejected')`,
        [id],
      );
      return rows;
    },

    /** Devices of a vendor that count; locks the vendor, so that two registrations never share the last place. */
    async lockDevices(tx: Tx, id: string): Promise<number> {
      await sql(tx).query('select 1 from vendor where id = $1 for update', [id]);
      return countDevices(tx, id);
    },

    countDevices,

    async lockDeviceTypes(tx: Tx, id: string, typeId: string): Promise<{ used: number; known: boolean }> {
      await sql(tx).query('select 1 from vendor where id = $1 for update', [id]);
      const { rows } = await sql(tx).query<{ used: number; known: boolean }>(
        `select count(*)::int as used, coalesce(bool_or(id = $2), false) as known
         from uploaded_type where vendor_id = $1 and retired_at is null`,
        [id, typeId],
      );
      return rows[0] ?? { used: 0, known: false };
    },

    /** Every vendor with the keys that were not revoked. */
    async logins(tx: Tx): Promise<VendorLoginRow[]> {
      const { rows } = await sql(tx).query<VendorLoginRow>(
        `select v.id, v.name, v.contact, v.topics, v.state, v.contract, v.agreement,
           v.agreement_required as "agreementRequired", v.quotas,
           coalesce((select jsonb_agg(jsonb_build_object('id', k.id,
               'hash', replace(encode(k.key_hash, 'base64'), chr(10), ''),
               'expiresAt', (extract(epoch from k.expires_at) * 1000)::float8,
               'scopes', to_jsonb(k.scopes), 'addresses', to_jsonb(k.addresses)) order by k.id)
             from api_key k where k.vendor_id = v.id and k.revoked_at is null), '[]'::jsonb) as keys
         from vendor v`,
      );
      return rows;
    },
  };
}

/** Devices of a vendor beside retired and rejected ones. */
async function countDevices(tx: Tx, id: string): Promise<number> {
  const { rows } = await sql(tx).query<{ n: number }>(
    `select count(*)::int as n from device where vendor_id = $1 and lifecycle not in ('retired', 'rejected')`,
    [id],
  );
  return rows[0]?.n ?? 0;
}
