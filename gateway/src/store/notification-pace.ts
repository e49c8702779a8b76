import type { PaceGrant, PaceQuery } from '../domain/notification-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** A minute and a little, because the platform counts by its own clock and by arrival. */
const WINDOW_MS = 61_000;
const at = (n: number) => `to_timestamp($${n}::float8 / 1000.0)`;

/** How much each channel was handed in the last minute, and until when its platform wants to be left alone. */
export function createNotificationPaceStore() {
  return {
    /** Must run in a transaction: the channel's row is locked, so that two gateways share one limit. */
    async take(tx: Tx, { channelId, now, waiting, atOnce, perMinute }: PaceQuery): Promise<PaceGrant> {
      await sql(tx).query('select 1 from notification_channel where id = $1 for update', [channelId]);
      await sql(tx).query(`delete from notification_pace where channel_id = $1 and sent_at <= ${at(2)}`, [
        channelId,
        now - WINDOW_MS,
      ]);
      const { rows } = await sql(tx).query<{ used: number; freeAt: number | null }>(
        `select count(*)::int as used,
           (select sent_at from notification_pace p where p.channel_id = $1
            order by p.sent_at offset greatest(0, (select count(*) from notification_pace q where q.channel_id = $1) - $2::int)
            limit 1) as "freeAt"
         from notification_pace where channel_id = $1`,
        [channelId, perMinute],
      );
      const { used = 0, freeAt = null } = rows[0] ?? {};
      const free = Math.max(0, perMinute - used);
      const merged = free < waiting;
      const granted = merged ? Math.min(1, free) : Math.min(atOnce, waiting);
      if (granted === 0) return { granted, merged, nextAt: (freeAt ?? now) + WINDOW_MS };
      await sql(tx).query(
        `insert into notification_pace (channel_id, sent_at) select $1, ${at(2)} from generate_series(1, $3::int)`,
        [channelId, now, granted],
      );
      return { granted, merged, nextAt: null };
    },

    async rest(tx: Tx, channelId: string, until: number): Promise<void> {
      await sql(tx).query(
        `update notification_channel set resting_until = greatest(coalesce(resting_until, ${at(2)}), ${at(2)}) where id = $1`,
        [channelId, until],
      );
    },

    /** Leased rows that did not fit go back as if they had not been taken. */
    async release(tx: Tx, ids: readonly number[], owner: string): Promise<void> {
      if (ids.length === 0) return;
      await sql(tx).query(
        `update outbox set lease_until = null, lease_owner = null, attempts = attempts - 1
         where id = any($1::bigint[]) and lease_owner = $2 and state = 'pending'`,
        [ids, owner],
      );
    },
  };
}
