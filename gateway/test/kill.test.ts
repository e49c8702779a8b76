import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../src/clock.ts';
import { createLogger } from '../src/log.ts';
import type { Database } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPglite } from '../src/store/pglite.ts';
import { createTestDatabase, POSTGRES_MISSING } from './support/databases.ts';
import { accountingOf, filedFaults, ledgerTotals, storageFaults } from './support/exactly-once.ts';
import { FLEET_KEY, presetSettings, registerFleet } from './support/fleet-devices.ts';
import { type GatewayProcess, makeDataDir, startGateway } from './support/gateway-process.ts';
import { type Fleet, type Login, startFleet } from './support/load.ts';
import { until } from './support/until.ts';

const DEVICES = 20;
/** Far shorter than the test: a gateway that took its own death for silence would file faults. */
const POLICY = { interval: 1_000, offlineAfter: 3_000, hold: 2_000 };

async function prepare(db: Database): Promise<Login[]> {
  await presetSettings(db, { groupHold: '0s' });
  return registerFleet(db, { prefix: 'k', count: DEVICES, healthPolicy: POLICY });
}

/** Kills the gateway again and again in the middle of its work; answers the last one, alive and with everything drained. */
async function killUnderLoad(options: {
  kills: number;
  dataDir: string;
  env: Record<string, string>;
  logins: readonly Login[];
}): Promise<{ gateway: GatewayProcess; fleet: Fleet }> {
  let gateway: GatewayProcess | undefined;
  let alive = false;
  const fleet = startFleet({
    port: () => (alive ? gateway?.mqtt : undefined),
    logins: options.logins,
    intervalMs: 20,
    redeliver: true,
  });
  const start = async () => {
    gateway = await startGateway(options.dataDir, { CGW_SECRET_KEY: FLEET_KEY, ...options.env });
    alive = true;
    return gateway;
  };
  try {
    for (let kill = 0; kill < options.kills; kill++) {
      const victim = await start();
      const before = fleet.acked.size;
      await sleep(300 + Math.random() * 900);
      await until('the gateway acknowledges', () => fleet.acked.size > before);
      alive = false;
      await victim.kill();
    }
    const last = await start();
    const before = fleet.acked.size;
    await until('the gateway acknowledges', () => fleet.acked.size > before + 100);
    fleet.pause();
    await until('everything is acknowledged', () => fleet.unacknowledged === 0);
    await until('the spool is drained', async () => accountingOf(await last.metrics()).spooled === 0);
    return { gateway: last, fleet };
  } catch (error) {
    fleet.stop();
    await gateway?.kill();
    throw error;
  }
}

async function expectAllKept(db: Database, fleet: Fleet): Promise<void> {
  expect((await storageFaults(db, fleet)).slice(0, 10)).toEqual([]);
  const { drained, stored, duplicate, rejected, quarantined, lost } = await ledgerTotals(db);
  expect(stored + duplicate + rejected + quarantined + lost).toBe(drained);
  expect({ rejected, quarantined, lost }).toEqual({ rejected: 0, quarantined: 0, lost: 0 });
  expect(stored).toBeGreaterThanOrEqual(fleet.acked.size);
  expect(await filedFaults(db)).toEqual([]);
}

function report(engine: string, fleet: Fleet): void {
  if (process.env.CGW_TEST_REPORT) {
    console.log(`${engine}: ${fleet.sent} sent, ${fleet.acked.size} acknowledged, ${fleet.redelivered} redelivered`);
  }
}

describe('a gateway killed under load', () => {
  it.skipIf(POSTGRES_MISSING)(
    'stores every acknowledged message exactly once on PostgreSQL, twenty kills long',
    { timeout: 180_000 },
    async () => {
      const database = await createTestDatabase('postgres');
      const dataDir = await makeDataDir();
      try {
        const logins = await prepare(database.db);
        const env = { CGW_DATABASE_URL: database.url ?? '' };
        const { gateway, fleet } = await killUnderLoad({ kills: 20, dataDir: dataDir.path, env, logins });
        try {
          report('PostgreSQL', fleet);
          expect(fleet.redelivered).toBeGreaterThan(0);
          const { taken, ended, spooled } = accountingOf(await gateway.metrics());
          expect({ ended, spooled }).toEqual({ ended: taken, spooled: 0 });
          await expectAllKept(database.db, fleet);
        } finally {
          fleet.stop();
          await gateway.kill();
        }
      } finally {
        await database.close();
        await dataDir.remove();
      }
    },
  );

  it('stores every acknowledged message exactly once on the embedded database', { timeout: 180_000 }, async () => {
    const dataDir = await makeDataDir();
    const open = () =>
      openPglite(join(dataDir.path, 'database'), {
        log: createLogger('error'),
        clock: createSystemClock(),
        fsync: false,
      });
    try {
      const seeding = await open();
      await migrate(seeding);
      const logins = await prepare(seeding);
      await seeding.close();
      const { gateway, fleet } = await killUnderLoad({ kills: 5, dataDir: dataDir.path, env: {}, logins });
      let accounting: ReturnType<typeof accountingOf>;
      try {
        report('PGlite', fleet);
        accounting = accountingOf(await gateway.metrics());
      } finally {
        fleet.stop();
        // The sixth: what it leaves is opened as it is.
        await gateway.kill();
      }
      expect(accounting).toEqual({ taken: accounting.taken, ended: accounting.taken, spooled: 0 });
      const db = await open();
      await expectAllKept(db, fleet).finally(() => db.close());
    } finally {
      await dataDir.remove();
    }
  });
});
