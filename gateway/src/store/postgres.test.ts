import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { POSTGRES_MISSING } from '../../test/support/databases.ts';
import { type PostgresCluster, startPostgres } from '../../test/support/postgres.ts';
import { createLogger } from '../log.ts';
import { createBus } from './bus.ts';
import { type Database, sql } from './database.ts';
import { openPostgres } from './postgres.ts';

const log = createLogger('silent');

describe.skipIf(POSTGRES_MISSING)('PostgreSQL in trouble', () => {
  let cluster: PostgresCluster;
  let db: Database;
  beforeAll(async () => {
    cluster = await startPostgres();
    db = openPostgres(cluster.url, { log, statementTimeoutMs: 400, hungServerMs: 300, connectTimeoutMs: 1_000 });
    await sql(db.autocommit).script('create table mark (id int)');
  });
  afterAll(async () => {
    await db?.close();
    await cluster?.remove();
  });

  const idle = () => Promise.all([1, 2, 3].map(() => db.ping()));

  it.each(['fast', 'immediate'] as const)('answers again after a %s restart under idle connections', async (mode) => {
    await idle();
    await cluster.restart(mode);
    await db.ping().catch(() => undefined);
    await idle();
  });

  it('is UNAVAILABLE while it is down, for statements and transactions', async () => {
    await cluster.kill();
    await expect
      .poll(() =>
        db.ping().then(
          () => 'up',
          (error) => error.code,
        ),
      )
      .toBe('UNAVAILABLE');
    await expect(sql(db.autocommit).query('select 1')).rejects.toMatchObject({ code: 'UNAVAILABLE', retry: true });
    await expect(db.transaction(async () => 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await cluster.start();
    await db.ping();
  });

  it('loses a transaction whole when its connection dies', async () => {
    const cut = db.transaction(async (tx) => {
      await sql(tx).query('insert into mark values (1)');
      await cluster.restart('immediate');
      await sql(tx).query('insert into mark values (2)');
    });
    await expect(cut).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await sql(db.autocommit).query('select * from mark')).rows).toEqual([]);
  });

  it('ends a statement that takes too long, and keeps the connection usable', async () => {
    await expect(sql(db.autocommit).query('select pg_sleep(30)')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await idle();
  });

  it('has patience with upkeep of large tables, and with nothing else that uses the same connections', async () => {
    const { patient } = db;
    if (!patient) throw new Error('no patience');
    // Longer than the server would let it run and longer than the client would wait.
    await sql(patient.autocommit).query('select pg_sleep(0.9)');
    await patient.transaction(async (tx) => {
      await sql(tx).query('select pg_sleep(0.9)');
      await sql(tx).query('insert into mark values (3)');
    });
    await expect(patient.transaction((tx) => sql(tx).query('select 1 from nothing'))).rejects.toThrow(/nothing/);
    const limits = await Promise.all(
      [1, 2, 3, 4].map(() =>
        sql(db.autocommit).query<{ set: string }>(
          "select current_setting('statement_timeout') as set from pg_sleep(0.1)",
        ),
      ),
    );
    expect(limits.flatMap(({ rows }) => rows.map(({ set }) => set))).toEqual(Array(4).fill('400ms'));
    expect((await sql(db.autocommit).query('delete from mark')).rowCount).toBe(1);
  });

  it('keeps a statement on its connection, and answers it also after its columns became others', async () => {
    const one = openPostgres(cluster.url, { log, poolSize: 1 });
    const session = sql(one.autocommit);
    await session.script('create table kept (n int); insert into kept values (7)');
    const ask = async () =>
      (await session.query('select n from kept where n::text = $1', ['7'], { kept: true })).rows[0];
    const there = () =>
      session.query("select 1 from pg_prepared_statements where statement like 'select n from kept%'");
    expect([await ask(), await ask()]).toEqual([{ n: 7 }, { n: 7 }]);
    expect((await there()).rowCount).toBe(1);
    await session.script('alter table kept alter n type text');
    expect([await ask(), await ask()]).toEqual([{ n: '7' }, { n: '7' }]);
    await one.close();
  });

  it('closes without waiting for upkeep', async () => {
    const other = openPostgres(cluster.url, { log });
    const work = other.patient?.transaction((tx) => sql(tx).query('select pg_sleep(60)'));
    const ending = expect(work).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const there = async () =>
      (await sql(db.autocommit).query("select from pg_stat_activity where query = 'select pg_sleep(60)'")).rowCount;
    await expect.poll(there).toBe(1);
    await other.close();
    await ending;
  });

  it('does not wait for a frozen server', async () => {
    await idle();
    cluster.freeze();
    try {
      await expect(db.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(
        db.transaction((tx) => sql(tx).copyIn?.('copy mark from stdin', '1\n') ?? Promise.resolve()),
      ).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    } finally {
      cluster.thaw();
    }
    await expect
      .poll(() =>
        db.ping().then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('up');
  });

  it('tells bus subscribers of other processes, and after an outage that hints may be missing', async () => {
    const mine = createBus(db, { url: cluster.url, log });
    const theirs = createBus(db, { url: cluster.url, log });
    try {
      const heard: unknown[] = [];
      let missed = 0;
      theirs.subscribe(
        'devices',
        (payload) => heard.push(payload),
        () => missed++,
      );
      theirs.subscribe('other', () => heard.push('wrong channel'));
      const hear = async (payload: object) => {
        await mine.publish('devices', payload).catch(() => undefined);
        return heard.some((each) => JSON.stringify(each) === JSON.stringify(payload));
      };
      await expect.poll(() => hear({ 名: '摄像机' }), { timeout: 10_000 }).toBe(true);
      await cluster.restart('immediate');
      await expect.poll(() => missed, { timeout: 10_000 }).toBe(1);
      await expect.poll(() => hear({ after: 1 }), { timeout: 10_000 }).toBe(true);
      await expect(mine.publish('devices', 'x'.repeat(9_000))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      expect(heard).not.toContain('wrong channel');
    } finally {
      await mine.close();
      await theirs.close();
    }
  });
});

describe('the bus of one process', () => {
  it('reaches subscribers of the channel until they leave', async () => {
    const bus = createBus({} as Database, { log });
    const heard: unknown[] = [];
    const leave = bus.subscribe('a', (payload) => heard.push(payload));
    bus.subscribe('a', () => {
      throw new Error('a broken listener is nobody else’s business');
    });
    await bus.publish('a', 1);
    await bus.publish('b', 2);
    await expect.poll(() => heard).toEqual([1]);
    leave();
    await bus.publish('a', 3);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(heard).toEqual([1]);
    await bus.close();
  });
});
