import type { CameraFacts } from '../domain/camera.ts';
import type { CameraStage, OwnArchive } from '../domain/camera-archive.ts';
import type { CameraDevice, CameraQuery, CameraWatch, WaitingCamera } from '../domain/camera-record.ts';
import type { DeviceKey } from '../domain/device.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { CAMERA_COLUMNS, CAMERA_JOINS, type CameraRow, COMPLETE, isCamera, readCamera, STAGE } from './camera-rows.ts';
import { sql } from './database.ts';
import { filterCondition } from './devices.ts';
import { createParams, decodeCursor, deviceInScope, encodeCursor } from './scope.ts';
import { searched } from './search.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';
import { totalOf } from './totals.ts';

const LIVING = `d.lifecycle in ('trial', 'active', 'suspended')`;

/** Archives, facts and stages of cameras. `types` are the device types that are cameras. */
export function createCameraStore() {
  return {
    async get(tx: Tx, id: string, types: readonly string[], scope: Scope): Promise<CameraDevice | undefined> {
      const params = createParams(id, types);
      const { rows } = await sql(tx).query<CameraRow>(
        `select ${CAMERA_COLUMNS} from device d ${CAMERA_JOINS}
         where d.id = $1 and ${isCamera('$2')} and ${deviceInScope(scope, params)}`,
        params.values,
      );
      return rows[0] && readCamera(rows[0]);
    },

    async byKeys(tx: Tx, keys: readonly DeviceKey[]): Promise<CameraDevice[]> {
      const { rows } = await sql(tx).query<CameraRow>(
        `select ${CAMERA_COLUMNS} from device d ${CAMERA_JOINS} where d.key = any ($1::int[]) order by d.key`,
        [keys],
      );
      return rows.map(readCamera);
    },

    /** In the order of their ids. */
    async list(tx: Tx, query: CameraQuery & { limit: number }, types: readonly string[], scope: Scope) {
      const { q, stage, ...filter } = query;
      const params = createParams(types);
      const parts = [isCamera('$1'), filterCondition(filter, params), deviceInScope(scope, params)];
      if (stage) parts.push(`${STAGE} = any (${params.add(stage)}::text[])`);
      if (q !== undefined) {
        // Apart, so that each is found by its own index; a single character has none.
        const found = (row: string) => searched(q, params, row);
        parts.push(
          [...q].length < 2
            ? `(${found('d')} or ${found('c')})`
            : `d.key in (select x.key from device x where ${found('x')} union all select x.device from camera x where ${found('x')})`,
        );
      }
      const from = `from device d left join camera c on c.device = d.key left join health h on h.device = d.key`;
      const total = await totalOf(tx, `${from} where ${parts.join(' and ')}`, params.values);
      if (query.cursor !== undefined) {
        const [last, ...rest] = decodeCursor(query.cursor) ?? [];
        if (typeof last !== 'string' || rest.length > 0) refuseIf([fieldError('/cursor', 'invalid', 'input.cursor')]);
        parts.push(`d.id > ${params.add(last)}::text`);
      }
      const { rows } = await sql(tx).query<CameraRow>(
        `select ${CAMERA_COLUMNS} from device d ${CAMERA_JOINS} where ${parts.join(' and ')}
         order by d.id limit ${params.add(query.limit + 1)}`,
        params.values,
      );
      const items = rows.slice(0, query.limit).map(readCamera);
      const last = items.at(-1);
      return {
        items,
        nextCursor: rows.length > query.limit && last ? encodeCursor([last.device.id]) : null,
        total,
      };
    },

    async saveArchive(
      tx: Tx,
      device: DeviceKey,
      { archive, prefilled }: { archive: OwnArchive; prefilled: readonly string[] },
    ): Promise<void> {
      await sql(tx).query(
        `insert into camera (device, archive, prefilled) values ($1, $2::jsonb, $3::text[])
         on conflict (device) do update set archive = excluded.archive, prefilled = excluded.prefilled, updated_at = now()`,
        [device, toJson(archive), prefilled],
      );
    },

    async saveFacts(tx: Tx, device: DeviceKey, facts: CameraFacts): Promise<void> {
      await sql(tx).query(
        `insert into camera (device, facts, answered_by, facts_at) values ($1, $2::jsonb, $3, ${at('$4')})
         on conflict (device) do update set facts = excluded.facts, answered_by = excluded.answered_by,
           facts_at = excluded.facts_at, facts_error = null, updated_at = now()`,
        [device, toJson(facts), facts.answeredBy, facts.readAt],
      );
    },

    /** The facts of before stay: what the camera once said is better than nothing. */
    async saveFactsError(tx: Tx, device: DeviceKey, error: string): Promise<void> {
      await sql(tx).query(
        `insert into camera (device, facts_error) values ($1, $2)
         on conflict (device) do update set facts_error = excluded.facts_error, updated_at = now()`,
        [device, error],
      );
    },

    /** Only what is named changes, so two looks at one camera do not overwrite each other. */
    async saveWatch(tx: Tx, device: DeviceKey, change: CameraWatch): Promise<void> {
      await sql(tx).query(
        `insert into camera (device, watch) values ($1, $2::jsonb)
         on conflict (device) do update set watch = camera.watch || excluded.watch, updated_at = now()`,
        [device, toJson(change)],
      );
    },

    /** Another box at the point: its first frame is still to come and nothing is known of it. */
    async restart(tx: Tx, device: DeviceKey, since: number, archive: OwnArchive): Promise<void> {
      await sql(tx).query(
        `insert into camera (device, round_since) values ($1, ${at('$2')})
         on conflict (device) do update set round_since = excluded.round_since, archive = $3::jsonb, prefilled = '{}',
           first_frame_at = null, in_use_at = null, facts = null, answered_by = null, facts_at = null, facts_error = null,
           watch = camera.watch - 'foreignSerial', updated_at = now()`,
        [device, since, toJson(archive)],
      );
    },

    /** Milliseconds from registration (or 换机) to the frame; null when it was not the first, or one of the box before. */
    async firstFrame(tx: Tx, device: DeviceKey, seenAt: number): Promise<number | null> {
      const { rows } = await sql(tx).query<{ since: number; seen: number }>(
        `insert into camera as c (device, first_frame_at)
         select d.key, ${at('$2')} from device d where d.key = $1 and d.created_at <= ${at('$2')}
         on conflict (device) do update set first_frame_at = excluded.first_frame_at, updated_at = now()
           where c.first_frame_at is null and (c.round_since is null or c.round_since <= excluded.first_frame_at)
         returning coalesce(c.round_since, (select created_at from device where key = c.device)) as since,
           c.first_frame_at as seen`,
        [device, seenAt],
      );
      return rows[0] ? rows[0].seen - rows[0].since : null;
    },

    /** Notes since when those cameras are in use that now have both archive and frame; answers which were new. */
    async noteInUse(tx: Tx, keys: readonly DeviceKey[], now: number): Promise<DeviceKey[]> {
      const { rows } = await sql(tx).query<{ device: number }>(
        `update camera c set in_use_at = ${at('$2')} from device d
         where d.key = c.device and c.device = any ($1::int[]) and c.in_use_at is null and c.first_frame_at is not null
           and ${COMPLETE}
         returning c.device`,
        [keys, now],
      );
      return rows.map(({ device }) => device);
    },

    /** Cameras that may be asked for their first frame, of these keys or all, the newest first. */
    async waiting(tx: Tx, keys: readonly DeviceKey[] | null): Promise<WaitingCamera[]> {
      const { rows } = await sql(tx).query<WaitingCamera>(
        `select d.key as device, coalesce(c.round_since, d.created_at) as since
         from device d left join camera c on c.device = d.key
         where d.connection is not null and ${LIVING} and c.first_frame_at is null
           and ($1::int[] is null or d.key = any ($1::int[]))
         order by 2 desc`,
        [keys],
      );
      return rows;
    },

    /** The codec each archive confirms, and whether the stream deviated at the last look. */
    async codecs(tx: Tx): Promise<{ device: DeviceKey; codec: string; deviates: boolean }[]> {
      const { rows } = await sql(tx).query<{ device: number; codec: string; deviates: boolean }>(
        `select device, archive ->> 'codec' as codec, coalesce((watch #>> '{codecChanged,streak}')::int, 0) > 0 as deviates
         from camera where archive -> 'codec' is not null`,
      );
      return rows;
    },

    /** The newest picture of each camera that has any. */
    async lastPictures(
      tx: Tx,
      keys: readonly DeviceKey[],
    ): Promise<ReadonlyMap<DeviceKey, { readonly id: string; readonly at: number }>> {
      const { rows } = await sql(tx).query<{ device: number; id: string; at: number }>(
        `select k.key as device, p.id, p.taken_at as at from unnest($1::int[]) as k (key)
         cross join lateral (select id, taken_at from picture where device = k.key order by taken_at desc, id desc limit 1) p`,
        [keys],
      );
      return new Map(rows.map(({ device, id, at: takenAt }) => [device, { id, at: takenAt }]));
    },

    async countByStage(tx: Tx, types: readonly string[]): Promise<Partial<Record<CameraStage, number>>> {
      const { rows } = await sql(tx).query<{ stage: CameraStage; n: number }>(
        `select ${STAGE} as stage, count(*)::int as n from device d left join camera c on c.device = d.key
         where ${isCamera('$1')} and ${LIVING} group by 1`,
        [types],
      );
      return Object.fromEntries(rows.map(({ stage, n }) => [stage, n]));
    },
  };
}
