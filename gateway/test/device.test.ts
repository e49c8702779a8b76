import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { type MqttLogin, mosquitto, mosquittoAvailable, publish } from './support/mosquitto.ts';

const POLICY = { interval: '1s', offlineAfter: '3s', hold: '2s', recoverAfter: '1s' };

interface Page<T> {
  readonly items: readonly T[];
}
interface Ticket {
  readonly id: string;
  readonly fault: string;
  readonly stage: string;
  readonly priority: string;
  readonly handlerOrgId: string | null;
  readonly assigneeId: string | null;
  readonly cause: string | null;
  readonly evidence: readonly { readonly kind: string; readonly deviceId?: string; readonly detail: unknown }[];
  readonly history: readonly { readonly to: string; readonly note: string | null }[];
}
interface Health {
  readonly state: string;
  readonly reason: string;
}
interface Latest {
  readonly metrics: Record<string, { readonly value: unknown; readonly unit: string | null; readonly fresh: boolean }>;
}
interface Quarantined {
  readonly code: string;
  readonly detail: string;
  readonly payload: string;
  readonly payloadEncoding: string;
  readonly topic: string;
  readonly deviceId: string | null;
}

let dir: DataDir;
let gateway: GatewayProcess;
let api: ApiClient;

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  gateway = await startGateway(dir.path);
});
afterAll(async () => {
  await gateway?.stop();
  await dir?.remove();
});

async function addDevice(body: { id: string; type?: string; [field: string]: unknown }): Promise<MqttLogin> {
  const whole = { type: 'generic/ebike-charger', name: body.id, healthPolicy: POLICY, ...body };
  const { credentials } = await api.post<{ credentials: MqttLogin }>('/devices', whole);
  return credentials;
}

const say = (login: MqttLogin, topic: string, payload: unknown) =>
  publish(gateway.mqtt, login, topic, typeof payload === 'string' ? payload : JSON.stringify(payload));
const telemetry = (login: MqttLogin, metrics: object, id = login.username) =>
  say(login, `cgw/v1/${id}/telemetry`, { metrics });
const health = (id: string) => api.get<Health>(`/devices/${id}/health`);
const latest = async (id: string) => (await api.get<Latest>(`/devices/${id}/latest`)).metrics;
const ticketsOf = async (id: string) => (await api.get<Page<Ticket>>(`/tickets?deviceId=${id}`)).items;
const quarantined = async (id: string) => (await api.get<Page<Quarantined>>(`/quarantine?deviceId=${id}`)).items;
const soon = { timeout: 15_000, interval: 100 };

