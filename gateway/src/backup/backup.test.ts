import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createBarePgliteDirectory,
  createTestDatabase,
  ENGINES,
  type Engine,
  type TestDatabase,
} from '../../test/support/databases.ts';
import { createAnchors } from '../access/audit/anchors.ts';
import { verifyAudit } from '../access/audit/verify.ts';
import { createSecrets } from '../access/secrets.ts';
import { createSystemClock } from '../clock.ts';
import { SYSTEM } from '../domain/actor.ts';
import { createLogger } from '../log.ts';
import { createAuditStore } from '../store/audit.ts';
import { createBackupSource } from '../store/backup-dump.ts';
import { createBackupTarget } from '../store/backup-load.ts';
import { type Database, sql } from '../store/database.ts';
import { openPglite } from '../store/pglite.ts';
import { createSqlTimeSeries } from '../timeseries/sql.ts';
import { fromFile } from './records.ts';
import { refuseUnfinished, restoreBackup, UNFINISHED } from './restore.ts';
import { checkBackup, writeBackup } from './write.ts';

const KEY = 'a-backup-key-for-tests-of-32-characters';
const MASTER = 'a-master-secret-for-tests-of-32-characters';
const CANARY = 'canary-password-of-a-camera-7391';
const secrets = createSecrets(MASTER);
const audit = createAuditStore(secrets);
const clock = createSystemClock();
const log = createLogger('error');
const PICTURE = Buffer.from(Array.from({ length: 700_000 }, (_, n) => (n * 7919) % 251));

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cgw-backup-'));
});
afterAll(() => rm(home, { recursive: true }));

