import type { DeviceKey } from '../domain/device.ts';
import { type CameraMasks, type MaskArea, NO_MASKS } from '../domain/privacy-mask.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

/** What is masked on which camera. */
export function createCameraMaskStore() {
  return {
    async read(tx: Tx, device: DeviceKey): Promise<CameraMasks> {
      const { rows } = await sql(tx).query<CameraMasks>(
        `select areas, revision, updated_at as "updatedAt", updated_by as "updatedBy" from camera_mask where device = $1`,
        [device],
      );
      return rows[0] ?? NO_MASKS;
    },

    async write(
      tx: Tx,
      device: DeviceKey,
      change: { areas: readonly MaskArea[]; at: number; by: string },
    ): Promise<CameraMasks> {
      const { rows } = await sql(tx).query<CameraMasks>(
        `insert into camera_mask (device, areas, revision, updated_at, updated_by)
         values ($1, $2::jsonb, 1, ${at('$3')}, $4)
         on conflict (device) do update set areas = excluded.areas, revision = camera_mask.revision + 1,
           updated_at = excluded.updated_at, updated_by = excluded.updated_by
         returning areas, revision, updated_at as "updatedAt", updated_by as "updatedBy"`,
        [device, JSON.stringify(change.areas), change.at, change.by],
      );
      return rows[0] ?? NO_MASKS;
    },
  };
}
