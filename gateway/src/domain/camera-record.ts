import { type Static, Type } from 'typebox';
import type { CameraFacts } from './camera.ts';
import type { CameraStage, OwnArchive } from './camera-archive.ts';
import type { DeviceKey } from './device.ts';
import { DeviceFilter } from './device-input.ts';
import type { Device, DeviceRecord, DeviceStatus } from './device-record.ts';
import type { Point, ShownLocation } from './geo.ts';

/** A reading that waits for its confirmation, or the fault it became. Times in epoch milliseconds. */
export interface WatchedReading {
  readonly active: boolean;
  /** Bad readings in a row. */
  readonly streak: number;
  readonly at: number;
}

/** Default passwords: places in the list, never a password. Times in epoch milliseconds. */
export interface PasswordWatch {
  readonly active: boolean;
  /** The login of the list that the camera let in when it was tried. */
  readonly accepted: number | null;
  /** The login to try next. */
  readonly next: number;
  /** The last pass that tried any. */
  readonly triedAt: number | null;
  /** The camera said an account is locked: nothing is tried until its connection changes. */
  readonly locked: boolean;
}

/** What is remembered between two rounds, so that a restart begins nothing anew. */
export interface CameraWatch {
  readonly clockWrong?: WatchedReading;
  readonly codecChanged?: WatchedReading;
  readonly defaultPassword?: PasswordWatch;
  /** The serial number whose deviation from the registered one was already noted. */
  readonly foreignSerial?: string | null;
}

/** What is kept of a camera beside its device. Times in epoch milliseconds. */
export interface CameraRecord {
  readonly archive: OwnArchive;
  /** Fields filled from the facts that no person has touched since; `serial` is one of the device. */
  readonly prefilled: readonly string[];
  /** Registration or the last 换机. */
  readonly roundSince: number;
  readonly firstFrameAt: number | null;
  readonly inUseAt: number | null;
  readonly facts: CameraFacts | null;
  readonly factsAt: number | null;
  /** Why the last attempt to read facts failed; null after a success. */
  readonly factsError: string | null;
  readonly watch: CameraWatch;
}

export interface CameraDevice {
  readonly device: DeviceRecord & DeviceStatus;
  readonly camera: CameraRecord;
}

/** A field in which the archive and the camera contradict each other. */
export interface Difference {
  readonly field: 'manufacturer' | 'model' | 'serial' | 'codec';
  readonly archive: string;
  readonly camera: string;
}

/** A camera as services answer it. */
export interface CameraView extends Omit<Device, 'location'> {
  readonly location: ShownLocation | null;
  readonly stage: CameraStage;
  readonly archiveComplete: boolean;
  readonly missing: readonly string[];
  /** Registration or the last 换机. */
  readonly roundSince: number;
  readonly firstFrameAt: number | null;
  readonly inUseAt: number | null;
  readonly facts: CameraFacts | null;
  readonly factsError: string | null;
  readonly differences: readonly Difference[];
  /** The box at this point is not the registered one: another serial number without 换机. */
  readonly exchanged: boolean;
  readonly picture: { readonly id: string; readonly at: number } | null;
}

/** Query of `GET /cameras`. */
export const CameraQuery = Type.Object(
  {
    ...DeviceFilter.properties,
    stage: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 3 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    cursor: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
);
export type CameraQuery = Static<typeof CameraQuery>;

/** Which eight digits of a national code a street uses, and coarsely where it is. */
export interface StreetCode {
  /** Digits 1–9 of the statistical division code. */
  readonly street: string;
  readonly name: string;
  readonly region8: string;
  readonly centre: Point | null;
  /** Metres; null without a centre. */
  readonly radius: number | null;
}

/** A camera that has not shown a frame yet. */
export interface WaitingCamera {
  readonly device: DeviceKey;
  readonly since: number;
}

/** 一机一档 as it is answered: fields of the device and of the camera side by side, null where empty. */
export interface ArchiveView {
  readonly archive: Readonly<Record<string, unknown>>;
  readonly complete: boolean;
  readonly missing: readonly { readonly field: string; readonly zh: string; readonly en: string }[];
  readonly stage: CameraStage;
  /** Fields that were filled from what the camera says of itself. */
  readonly prefilled: readonly string[];
  readonly differences: readonly Difference[];
  /** What looks wrong and was taken all the same. */
  readonly warnings: readonly ArchiveWarning[];
}

export interface ArchiveWarning {
  readonly field: string;
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}