describe.each(ENGINES)('a backup of %s', (engine: Engine) => {
  let from: TestDatabase;
  let dataDir: string;
  let file: string;
  const extra: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    from = await createTestDatabase(engine);
    dataDir = join(home, engine);
    await furnish(from.db, dataDir);
    file = join(home, `${engine}.cgwbak`);
    await writeBackup(options(from.db, file));
  }, 60_000);
  afterAll(() => from.close());
  afterEach(async () => {
    for (const one of extra.splice(0)) await one.close();
  });

  const options = (db: Database, path: string) => ({
    file: path,
    key: KEY,
    source: createBackupSource(db),
    dataDir,
    facts: { gateway: '0.0.0', secretKeyId: secrets.keyId },
    now: clock.now,
  });

  /** An empty database of either engine, as a restore wants it. */
  async function empty(kind: Engine): Promise<Database> {
    if (kind === 'pglite') {
      const root = await createBarePgliteDirectory();
      const db = await openPglite(root, { log, clock, fsync: false });
      extra.push({ close: () => db.close().then(() => rm(root, { recursive: true })) });
      return db;
    }
    const made = await createTestDatabase('postgres');
    await sql(made.db.autocommit).script('drop schema public cascade; create schema public');
    extra.push(made);
    return made.db;
  }

  const restore = (db: Database, into: string, more: object = {}) =>
    restoreBackup({
      file,
      key: KEY,
      dataDir: into,
      secretKeyId: secrets.keyId,
      openTarget: async () => ({ ...createBackupTarget(db), close: async () => undefined }),
      ...more,
    });

  // To the other engine, which is the harder way.
  it.each(ENGINES.filter((one) => ENGINES.length === 1 || one !== engine))(
    'comes back on %s with every row, file, number and proof',
    async (kind) => {
      const db = await empty(kind);
      const into = join(home, `${engine}-to-${kind}`);
      const { summary } = await restore(db, into);
      expect(await fingerprints(db)).toEqual(await fingerprints(from.db));
      expect(summary.rows).toMatchObject({ device: 2, reading: 3, quarantine: 1, audit: 3, ticket: 2 });
      expect(await schemaOf(db)).toEqual(await schemaOf(from.db));

      // Numbers go on behind the old ones, foreign keys and triggers hold again.
      const session = sql(db.autocommit);
      const { rows } = await session.query<{ key: number }>(
        "insert into device (id, type, name, lifecycle) values ('d3', 't', 'd3', 'active') returning key",
      );
      expect(rows[0]?.key).toBe(3);
      await expect(session.query("update device set org_id = 'nobody'")).rejects.toThrow(/foreign key/);
      await expect(session.query('delete from audit')).rejects.toThrow(/append-only/);

      expect(await readFile(join(into, 'pictures/2026/a.jpg'))).toEqual(PICTURE);
      expect(await readdir(into)).toEqual(['audit-anchors', 'pictures']);
      const proof = await verifyAudit({
        db,
        audit,
        signer: secrets,
        directory: join(into, 'audit-anchors'),
        now: clock.now,
      });
      expect(proof).toMatchObject({ intact: true, records: 3, anchors: 1 });

      const [sealed] = (await session.query<{ s: Buffer }>("select connection_secret as s from device where id = 'd1'"))
        .rows;
      const text = sealed?.s.toString('utf8') ?? '';
      expect(secrets.open(text, 'device:d1')).toBe(CANARY);
      expect(() => createSecrets('another-master-secret-of-32-characters!').open(text, 'device:d1')).toThrow();
    },
    30_000,
  );

  it('holds nothing readable and not the keys', async () => {
    const bytes = await readFile(file);
    for (const word of [CANARY, MASTER, '中山北路', 'device', 'first-password'])
      expect(bytes.includes(word)).toBe(false);
    const { summary } = await checkBackup(file, KEY);
    expect(summary.files).toBe(2);
  });

  it('is of one moment while rows are written', async () => {
    const busy = join(home, `${engine}-busy.cgwbak`);
    let over = false;
    let sold = 0;
    // A pair of rows is written together, so a backup must hold both or none.
    const writing = (async () => {
      for (; !over; sold++) {
        await from.db.transaction(async (tx) => {
          await sql(tx).query('insert into setting (name, value) values ($1, $2)', [`pair${sold}`, '1']);
          await sleep(0);
          await sql(tx).query(
            "insert into quarantine (received_at, via, principal, topic, payload, code, detail) values (now(), 'mqtt', $1, 't', '', 'pair', '')",
            [`pair${sold}`],
          );
        });
      }
    })();
    await writeBackup(options(from.db, busy));
    over = true;
    await writing;
    const pairs: Record<string, number> = {};
    let table = '';
    for await (const record of fromFile(KEY, busy)) {
      if (record.kind === 'table') table = record.name;
      if (record.kind === 'rows') pairs[table] = record.rows.filter((row) => /\bpair\d/.test(row)).length;
    }
    expect(pairs.setting).toBe(pairs.quarantine);
    await sql(from.db.autocommit).script(
      "delete from setting where name like 'pair%'; delete from quarantine where code = 'pair'",
    );
  }, 30_000);

  it('goes only into an empty database, and undoes what failed half way', async () => {
    const into = join(home, `${engine}-refused`);
    await expect(restore(from.db, into)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(existsSync(into) ? await readdir(into) : []).toEqual([]);

    const db = await empty(engine);
    const target = createBackupTarget(db);
    const failing = {
      load: (manifest: Parameters<typeof target.load>[0], fill: Parameters<typeof target.load>[1]) =>
        target.load(manifest, async (loader) => ({ ...(await fill(loader)), device: 7 })),
      close: async () => undefined,
    };
    await expect(restore(db, into, { openTarget: async () => failing })).rejects.toThrow(/device/);
    expect(await readdir(into)).toEqual([]);
    const { rows } = await sql(db.autocommit).query("select from pg_class where relnamespace = 'public'::regnamespace");
    expect(rows).toEqual([]);
  }, 30_000);
});

