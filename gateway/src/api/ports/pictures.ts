import type { Actor } from '../../domain/actor.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { TimedPage } from '../../domain/page.ts';
import type { PictureOrigin, PictureQuery, PictureRecord } from '../../domain/picture.ts';
import type { Language } from '../../messages/index.ts';

/** The camera as the caller was allowed to see it. */
interface ViewedCamera {
  readonly key: DeviceKey;
  readonly id: string;
  readonly name: string;
  readonly updatedAt: number;
}

interface ViewRequest {
  readonly language: Language;
  readonly width?: number;
  readonly mark?: boolean;
  readonly export?: boolean;
  readonly purpose?: string;
  readonly signal?: AbortSignal;
}

/** Times in epoch milliseconds, hashes in hex. */
export interface ShownPicture {
  readonly jpeg: Uint8Array;
  readonly sha256: string;
  readonly originalSha256: string;
  readonly takenAt: number;
  readonly ageMs: number;
  readonly stale: boolean;
  readonly masked: boolean;
  readonly origin: PictureOrigin;
  readonly pictureId: string | null;
}

/** Pictures as they may leave: masked, marked and written down. */
export interface PictureViewPort {
  now(actor: Actor, camera: ViewedCamera, request: ViewRequest & { readonly maxAgeMs?: number }): Promise<ShownPicture>;
  stored(actor: Actor, camera: ViewedCamera, pictureId: string, request: ViewRequest): Promise<ShownPicture>;
  list(camera: ViewedCamera, query: PictureQuery): Promise<TimedPage<PictureRecord>>;
}
