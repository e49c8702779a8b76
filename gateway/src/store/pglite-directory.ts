import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, cp, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../../../adapters/adapter.ts';
import { GatewayError } from '../errors.ts';
import type { Recovery } from './database.ts';
import { type PgliteThread, startPgliteThread } from './pglite-worker.ts';

/**
 * What lies in the database directory:
 *
 * - `current/` the data directory PGlite works on
 * - `snapshots/<epoch ms>/` complete copies, newest last
 * - `broken-<epoch ms>/` a data directory that could not be opened, kept for a person to look at
 * - `reading/` a copy that a backup is read from
 * - `creating/`, `restoring/`, `snapshots/.<name>` unfinished work of a start or snapshot that was cut off; removed
 */
export interface PgliteDirectory {
  readonly root: string;
  readonly current: string;
  readonly snapshots: string;
  /** Writes a tree to the disk. */
  readonly sync: (path: string) => Promise<void>;
}

export function pgliteDirectory(root: string, fsync: boolean): PgliteDirectory {
  return {
    root,
    current: join(root, 'current'),
    snapshots: join(root, 'snapshots'),
    sync: fsync ? syncTree : async () => undefined,
  };
}

/** Snapshot times in epoch ms, oldest first. */
export async function listSnapshots(directory: PgliteDirectory): Promise<number[]> {
  const names = await readdir(directory.snapshots);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** The same for the database directory `root`, which may not have any. */
export async function snapshotTimes(root: string): Promise<number[]> {
  const directory = pgliteDirectory(root, false);
  return existsSync(directory.snapshots) ? listSnapshots(directory) : [];
}

/** First half of a snapshot: the copy. No statement may run meanwhile. */
export async function copySnapshot(directory: PgliteDirectory, takenAt: number): Promise<void> {
  await copyTree(directory.current, join(directory.snapshots, `.${takenAt}`));
}

/** Second half: the copy counts only once it is on the disk under its name. Then the oldest beyond `keep` go. */
export async function finishSnapshot(directory: PgliteDirectory, takenAt: number, keep: number): Promise<void> {
  const unfinished = join(directory.snapshots, `.${takenAt}`);
  await directory.sync(unfinished);
  await rename(unfinished, join(directory.snapshots, String(takenAt)));
  await syncPath(directory.snapshots);
  const all = await listSnapshots(directory);
  for (const old of all.slice(0, Math.max(0, all.length - keep))) {
    await rm(join(directory.snapshots, String(old)), { recursive: true });
  }
}

/**
 * Writes everything below `path` to the disk. One syncfs of its file system where the system has `sync -f`: a thousand
 * single fsyncs are a thousand journal commits, which the spool on the same disk would feel.
 */
export async function syncTree(path: string): Promise<void> {
  try {
    await promisify(execFile)('sync', ['-f', path]);
  } catch {
    // No such program, or one without -f.
    await syncFiles(path);
  }
}

/** Data first, then the write-ahead log that the data relies on. */
async function syncFiles(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => Number(a.name === 'pg_wal') - Number(b.name === 'pg_wal'));
  for (const entry of entries) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await syncFiles(child);
    else if (entry.isFile()) await syncPath(child);
  }
  await syncPath(path);
}

async function syncPath(path: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, constants.O_RDONLY);
  } catch (error) {
    // PostgreSQL removes files (recycled log, dropped tables) while we walk.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Clones blocks where the file system can. */
export async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  await cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

export interface OpenedDirectory {
  readonly thread: PgliteThread;
  readonly recovered: Recovery | undefined;
}

/**
 * Opens the data directory, making it on the first start. One that cannot be opened (or fails `check`) is set aside for
 * the newest snapshot that can; without a usable snapshot the start fails and nothing is touched.
 */
export async function openDirectory(
  directory: PgliteDirectory,
  options: { log: Logger; now: number; check(thread: PgliteThread): Promise<void> },
): Promise<OpenedDirectory> {
  await mkdir(directory.snapshots, { recursive: true, mode: 0o700 });
  await removeLeftovers(directory);
  const snapshots = await listSnapshots(directory);
  const names = await readdir(directory.root);
  const fresh = snapshots.length === 0 && !names.some((name) => name === 'current' || name.startsWith('broken-'));
  if (fresh) await createDataDirectory(directory);

  let reason: string;
  try {
    if (!existsSync(directory.current)) throw new Error('the data directory is missing');
    const thread = await startChecked(directory.current, options.check);
    return { thread, recovered: undefined };
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
    options.log.error({ directory: directory.current, error }, 'embedded database cannot be opened');
  }

  for (const takenAt of snapshots.reverse()) {
    const restoring = join(directory.root, 'restoring');
    try {
      await rm(restoring, { recursive: true, force: true });
      await copyTree(join(directory.snapshots, String(takenAt)), restoring);
      await (await startChecked(restoring, options.check)).close();
    } catch (error) {
      options.log.error({ snapshot: takenAt, error }, 'snapshot is not usable');
      continue;
    }
    const broken = join(directory.root, `broken-${options.now}`);
    if (existsSync(directory.current)) await rename(directory.current, broken);
    await directory.sync(restoring);
    await rename(restoring, directory.current);
    await syncPath(directory.root);
    options.log.error(
      { snapshot: new Date(takenAt).toISOString(), broken: basename(broken), reason },
      'embedded database was broken: restored from a snapshot, later changes are lost unless replayed',
    );
    const thread = await startPgliteThread(directory.current);
    return { thread, recovered: { snapshotTakenAt: takenAt, brokenDirectory: broken, reason } };
  }
  throw new GatewayError(
    'INTERNAL',
    `the embedded database in ${directory.root} cannot be opened and no snapshot is usable (${reason}); ` +
      'restore a backup, or move the directory away to start empty',
  );
}

/** A start cut off during initdb must not leave half a database behind, so it is made beside its place. */
async function createDataDirectory(directory: PgliteDirectory): Promise<void> {
  const creating = join(directory.root, 'creating');
  await mkdir(creating, { recursive: true, mode: 0o700 });
  await (await startPgliteThread(creating)).close();
  await directory.sync(creating);
  await rename(creating, directory.current);
  await syncPath(directory.root);
}

async function startChecked(path: string, check: (thread: PgliteThread) => Promise<void>): Promise<PgliteThread> {
  const thread = await startPgliteThread(path);
  try {
    await check(thread);
    return thread;
  } catch (error) {
    await thread.kill();
    throw error;
  }
}

async function removeLeftovers(directory: PgliteDirectory): Promise<void> {
  for (const name of ['creating', 'restoring', 'reading']) {
    await rm(join(directory.root, name), { recursive: true, force: true });
  }
  for (const name of await readdir(directory.snapshots)) {
    if (name.startsWith('.')) await rm(join(directory.snapshots, name), { recursive: true, force: true });
  }
}
