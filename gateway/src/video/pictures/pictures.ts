import { createHash, randomBytes } from 'node:crypto';
import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { DeviceKey } from '../../domain/device.ts';
import type { TimedPage } from '../../domain/page.ts';
import type { PictureOrigin, PicturePurpose, PictureQuery, PictureRecord } from '../../domain/picture.ts';
import type { Transactor, Tx } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import { createPictureFiles, type PictureFiles } from './files.ts';
import { JpegError, readJpeg } from './jpeg.ts';
import type { PictureStore, PicturesAround } from './ports.ts';
import { createUpkeep, type PurgeResult } from './upkeep.ts';

const DAY_MS = 86_400_000;
const GIB = 1024 ** 3;
/** How long the answer of the file system holds. */
const FREE_FOR_MS = 2_000;
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG']);

export interface NewPicture {
  readonly device: DeviceKey;
  readonly jpeg: Uint8Array;
  /** Epoch milliseconds. */
  readonly takenAt: number;
  readonly origin: PictureOrigin;
  readonly purpose: PicturePurpose;
}

export interface StoredPicture extends PictureRecord {
  readonly jpeg: Buffer;
}

/** How much is kept. Durations in milliseconds. */
export interface PictureLimits {
  readonly keepMs: Readonly<Record<PicturePurpose, number>>;
  /** Checks of one device. */
  readonly checksPerDevice: number;
  /** All pictures together. */
  readonly capBytes: number;
  /** Left to spool and database: below it nothing is saved. */
  readonly reserveBytes: number;
}

export const PICTURE_LIMITS: PictureLimits = {
  keepMs: { check: 7 * DAY_MS, reference: 180 * DAY_MS, evidence: 180 * DAY_MS, snapshot: 30 * DAY_MS },
  checksPerDevice: 48,
  capBytes: 20 * GIB,
  reserveBytes: GIB,
};

export interface Pictures {
  /**
   * Keeps a picture durably. UNPROCESSABLE when it is no whole JPEG, STORAGE_FULL when the disk has no room: then
   * nothing is left behind, and whoever has the picture in hand may go on without it.
   */
  save(picture: NewPicture): Promise<{ id: string; sha256: string; takenAt: number }>;
  /** The newest picture of each of these cameras, kept as evidence; in the caller's transaction. */
  lastAsEvidence(
    tx: Tx,
    devices: readonly DeviceKey[],
  ): Promise<ReadonlyMap<DeviceKey, { readonly id: string; readonly takenAt: number }>>;
  /**
   * With its bytes, proved by their SHA-256. NOT_FOUND (another camera's picture, too, when one is named), or
   * PICTURE_DAMAGED when file and hash do not agree.
   */
  read(id: string, device?: DeviceKey): Promise<StoredPicture>;
  /** null when the camera has none. */
  latest(device: DeviceKey): Promise<PictureRecord | null>;
  around(device: DeviceKey, at: number): Promise<PicturesAround>;
  list(device: DeviceKey, query: PictureQuery): Promise<TimedPage<PictureRecord>>;
  /** Turns pictures into evidence or references: kept as long as those. Answers how many are still there. */
  keep(ids: readonly string[], purpose: 'evidence' | 'reference'): Promise<number>;
  /** A pinned picture stays until it is unpinned. */
  pin(ids: readonly string[], pinned: boolean): Promise<number>;
  /** Removes what is too old or too much, and what a crash left behind. */
  purge(): Promise<PurgeResult>;
  /** Bytes of all pictures as last counted; null before the first count. */
  bytes(): number | null;
}

export interface PicturesDeps {
  readonly store: PictureStore;
  readonly db: Transactor;
  /** Folder of the files; made when missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<PictureLimits>;
  /** For tests of a full disk. */
  readonly files?: PictureFiles;
  readonly onDamaged?: () => void;
  /** Whether the disk has room for more of them; absent = it has. */
  readonly room?: { allows(what: 'pictures' | 'evidence'): boolean };
}

