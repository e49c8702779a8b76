import { mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Files of pictures in 256 folders named by the first two digits of their id. Ids are ours: 32 hex digits. */
export interface PictureFiles {
  /** Whole and synced when it resolves; nothing is left behind when it rejects. */
  write(id: string, bytes: Uint8Array): Promise<void>;
  /** null when there is no such file. */
  read(id: string): Promise<Buffer | null>;
  remove(ids: readonly string[]): Promise<void>;
  /** null when the folder is not there. `partial` are names of writes that never ended. */
  list(folder: string): Promise<{ ids: string[]; partial: string[] } | null>;
  /** Epoch milliseconds of the last write; null when it is gone. */
  writtenAt(folder: string, name: string): Promise<number | null>;
  discard(folder: string, name: string): Promise<void>;
  /** Bytes the file system still takes. */
  free(): Promise<number>;
  isId(text: string): boolean;
}

const ID = /^[0-9a-f]{32}$/;
const SUFFIX = '.jpg';
const PART = '.part';

export const FOLDERS: readonly string[] = Array.from({ length: 256 }, (_, index) =>
  index.toString(16).padStart(2, '0'),
);

export function createPictureFiles(dir: string): PictureFiles {
  const folderOf = (id: string) => {
    // The last guard in front of the file system, whoever calls.
    if (!ID.test(id)) throw new Error('not an id of a picture');
    return join(dir, id.slice(0, 2));
  };
  const pathOf = (id: string) => join(folderOf(id), id + SUFFIX);

  return {
    isId: (text) => ID.test(text),
    async write(id, bytes) {
      const folder = folderOf(id);
      const part = join(folder, id + PART);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        const file = await open(part, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(part, pathOf(id));
        await syncFolder(folder);
      } catch (error) {
        await rm(part, { force: true });
        await rm(pathOf(id), { force: true });
        throw error;
      }
    },
    async read(id) {
      return unlessMissing(readFile(pathOf(id)));
    },
    async remove(ids) {
      for (const id of ids) await rm(pathOf(id), { force: true });
    },
    async list(folder) {
      const names = await unlessMissing(readdir(join(dir, folder)));
      if (!names) return null;
      const ids = names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
      return { ids: ids.filter((id) => ID.test(id)), partial: names.filter((name) => name.endsWith(PART)) };
    },
    async writtenAt(folder, name) {
      return (await unlessMissing(stat(join(dir, folder, name))))?.mtimeMs ?? null;
    },
    discard: (folder, name) => rm(join(dir, folder, name), { force: true }),
    async free() {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(dir);
      return bavail * bsize;
    },
  };
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A rename survives a power cut only when its folder is on the disk too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
