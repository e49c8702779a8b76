import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../src/log.ts';
import { type Database, sql } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPostgres } from '../src/store/postgres.ts';
import { POSTGRES_MISSING } from './support/databases.ts';
import { accountingOf, filedFaults, ledgerTotals, storageFaults } from './support/exactly-once.ts';
import { FLEET_KEY, presetSettings, registerFleet } from './support/fleet-devices.ts';
import { type GatewayProcess, makeDataDir, startGateway } from './support/gateway-process.ts';
import { type Fleet, startFleet } from './support/load.ts';
import { type PostgresCluster, startPostgres } from './support/postgres.ts';
import { until } from './support/until.ts';

/** 120 is the promise's full length. */
const OUTAGE_MS = Number(process.env.CGW_TEST_OUTAGE_SECONDS ?? 15) * 1_000;
/** Far shorter than the outage. */
const POLICY = { interval: 1_000, offlineAfter: 3_000, hold: 2_000 };
const KEEPALIVE_S = 4;
const DEVICES = 20;

interface Scene {
  readonly db: Database;
  readonly gateway: GatewayProcess;
  readonly fleet: Fleet;
}

describe.skipIf(POSTGRES_MISSING)('a gateway whose database fails under load', () => {
  let cluster: PostgresCluster;
  let scenes = 0;

  beforeAll(async () => {
    cluster = await startPostgres();
  });
  afterAll(() => cluster?.remove());

  /** Devices that send, a gateway that stores, and a database of their own in the cluster that will suffer. */
  async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
    const name = `scene_${++scenes}`;
    const log = createLogger('silent');
    const admin = openPostgres(cluster.url, { log });
    await sql(admin.autocommit).script(`create database ${name}`);
    await admin.close();
    const url = cluster.url.replace(/postgres$/, name);
    const db = openPostgres(url, { log });
    const dataDir = await makeDataDir();
    let gateway: GatewayProcess | undefined;
    let fleet: Fleet | undefined;
    try {
      await migrate(db);
      await presetSettings(db, { groupHold: '0s' });
      const logins = await registerFleet(db, { prefix: 'o', count: DEVICES, healthPolicy: POLICY });
      const started = await startGateway(dataDir.path, { CGW_SECRET_KEY: FLEET_KEY, CGW_DATABASE_URL: url });
      gateway = started;
      fleet = startFleet({ port: () => started.mqtt, logins, intervalMs: 20, redeliver: true, keepalive: KEEPALIVE_S });
      const { acked } = fleet;
      await until('every device is stored', () => acked.size > 1_000);
      await until('every device is online', async () => {
        const { rows } = await sql(db.autocommit).query("select from health where state = 'online'", []);
        return rows.length === DEVICES;
      });
      await work({ db, gateway, fleet });
    } finally {
      fleet?.stop();
      await gateway?.kill();
      await db.close();
      await dataDir.remove();
    }
  }

  /** Everything sent is stored once and accounted for. */
  async function expectAllKept({ db, gateway, fleet }: Scene): Promise<void> {
    fleet.pause();
    await until('everything is acknowledged', () => fleet.unacknowledged === 0);
    await until('the spool is drained', async () => accountingOf(await gateway.metrics()).spooled === 0, {
      withinMs: 60_000,
    });
    expect((await storageFaults(db, fleet)).slice(0, 10)).toEqual([]);
    const { drained, stored, duplicate, ...others } = await ledgerTotals(db);
    expect(others).toEqual({ rejected: 0, quarantined: 0, lost: 0 });
    expect(stored + duplicate).toBe(drained);
    const { taken, ended } = accountingOf(await gateway.metrics());
    expect(ended).toBe(taken);
  }

  const databasePart = async (gateway: GatewayProcess) =>
    (await gateway.readyz()).parts.find((part) => part.name === 'database');

  const caughtUp = (gateway: GatewayProcess) =>
    until('the gateway is ready again', async () => (await gateway.readyz()).status === 'ready', { withinMs: 60_000 });

  it('goes on acknowledging, says why it is degraded, drains all of it, and blames no device that kept sending', {
    timeout: OUTAGE_MS + 150_000,
  }, async () => {
    await withScene(async (scene) => {
      const { db, gateway, fleet } = scene;
      await cluster.restart('immediate');
      await caughtUp(gateway);
      expect(await filedFaults(db)).toEqual([]);

      const [dead, returning] = ['o0', 'o1'];
      fleet.silence(dead);
      await cluster.stop('immediate');
      const endsAt = performance.now() + OUTAGE_MS;
      await until('the outage is seen', async () => (await databasePart(gateway))?.state === 'degraded');
      fleet.drop(returning);
      const sizes = [fleet.acked.size];
      while (performance.now() < endsAt) {
        await sleep(3_000);
        sizes.push(fleet.acked.size);
        const response = await fetch(`${gateway.base}/readyz`);
        expect(response.status).toBe(200);
        expect(await response.json()).toMatchObject({ status: 'degraded' });
        expect(await databasePart(gateway)).toMatchObject({ reason: 'DATABASE_UNREACHABLE' });
        expect((await fetch(`${gateway.base}/healthz`)).status).toBe(200);
        expect((await fetch(`${gateway.base}/metrics`)).status).toBe(200);
        expect((await fetch(`${gateway.base}/api/v1/devices`)).status).toBeGreaterThanOrEqual(400);
      }
      for (let i = 1; i < sizes.length; i++) expect(sizes[i]).toBeGreaterThan(sizes[i - 1] ?? 0);
      expect(fleet.connected).toBe(DEVICES - 1);

      await cluster.start();
      const backAt = performance.now();
      await caughtUp(gateway);
      const drainedAfter = performance.now() - backAt;
      const faults = await until('the silent device is flagged', async () => {
        const filed = await filedFaults(db);
        return filed.some((fault) => fault.startsWith('ticket')) && filed;
      });
      const flaggedAfter = performance.now() - backAt;
      // Long enough for a wrong judgement of the others to become one, too.
      await sleep(2 * POLICY.offlineAfter);
      expect(faults.filter((fault) => !fault.startsWith('ticket'))).toEqual([`${dead} offline open`]);
      expect(await filedFaults(db)).toHaveLength(2);
      if (process.env.CGW_TEST_REPORT) {
        const { slowestPingMs } = fleet;
        console.log({ OUTAGE_MS, acked: fleet.acked.size, drainedAfter, flaggedAfter, slowestPingMs });
      }
      await expectAllKept(scene);
    });
  });

  it('survives kill -9 of one of the database processes that serve it', { timeout: 90_000 }, async () => {
    await withScene(async (scene) => {
      const { db, gateway, fleet } = scene;
      for (let kill = 0; kill < 3; kill++) {
        const pid = await until('the gateway has a connection', async () => {
          const { rows } = await sql(db.autocommit).query<{ pid: number }>(
            `select pid from pg_stat_activity where application_name ~ '^chengyun-gateway [0-9a-f]{12}$' and pid <> pg_backend_pid()
               and datname = current_database() limit 1`,
            [],
          );
          return rows[0]?.pid;
        });
        const before = fleet.acked.size;
        process.kill(pid, 'SIGKILL');
        await until('acknowledgements go on', () => fleet.acked.size > before + 500);
        await until('the database is back', () =>
          db.ping().then(
            () => true,
            () => false,
          ),
        );
        await caughtUp(gateway);
      }
      expect(await filedFaults(db)).toEqual([]);
      await expectAllKept(scene);
    });
  });

  it('keeps its sessions alive while the database is frozen', { timeout: 120_000 }, async () => {
    await withScene(async (scene) => {
      const { db, gateway, fleet } = scene;
      const frozenAt = performance.now();
      cluster.freeze();
      try {
        const before = fleet.acked.size;
        await until('it is said', async () => (await gateway.readyz()).status === 'degraded', {
          withinMs: 15_000,
        });
        const scrape = await fetch(`${gateway.base}/metrics`, { signal: AbortSignal.timeout(15_000) });
        expect(scrape.status).toBe(200);
        await sleep(Math.max(0, frozenAt + 2 * KEEPALIVE_S * 1_000 - performance.now()));
        expect(fleet.acked.size).toBeGreaterThan(before + 1_000);
        expect(fleet.connected).toBe(DEVICES);
        expect(fleet.slowestPingMs).toBeLessThan(KEEPALIVE_S * 1_000);
      } finally {
        cluster.thaw();
      }
      await caughtUp(gateway);
      await sleep(POLICY.offlineAfter);
      expect(await filedFaults(db)).toEqual([]);
      await expectAllKept(scene);
    });
  });
});
