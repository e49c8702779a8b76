import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BackupProgress } from '../domain/backup-rows.ts';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { fileRecords } from './files.ts';
import type { BackupSource, DatabaseView } from './ports.ts';
import { type BackupRecord, fromFile, type Manifest, type Summary, toFile } from './records.ts';
import { unreadable } from './seal.ts';

export interface BackupOptions {
  readonly file: string;
  /** CGW_BACKUP_KEY; null refuses, for people's data never leaves in the clear. */
  readonly key: string | null;
  readonly source: BackupSource;
  readonly dataDir: string;
  readonly facts: Pick<Manifest, 'gateway' | 'secretKeyId'>;
  readonly now: () => number;
  readonly onProgress?: (progress: BackupProgress) => void;
  readonly signal?: AbortSignal;
}

export interface Written {
  readonly bytes: number;
  readonly summary: Summary;
  readonly takenAt: string;
}

export function requireKey(key: string | null): string {
  if (key === null) throw new GatewayError('BACKUP_NO_KEY', bilingual('backup.noKey'));
  return key;
}

/** Takes a backup. The file has its name only when it is whole and on the disk; before it ends in `.part`. */
export async function writeBackup(options: BackupOptions): Promise<Written> {
  const key = requireKey(options.key);
  const { file, source } = options;
  if (existsSync(file)) throw new GatewayError('CONFLICT', bilingual('backup.fileExists', { path: file }));
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.part`;
  try {
    const written = await source.atOneMoment(async (view) => {
      const outcome: { summary?: Summary; takenAt?: string } = {};
      const bytes = await store(part, toFile(key, recordsOf(view, options, outcome)), options.signal);
      if (!outcome.summary || !outcome.takenAt) throw new Error('the backup has no end');
      return { bytes, summary: outcome.summary, takenAt: outcome.takenAt };
    });
    await rename(part, file);
    await syncFolder(dirname(file));
    return written;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function* recordsOf(
  view: DatabaseView,
  options: BackupOptions,
  outcome: { summary?: Summary; takenAt?: string },
): AsyncGenerator<BackupRecord> {
  const { auditSeq, ...facts } = await view.facts();
  const takenAt = new Date(options.now()).toISOString();
  yield { kind: 'manifest', manifest: { format: 1, takenAt, engine: view.engine, ...options.facts, ...facts } };
  const rows: Record<string, number> = {};
  const done = { rows: 0, files: 0, fileBytes: 0 };
  for (const { name, columns } of await view.tables()) {
    yield { kind: 'table', name, columns };
    rows[name] = 0;
    for await (const batch of view.rows(name)) {
      options.signal?.throwIfAborted();
      yield { kind: 'rows', rows: batch };
      rows[name] += batch.length;
      done.rows += batch.length;
      options.onProgress?.({ at: name, rows: done.rows, files: 0 });
    }
  }
  for await (const record of fileRecords(options.dataDir, auditSeq)) {
    options.signal?.throwIfAborted();
    yield record;
    if (record.kind === 'bytes') done.fileBytes += record.bytes.length;
    if (record.kind !== 'file') continue;
    done.files++;
    options.onProgress?.({ at: record.path, rows: done.rows, files: done.files });
  }
  outcome.summary = { rows, files: done.files, fileBytes: done.fileBytes };
  outcome.takenAt = takenAt;
  yield { kind: 'end', summary: outcome.summary };
}

async function store(path: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal | undefined): Promise<number> {
  const handle = await open(path, 'w', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      await handle.appendFile(chunk);
      bytes += chunk.length;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return bytes;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Reads a whole backup without writing anything: what it is of and what is in it. Throws BACKUP_UNREADABLE. */
export async function checkBackup(
  file: string,
  key: string,
  signal?: AbortSignal,
): Promise<{ readonly manifest: Manifest; readonly summary: Summary }> {
  let manifest: Manifest | undefined;
  let summary: Summary | undefined;
  const found = { rows: new Map<string, number>(), files: 0, fileBytes: 0 };
  let table = '';
  for await (const record of fromFile(key, file)) {
    signal?.throwIfAborted();
    if (record.kind === 'manifest') manifest = record.manifest;
    else if (record.kind === 'table') {
      table = record.name;
      found.rows.set(table, 0);
    } else if (record.kind === 'rows') found.rows.set(table, (found.rows.get(table) ?? 0) + record.rows.length);
    else if (record.kind === 'file') found.files++;
    else if (record.kind === 'bytes') found.fileBytes += record.bytes.length;
    else summary = record.summary;
  }
  if (!manifest || !summary) throw unreadable('backup.damaged', file);
  if (manifest.format !== 1)
    throw new GatewayError('BACKUP_UNREADABLE', bilingual('backup.newer', { path: file, version: manifest.gateway }));
  const wrong = Object.entries(summary.rows).some(([name, count]) => found.rows.get(name) !== count);
  if (wrong || found.files !== summary.files || found.fileBytes !== summary.fileBytes) {
    throw unreadable('backup.damaged', file);
  }
  return { manifest, summary };
}