describe.skipIf(!mosquittoAvailable)('a device that is not ours, from its first message to its closed ticket', () => {
  it('lets the administrator in only after the first password was changed', async () => {
    const first = await fetch(`${gateway.base}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: 'Whole-path-2026!' }),
    });
    const session = (await first.json()) as { token: string; mustChangePassword: boolean };
    expect([first.status, session.mustChangePassword]).toEqual([200, true]);
    const early = await fetch(`${gateway.base}/api/v1/devices`, {
      headers: { authorization: `Bearer ${session.token}` },
    });
    expect([early.status, ((await early.json()) as { code: string }).code]).toEqual([403, 'PASSWORD_CHANGE_REQUIRED']);
    api = await gateway.api();
    await api.put('/settings', { groupHold: '1s', ticketStableFor: '3s' });
  });

  it('is online by its messages, offline by its silence, and its ticket goes the whole way', async () => {
    await api.post('/maintenance-units', { id: 'unit-a', name: '甲维保' });
    const { user } = await api.post<{ user: { id: string } }>('/users', {
      username: 'wang',
      name: '王师傅',
      role: 'maintainer',
      orgId: 'unit-a',
    });
    await api.post('/rosters', { orgId: 'unit-a', userId: user.id });
    const login = await addDevice({ id: 'charger-1', module: 'charging', maintenanceUnitId: 'unit-a' });

    expect(await telemetry(login, { totalPower: 840, ports: [{ no: 3, current: 2.1 }] })).toEqual({
      code: 0,
      output: '',
    });
    await expect
      .poll(async () => (await latest('charger-1')).totalPower, soon)
      .toMatchObject({ value: 840, unit: 'W' });
    const stored = await api.get<{ series: { metric: string; points: [string, number][] }[] }>(
      '/devices/charger-1/telemetry?metrics=totalPower,ports.3.current',
    );
    expect(stored.series.map(({ metric, points }) => [metric, points[0]?.[1]])).toEqual([
      ['totalPower', 840],
      ['ports.3.current', 2.1],
    ]);
    await expect.poll(async () => (await health('charger-1')).state, soon).toBe('online');

    await expect.poll(async () => (await health('charger-1')).state, soon).toBe('offline');
    await expect
      .poll(async () => (await ticketsOf('charger-1')).map(({ stage }) => stage), soon)
      .toEqual(['dispatched']);
    const [filed] = await ticketsOf('charger-1');
    expect(filed).toMatchObject({ fault: 'offline', handlerOrgId: 'unit-a', assigneeId: user.id });
    const incidents = await api.get<Page<{ state: string; members: { deviceId: string }[] }>>(
      '/incidents?deviceId=charger-1',
    );
    expect(incidents.items).toMatchObject([{ state: 'open', members: [{ deviceId: 'charger-1' }] }]);

    let alive = true;
    const returning = (async () => {
      for (let n = 1; alive; n++) {
        await telemetry(login, { totalPower: 840 + n });
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    })();
    try {
      await expect.poll(async () => (await health('charger-1')).state, soon).toBe('online');
      await expect.poll(async () => (await ticketsOf('charger-1'))[0]?.stage, soon).toBe('verifying');
      const [verifying] = await ticketsOf('charger-1');
      expect(verifying?.evidence.at(-1)).toMatchObject({
        kind: 'recovery',
        deviceId: 'charger-1',
        detail: { fact: 'link', state: 'good' },
      });
      await expect.poll(async () => (await ticketsOf('charger-1'))[0]?.stage, soon).toBe('closed');
    } finally {
      alive = false;
      await returning;
    }
    const [closed, ...others] = await ticketsOf('charger-1');
    expect(others).toEqual([]);
    expect(closed?.cause).toBe('selfRecovered');
    expect(closed?.history.map(({ to }) => to)).toEqual(['discovered', 'filed', 'dispatched', 'verifying', 'closed']);
    expect(closed?.history[0]?.note).toBe('系统发现，原因：超时未上报');
    expect(closed?.evidence.map(({ kind }) => kind)).toEqual(['decision', 'recovery', 'freshData']);
  });

  it('raises an alarm about life and limb at once, in the words of its type', async () => {
    const login = await addDevice({ id: 'charger-6', module: 'charging' });
    expect((await telemetry(login, { totalPower: 1, leakageTrip: true })).code).toBe(0);
    await expect
      .poll(() => ticketsOf('charger-6'), soon)
      .toMatchObject([
        {
          fault: 'leakage',
          priority: 'critical',
          stage: 'dispatched',
          handlerOrgId: 'ops-center',
          history: expect.arrayContaining([expect.objectContaining({ note: '系统发现，原因：漏电保护动作' })]),
        },
      ]);
  });

  it('is refused what is not its own', async () => {
    const login = await addDevice({ id: 'charger-2' });
    await addDevice({ id: 'charger-3' });
    const wrong = await telemetry({ ...login, password: 'guessed' }, { totalPower: 1 });
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toMatch(/not authori[sz]ed|bad user ?name or password/i);
    for (const topic of ['cgw/v1/charger-3/telemetry', 'openevse/amp', '$SYS/broker/version']) {
      expect([topic, (await say(login, topic, '{"metrics":{"totalPower":1}}')).code]).not.toEqual([topic, 0]);
    }
    expect(await latest('charger-3')).toEqual({});
    const filters = ['#', 'cgw/v1/+/telemetry', 'cgw/v1/charger-3/command', '$share/g/#', '$SYS/#', 'cgw/v1/#'];
    for (const filter of filters) {
      const { output } = await mosquitto('mosquitto_sub', gateway.mqtt, login, ['-d', '-t', filter, '-W', '2']);
      // SUBACK 128 is "refused".
      expect([filter, output]).toEqual([filter, expect.stringMatching(/Subscribed \(mid: 1\): 128/)]);
    }
  });

  it('learns why a message was refused, and its raw bytes are kept', async () => {
    const login = await addDevice({ id: 'charger-4' });
    const listening = mosquitto('mosquitto_sub', gateway.mqtt, login, [
      '-t',
      'cgw/v1/charger-4/error',
      '-C',
      '1',
      '-W',
      '10',
    ]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const bytes = '{"msgId":"m-7","metrics":{"totalPower":-5}}';
    expect((await say(login, 'cgw/v1/charger-4/telemetry', bytes)).code).toBe(0);
    const { output } = await listening;
    expect(JSON.parse(output)).toMatchObject({ code: 'READING_OUT_OF_RANGE', msgId: 'm-7' });
    await expect
      .poll(() => quarantined('charger-4'), soon)
      .toMatchObject([
        { code: 'READING_OUT_OF_RANGE', topic: 'cgw/v1/charger-4/telemetry', payload: bytes, payloadEncoding: 'text' },
      ]);
    await say(login, 'cgw/v1/charger-4/telemetry', 'no json at all');
    await expect
      .poll(async () => (await quarantined('charger-4')).map(({ payload }) => payload), soon)
      .toContain('no json at all');
    expect(await latest('charger-4')).toEqual({});
  });

  it('is a zombie when it still logs in after its retirement', async () => {
    const login = await addDevice({ id: 'charger-5' });
    expect((await telemetry(login, { totalPower: 1 })).code).toBe(0);
    await api.post('/devices/charger-5/retire', { reason: '拆除' });
    expect((await telemetry(login, { totalPower: 2 })).code).not.toBe(0);
    await expect
      .poll(async () => api.get<{ flags: string[]; zombieCount: number }>('/devices/charger-5'), soon)
      .toMatchObject({ flags: expect.arrayContaining(['zombie']), zombieCount: 1 });
    expect((await latest('charger-5')).totalPower).toMatchObject({ value: 1 });
  });
});

describe.skipIf(!mosquittoAvailable)("a vendor's one connection for many devices", () => {
  let vendor: MqttLogin;

  it('speaks for its own devices and no others', async () => {
    api ??= await gateway.api();
    await api.post('/vendors', {
      id: 'acme',
      name: '甲厂',
      topics: ['openevse-unit/#', 'openevse/#', 'application/#'],
    });
    const { key } = await api.post<{ key: string }>('/vendors/acme/api-keys', { name: 'MQTT' });
    vendor = { username: 'vendor:acme', password: key };
    await addDevice({ id: 'acme-1', vendorId: 'acme' });
    await addDevice({ id: 'acme-2', vendorId: 'acme' });
    await addDevice({ id: 'other-1' });
    expect((await telemetry(vendor, { totalPower: 11 }, 'acme-1')).code).toBe(0);
    expect((await telemetry(vendor, { totalPower: 22 }, 'acme-2')).code).toBe(0);
    expect((await telemetry(vendor, { totalPower: 33 }, 'other-1')).code).not.toBe(0);
    await expect.poll(async () => (await latest('acme-1')).totalPower?.value, soon).toBe(11);
    await expect.poll(async () => (await latest('acme-2')).totalPower?.value, soon).toBe(22);
    expect(await latest('other-1')).toEqual({});
  });

  it('stores what OpenEVSE says on its own topics', async () => {
    await addDevice({ id: 'evse', type: 'openevse/wifi', vendorId: 'acme', externalId: 'openevse-unit' });
    for (const [key, payload] of [
      ['amp', '30580'],
      ['temp', '502'],
      ['temp2', 'false'],
      ['state', '3'],
    ] as const) {
      expect((await say(vendor, `openevse-unit/${key}`, payload)).code).toBe(0);
    }
    await expect
      .poll(async () => Object.entries(await latest('evse')).map(([name, { value }]) => [name, value]), soon)
      .toEqual(
        expect.arrayContaining([
          ['current', 30.58],
          ['temperature', 50.2],
          ['status', 'charging'],
        ]),
      );
    expect(Object.keys(await latest('evse')).sort()).toEqual(['current', 'status', 'temperature']);
    expect((await say(vendor, 'foreign/amp', '1')).code).not.toBe(0);
  });

  it('stores what ChirpStack wraps', async () => {
    const eui = 'a840415711866a85';
    await addDevice({ id: 'lht', type: 'chirpstack/dragino-lht52', vendorId: 'acme', externalId: eui });
    const uplink = {
      deduplicationId: 'd-2',
      time: new Date().toISOString(),
      fPort: 2,
      data: 'CeYCRX//AWWtpO4=',
      rxInfo: [{ rssi: -70, snr: 9 }],
    };
    const topic = `application/a/device/${eui}/event/up`;
    expect((await say(vendor, topic, uplink)).code).toBe(0);
    await expect.poll(async () => (await latest('lht')).temperature, soon).toMatchObject({ value: 25.34, unit: 'Cel' });
    expect((await latest('lht')).humidity).toMatchObject({ value: 58.1 });
  });

  it('keeps in quarantine what it says of a device nobody registered', async () => {
    expect((await say(vendor, 'openevse/announce/x', '{"state":"connected","name":"nobody"}')).code).toBe(0);
    await expect
      .poll(async () => (await api.get<Page<Quarantined>>('/quarantine?code=UNKNOWN_DEVICE')).items, soon)
      .toMatchObject([{ topic: 'openevse/announce/x', deviceId: null }]);
  });
});
