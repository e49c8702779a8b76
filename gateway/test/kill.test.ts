import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Database } from '../src/store/database.ts';
import { ENGINES } from './support/databases.ts';
import { accountingOf, filedFaults, ledgerTotals, storageFaults } from './support/exactly-once.ts';
import { presetSettings, registerFleet } from './support/fleet-devices.ts';
import { type GatewayProcess, startGateway } from './support/gateway-process.ts';
import { createGatewayStore, type GatewayStore } from './support/gateway-store.ts';
import { type Fleet, type Login, startFleet } from './support/load.ts';
import { until } from './support/until.ts';

const DEVICES = 20;
/** Far shorter than the test: a gateway that took its own death for silence would file faults. */
const POLICY = { interval: 1_000, offlineAfter: 3_000, hold: 2_000 };
/** A start on the embedded database takes several times as long. */
const KILLS = { postgres: 20, pglite: 5 };

/** Kills the gateway again and again in the middle of its work; answers the last one, alive and with everything drained. */
async function killUnderLoad(
  store: GatewayStore,
  logins: readonly Login[],
  kills: number,
): Promise<{ gateway: GatewayProcess; fleet: Fleet }> {
  let gateway: GatewayProcess | undefined;
  let port: number | undefined;
  const fleet = startFleet({ port: () => port, logins, intervalMs: 30, redeliver: true });
  const start = async () => {
    gateway = await startGateway(store.dataDir, store.env);
    port = gateway.mqtt;
    return gateway;
  };
  try {
    for (let kill = 0; kill < kills; kill++) {
      const victim = await start();
      const before = fleet.acked.size;
      await sleep(300 + Math.random() * 900);
      await until('the gateway acknowledges', () => fleet.acked.size > before);
      port = undefined;
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

describe.each(ENGINES)('a gateway on %s killed under load', (engine) => {
  it(`has stored every acknowledged message exactly once after ${KILLS[engine]} kills`, {
    timeout: 300_000,
  }, async () => {
    let logins: readonly Login[] = [];
    const store = await createGatewayStore(engine, async (db) => {
      await presetSettings(db, { groupHold: '0s' });
      logins = await registerFleet(db, { prefix: 'k', count: DEVICES, healthPolicy: POLICY });
    });
    try {
      const { gateway, fleet } = await killUnderLoad(store, logins, KILLS[engine]);
      const metrics = await gateway.metrics().finally(() => fleet.stop());
      // What this last kill leaves is looked at as it is.
      await gateway.kill();
      if (process.env.CGW_TEST_REPORT) {
        console.log({ engine, sent: fleet.sent, acked: fleet.acked.size, redelivered: fleet.redelivered });
      }
      expect(fleet.redelivered).toBeGreaterThan(0);
      const { taken, ended, spooled } = accountingOf(metrics);
      expect({ ended, spooled }).toEqual({ ended: taken, spooled: 0 });
      await store.inspect((db) => expectAllKept(db, fleet));
    } finally {
      await store.remove();
    }
  });
});
