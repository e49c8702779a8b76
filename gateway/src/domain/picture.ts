import type { DeviceKey } from './device.ts';

/** `snapshot` = the camera's own JPEG by HTTP, `keyFrame` = decoded from one key frame of its stream. */
export const PICTURE_ORIGINS = ['snapshot', 'keyFrame'] as const;
export type PictureOrigin = (typeof PICTURE_ORIGINS)[number];

/**
 * What a picture is kept for: a routine `check`, the `reference` that checks are measured against, the `evidence` of a
 * ticket, or a `snapshot` a person took away.
 */
export const PICTURE_PURPOSES = ['check', 'reference', 'evidence', 'snapshot'] as const;
export type PicturePurpose = (typeof PICTURE_PURPOSES)[number];

/** One stored picture without its bytes. Times in epoch milliseconds. */
export interface PictureRecord {
  /** 32 hex digits, made by the gateway. */
  readonly id: string;
  readonly device: DeviceKey;
  /** The picture is not older than this. */
  readonly takenAt: number;
  readonly origin: PictureOrigin;
  readonly purpose: PicturePurpose;
  /** Of the bytes as they are stored, hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
  /** Kept until somebody lets it go, whatever its age. */
  readonly pinned: boolean;
  /** When it is removed unless pinned; earlier when the disk must be freed. */
  readonly keptUntil: number;
}

export interface PictureQuery {
  /** Inclusive. */
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
  readonly purpose?: PicturePurpose;
  readonly limit?: number;
  readonly cursor?: string;
}

/** A row whose file is to be removed after it. */
export type RemovedPicture = Pick<PictureRecord, 'id' | 'bytes'>;
