import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ENGINES } from './support/databases.ts';
import { accountingOf, filedFaults, ledgerTotals, storageFaults } from './support/exactly-once.ts';
import { presetSettings, registerFleet } from './support/fleet-devices.ts';
import { type GatewayProcess, startGateway } from './support/gateway-process.ts';
import { createGatewayStore } from './support/gateway-store.ts';
import { type Fleet, type Login, startFleet } from './support/load.ts';
import { until } from './support/until.ts';

const POLICY = { interval: 1_000, offlineAfter: 3_000, hold: 2_000 };
const ROUNDS = 3;

describe.each(ENGINES)('a gateway on %s asked to stop under load', (engine) => {
  it('ends with 0 in time, loses nothing it acknowledged, takes nobody for silent', { timeout: 240_000 }, async () => {
    let logins: readonly Login[] = [];
    const store = await createGatewayStore(engine, async (db) => {
      await presetSettings(db, { groupHold: '0s' });
      logins = await registerFleet(db, { prefix: 's', count: 20, healthPolicy: POLICY });
    });
    let gateway: GatewayProcess | undefined;
    let running: Fleet | undefined;
    try {
      let port: number | undefined;
      const fleet = startFleet({ port: () => port, logins, intervalMs: 10, redeliver: true });
      running = fleet;
      const start = async () => {
        gateway = await startGateway(store.dataDir, store.env);
        port = gateway.mqtt;
        return gateway;
      };
      for (let round = 0; round < ROUNDS; round++) {
        const stopping = await start();
        const before = fleet.acked.size;
        await until('the gateway acknowledges', () => fleet.acked.size > before + 500);
        const asked = performance.now();
        const code = await stopping.stop();
        const tookMs = performance.now() - asked;
        port = undefined;
        if (process.env.CGW_TEST_REPORT) console.log({ engine, round, tookMs, output: stopping.output });
        expect(code).toBe(0);
        expect(tookMs).toBeLessThan(10_000);
        // A second of nobody listening, longer than any of the devices' own pauses.
        await sleep(1_000);
      }
      const last = await start();
      fleet.pause();
      await until('everything is acknowledged', () => fleet.unacknowledged === 0);
      await until('the spool is drained', async () => accountingOf(await last.metrics()).spooled === 0);
      await sleep(2 * POLICY.offlineAfter);
      fleet.stop();
      await last.kill();
      await store.inspect(async (db) => {
        expect((await storageFaults(db, fleet)).slice(0, 10)).toEqual([]);
        expect(await ledgerTotals(db)).toMatchObject({ rejected: 0, quarantined: 0, lost: 0 });
        expect(await filedFaults(db)).toEqual([]);
      });
    } finally {
      running?.stop();
      await gateway?.kill();
      await store.remove();
    }
  });
});
