import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** A file handed out; `body` must be read or destroyed. */
export interface MediaFile {
  readonly type: string;
  readonly length: number;
  readonly body: Readable | Buffer;
  /** Epoch milliseconds at which a picture was taken. */
  readonly takenAt?: number;
}

/** Neither a link that somebody planted nor a pipe that never answers is a file of ours. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens a file of ours; once open it is read whole, also when it is removed meanwhile. undefined = not there. */
export async function openMedia(path: string, type: string): Promise<MediaFile | undefined> {
  const handle = await open(path, FLAGS).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ELOOP') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  const stats = await handle.stat();
  if (!stats.isFile()) {
    await handle.close();
    return undefined;
  }
  return { type, length: stats.size, body: handle.createReadStream() };
}
