import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBarePgliteDirectory } from '../../test/support/databases.ts';
import { scratch } from '../../test/support/scratch.ts';
import { createManualClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { sql } from './database.ts';
import { openPglite, type PgliteDatabase } from './pglite.ts';
import { vacuumDue } from './pglite-upkeep.ts';

const LOAD = fileURLToPath(new URL('../../test/support/pglite-load.ts', import.meta.url));
const log = createLogger('silent');

describe('the embedded database', { timeout: 60_000 }, () => {
  let prepared: string;
  let directory: string;
  let db: PgliteDatabase;
  const clock = createManualClock();
  const reopen = async () => {
    db = await openPglite(directory, { log, clock, keepSnapshots: 2, fsync: false });
    return db;
  };
  // An opening is most of what a test here takes, so each opens what it needs.
  beforeAll(async () => {
    directory = prepared = await createBarePgliteDirectory();
    await reopen();
    await sql(db.autocommit).script('create table mark (name text)');
    await db.close();
  });
  afterAll(() => rm(prepared, { recursive: true, force: true }));
  beforeEach(async () => {
    directory = await mkdtemp(join(scratch(), 'cgw-pglite-'));
    cpSync(prepared, directory, { recursive: true });
  });
  afterEach(async () => {
    await db.close();
    await rm(directory, { recursive: true, force: true });
  });

  const mark = (name: string) => sql(db.autocommit).query('insert into mark values ($1)', [name]);
  const marks = async () =>
    (await sql(db.autocommit).query<{ name: string }>('select name from mark')).rows.map(({ name }) => name);
  const breakControlFile = (path: string) => truncate(join(path, 'global', 'pg_control'), 100);
  const snapshotAt = async (advance: number) => {
    clock.advance(advance);
    await db.snapshot();
    return clock.now();
  };

  it('keeps every committed transaction, whole, through kill -9', async () => {
    for (const lines of [15, 40]) {
      const child = spawn(process.execPath, [LOAD, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      const gone = once(child, 'exit');
      let seen = 0;
      let acknowledged = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (++seen === lines) child.kill('SIGKILL');
      }
      expect(acknowledged).toBeGreaterThan(0);
      await gone;
      await reopen();
      const { rows } = await sql(db.autocommit).query<{ n: number; max: number }>(
        'select count(*)::int as n, max(n) + 1 as max from load',
      );
      expect(rows[0]?.n).toBeGreaterThanOrEqual(acknowledged);
      expect(rows[0]?.n).toBe(rows[0]?.max);
      expect((rows[0]?.n ?? 1) % 10).toBe(0);
      await db.close();
    }
  });

  it('goes back to the newest snapshot when the data directory is broken, and says so', async () => {
    await reopen();
    await mark('in the snapshot');
    const takenAt = await snapshotAt(1_000);
    await mark('after it');
    await db.close();
    await breakControlFile(join(directory, 'current'));
    await reopen();
    expect(db.recovered).toMatchObject({ snapshotTakenAt: takenAt });
    expect(existsSync(db.recovered?.brokenDirectory ?? '')).toBe(true);
    expect(await marks()).toEqual(['in the snapshot']);
    await mark('new');
    await db.close();
    expect((await reopen()).recovered).toBeUndefined();
    expect(await marks()).toEqual(['in the snapshot', 'new']);
  });

  it('takes an older snapshot when the newest is broken too', async () => {
    await reopen();
    await mark('first');
    const first = await snapshotAt(1_000);
    await mark('second');
    const second = await snapshotAt(1_000);
    await db.close();
    await breakControlFile(join(directory, 'current'));
    await breakControlFile(join(directory, 'snapshots', String(second)));
    await reopen();
    expect(db.recovered?.snapshotTakenAt).toBe(first);
    expect(await marks()).toEqual(['first']);
  });

  it('never starts empty in place of a lost directory', async () => {
    await reopen();
    await mark('kept');
    await snapshotAt(1_000);
    await db.close();
    await rename(join(directory, 'current'), join(directory, 'elsewhere'));
    await reopen();
    expect(await marks()).toEqual(['kept']);
  });

  it('refuses to start, and touches nothing, without a usable snapshot', async () => {
    await breakControlFile(join(directory, 'current'));
    await expect(reopen()).rejects.toThrow('cannot be opened and no snapshot is usable');
    expect(await readdir(directory)).toEqual(['current', 'snapshots']);
  });

  it('checks every page after the machine stopped without warning', async () => {
    await reopen();
    for (let n = 0; n < 200; n++) await mark(`row ${n} ${'x'.repeat(200)}`);
    const takenAt = await snapshotAt(1_000);
    const { rows } = await sql(db.autocommit).query<{ path: string }>("select pg_relation_filepath('mark') as path");
    await db.close();
    const file = await open(join(directory, 'current', rows[0]?.path ?? ''), 'r+');
    await file.write(Buffer.from('torn page'), 0, 9, 8_192 + 4_000);
    await file.close();
    await writeFile(join(directory, 'lock'), JSON.stringify({ pid: 1, started: '1', boot: 'an earlier one' }));
    await reopen();
    expect(db.recovered).toMatchObject({ snapshotTakenAt: takenAt });
    expect(await marks()).toHaveLength(200);
  });

  it('writes its files to the disk at a checkpoint', async () => {
    db = await openPglite(directory, { log, clock });
    await mark('durable');
    await db.checkpoint();
    expect(await marks()).toEqual(['durable']);
  });

  it('tells listeners of each snapshot and keeps the newest ones', async () => {
    await reopen();
    const heard: number[] = [];
    db.checkpointed?.subscribe((takenAt) => heard.push(takenAt));
    for (let n = 0; n < 3; n++) await snapshotAt(1_000);
    expect(heard).toHaveLength(3);
    expect(await readdir(join(directory, 'snapshots'))).toEqual(heard.slice(1).map(String));
  });

  it('vacuums what changed, since nobody else does', async () => {
    await reopen();
    for (let n = 0; n < 60; n++) await mark(String(n));
    await sql(db.autocommit).query('delete from mark');
    expect(await vacuumDue(sql(db.autocommit))).toContain('mark');
    expect(await vacuumDue(sql(db.autocommit))).not.toContain('mark');
  });

  it('removes what a start or snapshot left unfinished', async () => {
    for (const path of ['creating', 'restoring', 'snapshots/.123']) await mkdir(join(directory, path));
    await reopen();
    expect(await readdir(directory)).toEqual(['current', 'lock', 'snapshots']);
    expect(await readdir(join(directory, 'snapshots'))).toEqual([]);
  });

  it('belongs to one process, and outlives one that died', async () => {
    await reopen();
    await expect(openPglite(directory, { log, clock })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    await mark('still mine');
    await db.close();

    const child = spawn(process.execPath, [LOAD, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(reopen()).rejects.toMatchObject({ code: 'CONFLICT' });
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(JSON.parse(await readFile(join(directory, 'lock'), 'utf8'))).toMatchObject({ pid: child.pid });
    await reopen();
    expect(await marks()).toEqual(['still mine']);
  });

  it('keeps nothing of its answers', async () => {
    await reopen();
    const heaps = () => {
      const { workers } = process.report.getReport() as unknown as {
        workers: { javascriptHeap: { usedMemory: number } }[];
      };
      return workers.reduce((sum, { javascriptHeap }) => sum + javascriptHeap.usedMemory, 0);
    };
    const ask = async (times: number) => {
      for (let i = 0; i < times; i++) await sql(db.autocommit).query("select repeat('x', 500000) as answer");
    };
    await ask(5);
    const before = heaps();
    await ask(120);
    expect((heaps() - before) / 1e6).toBeLessThan(30);
  });

  it('opens itself again when the engine dies', async () => {
    await reopen();
    await mark('before');
    // PGlite has no COPY stream: asking for one ends the engine.
    await expect(sql(db.autocommit).script('copy mark from stdin')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await mark('after');
    expect(await marks()).toEqual(['before', 'after']);
  });

  it('refuses a statement that would wait for its own transaction', async () => {
    await reopen();
    const nested = db.transaction(async (tx) => {
      await sql(tx).query('select 1');
      await mark('never');
    });
    await expect(nested).rejects.toThrow('a statement outside the running transaction');
    expect(await marks()).toEqual([]);
  });
});
