import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';

const pump = (scale: string, max: number) => `id: acme/pump
title: { zh: 甲厂水泵, en: Acme pump }
module: twin
adapter: mqtt
topics: [{ topic: "acme/{sn}/up", body: /params, pairs: { key: /n, value: /v } }]
identify: { from: "{sn}", match: serial }
time: { from: /时间, format: local, pattern: "yyyy年M月d日 HH:mm:ss", zone: Asia/Shanghai }
metrics:
  flow: { from: /流量, type: number, unit: L/min, min: 0, max: ${max}, fromText: { decimal: ",", units: ${scale} }, required: true, title: { zh: 流量, en: Flow } }
commands:
  restart: { title: { zh: 重启, en: Restart }, params: { delay: { title: { zh: 延时, en: Delay }, type: number, unit: s, min: 0, max: 60, required: true } } }
health: { interval: 1m }
examples:
  - { name: usual, topic: acme/7/up, payload: { params: [{ n: 流量, v: "5,5 L" }] }, readings: { flow: 5.5 } }
  - { name: broken, topic: acme/7/up, payload: { params: [] }, refused: READING_REQUIRED }
`;
const NARROW = pump('{ L: 1 }', 10);
const WIDE = pump('{ L: 1, "m³": 1000 }', 10_000);
const ID = '/device-types/acme%2Fpump';
const soon = { timeout: 20_000, interval: 100 };

interface Items<T> {
  readonly items: readonly T[];
}

