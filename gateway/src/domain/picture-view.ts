import type { Language } from '../messages/index.ts';
import type { Actor } from './actor.ts';
import type { DeviceKey } from './device.ts';
import type { TimedPage } from './page.ts';
import type { PictureOrigin, PictureQuery, PictureRecord } from './picture.ts';

/** A camera as the registry answers it to somebody who may see it. */
export interface ViewedCamera {
  readonly key: DeviceKey;
  readonly id: string;
  readonly name: string;
  /** Epoch milliseconds of the last change of its record; a picture of before may show another place. */
  readonly updatedAt: number;
}

export interface ViewRequest {
  readonly language: Language;
  /** Pixels at most. */
  readonly width?: number;
  /**
   * Whether the capture time is burnt in. Left out: on a stale picture only, with 过期 over it, because who looks at a
   * page sees no headers; `false` leaves even that away.
   */
  readonly mark?: boolean;
  /** 导出: capture time, camera, person, purpose and hash of the original are burnt in; wants the right and a purpose. */
  readonly export?: boolean;
  readonly purpose?: string;
  readonly signal?: AbortSignal;
}

/** What leaves the gateway. */
export interface ShownPicture {
  readonly jpeg: Uint8Array;
  /** Hex, of `jpeg`. */
  readonly sha256: string;
  /** Hex, of the picture as the camera gave it; the same unless something was drawn. */
  readonly originalSha256: string;
  /** Epoch milliseconds. */
  readonly takenAt: number;
  /** Milliseconds. */
  readonly ageMs: number;
  readonly stale: boolean;
  readonly masked: boolean;
  readonly origin: PictureOrigin;
  /** Id in the picture store; null when it is not kept. */
  readonly pictureId: string | null;
}

/** Pictures as they may leave: masked, marked and written down. */
export interface PictureViews {
  /** The camera as it looks now; `maxAgeMs` allows a stored picture. */
  now(actor: Actor, camera: ViewedCamera, request: ViewRequest & { readonly maxAgeMs?: number }): Promise<ShownPicture>;
  /** A stored picture of this camera; of another one it is NOT_FOUND like an unknown one. */
  stored(actor: Actor, camera: ViewedCamera, pictureId: string, request: ViewRequest): Promise<ShownPicture>;
  list(camera: ViewedCamera, query: PictureQuery): Promise<TimedPage<PictureRecord>>;
}
