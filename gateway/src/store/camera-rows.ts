import type { CompleteField } from '../domain/camera-archive.ts';
import { stageOf } from '../domain/camera-archive.ts';
import type { CameraDevice, CameraRecord } from '../domain/camera-record.ts';
import {
  type DeviceRow,
  RECORD_COLUMNS,
  readRecord,
  readStatus,
  STATUS_COLUMNS,
  STATUS_JOINS,
  type StatusRow,
} from './device-rows.ts';

const own = (field: string) => `c.archive -> '${field}' is not null`;

/** How each field of the completeness list is seen to be there; needs `device d left join camera c`. */
const PRESENT: Readonly<Record<CompleteField, string>> = {
  name: `d.name <> ''`,
  nationalCode: 'd.national_code is not null',
  location: 'd.location is not null',
  address: `d.location -> 'address' is not null`,
  manufacturer: own('manufacturer'),
  model: own('model'),
  cameraType: own('cameraType'),
  direction: own('direction'),
  positionType: own('positionType'),
  maintenanceUnitId: 'd.maintenance_unit_id is not null',
  orgId: 'd.org_id is not null',
  installedOn: 'd.installed_on is not null',
  connection: 'd.connection is not null',
};

export const COMPLETE = `(${Object.values(PRESENT).join(' and ')})`;
export const STAGE = `case when not ${COMPLETE} then '${stageOf(false, null)}'
  when c.first_frame_at is null then '${stageOf(true, null)}' else '${stageOf(true, 0)}' end`;

/** Who is a camera: by its type, or because it has a connection or an archive. `$types` is a text[] placeholder. */
export const isCamera = (types: string) =>
  `(d.connection is not null or c.device is not null or d.type = any (${types}::text[]))`;

export const CAMERA_JOINS = `left join camera c on c.device = d.key ${STATUS_JOINS}`;
export const CAMERA_COLUMNS = `${RECORD_COLUMNS}, ${STATUS_COLUMNS}, c.archive, c.prefilled, c.round_since, c.first_frame_at,
  c.in_use_at, c.facts, c.facts_at, c.facts_error, c.watch`;

export interface CameraRow extends DeviceRow, StatusRow {
  archive: CameraRecord['archive'] | null;
  prefilled: string[] | null;
  round_since: number | null;
  first_frame_at: number | null;
  in_use_at: number | null;
  facts: CameraRecord['facts'];
  facts_at: number | null;
  facts_error: string | null;
  watch: CameraRecord['watch'] | null;
}

/** A camera nobody has written about yet has no row of its own. */
export function readCamera(row: CameraRow): CameraDevice {
  return {
    device: { ...readRecord(row), ...readStatus(row) },
    camera: {
      archive: row.archive ?? {},
      prefilled: row.prefilled ?? [],
      roundSince: row.round_since ?? row.created_at,
      firstFrameAt: row.first_frame_at,
      inUseAt: row.in_use_at,
      facts: row.facts,
      factsAt: row.facts_at,
      factsError: row.facts_error,
      watch: row.watch ?? {},
    },
  };
}
