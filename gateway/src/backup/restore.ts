import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupProgress } from '../domain/backup-rows.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { createUnpacker, isKept, KEPT_FOLDERS } from './files.ts';
import type { BackupTarget, Loader } from './ports.ts';
import { fromFile, type Manifest, type Summary } from './records.ts';
import { unreadable } from './seal.ts';
import { checkBackup } from './write.ts';

/** Stands in a data directory while it is being filled; the gateway does not start over it. */
export const UNFINISHED = 'restore-unfinished';
/** What may lie there before a restore begins: the key comes first, by another way than the backup. */
const WELCOME = new Set(['secret-key']);
const EMBEDDED = 'database';

export interface RestoreOptions {
  readonly file: string;
  readonly key: string;
  readonly dataDir: string;
  /** Opened only after the file proved whole and the directory empty. */
  readonly openTarget: () => Promise<BackupTarget & { close(): Promise<void> }>;
  /** Fingerprint of the master key at hand; null = none. */
  readonly secretKeyId: string | null;
  /** Goes on with another master key or none: then sealed secrets and device passwords in it are void. */
  readonly withoutSecretKey?: boolean;
  readonly onProgress?: (progress: BackupProgress) => void;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly summary: Summary;
}

/** Refuses a data directory that a restore was cut off in. */
export function refuseUnfinished(dataDir: string): void {
  const path = join(dataDir, UNFINISHED);
  if (existsSync(path)) throw new GatewayError('INVALID_CONFIG', bilingual('backup.unfinished', { path }));
}

/** Puts a backup back into an empty database and data directory. Nothing is written before the whole file was read. */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { file, key, dataDir } = options;
  const checked = await checkBackup(file, key);
  const { secretKeyId } = checked.manifest;
  if (options.secretKeyId !== secretKeyId && !options.withoutSecretKey) {
    const which = options.secretKeyId === null ? 'backup.secretKeyMissing' : 'backup.secretKeyOther';
    throw new GatewayError('CONFLICT', bilingual(which, { id: secretKeyId, path: join(dataDir, 'secret-key') }));
  }
  await claim(dataDir);
  try {
    const target = await options.openTarget();
    try {
      await target.load(checked.manifest, (loader) => fill(options, loader));
    } finally {
      await target.close();
    }
    await rm(join(dataDir, UNFINISHED));
  } catch (error) {
    await clear(dataDir);
    throw error;
  }
  return checked;
}

async function claim(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (existsSync(join(dataDir, UNFINISHED))) await clear(dataDir);
  const found = (await readdir(dataDir)).find((name) => !WELCOME.has(name));
  if (found !== undefined) throw new GatewayError('CONFLICT', bilingual('backup.notEmpty', { path: dataDir, found }));
  const handle = await open(join(dataDir, UNFINISHED), 'wx', 0o600);
  await handle.sync().finally(() => handle.close());
}

/** Removes what a restore puts there; the mark last, so that a kill in between is noticed again. */
async function clear(dataDir: string): Promise<void> {
  for (const name of [...KEPT_FOLDERS, EMBEDDED, UNFINISHED]) {
    await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

async function fill(options: RestoreOptions, loader: Loader): Promise<Readonly<Record<string, number>>> {
  const unpacker = createUnpacker(options.dataDir);
  let table: { name: string; columns: readonly string[] } | undefined;
  let done = { rows: 0, files: 0 };
  try {
    for await (const record of fromFile(options.key, options.file)) {
      if (record.kind === 'table') table = record;
      else if (record.kind === 'rows' && table) {
        await loader.rows(table.name, table.columns, record.rows);
        done = { ...done, rows: done.rows + record.rows.length };
        options.onProgress?.({ at: table.name, ...done });
      } else if (record.kind === 'file') {
        if (!isKept(record.path)) throw unreadable('backup.damaged', options.file);
        await unpacker.begin(record.path);
        done = { ...done, files: done.files + 1 };
        options.onProgress?.({ at: record.path, ...done });
      } else if (record.kind === 'bytes') await unpacker.write(record.bytes);
      else if (record.kind === 'end') return record.summary.rows;
    }
  } finally {
    await unpacker.close();
  }
  throw unreadable('backup.damaged', options.file);
}
