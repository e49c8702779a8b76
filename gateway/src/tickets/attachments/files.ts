import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** Files kept under their SHA-256, in 256 folders named by its first two digits. */
export interface AttachmentFiles {
  /** Whole and synced when it resolves; the same bytes are kept once. */
  keep(bytes: Uint8Array): Promise<string>;
  /** null when it is missing or was changed on disk. */
  read(sha256: string): Promise<Buffer | null>;
  /** Files nobody brought since `before`, epoch milliseconds, one folder at a time; what a broken upload left is removed on the way. */
  old(before: number): AsyncIterable<readonly string[]>;
  /** False when somebody brought it again meanwhile. */
  remove(sha256: string, before: number): Promise<boolean>;
}

export function createAttachmentFiles(dir: string): AttachmentFiles {
  const pathOf = (sha256: string) => {
    // The last guard in front of the file system, whoever calls.
    if (!HASH.test(sha256)) throw new Error('not a hash of a file');
    return join(dir, sha256.slice(0, 2), sha256);
  };
  const read = async (sha256: string) => {
    const bytes = await readFile(pathOf(sha256)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return bytes && hashOf(bytes) === sha256 ? bytes : null;
  };
  let turn = 0;
  return {
    read,
    async keep(bytes) {
      const sha256 = hashOf(bytes);
      const path = pathOf(sha256);
      if (await read(sha256)) {
        // As good as new: nobody sweeps it away before a ticket names it.
        const now = new Date();
        await utimes(path, now, now);
        return sha256;
      }
      const part = `${path}.${process.pid}.${++turn}.part`;
      await mkdir(join(dir, sha256.slice(0, 2)), { recursive: true, mode: 0o700 });
      try {
        const file = await open(part, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(part, path);
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
      return sha256;
    },
    async *old(before) {
      for (const folder of await orNone(readdir(dir))) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue;
        const found: string[] = [];
        for (const name of await orNone(readdir(join(dir, folder)))) {
          const path = join(dir, folder, name);
          if (!((await writtenAt(path)) < before)) continue;
          if (name.endsWith('.part')) await rm(path, { force: true });
          else if (HASH.test(name)) found.push(name);
        }
        if (found.length > 0) yield found;
      }
    },
    async remove(sha256, before) {
      const path = pathOf(sha256);
      if (!((await writtenAt(path)) < before)) return false;
      await rm(path, { force: true });
      return true;
    },
  };
}

const HASH = /^[0-9a-f]{64}$/;

async function writtenAt(path: string): Promise<number> {
  const [found] = await orNone(stat(path).then((file) => [file.mtimeMs]));
  return found ?? Number.POSITIVE_INFINITY;
}

/** What is gone meanwhile is nothing. */
async function orNone<T>(list: Promise<T[]>): Promise<T[]> {
  return list.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
