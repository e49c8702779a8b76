import type { ApiKey, SessionInfo } from '../domain/access-input.ts';
import type { KeyOwner, UserRecord } from '../domain/access-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams } from './scope.ts';
import { at } from './time.ts';
import { USER_COLUMNS } from './users.ts';

const SESSION_COLUMNS = `s.id, s.user_id as "userId", s.created_at as "createdAt", s.last_seen_at as "lastSeenAt",
  s.expires_at as "expiresAt", s.address, s.agent`;

const hashBytes = (placeholder: string) => `decode(${placeholder}, 'base64')`;

/** Logins of people. Tokens stand here as hashes only. */
export function createSessionStore() {
  return {
    async insert(tx: Tx, session: SessionInfo & { tokenHash: string }): Promise<void> {
      await sql(tx).query(
        `insert into session (id, user_id, token_hash, created_at, last_seen_at, expires_at, address, agent)
         values ($1, $2, ${hashBytes('$3')}, ${at('$4')}, ${at('$5')}, ${at('$6')}, $7, $8)`,
        [
          session.id,
          session.userId,
          session.tokenHash,
          session.createdAt,
          session.lastSeenAt,
          session.expiresAt,
          session.address,
          session.agent,
        ],
      );
    },

    async byToken(tx: Tx, tokenHash: string): Promise<{ session: SessionInfo; user: UserRecord } | undefined> {
      type SessionRow = UserRecord & { [K in keyof SessionInfo as `s_${K}`]: SessionInfo[K] };
      const { rows } = await sql(tx).query<SessionRow>(
        `select ${USER_COLUMNS}, u.password_hash as "passwordHash", s.id as "s_id", s.user_id as "s_userId",
           s.created_at as "s_createdAt", s.last_seen_at as "s_lastSeenAt", s.expires_at as "s_expiresAt",
           s.address as "s_address", s.agent as "s_agent"
         from session s join app_user u on u.id = s.user_id
         where s.token_hash = ${hashBytes('$1')} and s.revoked_at is null`,
        [tokenHash],
      );
      const [row] = rows;
      if (!row) return undefined;
      const { s_id, s_userId, s_createdAt, s_lastSeenAt, s_expiresAt, s_address, s_agent, ...user } = row;
      return {
        session: {
          id: s_id,
          userId: s_userId,
          createdAt: s_createdAt,
          lastSeenAt: s_lastSeenAt,
          expiresAt: s_expiresAt,
          address: s_address,
          agent: s_agent,
        },
        user,
      };
    },

    async touch(tx: Tx, id: string, time: number): Promise<void> {
      await sql(tx).query(`update session set last_seen_at = greatest(last_seen_at, ${at('$2')}) where id = $1`, [
        id,
        time,
      ]);
    },

    async revoke(tx: Tx, where: { userId: string; id?: string; exceptId?: string }, time: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `update session set revoked_at = ${at('$4')}
         where user_id = $1 and revoked_at is null and ($2::text is null or id = $2::text)
           and ($3::text is null or id <> $3::text)`,
        [where.userId, where.id ?? null, where.exceptId ?? null, time],
      );
      return rowCount;
    },

    async list(tx: Tx, userId: string, now: number, idleMs: number): Promise<SessionInfo[]> {
      const { rows } = await sql(tx).query<SessionInfo>(
        `select ${SESSION_COLUMNS} from session s
         where s.user_id = $1 and s.revoked_at is null and s.expires_at > ${at('$2')} and s.last_seen_at > ${at('$3')}
         order by s.last_seen_at desc limit 200`,
        [userId, now, now - idleMs],
      );
      return rows;
    },

    async purge(tx: Tx, before: number): Promise<number> {
      const { rowCount } = await sql(tx).query(`delete from session where expires_at < ${at('$1')}`, [before]);
      return rowCount;
    },
  };
}

const KEY_COLUMNS = `id, name, user_id as "userId", vendor_id as "vendorId", created_at as "createdAt",
  expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

/** Keys of programs, of people and of vendors. */
export function createApiKeyStore() {
  const owned = (owner: KeyOwner, add: (value: unknown) => string) =>
    'userId' in owner ? `user_id = ${add(owner.userId)}` : `vendor_id = ${add(owner.vendorId)}`;

  return {
    async insert(tx: Tx, key: ApiKey & { keyHash: string }): Promise<void> {
      await sql(tx).query(
        `insert into api_key (id, user_id, vendor_id, name, key_hash, created_at, expires_at)
         values ($1, $2, $3, $4, ${hashBytes('$5')}, ${at('$6')}, ${at('$7')})`,
        [key.id, key.userId, key.vendorId, key.name, key.keyHash, key.createdAt, key.expiresAt],
      );
    },

    async byHash(tx: Tx, keyHash: string): Promise<ApiKey | undefined> {
      const { rows } = await sql(tx).query<ApiKey>(
        `select ${KEY_COLUMNS} from api_key where key_hash = ${hashBytes('$1')} and revoked_at is null`,
        [keyHash],
      );
      return rows[0];
    },

    async list(tx: Tx, owner: KeyOwner): Promise<ApiKey[]> {
      const params = createParams();
      const { rows } = await sql(tx).query<ApiKey>(
        `select ${KEY_COLUMNS} from api_key where ${owned(owner, params.add)} order by created_at desc limit 500`,
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

    async touch(tx: Tx, id: string, time: number): Promise<void> {
      await sql(tx).query(`update api_key set last_used_at = ${at('$2')} where id = $1`, [id, time]);
    },
  };
}
