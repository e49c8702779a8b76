import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Files kept under their SHA-256, in 256 folders named by its first two digits. */
export interface AttachmentFiles {
  /** Whole and synced when it resolves; the same bytes are kept once. */
  keep(bytes: Uint8Array): Promise<string>;
  /** null when it is missing or was changed on disk. */
  read(sha256: string): Promise<Buffer | null>;
}

export function createAttachmentFiles(dir: string): AttachmentFiles {
  const pathOf = (sha256: string) => {
    // The last guard in front of the file system, whoever calls.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('not a hash of a file');
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
      if (await read(sha256)) return sha256;
      const path = pathOf(sha256);
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
  };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
