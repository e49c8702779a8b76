import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mosquitto, startMosquitto } from '../../adapters/mqtt/test-support/mosquitto.ts';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { createTestDatabase, POSTGRES_MISSING, type TestDatabase } from './support/databases.ts';
import { type DataDir, type GatewayProcess, makeDataDir, sample, startGateway } from './support/gateway-process.ts';
import { mosquitto as client, type MqttLogin, publish } from './support/mosquitto.ts';
import { until } from './support/until.ts';

let broker: Mosquitto;
let database: TestDatabase;
let dir: DataDir;
let gateway: GatewayProcess;
let api: ApiClient;

const start = () => startGateway(dir.path, { CGW_DATABASE_URL: database.url ?? '', CGW_MQTT_URL: broker.url });

describe.skipIf(POSTGRES_MISSING)('a gateway on PostgreSQL and Mosquitto', () => {
  beforeAll(async () => {
    [broker, database, dir] = await Promise.all([
      startMosquitto({ dynsec: true }),
      createTestDatabase('postgres'),
      makeDataDir(),
    ]);
    gateway = await start();
    api = await gateway.api();
  });
  afterAll(async () => {
    await gateway?.stop();
    await database?.close();
    await broker?.stop();
    await dir?.remove();
  });

  async function addDevice(id: string): Promise<MqttLogin> {
    const body = { id, type: 'generic/ebike-charger', name: id };
    const { credentials } = await api.post<{ credentials: MqttLogin }>('/devices', body);
    return credentials;
  }
  const mayLogIn = async (login: MqttLogin) =>
    (await publish(broker.port, login, `cgw/v1/${login.username}/event`, '{"code":"smoke"}')).code === 0;
  const loggedIn = (login: MqttLogin) => until('the broker knows the login', () => mayLogIn(login));
  const refused = (login: MqttLogin) => until('the broker refuses the login', async () => !(await mayLogIn(login)));
  const latest = (id: string) =>
    api.get<{ metrics: Record<string, { value: unknown }> }>(`/devices/${id}/latest`).then(({ metrics }) => metrics);
  const brokerPart = async () => (await gateway.readyz()).parts.find(({ name }) => name === 'broker');

  it('a device registers, logs in at the broker with its secret, publishes, and the message arrives once', async () => {
    const d1 = await addDevice('d1');
    const other = await addDevice('d2');
    await loggedIn(d1);
    expect((await publish(broker.port, { ...d1, password: 'wrong' }, 'cgw/v1/d1/telemetry', '{}')).code).not.toBe(0);
    const sent = await publish(broker.port, d1, 'cgw/v1/d1/telemetry', '{"msgId":"1","metrics":{"totalPower":840}}');
    expect(sent.code).toBe(0);
    expect(await until('it is stored', async () => (await latest('d1')).totalPower)).toMatchObject({ value: 840 });

    // Another's topic: the broker takes nothing from it, in either direction.
    await loggedIn(other);
    await client('mosquitto_pub', broker.port, other, [
      '-q',
      '1',
      '-V',
      '5',
      '-t',
      'cgw/v1/d1/telemetry',
      '-m',
      '{"totalPower":1}',
    ]);
    const spy = await client('mosquitto_sub', broker.port, other, ['-q', '1', '-t', 'cgw/v1/d1/command', '-W', '1']);
    expect(spy.output).toContain('denied');
    expect((await latest('d1')).totalPower).toMatchObject({ value: 840 });
    expect((await brokerPart())?.reason).toBe('ok');
  });

  it('a command reaches the device, and says when nobody listens', async () => {
    const d3 = await addDevice('d3');
    await loggedIn(d3);
    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { ...d3, reconnectPeriod: 0 });
    await device.subscribeAsync('cgw/v1/d3/error', { qos: 1 });
    const heard = new Promise<string>((resolve) =>
      device.once('message', (_topic, payload) => resolve(payload.toString())),
    );
    await device.publishAsync('cgw/v1/d3/telemetry', '{"metrics":{"totalPower":-5}}', { qos: 1 });
    expect(JSON.parse(await heard)).toMatchObject({ code: expect.any(String) });
    await device.endAsync();
  });

  it('a new secret counts at once and ends the session of the old one; retiring refuses, reactivating opens again', async () => {
    const old = await addDevice('d4');
    await loggedIn(old);
    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { ...old, reconnectPeriod: 0 });
    const closed = new Promise<boolean>((resolve) => device.once('close', () => resolve(true)));
    const fresh = await api.post<MqttLogin>('/devices/d4/credentials', {});
    expect(await closed).toBe(true);
    await loggedIn(fresh);
    expect(await mayLogIn(old)).toBe(false);
    await api.post('/devices/d4/retire', { reason: 'gone' });
    await refused(fresh);
    await api.post('/devices/d4/reactivate', { reason: 'back' });
    await loggedIn(fresh);
  });

  it('a vendor speaks for its own devices and topics, hears their commands, and nothing of anybody else', async () => {
    await api.post('/vendors', { id: 'acme', name: '甲厂', topics: ['acme/#'], agreementRequired: false });
    const made = await api.post<{ id: string; key: string }>('/vendors/acme/api-keys', { name: 'MQTT' });
    const login = { username: 'vendor:acme', password: made.key };
    await api.post('/devices', { id: 'v1', type: 'generic/ebike-charger', name: 'v1', vendorId: 'acme' });
    await addDevice('w1');
    await loggedIn(login);
    const may = async (topic: string, payload = '{"totalPower":1}') => {
      const args = ['-V', '5', '-q', '1', '-t', topic, '-m', payload];
      const { code, output } = await client('mosquitto_pub', broker.port, login, args);
      return code === 0 && !/not authorized/i.test(output);
    };
    // Its device may have come after its login.
    await until('its device is in its rights', () => may('cgw/v1/v1/telemetry', '{"totalPower":41}'));
    expect(await until('it is stored', async () => (await latest('v1')).totalPower)).toMatchObject({ value: 41 });
    expect(await may('acme/box-1/up')).toBe(true);
    for (const topic of [
      'cgw/v1/w1/telemetry',
      'cgw/v1/w1/state',
      'cgw/v1/v1/command',
      'cgw/v1/ghost/telemetry',
      'cgw/canary/x',
      'globex/box-1/up',
    ]) {
      expect({ topic, may: await may(topic) }).toEqual({ topic, may: false });
    }
    const hears = async (topic: string) => {
      const args = ['-q', '1', '-t', topic, '-W', '1'];
      return !(await client('mosquitto_sub', broker.port, login, args)).output.includes('denied');
    };
    expect(await hears('cgw/v1/v1/command')).toBe(true);
    for (const topic of ['cgw/v1/w1/command', 'cgw/v1/+/command', '$share/a/cgw/v1/+/telemetry', '#', '$SYS/#']) {
      expect({ topic, hears: await hears(topic) }).toEqual({ topic, hears: false });
    }
    expect(await latest('w1')).toEqual({});
    const grab = '{"commands":[{"command":"createClient","username":"intruder","password":"x"}]}';
    await publish(broker.port, login, '$CONTROL/dynamic-security/v1', grab);
    expect(await broker.logins()).not.toContain('intruder');

    const session = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { ...login, reconnectPeriod: 0 });
    const cut = new Promise<boolean>((resolve) => session.once('close', () => resolve(true)));
    await api.delete(`/vendors/acme/api-keys/${made.id}`);
    expect(await cut).toBe(true);
    expect((await publish(broker.port, login, 'cgw/v1/v1/telemetry', '{}')).code).not.toBe(0);
    const { key } = await api.post<{ key: string }>('/vendors/acme/api-keys', { name: 'next' });
    const next = { username: 'vendor:acme', password: key };
    await until('the next key opens', async () => (await publish(broker.port, next, 'acme/x', '1')).code === 0);
  });

  it('answers a broker that asks instead of keeping logins, by the same rules', async () => {
    const d6 = await addDevice('d6');
    const login = (password: string, username = 'd6') =>
      api.post('/mqtt/auth', { username, password, peerhost: '10.0.0.9' });
    expect(await login(d6.password)).toEqual({ result: 'allow', is_superuser: false });
    expect(await login('wrong')).toMatchObject({ result: 'deny' });
    expect(await login(d6.password, 'nobody')).toMatchObject({ result: 'deny' });
    expect(await login('whatever', new URL(broker.url).username)).toMatchObject({ result: 'ignore' });
    const acl = (action: string, topic: string, username = 'd6') => api.post('/mqtt/acl', { username, action, topic });
    expect(await acl('publish', 'cgw/v1/d6/telemetry')).toEqual({ result: 'allow' });
    expect(await acl('subscribe', 'cgw/v1/d6/command')).toEqual({ result: 'allow' });
    for (const [action, topic, username] of [
      ['publish', 'cgw/v1/d1/telemetry'],
      ['subscribe', 'cgw/v1/+/command'],
      ['subscribe', '$share/cgw/cgw/v1/+/telemetry'],
      ['subscribe', '#'],
      ['publish', 'cgw/v1/d6/telemetry', 'vendor:nobody'],
    ] as const) {
      expect(await acl(action, topic, username)).toEqual({ result: 'deny' });
    }
    await api.post('/devices/d6/retire', { reason: 'gone' });
    expect(await login(d6.password)).toMatchObject({ result: 'deny' });
    expect(await acl('publish', 'cgw/v1/d6/telemetry')).toEqual({ result: 'deny' });
  });

  it('nothing that was acknowledged is lost, and nothing stored twice, when the broker is killed under load', async () => {
    const d7 = await addDevice('d7');
    await loggedIn(d7);
    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
      ...d7,
      clientId: 'load',
      clean: false,
      reconnectPeriod: 100,
    });
    const from = Date.now() - 60_000;
    const sent: Promise<unknown>[] = [];
    for (let index = 0; index < 400; index += 1) {
      const payload = JSON.stringify({ msgId: `m${index}`, ts: from + index, metrics: { totalPower: index } });
      sent.push(device.publishAsync('cgw/v1/d7/telemetry', payload, { qos: 1 }));
      if (index === 150) await broker.kill();
      if (index === 200) await broker.restart();
      if (index % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await Promise.all(sent);
    const series = async () => {
      const query = `metrics=totalPower&from=${from}&to=${from + 1_000}&agg=last`;
      const found = await api.get<{ series: { points: unknown[] }[] }>(`/devices/d7/telemetry?${query}`);
      return found.series[0]?.points.length ?? 0;
    };
    await until('all of them are stored', async () => (await series()) >= 400);
    expect(await series()).toBe(400);
    await device.endAsync();
  });

  it('a secret issued while the broker is away reaches it later, even through a kill -9 of the gateway', async () => {
    await broker.end();
    await until('the gateway says so', async () => (await brokerPart())?.reason === 'BROKER_UNREACHABLE');
    const d5 = await addDevice('d5');
    await gateway.kill();
    await broker.restart();
    gateway = await start();
    api = await gateway.api();
    await loggedIn(d5);
    await until(
      'it is not kept any longer',
      async () => sample(await gateway.metrics(), 'cgw_broker_logins_pending') === 0,
    );
    expect(sample(await gateway.metrics(), 'cgw_broker_logins_missing')).toBe(0);
  });

  it('what was changed at the broker meanwhile is repaired at the next start', async () => {
    await api.post('/devices/d5/retire', { reason: 'gone' });
    await until('it is closed', async () => /"d5"[^}]*"disabled":\s*true/.test(await broker.logins()) || undefined);
    await gateway.stop();
    const admin = new URL(broker.url);
    await client(
      'mosquitto_pub',
      broker.port,
      { username: admin.username, password: decodeURIComponent(admin.password) },
      [
        '-q',
        '1',
        '-t',
        '$CONTROL/dynamic-security/v1',
        '-m',
        '{"commands":[{"command":"enableClient","username":"d5"},{"command":"deleteClient","username":"d2"}]}',
      ],
    );
    expect(/"d5"[^}]*"disabled":\s*true/.test(await broker.logins())).toBe(false);
    gateway = await start();
    api = await gateway.api();
    await until(
      'd5 is closed again',
      async () => /"d5"[^}]*"disabled":\s*true/.test(await broker.logins()) || undefined,
    );
    await until('d2 needs a new secret', async () => (await brokerPart())?.reason === 'LOGINS_MISSING');
    const d2 = await api.post<MqttLogin>('/devices/d2/credentials', {});
    await loggedIn(d2);
    await until('nobody does', async () => (await brokerPart())?.reason === 'ok');
  });
});
