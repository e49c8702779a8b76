import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Database, sql } from '../src/store/database.ts';
import { createTestDatabase, POSTGRES_MISSING } from './support/databases.ts';
import { filedFaults } from './support/exactly-once.ts';
import { FLEET_KEY, presetSettings, registerFleet } from './support/fleet-devices.ts';
import { type GatewayProcess, makeDataDir, startGateway } from './support/gateway-process.ts';
import { startFleet } from './support/load.ts';
import { until } from './support/until.ts';

const DEVICES = Number(process.env.CGW_TEST_RESTART_DEVICES ?? 5_000);
/** A live session is a sign of life of its own, so the devices may say less than their policy asks for. */
const SEND_EVERY_MS = 5_000;
const POLICY = { interval: 4_000, offlineAfter: 12_000, hold: 12_000 };
/** Longer than offlineAfter; 180 is the promise's full length. */
const DOWN_MS = Number(process.env.CGW_TEST_DOWN_SECONDS ?? 16) * 1_000;
/** What writing, sweeping and a loaded machine may add to a deadline. */
const SLACK_MS = 40_000;

async function countHealth(db: Database, state: string): Promise<number> {
  const { rows } = await sql(db.autocommit).query<{ n: number }>(
    'select count(*)::int as n from health where state = $1',
    [state],
  );
  return rows[0]?.n ?? 0;
}

describe.skipIf(POSTGRES_MISSING)('a gateway that was down for longer than its devices may be silent', () => {
  it('files nothing for 5,000 living devices and flags the one that died meanwhile', {
    timeout: DOWN_MS + 300_000,
  }, async () => {
    const database = await createTestDatabase('postgres');
    const dataDir = await makeDataDir();
    const { db } = database;
    let gateway: GatewayProcess | undefined;
    let fleet: ReturnType<typeof startFleet> | undefined;
    try {
      await presetSettings(db, { groupHold: '0s' });
      const logins = await registerFleet(db, { prefix: 'r', count: DEVICES, healthPolicy: POLICY });
      const start = () =>
        startGateway(dataDir.path, { CGW_SECRET_KEY: FLEET_KEY, CGW_DATABASE_URL: database.url ?? '' });
      gateway = await start();
      let port: number | undefined = gateway.mqtt;
      fleet = startFleet({ port: () => port, logins, intervalMs: SEND_EVERY_MS, redeliver: true });
      const devices = fleet;
      const startedAt = performance.now();
      await until('every device is online', async () => (await countHealth(db, 'online')) === DEVICES, {
        withinMs: 120_000,
      });

      const connectedMs = performance.now() - startedAt;
      port = undefined;
      await gateway.kill();
      const dead = 'r7';
      devices.silence(dead);
      await sleep(DOWN_MS);
      gateway = await start();
      const upAt = performance.now();
      port = gateway.mqtt;
      const faults = await until(
        'the dead device is flagged',
        async () => {
          const filed = await filedFaults(db);
          return filed.some((fault) => fault.startsWith('ticket')) && filed;
        },
        { withinMs: POLICY.offlineAfter + SLACK_MS },
      );
      const flaggedAfterMs = performance.now() - upAt;
      await until('all others are connected', () => devices.connected === DEVICES - 1, { withinMs: 120_000 });
      // Long enough for a wrong judgement of the others to become one, too.
      await sleep(POLICY.offlineAfter + 3_000);
      if (process.env.CGW_TEST_REPORT) {
        console.log({ DEVICES, DOWN_MS, POLICY, connectedMs, flaggedAfterMs, acked: devices.acked.size });
      }
      expect(faults.filter((fault) => !fault.startsWith('ticket'))).toEqual([`${dead} offline open`]);
      expect(await filedFaults(db)).toHaveLength(2);
      expect(await countHealth(db, 'online')).toBe(DEVICES - 1);
    } finally {
      fleet?.stop();
      await gateway?.kill();
      await database.close();
      await dataDir.remove();
    }
  });
});