describe('a vendor maps its own device', () => {
  let dir: DataDir;
  let gateway: GatewayProcess;
  let admin: ApiClient;
  let key = '';
  let device: { id: string; password: string };
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    dir = await makeMigratedDataDir();
    gateway = await startGateway(dir.path);
    admin = await gateway.api();
    await admin.post('/vendors', { id: 'acme', name: '甲厂', topics: ['acme/#'], agreementRequired: false });
    key = (await admin.post<{ key: string }>('/vendors/acme/api-keys', { name: 'k' })).key;
  }, 120_000);
  afterAll(async () => {
    for (const client of clients) client.end(true);
    await gateway?.stop();
    await dir?.remove();
  });

  const ask = async (method: string, path: string, body?: unknown) => {
    const yaml = typeof body === 'string';
    const answer = await fetch(`${gateway.base}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': yaml ? 'application/yaml' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: yaml ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  };
  const connect = async (username: string, password: string) => {
    const client = await mqtt.connectAsync({
      host: '127.0.0.1',
      port: gateway.mqtt,
      username,
      password,
      reconnectPeriod: 0,
    });
    clients.push(client);
    return client;
  };
  const messages = async () => (await ask('GET', `/devices/${device.id}/messages`)).body;

  it('writes a type, is told every fault with its place, and tries it out before anybody approved it', async () => {
    const bad = await ask('POST', '/device-types', NARROW.replace('required: true', 'requird: true'));
    expect([bad.status, bad.body.errors[0]]).toMatchObject([400, { path: '/metrics/flow', line: 9, column: 3 }]);
    const windows = await ask('POST', '/device-types?submit=true', NARROW.replaceAll('\n', '\r\n'));
    expect([windows.status, windows.body.version?.state], JSON.stringify(windows.body)).toEqual([201, 'submitted']);
    const made = await ask('POST', '/devices', { type: 'acme/pump', name: '一号泵', serial: '7' });
    expect([made.status, made.body.device?.lifecycle]).toEqual([201, 'pending']);
    device = { id: made.body.device.id, password: made.body.credentials.password };
    const approved = await admin.post<{ lifecycle: string }>(`/devices/${device.id}/approve`, {
      reason: '试运行',
      override: true,
    });
    expect(approved.lifecycle).toBe('trial');

    const login = await connect('vendor:acme', key);
    const at = '2026年11月23日 08:00:00';
    await login.publishAsync('acme/7/up', JSON.stringify({ 时间: at, params: [{ n: '流量', v: '0,5 m³' }] }), {
      qos: 1,
    });
    await login.publishAsync('acme/7/up', '{', { qos: 1 });
    await login.publishAsync('acme/9/up', JSON.stringify({ params: [{ n: '流量', v: '1 L' }] }), { qos: 1 });
    await expect.poll(async () => (await messages()).items.length, soon).toBe(2);
    expect((await messages()).items).toMatchObject([
      { verdict: 'quarantined', code: 'BAD_JSON', payload: '{', remedy: { zh: expect.any(String) } },
      { verdict: 'quarantined', code: 'READING_WRONG_TYPE', remedy: { zh: expect.stringContaining('fromText') } },
    ]);
    await expect
      .poll(async () => (await ask('GET', '/vendors/me/messages')).body.items, soon)
      .toMatchObject([{ verdict: 'quarantined', code: 'UNKNOWN_DEVICE', topic: 'acme/9/up' }]);
  });

  it('sees with a pasted message what the new text would do, hands it in, and feeds the old messages again', async () => {
    const message = { topic: 'acme/7/up', payload: { params: [{ n: '流量', v: '0,5 m³' }] } };
    const preview = await ask('POST', '/device-types/decode', { source: WIDE, ...message });
    expect(preview.body).toMatchObject({
      accepted: true,
      readings: { flow: 500 },
      items: [{ device: { id: device.id, stored: true } }],
    });
    expect((await ask('POST', `${ID}/decode`, message)).body.accepted).toBe(false);
    expect((await ask('POST', '/device-types', WIDE)).body.version).toMatchObject({ version: 2, state: 'draft' });
    expect((await ask('POST', `${ID}/submit`)).body.state).toBe('submitted');
    const replay = await ask('POST', '/quarantine/replay', { filter: { deviceId: device.id } });
    expect(replay.body).toEqual({ replayed: 2, remaining: 0 });
    const latest = async () => (await ask('GET', `/devices/${device.id}/latest`)).body.metrics.flow;
    await expect.poll(latest, soon).toMatchObject({ value: 500, unit: 'L/min' });
    expect((await ask('GET', `${ID}/versions`)).body.items.map(({ state }: { state: string }) => state)).toEqual([
      'submitted',
      'superseded',
    ]);
  });

  it('its device goes into service only with an approved type, which others never see', async () => {
    const service = () =>
      admin.post<{ lifecycle: string }>(`/devices/${device.id}/approve`, { reason: '验收', override: true });
    await expect(service()).rejects.toThrow(/409/);
    expect((await ask('POST', `${ID}/approve`, { reason: 'mine' })).status).toBe(403);
    await admin.post(`${ID}/approve`, { reason: '样例齐全', version: 2 });
    expect((await service()).lifecycle).toBe('active');
    await admin.post('/vendors', { id: 'globex', name: '乙厂', agreementRequired: false });
    const other = (await admin.post<{ key: string }>('/vendors/globex/api-keys', { name: 'k' })).key;
    const mine = key;
    key = other;
    expect((await ask('GET', ID)).status).toBe(404);
    expect((await ask('GET', `${ID}/versions`)).status).toBe(404);
    expect((await ask('POST', '/devices', { type: 'acme/pump', name: 'x' })).status).toBe(400);
    expect((await ask('GET', `/devices/${device.id}/messages`)).status).toBe(404);
    expect((await ask('GET', '/vendors/acme/messages')).status).toBe(404);
    key = mine;
  });

  it('commands reach the device, are answered once, and time out when it is silent', async () => {
    const credentials = await admin.post<{ username: string; password: string }>(
      `/devices/${device.id}/credentials`,
      {},
    );
    const box = await connect(credentials.username, credentials.password);
    const heard: { id: string; name: string; params: unknown }[] = [];
    box.on('message', (topic, payload) => {
      if (!topic.endsWith('/command')) return;
      const command = JSON.parse(payload.toString());
      heard.push(command);
      if (command.params.delay === 60) return;
      box.publish(
        `cgw/v1/${device.id}/command/ack`,
        JSON.stringify({ id: command.id, ok: true, result: { took: 1 } }),
        { qos: 1 },
      );
    });
    await box.subscribeAsync(`cgw/v1/${device.id}/command`, { qos: 1 });
    const path = `/devices/${device.id}/commands`;
    expect((await ask('POST', path, { name: 'restart', params: { delay: 1 } })).status).toBe(403);
    const { id } = await admin.post<{ id: string }>(path, { name: 'restart', params: { delay: 1 } });
    const state = (command: string) =>
      admin.get<{ state: string; ok: boolean | null; attempts: number }>(`${path}/${command}`);
    await expect
      .poll(() => state(id), soon)
      .toMatchObject({ state: 'acknowledged', ok: true, result: { took: 1 }, attempts: 1 });
    const silent = await admin.post<{ id: string }>(path, {
      name: 'restart',
      params: { delay: 60 },
      timeout: '2s',
      retries: 1,
    });
    await expect.poll(() => state(silent.id), soon).toMatchObject({ state: 'timedOut', ok: null, attempts: 2 });
    expect(heard.map((command) => command.id)).toEqual([id, silent.id, silent.id]);
    const page = await admin.get<Items<{ id: string }>>(path);
    expect(page.items.map((command) => command.id)).toEqual([silent.id, id]);
    expect(await gateway.metrics()).toMatch(/cgw_commands_total\{state="timedOut"\} 1/);
  });
});
