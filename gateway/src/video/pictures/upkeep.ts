import type { Clock, Logger } from '../../../../adapters/adapter.ts';
import type { RemovedPicture } from '../../domain/picture.ts';
import type { Transactor } from '../../domain/tx.ts';
import { FOLDERS, type PictureFiles } from './files.ts';
import type { PictureStore } from './ports.ts';

const BATCH = 2_000;
/** Younger files and rows may belong to a save that is under way. */
const SETTLED_MS = 3_600_000;
/** So that one round after the other costs little; the whole store is compared in 16 rounds. */
const FOLDERS_A_ROUND = 16;
/** After trimming there is room for a while. */
const TRIM_TO = 0.95;

export interface PurgeResult {
  /** Pictures removed because of their age or for room. */
  readonly removed: number;
  readonly freedBytes: number;
  /** Files without a row, and writes that never ended. */
  readonly orphanFiles: number;
  /** Rows whose file is gone. */
  readonly lost: number;
}

interface UpkeepDeps {
  readonly store: PictureStore;
  readonly db: Transactor;
  readonly files: PictureFiles;
  readonly clock: Clock;
  readonly log: Logger;
  readonly capBytes: number;
  /** Told of every change of the total. */
  readonly onRemoved: (bytes: number) => void;
}

/** Keeps rows, files and the disk in step. */
export function createUpkeep({ store, db, files, clock, log, capBytes, onRemoved }: UpkeepDeps) {
  let nextFolder = 0;

  /** Rows are gone by now, so a crash in between leaves files that the sweep finds. */
  const drop = async (gone: readonly RemovedPicture[]): Promise<number> => {
    const bytes = gone.reduce((sum, picture) => sum + picture.bytes, 0);
    onRemoved(bytes);
    await files.remove(gone.map(({ id }) => id));
    return bytes;
  };

  const all = async (next: () => Promise<readonly RemovedPicture[]>) => {
    let removed = 0;
    let freedBytes = 0;
    for (;;) {
      const gone = await next();
      removed += gone.length;
      freedBytes += await drop(gone);
      if (gone.length < BATCH) return { removed, freedBytes };
    }
  };

  const sweepFolder = async (folder: string) => {
    const found = await files.list(folder);
    const rows = await store.folder(db.autocommit, folder);
    const settled = clock.now() - SETTLED_MS;
    const known = new Set(rows.map(({ id }) => id));
    const present = new Set(found?.ids);
    let orphanFiles = 0;
    const stray = found ? [...found.ids.filter((id) => !known.has(id)).map((id) => `${id}.jpg`), ...found.partial] : [];
    for (const name of stray) {
      const writtenAt = await files.writtenAt(folder, name);
      if (writtenAt === null || writtenAt > settled) continue;
      await files.discard(folder, name);
      orphanFiles += 1;
    }
    const missing = rows.filter(({ id, savedAt }) => savedAt < settled && !present.has(id));
    if (missing.length === 0) return { orphanFiles, lost: 0 };
    // A whole folder without files is a disk that is not mounted rather than pictures that were lost.
    const routine = present.size > 0 || rows.length < 3 ? missing.filter((row) => !isProof(row)) : [];
    log.error(
      { folder, missing: missing.length, removed: routine.length },
      'files of stored pictures are gone; rows of evidence stay',
    );
    const ids = routine.map(({ id }) => id);
    if (ids.length > 0) await drop(await store.remove(db.autocommit, ids));
    return { orphanFiles, lost: missing.length };
  };

  return {
    drop,
    /** Brings the total below the cap; answers what it freed. */
    async trim(total: number) {
      if (total <= capBytes) return { removed: 0, freedBytes: 0 };
      let excess = total - capBytes * TRIM_TO;
      return all(async () => {
        if (excess <= 0) return [];
        const gone = await store.removeOldest(db.autocommit, excess, BATCH);
        excess -= gone.reduce((sum, { bytes }) => sum + bytes, 0);
        return gone;
      });
    },
    expire: () => all(() => store.removeExpired(db.autocommit, clock.now(), BATCH)),
    async sweep() {
      let orphanFiles = 0;
      let lost = 0;
      for (let index = 0; index < FOLDERS_A_ROUND; index++) {
        const result = await sweepFolder(FOLDERS[nextFolder] ?? '00');
        nextFolder = (nextFolder + 1) % FOLDERS.length;
        orphanFiles += result.orphanFiles;
        lost += result.lost;
      }
      return { orphanFiles, lost };
    },
  };
}

function isProof({ purpose, pinned }: { readonly purpose: string; readonly pinned: boolean }): boolean {
  return pinned || purpose === 'evidence' || purpose === 'reference';
}
