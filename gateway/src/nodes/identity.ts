import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DirectoryLock, lockDirectory } from '../directory-lock.ts';

export interface NodeIdentity {
  /** Stays over restarts, as it lies in the data directory. */
  readonly id: string;
  /** The directory was last used by another machine or container, whose process may still live. */
  readonly takenOver: boolean;
  release(): Promise<void>;
}

/** Claims a data directory and reads who we are. Throws CONFLICT while another process uses it. */
export async function claimDirectory(dataDir: string): Promise<NodeIdentity> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock: DirectoryLock = await lockDirectory(dataDir, { file: 'process-lock', again: true });
  return { id: await idIn(dataDir), takenOver: lock.takenFrom !== null, release: lock.release };
}

/** The id of the process that this directory belongs to; made when there is none. */
export async function idIn(dataDir: string): Promise<string> {
  const path = join(dataDir, 'node-id');
  const found = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (/^[0-9a-f]{12}$/.test(found)) return found;
  const fresh = randomBytes(6).toString('hex');
  await writeFile(path, `${fresh}\n`, { mode: 0o600 });
  return fresh;
}
