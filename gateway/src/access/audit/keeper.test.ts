import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { emptyTables } from '../../../test/support/empty-tables.ts';
import { TEST_KEY, testActor } from '../../../test/support/registry.ts';
import { until } from '../../../test/support/until.ts';
import { createManualClock, type ManualClock } from '../../clock.ts';
import type { Notice } from '../../domain/notice.ts';
import { SHIPPED_RIGHTS } from '../../domain/role-rights.ts';
import { createZonedTime } from '../../domain/zoned-time.ts';
import { createLogger } from '../../log.ts';
import { createAuditStore } from '../../store/audit.ts';
import { sql } from '../../store/database.ts';
import { createSecrets } from '../secrets.ts';
import type { AnchorLine } from './anchor-files.ts';
import { createAuditService } from './audit.ts';
import { createBulkWatch } from './bulk-watch.ts';
import { createKeeper, type Keeper, type KeeperDeps } from './keeper.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const log = createLogger('silent');
const signer = createSecrets(TEST_KEY);
const localTime = createZonedTime('Asia/Shanghai');

describe('the keeper of the audit', () => {
  const audit = createAuditStore(signer);
  let database: TestDatabase;
  let clock: ManualClock;
  let directory: string;
  let states: string[];
  let told: Notice[];
  let keepers: Keeper[];
  let days: number;

  beforeAll(async () => {
    database = await createTestDatabase(ENGINES.at(-1) ?? 'pglite');
  }, 60_000);
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(database.db, 'audit', 'audit_anchor');
    await sql(database.db.autocommit).query(`update audit_head set seq = 0, hash = repeat('0', 64), signature = ''`);
    directory = join(await mkdtemp(join(tmpdir(), 'cgw-keeper-')), 'audit-anchors');
    clock = createManualClock(Date.UTC(2026, 10, 23, 1));
    [states, told, keepers, days] = [[], [], [], 400];
  });
  afterEach(async () => {
    for (const keeper of keepers) await keeper.stop();
    await rm(join(directory, '..'), { recursive: true });
  });

  const common = () => ({ db: database.db, audit, clock, log });
  const bulkWatch = (limit = 50) =>
    createBulkWatch({ ...common(), limit: () => limit, notices: async (_tx, notices) => void told.push(...notices) });
  async function start(over: Partial<KeeperDeps> = {}): Promise<Keeper> {
    const keeper = createKeeper({
      ...common(),
      signer,
      directory,
      localTime,
      days: () => days,
      watchBulk: async () => undefined,
      notices: async (_tx, notices) => void told.push(...notices),
      onState: (state, reason) => void states.push(`${state} ${reason}`),
      anchorEveryMs: 15,
      watchEveryMs: 60_000,
      ...over,
    });
    keepers.push(keeper);
    await keeper.start();
    return keeper;
  }
  const append = (count: number, action = 'update', id = 'u1') =>
    audit.append(
      database.db.autocommit,
      Array.from({ length: count }, (_, n) => ({
        at: clock.now(),
        actor: { ...testActor(), id, name: '王芳' },
        action,
        resource: 'devices',
        resourceId: `d${n}`,
      })),
    );
  const lines = async (): Promise<AnchorLine[]> => {
    const files = (await readdir(directory)).filter((file) => file.endsWith('.jsonl')).sort();
    const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
    return texts
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AnchorLine);
  };
  const records = async (action: string) => (await audit.list(database.db.autocommit, { limit: 100, action })).items;

  it('anchors the head at the start, when it moved, and at the stop; a restart goes on where it was', async () => {
    await append(3);
    const keeper = await start({ anchorEveryMs: 60_000 });
    expect((await lines()).map(({ n, seq, count }) => [n, seq, count])).toEqual([[1, 3, 3]]);
    await append(2);
    await keeper.stop();
    await start({ anchorEveryMs: 60_000 });
    expect((await lines()).map(({ n, seq }) => [n, seq])).toEqual([
      [1, 3],
      [2, 5],
    ]);
    await append(1);
    const third = await start({ anchorEveryMs: 60_000 });
    expect((await lines()).map(({ n }) => n)).toEqual([1, 2, 3]);
    expect((await third.verify()).findings).toEqual([]);
    expect(states.at(-1)).toBe('ready ok');
  });

  it('cuts off a line that a power cut left unfinished', async () => {
    await append(1);
    await (await start()).stop();
    const [file = ''] = await readdir(directory);
    await appendFile(join(directory, file), '{"v":1,"series":"x');
    await append(1);
    const keeper = await start();
    expect((await lines()).map(({ n }) => n)).toEqual([1, 2]);
    expect(await keeper.verify()).toMatchObject({ intact: true, anchors: 2 });
  });

  it('alarms when anchors cannot be written, holds up nothing, and goes on when they can', async () => {
    await writeFile(directory, 'in the way');
    await append(1);
    const keeper = await start();
    expect(states.at(-1)).toBe('degraded ANCHOR_FAILED');
    expect(keeper.fault()).toMatch(/EEXIST|ENOTDIR/);
    await append(1);
    await rm(directory);
    await until('the anchor is written', () => keeper.fault() === null);
    expect((await lines()).at(-1)).toMatchObject({ seq: 2 });
    expect(states.at(-1)).toBe('ready ok');
  });

  it('says in the chain and in the readiness that anchored records are gone, and why if it knows', async () => {
    await append(9);
    await (await start()).stop();
    await sql(database.db.autocommit).script(`set session_replication_role = replica; delete from audit where seq > 5;
      set session_replication_role = default`);
    const hash = (await audit.get(database.db.autocommit, 5))?.hash ?? '';
    const signature = signer.sign(`head\n5\n${hash}`);
    await sql(database.db.autocommit).query('update audit_head set seq = 5, hash = $1, signature = $2', [
      hash,
      signature,
    ]);
    const keeper = await start({ recovered: { snapshotTakenAt: 1 } });
    expect(states.at(-1)).toBe('degraded CHAIN_TRUNCATED');
    expect(told.map(({ key, fault, severity }) => [key, fault, severity])).toEqual([
      ['auditChain:truncated:9:5', 'auditChainBroken', 'critical'],
    ]);
    expect(await records('chainTruncated')).toMatchObject([
      { seq: 6, reason: 'databaseFellBackToSnapshot', after: { anchorSeq: 9, headSeq: 5 } },
    ]);
    expect((await keeper.verify()).findings.map(({ kind }) => kind)).toEqual(['truncated']);
  });

  it('reports whole days with a signature, checks every day, and removes what is older than the retention', async () => {
    days = 183;
    await append(4);
    await append(1, 'login');
    const keeper = await start();
    const reported = (day: string) =>
      until(`the report of ${day}`, async () => (await readdir(directory)).includes(`${day}.report.json`));
    await reported('2026-11-22');
    clock.advance(DAY);
    await append(2, 'remove');
    await reported('2026-11-23');
    const report = JSON.parse(await readFile(join(directory, '2026-11-23.report.json'), 'utf8'));
    expect(report).toMatchObject({
      day: '2026-11-23',
      from: '2026-11-23T00:00:00.000+08:00',
      to: '2026-11-24T00:00:00.000+08:00',
      records: 5,
      actions: { update: 4, login: 1 },
      firstSeq: 1,
      lastSeq: 5,
    });
    await until('the daily check', () => keeper.lastVerification() !== undefined);
    expect(keeper.lastVerification()).toMatchObject({ intact: true });
    clock.advance(183 * DAY - HOUR);
    await append(3);
    await until('the purge', async () => (await audit.firstSeq(database.db.autocommit)) === 6);
    expect(await records('purge')).toMatchObject([
      { actor: 'system', after: { fromSeq: 1, throughSeq: 5, days: 183 } },
    ]);
    expect(await keeper.verify()).toMatchObject({ intact: true, firstSeq: 6, purgedThrough: 5, findings: [] });
    clock.advance(20 * DAY);
    await append(1);
    await until('the old anchors are gone', async () => !(await readdir(directory)).includes('2026-11-23.jsonl'));
    expect(await keeper.verify()).toMatchObject({ intact: true, findings: [] });
    const path = join(directory, '2026-11-23.report.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"records":5', '"records":4'));
    expect((await keeper.verify()).findings).toEqual([{ kind: 'reportForged', file: '2026-11-23.report.json' }]);
  });

  it('tells people what a check finds, the same words for the same break, and never fails for that', async () => {
    await append(5);
    const keeper = await start({ anchorEveryMs: 60_000 });
    await keeper.verify();
    expect(told).toEqual([]);
    await sql(database.db.autocommit).script(`set session_replication_role = replica;
      update audit set resource_id = 'd9' where seq = 3; set session_replication_role = default`);
    expect((await keeper.verify()).intact).toBe(false);
    await keeper.verify();
    expect(new Set(told.map(({ key }) => key)).size).toBe(1);
    expect(told[0]).toMatchObject({ fault: 'auditChainBroken', module: null, key: expect.stringContaining(':3') });
    expect(told[0]?.login?.who).toMatch(/^共 \d+ 处异常/);
    const deaf = await start({ anchorEveryMs: 60_000, notices: () => Promise.reject(new Error('no outbox')) });
    expect((await deaf.verify()).intact).toBe(false);
    expect(states.at(-1)).toBe('degraded CHAIN_BROKEN');
  });

  it('tells once of a burst of changes by one actor, and again of the next', async () => {
    const look = bulkWatch();
    await append(50);
    await append(200, 'view');
    await look();
    expect(told).toEqual([]);
    await append(1, 'remove');
    await look();
    await append(30);
    await look();
    // A restart remembers what was told.
    await bulkWatch()();
    expect(told.map(({ fault, login }) => [fault, login?.who])).toEqual([
      ['bulkChanges', '王芳（10 分钟内 51 项改动）'],
    ]);
    expect(await records('bulkAlert')).toMatchObject([{ resourceId: 'user:u1', after: { count: 51, limit: 50 } }]);
    clock.advance(11 * 60_000);
    await look();
    await append(51, 'remove', 'u2');
    await append(51);
    await look();
    expect(told.length).toBe(3);
  });

  it('shows records to auditors, hands them out only with a purpose, and lets nobody else see them', async () => {
    const keeper = await start({ anchorEveryMs: 60_000 });
    const service = createAuditService({ ...common(), keeper, timeZone: 'Asia/Shanghai', localTime });
    const auditor = testActor('auditor');
    await append(3);
    await append(2, 'remove', 'u2');
    const page = await service.list(auditor, { limit: 2, resource: 'devices' });
    expect(page.items.map(({ seq }) => seq)).toEqual([5, 4]);
    const rest = await service.list(auditor, { limit: 9, resource: 'devices', cursor: page.nextCursor ?? '' });
    expect(rest.items.map(({ seq }) => seq)).toEqual([3, 2, 1]);
    expect((await service.list(auditor, { limit: 9, actor: 'user:u2', action: 'remove', q: '王' })).items).toHaveLength(
      2,
    );
    expect((await service.list(auditor, { limit: 9, from: clock.now() + 1 })).items).toEqual([]);
    expect(await service.get(auditor, 3)).toMatchObject({ seq: 3, resourceId: 'd2' });
    await expect(service.get(auditor, 99)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const filter = { action: 'remove' };
    await expect(service.export(auditor, { purpose: ' ', format: 'csv' }, filter)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    const file = await service.export(auditor, { purpose: '例行检查', format: 'csv' }, filter);
    const text = Buffer.from(file.bytes).toString('utf8');
    expect(text).toContain('用途：例行检查　共 2 条');
    expect(await records('export')).toMatchObject([
      { actor: 'user:u-auditor', reason: '例行检查', after: { filter, rows: 2, format: 'csv' } },
    ]);
    await service.verify(auditor);
    await until('the check is over', async () => (await service.integrity(auditor)).last?.intact === true);
    const auditorMay = Object.values(SHIPPED_RIGHTS.auditor).flat();
    expect(auditorMay.filter((action) => action !== 'read' && action !== 'export')).toEqual([]);
    for (const role of ['dispatcher', 'lead', 'vendor', 'viewer', 'maintainer'] as const) {
      await expect(service.list(testActor(role), { limit: 1 })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(service.verify(testActor(role))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
  });
});
