import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, POSTGRES_MISSING, type TestDatabase } from '../../test/support/databases.ts';
import { until } from '../../test/support/until.ts';
import { createSystemClock } from '../clock.ts';
import { createLogger } from '../log.ts';
import { sql } from '../store/database.ts';
import { createFence } from '../store/fence.ts';
import { createLeadershipStore } from '../store/leadership.ts';
import { connectionName } from '../store/leadership-session.ts';
import { openPostgres } from '../store/postgres.ts';
import { createLeadership } from './leadership.ts';

const ROLE = 'monitor';

describe.skipIf(POSTGRES_MISSING)('leadership on PostgreSQL', () => {
  let database: TestDatabase;
  let store: ReturnType<typeof createLeadershipStore>;
  const running: ReturnType<typeof createLeadership>[] = [];
  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    store = createLeadershipStore(database.url);
  });
  afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));
  afterAll(() => database.close());

  const candidate = (node: string) => {
    const told: string[] = [];
    const leadership = createLeadership({
      role: ROLE,
      open: () => store.open(node),
      onElected: (epoch) => told.push(`leads ${epoch}`),
      onLost: () => told.push('lost'),
      clock: createSystemClock(),
      log: createLogger('silent'),
      times: { beat: 50, again: 50, silent: 600 },
    });
    running.push(leadership);
    leadership.start();
    return { ...leadership, told };
  };
  const epochNow = async () => (await store.leader(database.db.autocommit, ROLE))?.epoch ?? 0;
  const write = async (db: TestDatabase['db'], name: string) =>
    sql(db.autocommit).query("insert into cluster_fact (name, value) values ($1, 'x')", [name]);

  it('is with one at a time, and goes on when it lets go', async () => {
    const a = candidate('a');
    await until('a leads', () => a.epoch());
    const b = candidate('b');
    await until('b knows', () => b.leader() === 'a');
    await sleep(200);
    expect(b.epoch()).toBeUndefined();
    await a.stop();
    const epoch = await until('b leads', () => b.epoch());
    expect([a.told, b.told]).toEqual([[`leads ${epoch - 1}`], [`leads ${epoch}`]]);
  });

  it('stays with one whose connection was cut and who is back before anybody else', async () => {
    const a = candidate('a');
    const epoch = await until('a leads', () => a.epoch());
    await sql(database.db.autocommit).query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      [connectionName('a')],
    );
    await sleep(500);
    expect([a.epoch(), a.told]).toEqual([epoch, [`leads ${epoch}`]]);
    expect(await epochNow()).toBe(epoch);
  });

  it('is taken from one that says nothing, and what it left open is ended', async () => {
    const frozen = await store.open('frozen');
    expect(await frozen.tryLock()).toBe(true);
    const epoch = await frozen.takeOver(ROLE);
    // A transaction of its, past the fence and not committed: the successor must not wait for it.
    const thawed = Promise.withResolvers<void>();
    const its = openPostgres(database.url ?? '', { log: createLogger('silent'), name: connectionName('frozen') });
    const stuck = its.transaction(async (tx) => {
      await store.fence(tx, ROLE, epoch);
      await thawed.promise;
    });
    const b = candidate('b');
    await until('b leads', () => b.epoch() === epoch + 1, { withinMs: 5_000 });
    await expect(frozen.leader(ROLE)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    thawed.resolve();
    await expect(stuck).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await frozen.close();
    await its.close();
  });

  it('lets nobody write under an epoch that is over, neither alone nor in a transaction', async () => {
    const a = candidate('a');
    const epoch = await until('a leads', () => a.epoch());
    const { db, asLeader } = createFence(database.db, (tx, own) => store.fence(tx, ROLE, own));
    await asLeader(epoch, () => write(db, 'while it leads'));
    // What it started while it led goes on as the leader of then.
    const late = asLeader(epoch, async () => {
      await until('another leads', async () => (await epochNow()) > epoch);
      return write(db, 'too late');
    });
    await a.stop();
    const b = candidate('b');
    await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'fenced: another process leads' });
    const both = asLeader(epoch, () => db.transaction((tx) => sql(tx).query('delete from cluster_fact')));
    await expect(both).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await asLeader(b.epoch() ?? 0, () => write(db, 'the next'));
    await write(db, 'nobody in particular');
    const { rows } = await sql(db.autocommit).query<{ name: string }>('select name from cluster_fact order by name');
    expect(rows.map(({ name }) => name)).toEqual(['nobody in particular', 'the next', 'while it leads']);
  });
});
