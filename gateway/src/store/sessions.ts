import type { SessionInfo } from '../domain/access-input.ts';
import type { UserRecord } from '../domain/access-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';
import { USER_COLUMNS } from './users.ts';

const SESSION_COLUMNS = `s.id, s.user_id as "userId", s.created_at as "createdAt", s.last_seen_at as "lastSeenAt",
  s.expires_at as "expiresAt", s.address, s.agent, s.via`;

const hashBytes = (placeholder: string) => `decode(${placeholder}, 'base64')`;

/** Logins of people. Tokens stand here as hashes only. */
export function createSessionStore() {
  return {
    async insert(tx: Tx, session: SessionInfo & { tokenHash: string }): Promise<void> {
      await sql(tx).query(
        `insert into session (id, user_id, token_hash, created_at, last_seen_at, expires_at, address, agent, via)
         values ($1, $2, ${hashBytes('$3')}, ${at('$4')}, ${at('$5')}, ${at('$6')}, $7, $8, $9)`,
        [
          session.id,
          session.userId,
          session.tokenHash,
          session.createdAt,
          session.lastSeenAt,
          session.expiresAt,
          session.address,
          session.agent,
          session.via,
        ],
      );
    },

    async byToken(tx: Tx, tokenHash: string): Promise<{ session: SessionInfo; user: UserRecord } | undefined> {
      type SessionRow = UserRecord & { [K in keyof SessionInfo as `s_${K}`]: SessionInfo[K] };
      const { rows } = await sql(tx).query<SessionRow>(
        `select ${USER_COLUMNS}, u.password_hash as "passwordHash", s.id as "s_id", s.user_id as "s_userId",
           s.created_at as "s_createdAt", s.last_seen_at as "s_lastSeenAt", s.expires_at as "s_expiresAt",
           s.address as "s_address", s.agent as "s_agent", s.via as "s_via"
         from session s join app_user u on u.id = s.user_id
         where s.token_hash = ${hashBytes('$1')} and s.revoked_at is null`,
        [tokenHash],
        { kept: true },
      );
      const [row] = rows;
      if (!row) return undefined;
      const { s_id, s_userId, s_createdAt, s_lastSeenAt, s_expiresAt, s_address, s_agent, s_via, ...user } = row;
      return {
        session: {
          id: s_id,
          userId: s_userId,
          createdAt: s_createdAt,
          lastSeenAt: s_lastSeenAt,
          expiresAt: s_expiresAt,
          address: s_address,
          agent: s_agent,
          via: s_via,
        },
        user,
      };
    },

    async any(tx: Tx, userId: string): Promise<boolean> {
      const { rowCount } = await sql(tx).query('select 1 from session where user_id = $1 limit 1', [userId]);
      return rowCount > 0;
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

    async revokeOfVendor(tx: Tx, vendorId: string, time: number): Promise<void> {
      await sql(tx).query(
        `update session set revoked_at = ${at('$2')}
         where revoked_at is null and user_id in (select id from app_user where vendor_id = $1)`,
        [vendorId, time],
      );
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
