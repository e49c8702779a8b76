import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findingText } from '../../gateway/src/access/audit/findings.ts';
import { type Verification, verifyAudit } from '../../gateway/src/access/audit/verify.ts';
import { createSecrets } from '../../gateway/src/access/secrets.ts';
import type { AuditIntegrityView } from '../../gateway/src/api/ports/audit.ts';
import { createSystemClock } from '../../gateway/src/clock.ts';
import { type Config, type Environment, readConfig } from '../../gateway/src/config.ts';
import { isGatewayError } from '../../gateway/src/errors.ts';
import { createLogger } from '../../gateway/src/log.ts';
import { bilingual } from '../../gateway/src/messages/index.ts';
import { createAuditStore } from '../../gateway/src/store/audit.ts';
import { type Database, sql } from '../../gateway/src/store/database.ts';
import { createDatabase } from '../../gateway/src/store/open.ts';
import { createImportClient } from './import-client.ts';

const INTACT = 0;
const BROKEN = 1;
const IMPOSSIBLE = 2;
const PROGRESS_EVERY = 10_000;
const ASK_EVERY_MS = 500;

/** `cgw audit verify`: 0 = intact, 1 = findings, 2 = nothing could be checked. */
export async function auditVerify(args: readonly string[], env: Environment = process.env): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'data-dir': { type: 'string' },
      'key-file': { type: 'string' },
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
    },
  });
  const dataDir = values['data-dir'];
  try {
    const config = readConfig(dataDir === undefined ? env : { ...env, CGW_DATA_DIR: dataDir });
    if (values['key-file'] !== undefined) return await askGateway(values.url, values['key-file']);
    return await verifyHere(config);
  } catch (error) {
    if (error instanceof Refused || isGatewayError(error, 'INVALID_CONFIG')) return refuse(error.message);
    const detail = error instanceof Error ? error.message : String(error);
    return refuse(bilingual('audit.cli.failed', { detail }));
  }
}

class Refused extends Error {}

async function verifyHere(config: Config): Promise<number> {
  const key = config.secretKey ?? (await readKey(config.dataDir));
  const signer = createSecrets(key);
  const db = await open(config);
  try {
    await requireChain(db);
    let shown = 0;
    const result = await verifyAudit({
      db,
      audit: createAuditStore(signer),
      signer,
      directory: join(config.dataDir, 'audit-anchors'),
      now: Date.now,
      onProgress(checked, of) {
        if (checked - shown < PROGRESS_EVERY) return;
        shown = checked;
        console.error(bilingual('audit.cli.progress', { checked, of }));
      },
    });
    return tell({ ...result, findings: result.findings.map((finding) => ({ text: findingText(finding) })) });
  } finally {
    await db.close();
  }
}

/** Reads the key; unlike the gateway it never makes one, which would prove nothing. */
async function readKey(dataDir: string): Promise<string> {
  try {
    return (await readFile(join(dataDir, 'secret-key'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Refused(bilingual('audit.cli.noKey'));
    throw error;
  }
}

async function open(config: Config): Promise<Database> {
  const url = config.databaseUrl ?? undefined;
  const path = join(config.dataDir, 'database');
  if (url === undefined) {
    // Opening what is not there would make it.
    await access(path).catch(() => {
      throw new Refused(bilingual('audit.cli.noDatabase', { path }));
    });
  }
  try {
    return await createDatabase({
      url,
      dataDir: config.dataDir,
      log: createLogger('error'),
      clock: createSystemClock(),
    });
  } catch (error) {
    if (isGatewayError(error, 'CONFLICT')) {
      throw new Refused(bilingual('audit.cli.running'));
    }
    throw error;
  }
}

async function requireChain(db: Database): Promise<void> {
  const { rows } = await sql(db.autocommit).query<{ there: boolean }>(
    `select to_regclass('audit_head') is not null as there`,
  );
  if (!rows[0]?.there) throw new Refused(bilingual('audit.cli.oldSchema'));
}

/** The embedded database has one owner: the running gateway checks and is asked until it is done. */
async function askGateway(url: string, keyFile: string): Promise<number> {
  const client = createImportClient(url.replace(/\/+$/, ''), (await readFile(keyFile, 'utf8')).trim());
  const begun = await client.post<AuditIntegrityView>('/audit/verify', undefined, `audit-${Date.now()}`);
  const startedAt = begun.running?.startedAt;
  for (;;) {
    const now = await client.get<AuditIntegrityView>('/audit/integrity');
    if (!now) throw new Refused(bilingual('audit.cli.failed', { detail: '404' }));
    if (!now.running && now.last && now.last.startedAt >= (startedAt ?? now.last.startedAt)) {
      return tell({ ...now.last, headSeq: now.head?.seq ?? null });
    }
    if (!now.running && startedAt !== undefined) {
      throw new Refused(bilingual('audit.cli.failed', { detail: 'the gateway gave up the check' }));
    }
    if (now.running) console.error(bilingual('audit.cli.progress', now.running));
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

type Outcome = Pick<
  Verification,
  'intact' | 'records' | 'firstSeq' | 'lastSeq' | 'purgedThrough' | 'anchors' | 'reports' | 'findingCount' | 'headSeq'
> & { readonly findings: readonly { readonly text: string }[] };

function tell(result: Outcome): number {
  const { records, firstSeq, lastSeq, anchors, reports, findings, findingCount, purgedThrough } = result;
  if (purgedThrough > 0) console.log(bilingual('audit.cli.purged', { through: purgedThrough }));
  if (result.intact) {
    const values = { records, first: firstSeq ?? 0, last: lastSeq, anchors, reports, head: result.headSeq ?? 0 };
    console.log(bilingual('audit.cli.intact', values));
    return INTACT;
  }
  for (const { text } of findings) console.log(`✗ ${text}`);
  if (findingCount > findings.length) {
    console.log(bilingual('audit.cli.more', { count: findingCount - findings.length }));
  }
  console.error(bilingual('audit.cli.broken', { count: findingCount }));
  return BROKEN;
}

function refuse(message: string): number {
  console.error(message);
  return IMPOSSIBLE;
}
