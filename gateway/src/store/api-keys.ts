import type { ApiKey } from '../domain/access-input.ts';
import type { KeyOwner } from '../domain/access-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams } from './scope.ts';
import { at } from './time.ts';

const KEY_COLUMNS = `id, name, description, user_id as "userId", vendor_id as "vendorId", scopes, addresses,
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt",
  last_used_address as "lastUsedAddress", revoked_at as "revokedAt", replaced_by as "replacedBy"`;

const hashBytes = (placeholder: string) => `decode(${placeholder}, 'base64')`;

/** Keys of programs, of people and of vendors. They stand here as hashes only. */
export function createApiKeyStore() {
  const owned = (owner: KeyOwner, add: (value: unknown) => string) =>
    'userId' in owner ? `user_id = ${add(owner.userId)}` : `vendor_id = ${add(owner.vendorId)}`;

  return {
    async insert(tx: Tx, key: ApiKey & { keyHash: string }): Promise<void> {
      await sql(tx).query(
        `insert into api_key (id, user_id, vendor_id, name, description, scopes, addresses, key_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6::text[], $7::text[], ${hashBytes('$8')}, ${at('$9')}, ${at('$10')})`,
        [
          key.id,
          key.userId,
          key.vendorId,
          key.name,
          key.description,
          key.scopes,
          key.addresses,
          key.keyHash,
          key.createdAt,
          key.expiresAt,
        ],
      );
    },

    async byHash(tx: Tx, keyHash: string): Promise<ApiKey | undefined> {
      const { rows } = await sql(tx).query<ApiKey>(
        `select ${KEY_COLUMNS} from api_key where key_hash = ${hashBytes('$1')} and revoked_at is null`,
        [keyHash],
        { kept: true },
      );
      return rows[0];
    },

    /** One key that was not revoked, locked until the transaction ends. */
    async lock(tx: Tx, id: string, owner: KeyOwner): Promise<ApiKey | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<ApiKey>(
        `select ${KEY_COLUMNS} from api_key
         where id = $1 and revoked_at is null and ${owned(owner, params.add)} for update`,
        params.values,
      );
      return rows[0];
    },

    async list(tx: Tx, owner: KeyOwner): Promise<ApiKey[]> {
      const params = createParams();
      const { rows } = await sql(tx).query<ApiKey>(
        `select ${KEY_COLUMNS} from api_key where ${owned(owner, params.add)} order by created_at desc, id limit 500`,
        params.values,
      );
      return rows;
    },

    async revoke(tx: Tx, id: string, owner: KeyOwner, time: number): Promise<boolean> {
      const params = createParams(id, time);
      const { rowCount } = await sql(tx).query(
        `update api_key set revoked_at = ${at('$2')}
         where id = $1 and revoked_at is null and ${owned(owner, params.add)}`,
        params.values,
      );
      return rowCount === 1;
    },

    /** Another key takes its place; it works until `until` at most. */
    async replace(tx: Tx, id: string, by: string, until: number): Promise<void> {
      await sql(tx).query(
        `update api_key set replaced_by = $2, expires_at = least(expires_at, ${at('$3')}) where id = $1`,
        [id, by, until],
      );
    },

    /** Notes uses; an older one never replaces a newer one. */
    async touch(tx: Tx, uses: readonly { id: string; at: number; address: string }[]): Promise<void> {
      await sql(tx).query(
        `update api_key k set last_used_at = ${at('u.at')}, last_used_address = u.address
         from jsonb_to_recordset($1::jsonb) as u (id text, at float8, address text)
         where k.id = u.id and (k.last_used_at is null or k.last_used_at <= ${at('u.at')})`,
        [JSON.stringify(uses)],
      );
    },
  };
}
