import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { BackupRecord } from './records.ts';

/**
 * Folders of the data directory that belong to a backup. Everything else stays out: the master key above all, the first
 * password, the embedded database (its rows are in the backup), the spool (it empties into the database), live streams.
 */
export const KEPT_FOLDERS = [
  'attachments',
  'vendor-files',
  'device-types',
  'audit-anchors',
  'pictures',
  'clips',
] as const;
const ANCHORS = 'audit-anchors';
const CHUNK = 256 * 1024;

/** Records of all files of those folders. What vanishes meanwhile was removed on purpose and is left out. */
export async function* fileRecords(dataDir: string, auditSeq: number): AsyncGenerator<BackupRecord> {
  for (const folder of KEPT_FOLDERS) {
    for await (const path of walk(dataDir, folder)) {
      if (folder === ANCHORS && path.endsWith('.jsonl')) yield* anchorRecords(dataDir, path, auditSeq);
      else yield* contentRecords(dataDir, path);
    }
  }
}

async function* walk(dataDir: string, folder: string): AsyncGenerator<string> {
  const entries = await readdir(join(dataDir, folder), { withFileTypes: true }).catch(orGone);
  for (const entry of (entries ?? []).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(dataDir, path);
    else if (entry.isFile()) yield path;
  }
}

async function* contentRecords(dataDir: string, path: string): AsyncGenerator<BackupRecord> {
  const handle = await open(join(dataDir, path), 'r').catch(orGone);
  if (!handle) return;
  yield { kind: 'file', path };
  for await (const bytes of createReadStream('', { fd: handle, highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    yield { kind: 'bytes', bytes };
  }
}

/** Anchors of records that are not in the backup would say of the restored chain that it was cut off. */
async function* anchorRecords(dataDir: string, path: string, auditSeq: number): AsyncGenerator<BackupRecord> {
  const text = await readFile(join(dataDir, path), 'utf8').catch(orGone);
  if (text === undefined) return;
  const lines = text.split('\n');
  const first = lines.findIndex((line) => Number(/"seq":(\d+)/.exec(line)?.[1] ?? 0) > auditSeq);
  const kept =
    first < 0
      ? text
      : lines
          .slice(0, first)
          .map((line) => `${line}\n`)
          .join('');
  if (kept === '') return;
  yield { kind: 'file', path };
  yield { kind: 'bytes', bytes: Buffer.from(kept, 'utf8') };
}

function orGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Whether a path of a backup is one that {@link fileRecords} makes. */
export function isKept(path: string): boolean {
  const parts = path.split('/');
  const folder = parts[0] ?? '';
  const plain = parts.every(
    (part) => part !== '' && part !== '.' && part !== '..' && !part.includes(sep) && !part.includes('\0'),
  );
  return parts.length > 1 && plain && (KEPT_FOLDERS as readonly string[]).includes(folder);
}

/** Writes the files of a backup, one after the other, each to the disk before the next. */
export function createUnpacker(dataDir: string) {
  let current: FileHandle | undefined;
  const close = async () => {
    await current?.sync();
    await current?.close();
    current = undefined;
  };
  return {
    async begin(path: string): Promise<void> {
      await close();
      await mkdir(dirname(join(dataDir, path)), { recursive: true, mode: 0o700 });
      current = await open(join(dataDir, path), 'wx', 0o600);
    },
    write: async (bytes: Buffer) => void (await current?.appendFile(bytes)),
    close,
  };
}
