import type { BrokerManager, ConfirmedLogin, PendingLogin } from '../domain/broker-login.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

const HASH = `encode(secret_hash, 'base64') as hash, key_id as "keyId"`;

/** PostgreSQL breaks base64 after 76 characters; a hash of 32 bytes stays on one line. */
const hashes = (placeholder: string) => `decode(unnest(${placeholder}::text[]), 'base64')`;

/** Logins of devices and vendors at a broker that runs elsewhere. */
export function createBrokerLoginStore() {
  return {
    /** Instead of what was on its way for the same names before. */
    async want(tx: Tx, logins: readonly PendingLogin[], now: number): Promise<void> {
      if (logins.length === 0) return;
      await sql(tx).query(
        `insert into broker_login_pending (username, sealed, secret_hash, key_id, issued_at)
         select unnest($1::text[]), unnest($2::text[]), ${hashes('$3')}, unnest($4::text[]), ${at('$5')}
         on conflict (username) do update set sealed = excluded.sealed, secret_hash = excluded.secret_hash,
           key_id = excluded.key_id, issued_at = excluded.issued_at`,
        [
          logins.map(({ username }) => username),
          logins.map(({ sealed }) => sealed),
          logins.map(({ hash }) => hash),
          logins.map(({ keyId }) => keyId),
          now,
        ],
      );
    },

    /** Oldest first. */
    async pending(tx: Tx, limit: number): Promise<PendingLogin[]> {
      const { rows } = await sql(tx).query<PendingLogin>(
        `select username, sealed, ${HASH} from broker_login_pending order by issued_at, username limit $1::int`,
        [limit],
      );
      return rows;
    },

    async pendingNames(tx: Tx): Promise<string[]> {
      const { rows } = await sql(tx).query<{ username: string }>('select username from broker_login_pending');
      return rows.map(({ username }) => username);
    },

    /** What was issued meanwhile stays on its way. */
    async confirm(tx: Tx, logins: readonly ConfirmedLogin[], now: number): Promise<void> {
      if (logins.length === 0) return;
      const columns = [
        logins.map(({ username }) => username),
        logins.map(({ hash }) => hash),
        logins.map(({ keyId }) => keyId),
      ];
      await sql(tx).query(
        `insert into broker_login (username, secret_hash, key_id, confirmed_at)
         select unnest($1::text[]), ${hashes('$2')}, unnest($3::text[]), ${at('$4')}
         on conflict (username) do update set secret_hash = excluded.secret_hash, key_id = excluded.key_id,
           confirmed_at = excluded.confirmed_at`,
        [...columns, now],
      );
      await sql(tx).query(
        `delete from broker_login_pending p
         using (select unnest($1::text[]) as username, ${hashes('$2')} as secret_hash) c
         where p.username = c.username and p.secret_hash = c.secret_hash`,
        columns.slice(0, 2),
      );
    },

    async confirmed(tx: Tx): Promise<ConfirmedLogin[]> {
      const { rows } = await sql(tx).query<ConfirmedLogin>(`select username, ${HASH} from broker_login`);
      return rows;
    },

    /** The broker has these no longer. */
    async lost(tx: Tx, usernames: readonly string[]): Promise<void> {
      if (usernames.length === 0) return;
      await sql(tx).query('delete from broker_login where username = any($1::text[])', [usernames]);
    },

    /** Nobody fetches these any more: of these names, or issued before then. */
    async forget(tx: Tx, which: { readonly usernames: readonly string[]; readonly before: number }): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `delete from broker_login_pending where username = any($1::text[]) or issued_at < ${at('$2')}`,
        [which.usernames, which.before],
      );
      return rowCount ?? 0;
    },

    async seen(tx: Tx, kind: BrokerManager, now: number): Promise<void> {
      await sql(tx).query(
        `insert into broker_manager (kind, seen_at) values ($1, ${at('$2')})
         on conflict (kind) do update set seen_at = greatest(broker_manager.seen_at, excluded.seen_at)`,
        [kind, now],
      );
    },

    async managers(tx: Tx): Promise<Partial<Record<BrokerManager, number>>> {
      const { rows } = await sql(tx).query<{ kind: BrokerManager; at: number }>(
        'select kind, seen_at as at from broker_manager',
      );
      return Object.fromEntries(rows.map((row) => [row.kind, row.at]));
    },
  };
}
