import type { UserRecord } from '../domain/access-rows.ts';
import type { Identity, SecondFactorRow, SsoProvider, WecomConfig } from '../domain/sign-in.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { sql } from './database.ts';
import { isUniqueViolation } from './pg-errors.ts';
import { at } from './time.ts';
import { USER_COLUMNS } from './users.ts';

/** Statements on one-time codes. Secrets come sealed, recovery codes as hashes. */
export function createSecondFactorStore() {
  return {
    async get(tx: Tx, userId: string): Promise<SecondFactorRow | undefined> {
      const { rows } = await sql(tx).query<SecondFactorRow>(
        `select f.secret, f.confirmed_at as "confirmedAt", f.last_step::float8 as "lastStep",
           (select count(*)::int from recovery_code c where c.user_id = f.user_id and c.used_at is null) as "recoveryCodesLeft"
         from second_factor f where f.user_id = $1`,
        [userId],
      );
      return rows[0];
    },

    /** Begins an enrolment anew; false when a confirmed one stands. */
    async begin(tx: Tx, userId: string, secret: string, time: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `insert into second_factor (user_id, secret, created_at) values ($1, $2, ${at('$3')})
         on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
         where second_factor.confirmed_at is null`,
        [userId, secret, time],
      );
      return rowCount === 1;
    },

    /** From now on the codes are asked for; false when they were already, or the enrolment was begun anew meanwhile. */
    async confirm(
      tx: Tx,
      userId: string,
      done: { secret: string; step: number; recoveryHashes: readonly string[]; at: number },
    ): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `update second_factor set confirmed_at = ${at('$3')}, last_step = $2::bigint
         where user_id = $1 and confirmed_at is null and secret = $4`,
        [userId, done.step, done.at, done.secret],
      );
      if (rowCount === 0) return false;
      await sql(tx).query(
        `insert into recovery_code (user_id, code_hash)
         select $1, decode(hash, 'base64') from unnest($2::text[]) as hash`,
        [userId, [...done.recoveryHashes]],
      );
      return true;
    },

    /** Marks the code of this step as used; false when it or a later one was. */
    async useStep(tx: Tx, userId: string, step: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        'update second_factor set last_step = $2::bigint where user_id = $1 and last_step < $2::bigint',
        [userId, step],
      );
      return rowCount === 1;
    },

    async useRecoveryCode(tx: Tx, userId: string, hash: string, time: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `update recovery_code set used_at = ${at('$3')}
         where user_id = $1 and code_hash = decode($2, 'base64') and used_at is null`,
        [userId, hash, time],
      );
      return rowCount === 1;
    },

    async remove(tx: Tx, userId: string): Promise<boolean> {
      const { rowCount } = await sql(tx).query('delete from second_factor where user_id = $1', [userId]);
      return rowCount === 1;
    },
  };
}

const IDENTITY_COLUMNS = `provider, issuer, subject, claim, value, linked_at as "linkedAt", last_used_at as "lastUsedAt"`;

/** Statements on identities elsewhere, and on the providers an administrator set up. */
export function createIdentityStore() {
  return {
    async list(tx: Tx, userId: string): Promise<Identity[]> {
      const { rows } = await sql(tx).query<Identity>(
        `select ${IDENTITY_COLUMNS} from identity where user_id = $1 order by id`,
        [userId],
      );
      return rows;
    },

    /** Puts these in the place of all there are. Throws CONFLICT when another user has one of them. */
    async replace(tx: Tx, userId: string, identities: readonly Identity[]): Promise<void> {
      await sql(tx).query('delete from identity where user_id = $1', [userId]);
      try {
        await sql(tx).query(
          `insert into identity (user_id, provider, issuer, subject, claim, value, linked_at, last_used_at)
           select $1, provider, issuer, subject, claim, value, ${at('"linkedAt"')}, ${at('"lastUsedAt"')}
           from jsonb_to_recordset($2::jsonb) as i (provider text, issuer text, subject text, claim text, value text,
             "linkedAt" float8, "lastUsedAt" float8)`,
          [userId, JSON.stringify(identities)],
        );
      } catch (cause) {
        if (!isUniqueViolation(cause)) throw cause;
        throw new GatewayError('CONFLICT', bilingual('access.identity.taken'), { cause });
      }
    },

    /** The user linked to this person at the provider. */
    async bySubject(tx: Tx, provider: SsoProvider, issuer: string, subject: string): Promise<UserRecord | undefined> {
      const { rows } = await sql(tx).query<UserRecord>(
        `select ${USER_COLUMNS}, u.password_hash as "passwordHash"
         from identity l join app_user u on u.id = l.user_id
         where l.provider = $1 and l.issuer = $2 and l.subject = $3`,
        [provider, issuer, subject],
      );
      return rows[0];
    },

    /** Users waiting for a first sign-in of somebody with one of these claims. */
    async byClaims(tx: Tx, claims: Readonly<Record<string, string>>): Promise<UserRecord[]> {
      const { rows } = await sql(tx).query<UserRecord>(
        `select distinct on (u.id) ${USER_COLUMNS}, u.password_hash as "passwordHash"
         from identity l
         join jsonb_each_text($1::jsonb) as c (claim, value) on c.claim = l.claim and c.value = l.value
         join app_user u on u.id = l.user_id
         where l.provider = 'oidc' and l.subject is null`,
        [JSON.stringify(claims)],
      );
      return rows;
    },

    /** Binds what waited for these claims to the person; false when somebody was quicker. */
    async bind(
      tx: Tx,
      userId: string,
      who: { issuer: string; subject: string; claims: Readonly<Record<string, string>>; at: number },
    ): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `update identity set issuer = $2, subject = $3, linked_at = ${at('$5')}
         where id = (
           select l.id from identity l
           join jsonb_each_text($4::jsonb) as c (claim, value) on c.claim = l.claim and c.value = l.value
           where l.user_id = $1 and l.provider = 'oidc' and l.subject is null order by l.id limit 1 for update of l)`,
        [userId, who.issuer, who.subject, JSON.stringify(who.claims), who.at],
      );
      return rowCount === 1;
    },

    async touch(tx: Tx, provider: SsoProvider, issuer: string, subject: string, time: number): Promise<void> {
      await sql(tx).query(
        `update identity set last_used_at = ${at('$4')} where provider = $1 and issuer = $2 and subject = $3`,
        [provider, issuer, subject, time],
      );
    },

    async provider(tx: Tx, name: 'wecom'): Promise<{ config: WecomConfig; secret: string } | undefined> {
      const { rows } = await sql(tx).query<{ config: WecomConfig; secret: string }>(
        'select config, secret from sign_in_provider where name = $1',
        [name],
      );
      return rows[0];
    },

    async putProvider(
      tx: Tx,
      name: 'wecom',
      row: { config: WecomConfig; secret: string; at: number; by: string },
    ): Promise<void> {
      await sql(tx).query(
        `insert into sign_in_provider (name, config, secret, updated_at, updated_by)
         values ($1, $2::jsonb, $3, ${at('$4')}, $5)
         on conflict (name) do update set config = excluded.config, secret = excluded.secret,
           updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
        [name, JSON.stringify(row.config), row.secret, row.at, row.by],
      );
    },

    async removeProvider(tx: Tx, name: 'wecom'): Promise<boolean> {
      const { rowCount } = await sql(tx).query('delete from sign_in_provider where name = $1', [name]);
      return rowCount === 1;
    },
  };
}