describe('a backup file', () => {
  let dataDir: string;
  let file: string;
  let opened = 0;

  beforeAll(async () => {
    dataDir = join(home, ENGINES[0] ?? '');
    file = join(home, `${ENGINES[0]}.cgwbak`);
  });

  const refused = async (path: string, key = KEY) => {
    const into = join(home, 'never');
    const openTarget = async () => {
      opened++;
      throw new Error('opened');
    };
    const attempt = restoreBackup({ file: path, key, dataDir: into, secretKeyId: secrets.keyId, openTarget });
    const error = await attempt.then(
      () => undefined,
      (cause: Error & { code?: string }) => cause,
    );
    expect([opened, existsSync(into)]).toEqual([0, false]);
    return `${error?.code} ${error?.message}`;
  };

  it('is refused before anything is written when it is cut, changed, mixed or locked with another key', async () => {
    const whole = await readFile(file);
    const bad = join(home, 'bad.cgwbak');
    const flip = (at: number) => {
      const copy = Buffer.from(whole);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    // The first frame's length stands behind the 32 bytes of the head.
    const frame = 32 + 4 + (whole.readUInt32BE(32) & 0x7fff_ffff) + 16;
    const variants: [string, Buffer, RegExp][] = [
      ['no backup', Buffer.from('PK\x03\x04 something else entirely, long enough'), /不是本网关/],
      ['empty', Buffer.alloc(0), /不是本网关/],
      ['cut in a frame', whole.subarray(0, whole.length - 1), /被截断/],
      ['cut between frames', whole.subarray(0, frame), /被截断/],
      ['only the head', whole.subarray(0, 32), /被截断/],
      ['more behind', Buffer.concat([whole, Buffer.from([0])]), /损坏/],
      ['salt', flip(10), /密钥/],
      ['length', flip(35), /损坏|截断/],
      ['first byte', flip(36), /损坏/],
      ['last byte', flip(whole.length - 1), /损坏/],
    ];
    for (const [name, bytes, why] of variants) {
      await writeFile(bad, bytes);
      if (name === 'cut between frames' && frame >= whole.length) continue;
      expect([name, await refused(bad)]).toEqual([name, expect.stringMatching(why)]);
    }
    expect(await refused(file, 'another-backup-key-of-32-characters!')).toMatch(/BACKUP_UNREADABLE .*密钥/);
  });

  it('needs its master key, unless one goes on without', async () => {
    const openTarget = async () => ({ load: async () => undefined, close: async () => undefined });
    const into = join(home, 'keyless');
    const base = { file, key: KEY, dataDir: into, openTarget };
    await expect(restoreBackup({ ...base, secretKeyId: null })).rejects.toThrow(secrets.keyId);
    await expect(restoreBackup({ ...base, secretKeyId: '00000000' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(existsSync(into)).toBe(false);
    await restoreBackup({ ...base, secretKeyId: null, withoutSecretKey: true });
  });

  it('never overwrites, and needs an empty data directory', async () => {
    const source = { atOneMoment: () => Promise.reject(new Error('read')) };
    const facts = { gateway: '0', secretKeyId: '' };
    const taking = { file, key: KEY, source, dataDir, facts, now: clock.now };
    await expect(writeBackup(taking)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(writeBackup({ ...taking, key: null })).rejects.toMatchObject({ code: 'BACKUP_NO_KEY' });
    const openTarget = async () => ({ load: async () => undefined, close: async () => undefined });
    const restoring = restoreBackup({ file, key: KEY, dataDir, openTarget, secretKeyId: secrets.keyId });
    await expect(restoring).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(existsSync(join(dataDir, 'pictures'))).toBe(true);
  });

  it('has no name before it is whole: a kill leaves a .part', async () => {
    const target = join(home, 'killed.cgwbak');
    const child = execFile(process.execPath, [
      join(import.meta.dirname, 'testdata/slow-backup.ts'),
      target,
      KEY,
      dataDir,
    ]);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    for (let n = 0; n < 200 && !existsSync(`${target}.part`); n++) await sleep(25);
    child.kill('SIGKILL');
    await gone;
    expect([existsSync(target), existsSync(`${target}.part`)]).toEqual([false, true]);
    await expect(checkBackup(`${target}.part`, KEY)).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
  });

  it('leaves a mark over which nothing starts when its restore is killed, and can be restored again', async () => {
    const into = join(home, 'cut-off');
    await mkdir(join(into, 'pictures/2026'), { recursive: true });
    await writeFile(join(into, UNFINISHED), '');
    await writeFile(join(into, 'pictures/2026/half.jpg'), 'half');
    expect(() => refuseUnfinished(into)).toThrow(/npx cgw restore/);
    const openTarget = async () => ({ load: async () => undefined, close: async () => undefined });
    await restoreBackup({ file, key: KEY, dataDir: into, openTarget, secretKeyId: secrets.keyId });
    expect(await readdir(into)).toEqual([]);
    refuseUnfinished(into);
  });
});

/** Rows of many families: bytes, JSON, exact times, arrays, own numbers, partitions, self references, the audit chain. */
async function furnish(db: Database, dataDir: string): Promise<void> {
  const session = sql(db.autocommit);
  await session.query(`insert into org (id, parent_id, kind, level, name, boundary) values
    ('o2', null, 'area', 3, '中山北路街道', '{"type":"Polygon","coordinates":[[[121.1234567890123,31.2]]]}'),
    ('o1', 'o2', 'area', 5, E'quote " comma , (brackets) \\\\ line\\nbreak', null)`);
  await session.query(
    `insert into device (id, type, name, org_id, location, connection_secret, labels, lifecycle, installed_on, created_at)
     values ('d1', 't', '', 'o1', 'null', $1, '{"a":[1,null,"x"]}', 'active', '2026-11-23', '2026-11-23 03:03:08.123456+00'),
       ('d2', 't', 'NULL', null, null, null, '{}', 'active', null, '0099-01-01 00:00:00+00')`,
    [Buffer.from(secrets.seal(CANARY, 'device:d1'))],
  );
  await session.query("update device set parent_key = (select key from device where id = 'd2') where id = 'd1'");
  await session.query(
    "insert into health (device, state, reason, since, flags) select key, 'offline', 'r', now(), '{a,\"b c\",NULL}' from device",
  );
  await session.query(
    `insert into quarantine (received_at, via, principal, topic, payload, code, detail) values (now(), 'mqtt', 'd1', 't', $1, 'c', '')`,
    [Buffer.from([0, 255, 92, 34, 10])],
  );
  await session.query(`insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, opened_at, round_since, reopen_of)
    values ('t2', '2', 'manual', 'f', 'normal', 'minor', 'filed', now(), now(), now(), 't1'),
      ('t1', '1', 'manual', 'f', 'normal', 'minor', 'filed', now(), now(), now(), null)`);
  const series = createSqlTimeSeries({ db, clock });
  const [device] = (await session.query<{ key: number }>("select key from device where id = 'd1'")).rows;
  const reading = { device: device?.key ?? 0, metric: 'power', receivedAt: clock.now() };
  const readings = [0.1 + 0.2, 1e-300, Number.MAX_VALUE].map((value, n) => ({
    ...reading,
    time: clock.now() - n * 86_400_000 - 0.123,
    value,
  }));
  await series.prepare(readings);
  await db.transaction((tx) => series.write(tx, readings));
  const entry = { at: clock.now(), actor: SYSTEM, action: 'update', resource: 'devices', resourceId: 'd1' };
  await audit.append(db.autocommit, [entry, { ...entry, reason: '检修', after: { name: '电表' } }, entry]);
  await createAnchors({
    db,
    audit,
    signer: secrets,
    directory: join(dataDir, 'audit-anchors'),
    clock,
    localTime: () => '2026-11-23',
  }).write();
  await mkdir(join(dataDir, 'pictures/2026'), { recursive: true });
  await mkdir(join(dataDir, 'spool'));
  await writeFile(join(dataDir, 'pictures/2026/a.jpg'), PICTURE);
  for (const secret of ['secret-key', 'first-password', 'spool/000001.log'])
    await writeFile(join(dataDir, secret), MASTER);
}

/** Count and hash of every table, whatever the order of its rows. */
async function fingerprints(db: Database): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await createBackupSource(db).atOneMoment(async (view) => {
    for (const { name } of await view.tables()) {
      const lines: string[] = [];
      for await (const rows of view.rows(name)) lines.push(...rows);
      found[name] = `${lines.length} ${createHash('sha256').update(lines.sort().join('\n')).digest('hex')}`;
    }
  });
  return found;
}

async function schemaOf(db: Database) {
  const { rows } = await sql(db.autocommit).query<{ line: string }>(
    `select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint
       where contype <> 'n' and connamespace = 'public'::regnamespace
     union all select tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text from pg_trigger where not tgisinternal
     union all select indexrelid::regclass::text from pg_index where indexrelid::regclass::text not like 'pg_%' order by 1`,
  );
  return rows.map(({ line }) => line);
}
