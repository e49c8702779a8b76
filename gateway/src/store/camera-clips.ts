import type { DeviceKey } from '../domain/device.ts';
import type { TimedPage, TimeRange } from '../domain/page.ts';
import type { Tx } from '../domain/tx.ts';
import type { Clip, ClipEnd, ClipStart } from '../domain/viewing.ts';
import { sql } from './database.ts';
import { pageOf, rangeCondition } from './reads-page.ts';
import { createParams } from './scope.ts';
import { at } from './time.ts';

const COLUMNS = `c.id, d.id as "deviceId", c.user_id as "userId", c.user_name as "userName", c.purpose, c.seconds, c.state,
  c.reason, c.masked, c.bytes::float8 as bytes, c.sha256, c.created_at as "createdAt", c.expires_at as "expiresAt"`;

/** Files of 离线采集; the rows stay when the file has gone. */
export function createCameraClipStore() {
  return {
    async insert(tx: Tx, clip: ClipStart): Promise<void> {
      await sql(tx).query(
        `insert into camera_clip (id, device, user_id, user_name, purpose, seconds, state, masked, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, 'recording', $7, ${at('$8')}, ${at('$9')})`,
        [
          clip.id,
          clip.device,
          clip.userId,
          clip.userName,
          clip.purpose,
          clip.seconds,
          clip.masked,
          clip.createdAt,
          clip.expiresAt,
        ],
      );
    },

    async finish(tx: Tx, id: string, end: ClipEnd): Promise<void> {
      const ready = end.state === 'ready';
      await sql(tx).query(
        `update camera_clip set state = $2, reason = $3, bytes = $4, sha256 = $5 where id = $1 and state = 'recording'`,
        [id, end.state, ready ? null : end.reason, ready ? end.bytes : null, ready ? end.sha256 : null],
      );
    },

    /** One camera's clips, newest first; `userId` null = of everybody. */
    async list(
      tx: Tx,
      device: DeviceKey,
      query: TimeRange & { readonly userId: string | null },
    ): Promise<TimedPage<Clip>> {
      const limit = query.limit ?? 100;
      const params = createParams(device, query.userId);
      const condition = rangeCondition(query, 'c.created_at', ['c.id', 'string'], params);
      const { rows } = await sql(tx).query<Clip>(
        `select ${COLUMNS} from camera_clip c join device d on d.key = c.device
         where c.device = $1 and ($2::text is null or c.user_id = $2::text) and ${condition}
         order by c.created_at desc, c.id desc limit ${params.add(limit + 1)}`,
        params.values,
      );
      return pageOf(rows, limit, (row) => [row.createdAt, row.id]);
    },

    async get(tx: Tx, device: DeviceKey, id: string): Promise<Clip | undefined> {
      const { rows } = await sql(tx).query<Clip>(
        `select ${COLUMNS} from camera_clip c join device d on d.key = c.device where c.device = $1 and c.id = $2`,
        [device, id],
      );
      return rows[0];
    },

    /** Marks what is over; answers the ids whose files may go. */
    async expire(tx: Tx, now: number): Promise<string[]> {
      const { rows } = await sql(tx).query<{ id: string }>(
        `update camera_clip set state = 'expired' where state in ('recording', 'ready') and expires_at <= ${at('$1')}
         returning id`,
        [now],
      );
      return rows.map((row) => row.id);
    },

    /** After a crash nobody records any more: what was begun before `before` failed. */
    async failAbandoned(tx: Tx, before: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `update camera_clip set state = 'failed', reason = 'interrupted'
         where state = 'recording' and created_at < ${at('$1')}`,
        [before],
      );
      return rowCount;
    },

    /** Bytes of the files that still stand. */
    async bytes(tx: Tx): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>(
        `select coalesce(sum(bytes), 0)::float8 as n from camera_clip where state = 'ready'`,
      );
      return rows[0]?.n ?? 0;
    },
  };
}
