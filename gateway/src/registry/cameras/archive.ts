import type { CameraFacts } from '../../domain/camera.ts';
import {
  angleBetween,
  COMPLETE_FIELDS,
  type CompleteField,
  DIRECTIONS,
  directionOf,
  LEAST_RECORD_DAYS,
  OWN_FIELDS,
  type OwnArchive,
  stageOf,
} from '../../domain/camera-archive.ts';
import type { CameraDevice, CameraRecord, CameraView, Difference } from '../../domain/camera-record.ts';
import type { DeviceRecord } from '../../domain/device-record.ts';
import { type Crs, locationIn } from '../../domain/geo.ts';
import { fieldError } from '../../domain/input.ts';
import type { FieldError } from '../../errors.ts';
import { toDevice } from '../device-finder.ts';

/** What an archive still lacks, in the order of the list. */
export function missingFields(device: DeviceRecord, archive: OwnArchive): CompleteField[] {
  const has = (field: CompleteField): boolean => {
    switch (field) {
      case 'address':
        return device.location?.address !== undefined;
      case 'name':
        return device.name !== '';
      case 'nationalCode':
      case 'location':
      case 'maintenanceUnitId':
      case 'orgId':
      case 'installedOn':
      case 'connection':
        return device[field] !== null;
      default:
        return archive[field] !== undefined;
    }
  };
  return (Object.keys(COMPLETE_FIELDS) as CompleteField[]).filter((field) => !has(field));
}

/** What the schema cannot say of a whole archive. */
export function archiveErrors({ azimuth, direction, recordDays }: OwnArchive): FieldError[] {
  const errors: FieldError[] = [];
  if (recordDays !== undefined && recordDays < LEAST_RECORD_DAYS) {
    errors.push(fieldError('/recordDays', 'range', 'camera.recordDays', { least: LEAST_RECORD_DAYS }));
  }
  if (azimuth !== undefined && direction !== undefined && angleBetween(azimuth, DIRECTIONS[direction].azimuth) > 45) {
    const values = { azimuth, direction: DIRECTIONS[direction].zh };
    errors.push(fieldError('/azimuth', 'contradiction', 'camera.azimuth', values));
  }
  return errors;
}

/** An azimuth names the direction when nobody did. */
export function withDirection(archive: OwnArchive): OwnArchive {
  if (archive.azimuth === undefined || archive.direction !== undefined) return archive;
  return { ...archive, direction: directionOf(archive.azimuth) };
}

/** The archive after a change: `whole` empties what is not named (PUT), otherwise only null does (PATCH). */
export function applyArchive(
  before: OwnArchive,
  input: Readonly<Record<string, unknown>>,
  options: { whole: boolean },
): OwnArchive {
  const after: Record<string, unknown> = options.whole ? {} : { ...before };
  for (const field of OWN_FIELDS) {
    if (input[field] === null) delete after[field];
    else if (input[field] !== undefined) after[field] = input[field];
  }
  return after as OwnArchive;
}

/** Own fields that differ, for history and audit. */
export function archiveDifference(before: OwnArchive, after: OwnArchive): { before: object; after: object } {
  const changed = OWN_FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  const cut = (archive: OwnArchive) => Object.fromEntries(changed.map((field) => [field, archive[field] ?? null]));
  return { before: cut(before), after: cut(after) };
}

/** The codec of the main stream. */
export const mainCodec = (facts: CameraFacts | null): string | null =>
  (facts?.streams.find(({ role }) => role === 'main') ?? facts?.streams[0])?.codec ?? null;

/** What a person wrote against what the camera says; empty sides are no contradiction. */
export function differencesOf(device: DeviceRecord, { archive, facts }: CameraRecord): Difference[] {
  const pairs = [
    ['manufacturer', archive.manufacturer, facts?.manufacturer],
    ['model', archive.model, facts?.model],
    ['serial', device.serial, facts?.serial],
    ['codec', archive.codec, mainCodec(facts)],
  ] as const;
  return pairs.flatMap(([field, said, seen]) => {
    if (!said || !seen || same(said, seen)) return [];
    return [{ field, archive: said, camera: seen }];
  });
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

export function cameraView(
  { device, camera }: CameraDevice,
  options: { crs?: Crs; picture?: { readonly id: string; readonly at: number } | undefined } = {},
): CameraView {
  const missing = missingFields(device, camera.archive);
  const differences = differencesOf(device, camera);
  const shown = toDevice(device);
  return {
    ...shown,
    location: locationIn(shown.location, options.crs ?? 'wgs84'),
    stage: stageOf(missing.length === 0, camera.firstFrameAt),
    archiveComplete: missing.length === 0,
    missing,
    roundSince: camera.roundSince,
    firstFrameAt: camera.firstFrameAt,
    inUseAt: camera.inUseAt,
    facts: camera.facts,
    factsError: camera.factsError,
    differences,
    exchanged: differences.some(({ field }) => field === 'serial'),
    picture: options.picture ?? null,
  };
}
