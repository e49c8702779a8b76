import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountingOf, filedFaults, ledgerTotals } from './support/exactly-once.ts';
import { presetSettings, registerFleet } from './support/fleet-devices.ts';
import { type GatewayProcess, startGateway } from './support/gateway-process.ts';
import { createGatewayStore, type GatewayStore } from './support/gateway-store.ts';
import { INFLUX_MISSING, type InfluxServer, startInflux } from './support/influx.ts';
import { type Fleet, type Login, startFleet } from './support/load.ts';
import { until } from './support/until.ts';

const DEVICES = 6;
/** Far shorter than the outage. */
const POLICY = { interval: 500, offlineAfter: 2_000, hold: 1_000 };

interface Answer {
  readonly results: readonly {
    readonly series?: readonly { tags: Record<string, string>; values: [number, number][] }[];
  }[];
}

describe.skipIf(INFLUX_MISSING)('a gateway whose readings live in InfluxDB', () => {
  let influx: InfluxServer;
  let store: GatewayStore;
  let logins: readonly Login[] = [];
  let gateway: GatewayProcess | undefined;
  let fleet: Fleet | undefined;

  beforeAll(async () => {
    influx = await startInflux();
    store = await createGatewayStore('pglite', async (db) => {
      await presetSettings(db, { groupHold: '0s' });
      logins = await registerFleet(db, { prefix: 'i', count: DEVICES, healthPolicy: POLICY });
    });
  });
  afterAll(async () => {
    fleet?.stop();
    await gateway?.kill();
    await influx?.remove();
    await store?.remove();
  });

  const start = () => startGateway(store.dataDir, { ...store.env, CGW_TIMESERIES_URL: influx.url('street') });
  const part = async (running: GatewayProcess) =>
    (await running.readyz()).parts.find(({ name }) => name === 'timeseries');

  /** Every acknowledged message, once, as its device sent it. */
  async function storageFaults(of: Fleet): Promise<string[]> {
    const answer = (await influx.ask(
      'select value from "cgw_raw"."reading" where metric = \'totalPower\' group by device',
      'street',
    )) as Answer;
    const copies = new Map<string, number>();
    for (const { tags, values } of answer.results[0]?.series ?? []) {
      for (const [, n] of values) {
        const msgId = `${tags.device}:${n}`;
        copies.set(msgId, (copies.get(msgId) ?? 0) + 1);
      }
    }
    return [
      ...[...copies].filter(([, n]) => n !== 1).map(([msgId, n]) => `${msgId} is stored ${n} times`),
      ...[...copies.keys()].filter((msgId) => !of.wasSent(msgId)).map((msgId) => `${msgId} was never sent`),
      ...[...of.acked].filter((msgId) => !copies.has(msgId)).map((msgId) => `${msgId} is not stored`),
    ];
  }

  it('acknowledges while InfluxDB is dead, says so, blames nobody, and has everything once when both were killed', {
    timeout: 120_000,
  }, async () => {
    let running = await start();
    gateway = running;
    let port: number | undefined = running.mqtt;
    fleet = startFleet({ port: () => port, logins, intervalMs: 40, redeliver: true });
    const { acked } = fleet;
    await until('messages are stored', () => acked.size > 100);
    expect(await part(running)).toMatchObject({ state: 'ready' });

    await influx.kill();
    const before = acked.size;
    const seen = await until('the outage is seen', async () => {
      const found = await part(running);
      return found?.state === 'degraded' && found;
    });
    expect(seen.reason).toBe('TIMESERIES_UNREACHABLE');
    await sleep(2 * POLICY.offlineAfter);
    expect((await fetch(`${running.base}/readyz`)).status).toBe(200);
    expect(acked.size).toBeGreaterThan(before + 200);
    expect(accountingOf(await running.metrics()).spooled).toBeGreaterThan(200);
    const api = await running.api();
    await expect(api.get('/devices/i0/telemetry')).rejects.toThrow();

    // Both die in the middle of catching up; neither may count on what the other has.
    await influx.start();
    await sleep(200);
    port = undefined;
    await running.kill();
    running = await start();
    gateway = running;
    port = running.mqtt;
    await influx.kill();
    await influx.start();
    const resumed = acked.size;
    await until('the gateway acknowledges', () => acked.size > resumed + 50);
    fleet.pause();
    const still = fleet;
    await until('everything is acknowledged', () => still.unacknowledged === 0);
    await until('the spool is drained', async () => accountingOf(await running.metrics()).spooled === 0);
    await until('it is ready', async () => (await part(running))?.state === 'ready');

    expect((await storageFaults(still)).slice(0, 10)).toEqual([]);
    const { taken, ended } = accountingOf(await running.metrics());
    expect(ended).toBe(taken);
    const again = await running.api();
    const page = await again.get('/devices/i0/telemetry?metrics=totalPower&limit=5');
    expect(page).toMatchObject({ source: 'raw', series: [{ metric: 'totalPower', unit: 'W' }] });
    const latest = await again.get('/devices/i0/latest');
    expect(latest).toMatchObject({ metrics: { totalPower: { fresh: expect.any(Boolean) } } });
    fleet.stop();
    await running.kill();
    await store.inspect(async (db) => {
      const { drained, stored, duplicate, ...others } = await ledgerTotals(db);
      expect(others).toEqual({ rejected: 0, quarantined: 0, lost: 0 });
      expect(stored + duplicate).toBe(drained);
      expect(stored).toBe(new Set([...still.acked]).size);
      expect(await filedFaults(db)).toEqual([]);
    });
  });
});
