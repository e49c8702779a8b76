import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../../test/support/databases.ts';
import { TEST_KEY } from '../../../test/support/registry.ts';
import { createManualClock } from '../../clock.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { contentHash, GENESIS, linkHash, purgeText } from '../../domain/audit-chain.ts';
import { createZonedTime } from '../../domain/zoned-time.ts';
import { createAuditStore } from '../../store/audit.ts';
import { sql } from '../../store/database.ts';
import { createSecrets } from '../secrets.ts';
import { createAnchors } from './anchors.ts';
import { findingText } from './findings.ts';
import { verifyAudit } from './verify.ts';

const signer = createSecrets(TEST_KEY);

describe.each(ENGINES.slice(-1))('a check of the audit chain on %s', (engine) => {
  const audit = createAuditStore(signer);
  const clock = createManualClock();
  let database: TestDatabase;
  let home: string;
  let directory: string;

  const run = (text: string) =>
    sql(database.db.autocommit).script(`set session_replication_role = replica; ${text};
      set session_replication_role = default`);
  const verify = (by = signer) => verifyAudit({ db: database.db, audit, signer: by, directory, now: clock.now });
  const kinds = async (by = signer) => {
    const { findings } = await verify(by);
    for (const finding of findings) expect(findingText(finding)).not.toMatch(/\{\w+\}/);
    return findings.map(({ kind, seq, toSeq, detail }) => {
      const where = seq === undefined ? '' : ` ${seq}${toSeq === undefined || toSeq === seq ? '' : `-${toSeq}`}`;
      return `${kind}${where}${detail?.fields === undefined ? '' : ` ${detail.fields}`}`;
    });
  };
  const anchors = () =>
    createAnchors({
      db: database.db,
      audit,
      signer,
      directory,
      clock,
      localTime: createZonedTime('Asia/Shanghai'),
    });
  const append = (count: number) =>
    audit.append(
      database.db.autocommit,
      Array.from({ length: count }, (_, n) => ({
        at: clock.now(),
        actor: SYSTEM,
        action: 'update',
        resource: 'devices',
        resourceId: `d${n}`,
        reason: '检修',
        after: { n },
      })),
    );

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    home = await mkdtemp(join(tmpdir(), 'cgw-audit-'));
    directory = join(home, 'saved');
    const writing = anchors();
    for (let round = 0; round < 4; round++) {
      await append(10);
      await writing.write();
      clock.advance(13 * 3_600_000);
    }
    await run(`create table saved as select * from audit; create table saved_head as select * from audit_head;
      create table saved_anchor as select * from audit_anchor`);
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await rm(home, { recursive: true });
  });
  beforeEach(async () => {
    await run(`delete from audit; insert into audit overriding system value select * from saved;
      delete from audit_head; insert into audit_head select * from saved_head;
      delete from audit_anchor; insert into audit_anchor select * from saved_anchor`);
    directory = join(home, 'case');
    await rm(directory, { recursive: true, force: true });
    await cp(join(home, 'saved'), directory, { recursive: true });
  });

  /** What somebody with the database but without the key would do: every hash fits again, from there to the end. */
  async function rewriteFrom(seq: number, head: boolean): Promise<void> {
    const { records } = await audit.chain(database.db.autocommit, seq - 1, 1_000);
    let prevHash = (await audit.get(database.db.autocommit, seq - 1))?.hash ?? GENESIS;
    for (const record of records) {
      const hash = linkHash(record.seq, prevHash, contentHash(record));
      await run(`update audit set prev_hash = '${prevHash}', hash = '${hash}' where seq = ${record.seq}`);
      prevHash = hash;
    }
    if (head) await run(`update audit_head set hash = '${prevHash}'`);
  }

  it('finds nothing where nothing was done', async () => {
    const result = await verify();
    expect(result).toMatchObject({ intact: true, records: 40, firstSeq: 1, lastSeq: 40, anchors: 4, findings: [] });
    expect((await readdir(directory)).length).toBe(2);
  });

  it('names an edited record and its field', async () => {
    await run(
      `update audit set reason = '例行' where seq = 7; update audit set after = '{"n": 99}', actor = 'x' where seq = 9`,
    );
    expect(await kinds()).toEqual(['edited 7 reason', 'edited 9 actor, after']);
    await run(`update audit set address = 'x', digests = repeat('0', 80), hash = repeat('1', 64) where seq = 40`);
    expect(await kinds()).toContain(
      'edited 40 at, actor, actorName, address, action, resource, resourceId, reason, before, after',
    );
  });

  it('names a record that was rewritten with its hash, and anchors that say since when', async () => {
    await run(`update audit set reason = 'x' where seq = 15`);
    const record = await audit.get(database.db.autocommit, 15);
    if (!record) throw new Error('no record');
    await run(`update audit set hash = '${linkHash(15, record.prevHash, contentHash(record))}' where seq = 15`);
    expect(await kinds()).toEqual(['rewritten 15']);
    await rewriteFrom(15, false);
    expect(await kinds()).toEqual(['anchorMismatch 20', 'headMismatch 40']);
    await rewriteFrom(15, true);
    expect(await kinds()).toEqual(['anchorMismatch 20', 'headForged 40']);
  });

  it('names deleted records: one, several, the first', async () => {
    await run('delete from audit where seq in (5, 21, 22, 23)');
    expect(await kinds()).toEqual(['deleted 5', 'deleted 21-23']);
    await run('delete from audit where seq < 5');
    expect(await kinds()).toEqual(['deleted 21-23', 'deleted 1-5']);
  });

  it('names records whose places were exchanged, with and without their links', async () => {
    await run(`update audit set seq = seq + 1000 where seq in (11, 12);
      update audit set seq = case seq when 1011 then 12 else 11 end where seq > 1000`);
    expect(await kinds()).toEqual(['reordered 11', 'reordered 12']);
    await run(`update audit a set reason = b.reason, at = b.at, after = b.after, resource_id = b.resource_id, digests = b.digests
      from saved b where (a.seq, b.seq) in ((31, 33), (33, 31))`);
    expect(await kinds()).toEqual(['reordered 11', 'reordered 12', 'reordered 31', 'reordered 33']);
  });

  it('names a chain that was cut, also when its head was set back or grew again', async () => {
    await run('delete from audit where seq > 35');
    expect(await kinds()).toEqual(['truncated 36-40']);
    // An old head with its right signature, as from a backup.
    const hash = (await audit.get(database.db.autocommit, 35))?.hash ?? '';
    await run(`update audit_head set seq = 35, hash = '${hash}', signature = '${signer.sign(`head\n35\n${hash}`)}'`);
    expect(await kinds()).toEqual(['truncated 36-40']);
    clock.advance(1_000);
    await append(10);
    expect(await kinds()).toEqual(['anchorMismatch 40']);
    await run(
      "delete from audit; delete from audit_head; insert into audit_head (seq, hash, signature) values (0, repeat('0', 64), '')",
    );
    expect(await kinds()).toEqual(['truncated 1-40']);
  });

  it('names a missing head, a foreign key, rows beside the chain and a doubt of the gateway', async () => {
    await run('delete from audit_head');
    expect(await kinds()).toEqual(['headMissing']);
    await append(1);
    expect(await kinds()).toEqual(['doubt 41']);
    const other = createSecrets('another master secret of 32 characters or more');
    expect(await kinds(other)).toEqual(expect.arrayContaining(['headOtherKey 42', 'anchorOtherKey', 'doubt 41']));
    await run(`alter table audit drop constraint audit_is_linked;
      insert into audit (at, actor, actor_name, action, resource) values (now(), 'user:x', 'x', 'update', 'devices')`);
    expect(await kinds()).toEqual(['doubt 41', 'unlinked']);
  });

  it('names edited, missing and swapped lines of anchor files, and files that are gone', async () => {
    const files = await readdir(directory);
    const [first = '', second = ''] = files.sort();
    const path = join(directory, first);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/"count":10/, '"count":11'));
    expect(await kinds()).toEqual(['anchorForged', 'anchorLines']);
    await writeFile(path, `${text.trimEnd()}torn\n`);
    expect(await kinds()).toContain('anchorForged');
    await rm(path);
    expect(await kinds()).toEqual(['anchorLines']);
    await writeFile(path, text);
    expect(await kinds()).toEqual([]);
    await rm(join(directory, second));
    expect(await kinds()).toEqual(['anchorLines']);
    await rm(directory, { recursive: true });
    expect(await kinds()).toEqual(['anchorFiles']);
  });

  it('misses the last line of the last anchor file', async () => {
    const file = (await readdir(directory)).sort().at(-1) ?? '';
    const lines = (await readFile(join(directory, file), 'utf8')).trimEnd().split('\n');
    if (lines.length === 1) await rm(join(directory, file));
    else await writeFile(join(directory, file), `${lines.slice(0, -1).join('\n')}\n`);
    expect(await kinds()).toEqual(['anchorLines']);
  });

  it('accepts what a signed purge removed, and nothing more', async () => {
    const target = await audit.get(database.db.autocommit, 12);
    const purge = { throughSeq: 12, hash: target?.hash ?? '' };
    const entry = { at: clock.now(), actor: SYSTEM, action: 'purge', resource: 'audit', resourceId: null };
    await audit.append(database.db.autocommit, [
      { ...entry, after: { ...purge, signature: signer.sign(purgeText(purge)) } },
    ]);
    expect(await audit.purge(database.db.autocommit, 12, 5)).toBe(5);
    expect(await verify()).toMatchObject({ intact: true, firstSeq: 6, purgedThrough: 5 });
    expect(await audit.purge(database.db.autocommit, 12, 100)).toBe(7);
    expect(await verify()).toMatchObject({ intact: true, records: 29, firstSeq: 13, purgedThrough: 12 });
    await expect(audit.purge(database.db.autocommit, 13, 100)).rejects.toThrow('no purge record');
    await run('delete from audit where seq = 13');
    expect(await kinds()).toEqual(['deleted 13']);
    const forged = { throughSeq: 13, hash: purge.hash, signature: signer.sign(purgeText(purge)) };
    await audit.append(database.db.autocommit, [{ ...entry, after: forged }]);
    expect(await kinds()).toEqual(['purgeForged 42', 'deleted 13']);
  });
});
