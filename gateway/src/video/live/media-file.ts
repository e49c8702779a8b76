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

/** Opens a file of ours; once open it is read whole, also when it is removed meanwhile. undefined = not there. */
export async function openMedia(path: string, type: string): Promise<MediaFile | undefined> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  const { size } = await handle.stat();
  return { type, length: size, body: handle.createReadStream() };
}
