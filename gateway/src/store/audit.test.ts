import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createGatewayStore } from '../../test/support/gateway-store.ts';
import { TEST_KEY } from '../../test/support/registry.ts';
import { createSecrets } from '../access/secrets.ts';
import { SYSTEM } from '../domain/actor.ts';
import type { AuditEntry } from '../domain/audit.ts';
import { type ChainedRecord, contentHash, fieldDigests, GENESIS, headText, linkHash } from '../domain/audit-chain.ts';
import { createAuditStore } from './audit.ts';
import { sql } from './database.ts';

const signer = createSecrets(TEST_KEY);
const entry = (resourceId: string, over: Partial<AuditEntry> = {}): AuditEntry => ({
  at: Date.UTC(2026, 10, 23, 1, 2, 3, 456),
  actor: SYSTEM,
  action: 'update',
  resource: 'devices',
  resourceId,
  ...over,
});

describe.each(ENGINES)('the audit chain on %s', (engine) => {
  let database: TestDatabase;
  const audit = createAuditStore(signer);
  beforeAll(async () => {
    database = await createTestDatabase(engine);
  }, 60_000);
  afterAll(() => database.close());

  async function expectIntact(): Promise<readonly ChainedRecord[]> {
    const { head, records } = await audit.chain(database.db.autocommit, 0, 10_000);
    let prevHash = GENESIS;
    for (const [index, record] of records.entries()) {
      expect(record.seq).toBe(index + 1);
      expect(record.prevHash).toBe(prevHash);
      expect(record.hash).toBe(linkHash(record.seq, prevHash, contentHash(record)));
      expect(record.digests).toBe(fieldDigests(record));
      prevHash = record.hash;
    }
    expect(head).toMatchObject({ seq: records.length, hash: prevHash });
    if (records.length > 0)
      expect(signer.check(headText(head ?? { seq: 0, hash: '' }), head?.signature ?? '')).toBe('valid');
    return records;
  }

  it('hashes what is read back, whatever was written', async () => {
    const odd = {
      zahl: [1.0, -0, 0.1, 1e21, 5e-324, 2 ** 53, 1e-7],
      '': null,
      'ключ 键 🔑': 'a\u0000b\ud800c\n"\\u0000',
      nested: { b: undefined, a: [undefined, { z: 1, y: true }], 10: 1, 9: 2 },
      when: new Date(0),
    };
    await audit.append(database.db.autocommit, [
      entry('odd', { before: odd, after: [odd], reason: '原因\u0000' }),
      entry('null', { before: null, after: undefined, at: 1_700_000_000_000.7 }),
      entry('old', { at: -1 }),
      entry('text', { after: 'just text' }),
    ]);
    expect(await expectIntact()).toHaveLength(4);
  });

  it('links what a transaction appended at its commit, and nothing of one that failed', async () => {
    const before = (await expectIntact()).length;
    await database.db.transaction(async (tx) => {
      await audit.append(tx, [entry('a1'), entry('a2')]);
      expect((await audit.chain(tx, before, 10)).records).toEqual([]);
      await audit.append(tx, [entry('a3')]);
    });
    const failing = database.db.transaction(async (tx) => {
      await audit.append(tx, [entry('never')]);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const records = await expectIntact();
    expect(records.slice(before).map(({ resourceId }) => resourceId)).toEqual(['a1', 'a2', 'a3']);
  });

  it('looks for words in one stretch of records after the other, and finds each once', async () => {
    await audit.append(
      database.db.autocommit,
      Array.from({ length: 25 }, (_, n) => entry(`word-${n}`, { reason: n % 10 === 0 ? '水泵房检修' : 'x' })),
    );
    const short = createAuditStore(signer, 7);
    const found: string[] = [];
    let pages = 0;
    for (let cursor: string | null = ''; cursor !== null; pages++) {
      const page: Awaited<ReturnType<typeof short.list>> = await short.list(database.db.autocommit, {
        limit: 2,
        q: '水泵房',
        ...(cursor === '' ? {} : { cursor }),
      });
      found.push(...page.items.map(({ resourceId }) => String(resourceId)));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(['word-20', 'word-10', 'word-0']);
    expect(pages).toBeGreaterThan(3);
    expect((await audit.list(database.db.autocommit, { limit: 2, q: '水泵房' })).nextCursor).not.toBeNull();
    expect((await audit.list(database.db.autocommit, { limit: 5, q: '水泵房' })).nextCursor).toBeNull();
  });

  it('takes the change back when the entry cannot be written', async () => {
    await sql(database.db.autocommit).script('create table change (n int)');
    const bad = database.db.transaction(async (tx) => {
      await sql(tx).query('insert into change values (1)');
      await audit.append(tx, [entry('x', { action: null as unknown as string })]);
    });
    await expect(bad).rejects.toThrow();
    expect((await sql(database.db.autocommit).query('select * from change')).rows).toEqual([]);
    await expectIntact();
  });

  it('stays whole under twenty transactions at a time that lock each other out elsewhere', async () => {
    const before = (await expectIntact()).length;
    await sql(database.db.autocommit).script('create table contested (n int); insert into contested values (0)');
    await Promise.all(
      Array.from({ length: 20 }, (_, worker) =>
        (async () => {
          for (let round = 0; round < 5; round++) {
            const id = `w${worker}-${round}`;
            if (worker % 4 === 0) {
              await audit.append(database.db.autocommit, [entry(id)]);
              continue;
            }
            await database.db.transaction(async (tx) => {
              // Audited first, locked afterwards: with the head locked by `append` these would deadlock.
              await audit.append(tx, [entry(id)]);
              await sql(tx).query('update contested set n = n + 1');
            });
          }
        })(),
      ),
    );
    expect((await expectIntact()).length - before).toBe(100);
    expect((await sql(database.db.autocommit).query('select n from contested')).rows).toEqual([{ n: 75 }]);
  });

  it('lets a long transaction hold up nobody before its end', async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    if (engine === 'pglite') return;
    const long = database.db.transaction(async (tx) => {
      await audit.append(
        tx,
        Array.from({ length: 2_500 }, (_, n) => entry(`long-${n}`)),
      );
      begun.resolve();
      await gate.promise;
    });
    await begun.promise;
    await audit.append(database.db.autocommit, [entry('login meanwhile')]);
    gate.resolve();
    await long;
    await expectIntact();
  });

  it('refuses to be edited, emptied or shortened, and a row without a place', async () => {
    const run = (text: string) => sql(database.db.autocommit).query(text);
    await expect(run(`update audit set reason = 'x' where seq = 1`)).rejects.toThrow('append-only');
    await expect(run('update audit set seq = seq + 1000000')).rejects.toThrow('append-only');
    await expect(run('delete from audit')).rejects.toThrow('append-only');
    await expect(run('truncate audit')).rejects.toThrow('append-only');
    await expect(run('select audit_purge(1, 10)')).rejects.toThrow('no purge record');
    await expect(
      run(`insert into audit (at, actor, actor_name, action, resource) values (now(), 'x', 'x', 'x', 'x')`),
    ).rejects.toThrow('audit_is_linked');
    await expectIntact();
  });

  it('says in the chain itself that it found a head it had not signed', async () => {
    await sql(database.db.autocommit).query(`update audit_head set signature = 'x'`);
    await audit.append(database.db.autocommit, [entry('after a forgery')]);
    const records = await expectIntact();
    expect(records.at(-2)).toMatchObject({ action: 'chainDoubt', reason: 'forged' });
    await sql(database.db.autocommit).query('delete from audit_head');
    await audit.append(database.db.autocommit, [entry('after a loss')]);
    expect((await expectIntact()).at(-2)).toMatchObject({ action: 'chainDoubt', after: { signature: 'missing' } });
  });
});

describe('an audit table from before the chain', () => {
  it.each(ENGINES)(
    'is linked once in the order of its ids on %s',
    async (engine) => {
      const database = await createTestDatabase(engine);
      const { db } = database;
      const audit = createAuditStore(signer);
      try {
        await sql(db.autocommit).script(`
        alter table audit drop constraint audit_is_linked;
        insert into audit (at, actor, actor_name, action, resource, after)
        select now() - n * interval '1 hour 1.234567 second', 'user:u1', '甲', 'update', 'devices', jsonb_build_object('n', n)
        from generate_series(1, 2100) n;
        alter table audit add constraint audit_is_linked check (seq is not null) not valid`);
        expect(await audit.linkOld(db.autocommit)).toBe(2_100);
        expect(await audit.linkOld(db.autocommit)).toBe(0);
        await audit.append(db.autocommit, [entry('new')]);
        const { records, head } = await audit.chain(db.autocommit, 0, 5_000);
        expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 2_101 }, (_, index) => index + 1));
        expect(records[6]?.after).toEqual({ n: 7 });
        for (const record of records)
          expect(record.hash).toBe(linkHash(record.seq, record.prevHash, contentHash(record)));
        expect(head?.seq).toBe(2_101);
        expect(await audit.unlinked(db.autocommit)).toBe(0);
      } finally {
        await database.close();
      }
    },
    60_000,
  );
});

