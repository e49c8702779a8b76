import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAnchors } from '../../gateway/src/access/audit/anchors.ts';
import { createSecrets } from '../../gateway/src/access/secrets.ts';
import { createManualClock } from '../../gateway/src/clock.ts';
import { SYSTEM } from '../../gateway/src/domain/actor.ts';
import { createAuditStore } from '../../gateway/src/store/audit.ts';
import { sql } from '../../gateway/src/store/database.ts';
import {
  createPgliteDirectory,
  createTestDatabase,
  POSTGRES_MISSING,
  type TestDatabase,
} from '../../gateway/test/support/databases.ts';
import { auditVerify } from './audit.ts';

const KEY = 'a-master-secret-for-tests-of-32-characters';

describe.skipIf(POSTGRES_MISSING !== undefined)('cgw audit verify', () => {
  const signer = createSecrets(KEY);
  const audit = createAuditStore(signer);
  const clock = createManualClock();
  let database: TestDatabase;
  let dataDir: string;
  let lines: string[];

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    dataDir = await mkdtemp(join(tmpdir(), 'cgw-cli-audit-'));
    await writeFile(join(dataDir, 'secret-key'), `${KEY}\n`);
    const entry = {
      at: clock.now(),
      actor: SYSTEM,
      action: 'update',
      resource: 'devices',
      resourceId: 'd1',
      reason: '检修',
    };
    await audit.append(database.db.autocommit, [entry, entry, entry]);
    const directory = join(dataDir, 'audit-anchors');
    await createAnchors({ db: database.db, audit, signer, directory, clock, localTime: () => '2026-11-23' }).write();
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  async function run(directory: string, env: Record<string, string | undefined>): Promise<number> {
    lines = [];
    for (const name of ['log', 'error'] as const) {
      vi.spyOn(console, name).mockImplementation((line: string) => void lines.push(line));
    }
    return auditVerify(['--data-dir', directory], env);
  }

  it('answers 0 with one line for what is intact, and 1 with a line for each finding', async () => {
    const env = { CGW_DATABASE_URL: database.url };
    expect(await run(dataDir, env)).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/^审计记录完整：3 条.*1 个锚点.* \/ the audit records are intact: 3 records/),
    ]);
    await sql(database.db.autocommit).script(`set session_replication_role = replica;
      update audit set reason = '例行' where seq = 2; delete from audit where seq = 3; set session_replication_role = default`);
    expect(await run(dataDir, env)).toBe(1);
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([
      expect.stringMatching(/第 2 条记录被改动：字段 reason.* \/ record 2 was edited: fields reason/),
      expect.stringMatching(/第 3 至 3 条记录被截去.* \/ records 3 to 3 were cut off/),
    ]);
    expect(await run(dataDir, env)).toBe(1);
  });

  it('answers 2 and says why when nothing can be checked, and makes nothing', async () => {
    const empty = join(dataDir, 'empty');
    expect(await run(empty, { CGW_DATABASE_URL: database.url })).toBe(2);
    expect(lines.join()).toContain('CGW_SECRET_KEY');
    await expect(readFile(join(empty, 'secret-key'))).rejects.toThrow('ENOENT');
    expect(await run(empty, { CGW_SECRET_KEY: KEY })).toBe(2);
    expect(lines.join()).toContain('--data-dir');
    expect(await run(dataDir, { CGW_DATABASE_URL: 'postgres://x@127.0.0.1:1/none' })).toBe(2);
    expect(lines.join()).toContain('无法核对');
  });

  it('checks an embedded database that nobody uses', async () => {
    const directory = await createPgliteDirectory();
    try {
      await cp(directory, join(dataDir, 'embedded/database'), { recursive: true });
      expect(await run(join(dataDir, 'embedded'), { CGW_SECRET_KEY: KEY })).toBe(0);
      expect(lines.join()).toContain('0 条');
    } finally {
      await rm(directory, { recursive: true });
    }
  }, 60_000);
});
