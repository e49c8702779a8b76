import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../src/clock.ts';
import { createEvidenceWriter } from '../src/evidence/writer.ts';
import { createLogger } from '../src/log.ts';
import { sql } from '../src/store/database.ts';
import { createEvidenceStore } from '../src/store/evidence.ts';
import { createTestDatabase, POSTGRES_MISSING, type TestDatabase } from './support/databases.ts';
import { FLEET_KEY, presetSettings, registerFleet } from './support/fleet-devices.ts';
import { type DataDir, type GatewayProcess, makeDataDir, startGateway } from './support/gateway-process.ts';
import { until } from './support/until.ts';

/** The promise: another process leads within ten seconds, and judges. */
const FAILOVER_MS = 10_000;
const POLICY = { interval: 1_000, offlineAfter: 3_000, hold: 1_000 };
const NOBODY = 'mqtt://127.0.0.1:1';

describe.skipIf(POSTGRES_MISSING)('two processes that may judge', () => {
  let database: TestDatabase;
  const dirs: DataDir[] = [];
  const running: GatewayProcess[] = [];
  const clock = createSystemClock();
  let keys: number[] = [];
  /** Devices that speak; the test is the process that hears them. */
  const speaking = new Set<number>();
  let speech: NodeJS.Timeout;
  let ingest: ReturnType<typeof createEvidenceWriter>;

  const start = async (roles: string, env: Record<string, string> = {}) => {
    const dir = await makeDataDir();
    dirs.push(dir);
    const gateway = await startGateway(dir.path, {
      CGW_ROLES: roles,
      CGW_DATABASE_URL: database.url ?? '',
      CGW_MQTT_URL: NOBODY,
      CGW_SECRET_KEY: FLEET_KEY,
      CGW_NODE_URL: 'http://127.0.0.1:1',
      CGW_LOG_LEVEL: 'info',
      ...env,
    });
    running.push(gateway);
    return gateway;
  };
  const ask = async <R extends object>(text: string, params: readonly unknown[] = []) =>
    (await sql(database.db.autocommit).query<R>(text, params)).rows;
  const leader = async () => (await ask<{ epoch: number; node: string }>('select epoch, node from leadership'))[0];
  const stateOf = async (key: number) =>
    (await ask<{ state: string }>('select state from health where device = $1', [key]))[0]?.state;
  const leads = (one: GatewayProcess) => one.output.filter((line) => line.includes('this process leads')).length;

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    await presetSettings(database.db, { groupHold: '0s' });
    await registerFleet(database.db, { prefix: 'r', count: 4, healthPolicy: POLICY });
    keys = (await ask<{ key: number }>('select key from device order by key')).map(({ key }) => key);
    for (const key of keys) speaking.add(key);
    ingest = createEvidenceWriter({
      store: createEvidenceStore(),
      transactor: database.db,
      source: () => 'test',
      node: 'test',
      paths: [{ path: 'mqtt', kept: () => ({ undrained: 0, oldestUndrainedAt: null }) }],
      clock,
      log: createLogger('error'),
    });
    ingest.pathUp('mqtt');
    ingest.start();
    const speak = () =>
      database.db.transaction((tx) =>
        ingest.keep(
          tx,
          [...speaking].map((device) => {
            const receivedAt = clock.now();
            return { device, path: 'mqtt', receivedAt, late: false, values: { totalPower: 1 }, events: [] };
          }),
        ),
      );
    speech = setInterval(() => void speak().catch(() => undefined), 300);
    await Promise.all([start('monitor'), start('monitor')]);
  }, 60_000);

  afterAll(async () => {
    clearInterval(speech);
    await Promise.all(running.map((one) => one.kill()));
    await ingest.stop();
    await database.close();
    await Promise.all(dirs.map((dir) => dir.remove()));
  });

  it('judge once; whoever is frozen is followed and may write nothing when it thaws; whoever is killed is followed', async () => {
    const [a, b] = running as [GatewayProcess, GatewayProcess];
    const [first, second, third] = keys as [number, number, number];
    await until('every device is online', async () => {
      const rows = await ask("select from health where state = 'online'");
      return rows.length === keys.length;
    });
    await until('one of them says that it leads', () => leads(a) + leads(b) === 1);
    const [old, next] = leads(a) === 1 ? [a, b] : [b, a];
    const before = await leader();

    process.kill(old.pid, 'SIGSTOP');
    speaking.delete(first);
    const frozenAt = performance.now();
    await until('another process leads', async () => (await leader())?.epoch === (before?.epoch ?? 0) + 1);
    expect(performance.now() - frozenAt).toBeLessThan(FAILOVER_MS);
    await until('it was the one that stood by', () => leads(next) === 1);
    await until('the silent device is offline', async () => (await stateOf(first)) === 'offline');

    process.kill(old.pid, 'SIGCONT');
    await until('the one that was frozen knows', () =>
      old.output.some((line) => line.includes('another process leads now')),
    );
    await until('it stands by again', async () => {
      const { parts } = await old.readyz().catch(() => ({ parts: [] as { name: string; state: string }[] }));
      return parts.some(({ name, state }) => name === 'monitor' && state === 'ready');
    });
    expect(await leader()).toMatchObject({ epoch: (before?.epoch ?? 0) + 1 });

    speaking.delete(second);
    await next.kill();
    const killedAt = performance.now();
    await until('the one that had stood by leads', () => leads(old) === 2);
    expect(performance.now() - killedAt).toBeLessThan(FAILOVER_MS);
    await until('the next silent device is offline', async () => (await stateOf(second)) === 'offline');
    // One that went on speaking over both changes of hands was never missed.
    expect(await ask('select from health_history where device = $1 and state <> $2', [third, 'online'])).toEqual([]);
    const tickets = () => ask('select device from ticket_device order by device');
    await until('both have a ticket', async () => (await tickets()).length >= 2);
    await sleep(3 * POLICY.interval);
    expect(await tickets()).toEqual([{ device: first }, { device: second }]);
  }, 90_000);

  it('let nobody in who works alone on the same database, nor anybody with another key', async () => {
    const alone = start('all', { CGW_ROLES: '' }).then(String, (error: Error) => error.message);
    const stranger = start('api', { CGW_SECRET_KEY: randomBytes(24).toString('hex') }).then(
      String,
      (error: Error) => error.message,
    );
    expect(await alone).toMatch(/ended with 1[\s\S]*another gateway/);
    expect(await stranger).toMatch(/ended with 1[\s\S]*CGW_SECRET_KEY is not the one/);
  }, 60_000);
});
