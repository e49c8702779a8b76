import type { DeviceKey } from '../../domain/device.ts';
import type { TimedPage } from '../../domain/page.ts';
import type { PicturePurpose, PictureQuery, PictureRecord, RemovedPicture } from '../../domain/picture.ts';
import type { Tx } from '../../domain/tx.ts';

/** Rows of pictures (`store/pictures.ts`). */
export interface PictureStore {
  insert(
    tx: Tx,
    picture: PictureRecord,
    options: { savedAt: number; checks: number },
  ): Promise<readonly RemovedPicture[]>;
  get(tx: Tx, id: string): Promise<PictureRecord | undefined>;
  latest(tx: Tx, device: DeviceKey): Promise<PictureRecord | undefined>;
  around(tx: Tx, device: DeviceKey, time: number): Promise<PicturesAround>;
  list(tx: Tx, device: DeviceKey, query: PictureQuery): Promise<TimedPage<PictureRecord>>;
  keep(tx: Tx, ids: readonly string[], purpose: PicturePurpose, keptUntil: number): Promise<number>;
  lastAsEvidence(
    tx: Tx,
    devices: readonly DeviceKey[],
    keptUntil: number,
  ): Promise<ReadonlyMap<DeviceKey, { readonly id: string; readonly takenAt: number }>>;
  pin(tx: Tx, ids: readonly string[], pinned: boolean): Promise<number>;
  removeExpired(tx: Tx, now: number, limit: number): Promise<readonly RemovedPicture[]>;
  removeOldest(tx: Tx, bytes: number, limit: number): Promise<readonly RemovedPicture[]>;
  usage(tx: Tx): Promise<{ bytes: number; count: number }>;
  folder(
    tx: Tx,
    folder: string,
  ): Promise<readonly { id: string; savedAt: number; purpose: PicturePurpose; pinned: boolean }[]>;
  remove(tx: Tx, ids: readonly string[]): Promise<readonly RemovedPicture[]>;
}

/** null where there is none. */
export interface PicturesAround {
  /** The last one taken at or before the time. */
  readonly before: PictureRecord | null;
  /** The first one taken after it. */
  readonly after: PictureRecord | null;
}