describe('an audit chain whose writer is killed', () => {
  it.each(ENGINES)(
    'is whole, and holds every change that was committed, on %s',
    async (engine) => {
      const store = await createGatewayStore(engine, (db) =>
        sql(db.autocommit).script('create table change (id text primary key)'),
      );
      const place = store.env.CGW_DATABASE_URL ?? join(store.dataDir, 'database');
      const audit = createAuditStore(signer);
      try {
        const script = new URL('../../test/support/audit-load.ts', import.meta.url).pathname;
        const child = spawn(process.execPath, [script, engine, place], { stdio: ['ignore', 'pipe', 'inherit'] });
        const ended = once(child, 'exit');
        await once(child.stdout, 'data');
        child.kill('SIGKILL');
        await ended;
        await store.inspect(async (db) => {
          // One look: the server may just be committing what it was told last.
          const { head, records, rows } = await db.transaction(async (tx) => {
            await sql(tx).query('set transaction isolation level repeatable read');
            const { rows } = await sql(tx).query<{ n: number }>('select count(*)::int as n from change');
            return { ...(await audit.chain(tx, 0, 100_000)), rows };
          });
          expect(records.length).toBe((rows[0]?.n ?? 0) * 3);
          expect(records.length).toBeGreaterThanOrEqual(60);
          let prevHash = GENESIS;
          for (const [index, record] of records.entries()) {
            expect(record).toMatchObject({
              seq: index + 1,
              prevHash,
              hash: linkHash(index + 1, prevHash, contentHash(record)),
            });
            prevHash = record.hash;
          }
          expect(head).toMatchObject({ seq: records.length, hash: prevHash });
        });
      } finally {
        await store.remove();
      }
    },
    60_000,
  );
});