export function createPictures(deps: PicturesDeps): Pictures {
  const { store, db, clock } = deps;
  const log = deps.log.child({ part: 'pictures' });
  const limits = { ...PICTURE_LIMITS, ...deps.limits };
  const files = deps.files ?? createPictureFiles(deps.dir);
  let total: number | null = null;
  let trimming: Promise<unknown> | undefined;
  let free: { readonly bytes: number; readonly at: number } | undefined;
  const count = (bytes: number) => {
    if (total !== null) total += bytes;
  };
  const upkeep = createUpkeep({ store, db, files, clock, log, capBytes: limits.capBytes, onRemoved: (b) => count(-b) });

  const requireRoom = async (bytes: number, purpose: PicturePurpose) => {
    // Proof of a fault is given up last.
    if (deps.room?.allows(purpose === 'evidence' ? 'evidence' : 'pictures') === false) throw full();
    if (!free || clock.monotonic() - free.at > FREE_FOR_MS) free = { bytes: await files.free(), at: clock.monotonic() };
    if (free.bytes - bytes < limits.reserveBytes) throw full();
  };
  /** Room is made behind the newest picture; it goes itself only when pinned ones fill the cap. */
  const makeRoom = async () => {
    total ??= (await store.usage(db.autocommit)).bytes;
    if (total <= limits.capBytes || trimming) return;
    trimming = upkeep
      .trim(total)
      .catch((error) => log.error({ error }, 'pictures above the cap could not be removed'))
      .finally(() => {
        trimming = undefined;
      });
    await trimming;
  };
  const damaged = (record: PictureRecord, why: string): GatewayError => {
    deps.onDamaged?.();
    log.error({ picture: record.id, why }, 'a stored picture is damaged');
    return new GatewayError('PICTURE_DAMAGED', bilingual('picture.damaged', { id: record.id }));
  };

  return {
    async save({ device, jpeg, takenAt, origin, purpose }) {
      const facts = sizeOf(jpeg);
      const bytes = jpeg.subarray(0, facts.length);
      const id = randomBytes(16).toString('hex');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await requireRoom(bytes.length, purpose);
      try {
        await files.write(id, bytes);
      } catch (error) {
        free = undefined;
        const { code } = error as NodeJS.ErrnoException;
        if (code && FULL.has(code)) throw full(error);
        throw new GatewayError('UNAVAILABLE', bilingual('picture.notWritten'), { cause: error });
      }
      const { width, height } = facts;
      const keptUntil = takenAt + limits.keepMs[purpose];
      const record = { id, device, takenAt, origin, purpose, sha256, bytes: bytes.length, width, height, keptUntil };
      try {
        const gone = await store.insert(
          db.autocommit,
          { ...record, pinned: false },
          { savedAt: clock.now(), checks: limits.checksPerDevice },
        );
        count(bytes.length);
        await upkeep.drop(gone);
      } catch (error) {
        // Whether the row was committed may be unknown (a lost connection): the sweep decides, not we.
        log.warn({ picture: id, error }, 'a picture was written but not entered');
        throw error;
      }
      await makeRoom();
      return { id, sha256, takenAt };
    },

    async read(id, device) {
      const record = files.isId(id) ? await store.get(db.autocommit, id) : undefined;
      if (!record || record.device !== (device ?? record.device)) throw new GatewayError('NOT_FOUND');
      const jpeg = await files.read(id);
      if (!jpeg) throw damaged(record, 'file missing');
      if (createHash('sha256').update(jpeg).digest('hex') !== record.sha256) throw damaged(record, 'hash differs');
      return { ...record, jpeg };
    },

    latest: async (device) => (await store.latest(db.autocommit, device)) ?? null,
    around: (device, at) => store.around(db.autocommit, device, at),
    list: (device, query) => store.list(db.autocommit, device, query),
    keep: (ids, purpose) => store.keep(db.autocommit, ids, purpose, clock.now() + limits.keepMs[purpose]),
    lastAsEvidence: (tx, devices) => store.lastAsEvidence(tx, devices, clock.now() + limits.keepMs.evidence),
    pin: (ids, pinned) => store.pin(db.autocommit, ids, pinned),

    async purge() {
      const expired = await upkeep.expire();
      total = (await store.usage(db.autocommit)).bytes;
      const trimmed = await upkeep.trim(total);
      const swept = await upkeep.sweep();
      const removed = expired.removed + trimmed.removed;
      const result = { removed, freedBytes: expired.freedBytes + trimmed.freedBytes, ...swept };
      if (removed + swept.orphanFiles + swept.lost > 0) log.info(result, 'pictures put in order');
      return result;
    },
    bytes: () => total,
  };
}

function sizeOf(jpeg: Uint8Array) {
  try {
    return readJpeg(jpeg);
  } catch (error) {
    if (!(error instanceof JpegError)) throw error;
    const message = bilingual('picture.notJpeg', { fault: error.fault });
    throw new GatewayError('UNPROCESSABLE', message, { cause: error, extra: { fault: error.fault } });
  }
}

function full(cause?: unknown): GatewayError {
  return new GatewayError('STORAGE_FULL', bilingual('picture.diskFull'), cause === undefined ? {} : { cause });
}
