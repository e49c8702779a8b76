import type { DeviceKey } from '../domain/device.ts';
import type { TimedPage } from '../domain/page.ts';
import type { PicturePurpose, PictureQuery, PictureRecord, RemovedPicture } from '../domain/picture.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, decodeCursor, encodeCursor } from './scope.ts';
import { at } from './time.ts';

const COLUMNS = `id, device, taken_at as "takenAt", origin, purpose, sha256, bytes, width, height, pinned,
  kept_until as "keptUntil"`;

/** What the gateway knows of stored pictures; the bytes lie in files. */
export function createPictureStore() {
  const removed = async (tx: Tx, statement: string, params: readonly unknown[]) =>
    (await sql(tx).query<RemovedPicture>(statement, params)).rows;

  return {
    /** Adds one; of a device's checks only the newest `checks` stay, the others are answered for removal of their files. */
    async insert(tx: Tx, picture: PictureRecord, options: { savedAt: number; checks: number }) {
      return removed(
        tx,
        `with added as (
           insert into picture (id, device, taken_at, origin, purpose, sha256, bytes, width, height, kept_until, saved_at)
           values ($1, $2, ${at('$3')}, $4, $5, $6, $7, $8, $9, ${at('$10')}, ${at('$11')})
         )
         delete from picture where $5 = 'check' and id in (
           select id from picture where device = $2 and purpose = 'check' and not pinned
           order by taken_at desc offset greatest($12::int - 1, 0)
         ) returning id, bytes`,
        [
          picture.id,
          picture.device,
          picture.takenAt,
          picture.origin,
          picture.purpose,
          picture.sha256,
          picture.bytes,
          picture.width,
          picture.height,
          picture.keptUntil,
          options.savedAt,
          options.checks,
        ],
      );
    },

    async get(tx: Tx, id: string): Promise<PictureRecord | undefined> {
      const { rows } = await sql(tx).query<PictureRecord>(`select ${COLUMNS} from picture where id = $1`, [id]);
      return rows[0];
    },

    async latest(tx: Tx, device: DeviceKey): Promise<PictureRecord | undefined> {
      const { rows } = await sql(tx).query<PictureRecord>(
        `select ${COLUMNS} from picture where device = $1 order by taken_at desc, id desc limit 1`,
        [device],
      );
      return rows[0];
    },

    /** The last one taken at or before `time` and the first one after it. */
    async around(tx: Tx, device: DeviceKey, time: number) {
      const { rows } = await sql(tx).query<PictureRecord & { after: boolean }>(
        `(select ${COLUMNS}, false as after from picture where device = $1 and taken_at <= ${at('$2')}
           order by taken_at desc, id desc limit 1)
         union all
         (select ${COLUMNS}, true as after from picture where device = $1 and taken_at > ${at('$2')}
           order by taken_at, id limit 1)`,
        [device, time],
      );
      const find = (side: boolean): PictureRecord | null => {
        const row = rows.find(({ after }) => after === side);
        if (!row) return null;
        const { after: _, ...picture } = row;
        return picture;
      };
      return { before: find(false), after: find(true) };
    },

    /** Newest first. */
    async list(tx: Tx, device: DeviceKey, query: PictureQuery): Promise<TimedPage<PictureRecord>> {
      const params = createParams(device);
      const where = ['device = $1'];
      if (query.from !== undefined) where.push(`taken_at >= ${at(params.add(query.from))}`);
      if (query.to !== undefined) where.push(`taken_at < ${at(params.add(query.to))}`);
      if (query.purpose !== undefined) where.push(`purpose = ${params.add(query.purpose)}`);
      const [time, id] = query.cursor ? (decodeCursor(query.cursor) ?? []) : [];
      if (typeof time === 'number' && typeof id === 'string') {
        where.push(`(taken_at, id) < (${at(params.add(time))}, ${params.add(id)})`);
      }
      const limit = query.limit ?? 100;
      const { rows } = await sql(tx).query<PictureRecord>(
        `select ${COLUMNS} from picture where ${where.join(' and ')} order by taken_at desc, id desc
         limit ${params.add(limit + 1)}`,
        params.values,
      );
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor([last.takenAt, last.id]) : null };
    },

    /** Another purpose keeps a picture longer, never shorter. Answers how many there were. */
    async keep(tx: Tx, ids: readonly string[], purpose: PicturePurpose, keptUntil: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `update picture set purpose = $2, kept_until = greatest(kept_until, ${at('$3')}) where id = any ($1::text[])`,
        [ids, purpose, keptUntil],
      );
      return rowCount;
    },

    /** The newest picture of each of these cameras, kept as evidence from now on; nothing of those that have none. */
    async lastAsEvidence(
      tx: Tx,
      devices: readonly DeviceKey[],
      keptUntil: number,
    ): Promise<ReadonlyMap<DeviceKey, { readonly id: string; readonly takenAt: number }>> {
      const { rows } = await sql(tx).query<{ device: DeviceKey; id: string; takenAt: number }>(
        `update picture p set purpose = 'evidence', kept_until = greatest(p.kept_until, ${at('$2')})
         from unnest($1::int[]) as k (key) cross join lateral (
           select id from picture where device = k.key order by taken_at desc, id desc limit 1
         ) newest where p.id = newest.id
         returning p.device, p.id, p.taken_at as "takenAt"`,
        [devices, keptUntil],
      );
      return new Map(rows.map(({ device, id, takenAt }) => [device, { id, takenAt }]));
    },

    async pin(tx: Tx, ids: readonly string[], pinned: boolean): Promise<number> {
      const { rowCount } = await sql(tx).query('update picture set pinned = $2::boolean where id = any ($1::text[])', [
        ids,
        pinned,
      ]);
      return rowCount;
    },

    async removeExpired(tx: Tx, now: number, limit: number) {
      return removed(
        tx,
        `delete from picture where id in (
           select id from picture where kept_until < ${at('$1')} and not pinned order by kept_until limit $2
         ) returning id, bytes`,
        [now, limit],
      );
    },

    /** Frees at least `bytes`, oldest first; checks and snapshots go before references and evidence, pinned ones never. */
    async removeOldest(tx: Tx, bytes: number, limit: number) {
      return removed(
        tx,
        `with oldest as (
           select id, bytes, purpose in ('evidence', 'reference') as late, taken_at from picture where not pinned
           order by late, taken_at, id limit $2
         ), summed as (
           select id, sum(bytes) over (order by late, taken_at, id) - bytes as before from oldest
         )
         delete from picture where id in (select id from summed where before < $1::float8) returning id, bytes`,
        [bytes, limit],
      );
    },

    async usage(tx: Tx): Promise<{ bytes: number; count: number }> {
      const { rows } = await sql(tx).query<{ bytes: number; count: number }>(
        'select coalesce(sum(bytes), 0)::float8 as bytes, count(*)::float8 as count from picture',
      );
      return rows[0] ?? { bytes: 0, count: 0 };
    },

    /** Everything whose id begins with `folder` (two hex digits). */
    async folder(tx: Tx, folder: string) {
      const { rows } = await sql(tx).query<{ id: string; savedAt: number; purpose: PicturePurpose; pinned: boolean }>(
        `select id, saved_at as "savedAt", purpose, pinned from picture where id >= $1 and id < $2`,
        [folder, `${folder}g`],
      );
      return rows;
    },

    async remove(tx: Tx, ids: readonly string[]) {
      return removed(tx, 'delete from picture where id = any ($1::text[]) returning id, bytes', [ids]);
    },
  };
}
