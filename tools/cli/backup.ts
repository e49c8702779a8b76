import { access, constants, copyFile, open, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createSecrets } from '../../gateway/src/access/secrets.ts';
import { gatewayVersion } from '../../gateway/src/assembly/backups.ts';
import { checkBackup, requireKey, writeBackup } from '../../gateway/src/backup/write.ts';
import { createSystemClock } from '../../gateway/src/clock.ts';
import { type Config, type Environment, readConfig } from '../../gateway/src/config.ts';
import type { BackupProgress, BackupRun, BackupStanding } from '../../gateway/src/domain/backup-rows.ts';
import { GatewayError, isGatewayError } from '../../gateway/src/errors.ts';
import { createLogger } from '../../gateway/src/log.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';
import { createBackupSource } from '../../gateway/src/store/backup-dump.ts';
import type { Database } from '../../gateway/src/store/database.ts';
import { createDatabase } from '../../gateway/src/store/open.ts';
import { createImportClient } from './import-client.ts';

const SAY_EVERY_MS = 2_000;
const ASK_EVERY_MS = 500;
/** Copying may take any time; a statement that hangs is ended by a person. */
const STATEMENT_TIMEOUT_MS = 24 * 3_600_000;

/** `cgw backup <file>`: 0 = made and read back. */
export async function backup(args: readonly string[], env: Environment = process.env): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'data-dir': { type: 'string' },
      'key-file': { type: 'string' },
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
    },
  });
  const file = oneFile(positionals);
  const config = readConfig(withDataDir(env, values['data-dir']));
  if (values['key-file'] !== undefined) return askGateway(config, file, values.url, values['key-file']);
  const key = requireKey(config.backupKey);
  const secretKeyId = (await masterKeyId(config)) ?? '';
  const db = await openExisting(config);
  try {
    const { bytes } = await writeBackup({
      file,
      key,
      source: createBackupSource(db),
      dataDir: config.dataDir,
      facts: { gateway: gatewayVersion(), secretKeyId },
      now: Date.now,
      onProgress: sayProgress(),
    });
    const code = await readBack(file, key, bytes);
    if (config.timeseriesUrl !== null) console.log(bilingual('backup.cli.noReadings'));
    return code;
  } finally {
    await db.close();
  }
}

export function oneFile(positionals: readonly string[]): string {
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) {
    throw new GatewayError('INVALID_INPUT', bilingual('backup.cli.oneFile'));
  }
  return resolve(file);
}

export const withDataDir = (env: Environment, dataDir: string | undefined): Environment =>
  dataDir === undefined ? env : { ...env, CGW_DATA_DIR: dataDir };

/** The master key at hand; unlike the gateway, nothing here makes one. */
export async function masterKey(config: Config): Promise<string | null> {
  if (config.secretKey !== null) return config.secretKey;
  try {
    return (await readFile(join(config.dataDir, 'secret-key'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export async function masterKeyId(config: Config): Promise<string | null> {
  const key = await masterKey(config);
  return key === null ? null : createSecrets(key).keyId;
}

/** One line every two seconds at most. */
export function sayProgress(): (progress: BackupProgress) => void {
  let saidAt = performance.now();
  return ({ rows, files, at }) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    console.error(bilingual('backup.cli.progress', { rows, files, at }));
  };
}

export function openFor(config: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<Database> {
  return createDatabase({
    url: config.databaseUrl ?? undefined,
    dataDir: config.dataDir,
    log: createLogger('error'),
    clock: createSystemClock(),
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
}

async function openExisting(config: Config): Promise<Database> {
  if (config.databaseUrl === null) {
    // Opening what is not there would make it.
    const path = join(config.dataDir, 'database');
    await access(path).catch(() => {
      throw new GatewayError('NOT_FOUND', bilingual('backup.cli.noDatabase', { path }));
    });
  }
  try {
    return await openFor(config);
  } catch (error) {
    if (isGatewayError(error, 'CONFLICT')) throw new GatewayError('CONFLICT', bilingual('backup.cli.running'));
    throw error;
  }
}

async function readBack(file: string, key: string, bytes: number): Promise<number> {
  console.error(bilingual('backup.cli.reading'));
  const { manifest, summary } = await checkBackup(file, key).catch(async (error: unknown) => {
    await rm(file, { force: true });
    throw error;
  });
  const counts = Object.values(summary.rows);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const size = `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  const tables = counts.length;
  console.log(bilingual('backup.cli.written', { path: file, tables, rows, files: summary.files, size }));
  console.log(bilingual('backup.cli.keys', { id: manifest.secretKeyId }));
  return 0;
}

/** The embedded database has one owner: the running gateway makes the backup, and the finished file is copied. */
async function askGateway(config: Config, file: string, url: string, keyFile: string): Promise<number> {
  const client = createImportClient(url.replace(/\/+$/, ''), (await readFile(keyFile, 'utf8')).trim());
  const { id } = await client.post<{ id: string }>('/system/backups', undefined, `backup-${Date.now()}`);
  const say = sayProgress();
  for (;;) {
    const now = await client.get<{ items: readonly BackupRun[]; standing: BackupStanding }>('/system/backups');
    const run = now?.items.find((one) => one.id === id);
    if (run?.state === 'failed') {
      throw new GatewayError('INTERNAL', bilingual('backup.cli.gatewayFailed', { error: run.error ?? '' }));
    }
    if (run?.state === 'done' && run.file !== null) {
      const made = join(config.dataDir, 'backups', run.file);
      await copyWhole(made, file).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== 'ENOENT') throw cause;
        throw new GatewayError(
          'NOT_FOUND',
          bilingual('backup.cli.elsewhere', { path: join(now?.standing.folder ?? '', run.file ?? '') }),
        );
      });
      const values = {
        path: file,
        tables: Object.keys(run.tables ?? {}).length,
        rows: run.rows ?? 0,
        files: run.files ?? 0,
      };
      console.log(
        bilingual('backup.cli.written', { ...values, size: `${((run.bytes ?? 0) / 1024 / 1024).toFixed(1)} MiB` }),
      );
      console.log(bilingual('backup.cli.keys', { id: now?.standing.secretKeyId ?? '' }));
      if (now?.standing.withReadings === false) console.log(bilingual('backup.cli.noReadings'));
      return 0;
    }
    if (now?.standing.running) say(now.standing.running);
    await new Promise((done) => setTimeout(done, ASK_EVERY_MS));
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  await access(to).then(
    () => {
      throw new GatewayError('CONFLICT', bilingual('backup.fileExists', { path: to }));
    },
    () => undefined,
  );
  await copyFile(from, part, constants.COPYFILE_FICLONE);
  const handle = await open(part, 'r');
  await handle.sync().finally(() => handle.close());
  await rename(part, to);
}
