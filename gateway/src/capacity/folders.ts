import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const GONE = new Set(['ENOENT', 'ENOTDIR']);

/** Bytes of all files below a folder; 0 when it is not there. Files that go meanwhile are not counted. */
export async function folderBytes(path: string, signal?: AbortSignal): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of await opendir(path)) {
      signal?.throwIfAborted();
      const inner = join(path, entry.name);
      if (entry.isDirectory()) bytes += await folderBytes(inner, signal);
      else if (entry.isFile()) bytes += await sizeOf(inner);
    }
  } catch (error) {
    if (!GONE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return bytes;
}

/** What it takes on the disk: a database file has holes, a small file fills a block. */
async function sizeOf(path: string): Promise<number> {
  try {
    const { blocks } = await stat(path);
    return blocks * 512;
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}
