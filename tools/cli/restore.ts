import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { verifyAudit } from '../../gateway/src/access/audit/verify.ts';
import { createSecrets } from '../../gateway/src/access/secrets.ts';
import { type Restored, restoreBackup } from '../../gateway/src/backup/restore.ts';
import { requireKey } from '../../gateway/src/backup/write.ts';
import { type Config, type Environment, readConfig } from '../../gateway/src/config.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';
import { createAuditStore } from '../../gateway/src/store/audit.ts';
import { createBackupTarget } from '../../gateway/src/store/backup-load.ts';
import { masterKey, oneFile, openFor, sayProgress, withDataDir } from './backup.ts';

/** `cgw restore <file>`: 0 = everything is back (or would be, with --verify), 1 = not. */
export async function restore(args: readonly string[], env: Environment = process.env): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'data-dir': { type: 'string' },
      verify: { type: 'boolean', default: false },
      'without-secret-key': { type: 'boolean', default: false },
    },
  });
  const file = oneFile(positionals);
  const config = readConfig(withDataDir(env, values['data-dir']));
  const key = requireKey(config.backupKey);
  const master = await masterKey(config);
  const put = (into: Pick<Config, 'databaseUrl' | 'dataDir'>) =>
    restoreBackup({
      file,
      key,
      dataDir: into.dataDir,
      openTarget: async () => createBackupTarget(await openFor(into)),
      secretKeyId: master === null ? null : createSecrets(master).keyId,
      withoutSecretKey: values['without-secret-key'],
      onProgress: sayProgress(),
    });
  console.error(bilingual('backup.cli.reading'));
  if (values.verify) return verify(put, master);
  console.log(bilingual('backup.cli.restored', said(await put(config))));
  return 0;
}

/** Into the embedded database of a scratch directory, whatever engine the backup is from: nothing else has to be there. */
async function verify(put: (into: { databaseUrl: null; dataDir: string }) => Promise<Restored>, master: string | null) {
  const dataDir = await mkdtemp(join(tmpdir(), 'cgw-restore-verify-'));
  try {
    const restored = await put({ databaseUrl: null, dataDir });
    const intact = await auditHolds(dataDir, master);
    console.log(bilingual('backup.cli.verified', said(restored)));
    return intact ? 0 : 1;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function auditHolds(dataDir: string, master: string | null): Promise<boolean> {
  if (master === null) {
    console.log(bilingual('backup.cli.auditUnchecked'));
    return true;
  }
  const signer = createSecrets(master);
  const db = await openFor({ databaseUrl: null, dataDir });
  try {
    const audit = createAuditStore(signer);
    const directory = join(dataDir, 'audit-anchors');
    const { intact, records, findingCount } = await verifyAudit({ db, audit, signer, directory, now: Date.now });
    if (intact) console.log(bilingual('backup.cli.auditIntact', { records }));
    else console.error(bilingual('backup.cli.auditBroken', { count: findingCount }));
    return intact;
  } finally {
    await db.close();
  }
}

function said({ manifest, summary }: Restored) {
  const counts = Object.values(summary.rows);
  return {
    takenAt: manifest.takenAt,
    tables: counts.length,
    rows: counts.reduce((sum, count) => sum + count, 0),
    files: summary.files,
  };
}
