import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackups } from '../backup/backups.ts';
import { createZonedTime } from '../domain/zoned-time.ts';
import { createBackupSource } from '../store/backup-dump.ts';
import { snapshotTimes } from '../store/pglite-directory.ts';
import type { Care } from './care.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

/** Version of the gateway as its package says. */
export function gatewayVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export function createBackupPart(base: Foundation, { settings }: Identity, { outbox }: Pick<Care, 'outbox'>) {
  const { config, clock, log, db, store, metrics, readiness, secrets } = base;
  return createBackups({
    transactor: db,
    store: store.backups,
    audit: store.audit,
    source: createBackupSource(db),
    clock,
    log,
    dataDir: config.dataDir,
    room: base.room,
    key: config.backupKey,
    secretKeyId: secrets.keyId,
    version: gatewayVersion(),
    localTime: createZonedTime(config.timeZone),
    settings: () => ({ at: settings.current().backupAt, keep: settings.current().backupKeep }),
    notices: outbox.add,
    onState: (state, reason, detail) => readiness.set('backup', state, reason, detail),
    onAge: metrics.backupAge,
    withReadings: base.influx === undefined,
    snapshots: () => (db.kind === 'pglite' ? snapshotTimes(join(config.dataDir, 'database')) : Promise.resolve([])),
  });
}
