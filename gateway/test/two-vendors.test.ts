import { connect } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { generate, type Packet, parser } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSecrets } from '../src/access/secrets.ts';
import { type Database, sql } from '../src/store/database.ts';
import { ENGINES } from './support/databases.ts';
import { FLEET_KEY } from './support/fleet-devices.ts';
import { type GatewayProcess, startGateway } from './support/gateway-process.ts';
import { createGatewayStore, type GatewayStore } from './support/gateway-store.ts';
import { until } from './support/until.ts';

const EACH = 200;
const KEYS = { acme: 'cgwk_of-acme', globex: 'cgwk_of-globex' };
const numbers = Array.from({ length: EACH }, (_, n) => n);

/** Two vendors with 200 devices each, both with a key for everything. */
async function fillStreet(db: Database): Promise<void> {
  const { hash } = createSecrets(FLEET_KEY);
  const { query, script } = sql(db.autocommit);
  await script(`
    insert into module (id, name_zh, name_en) values ('charging', '充电设施', 'Charging') on conflict do nothing;
    insert into vendor (id, name, topics) values
      ('acme', '甲厂', array['acme/#', 'box-1/#']), ('globex', '乙厂', array['globex/#']);
    insert into device (id, type, name, module, vendor_id, lifecycle)
      select v.prefix || n, 'generic/ebike-charger', v.prefix || n, 'charging', v.id, 'active'
      from (values ('acme', 'a'), ('globex', 'b')) v (id, prefix), generate_series(0, ${EACH - 1}) n;
    update device set type = 'openevse/wifi', external_id = 'box-1' where id = 'b${EACH - 1}';
  `);
  for (const [vendor, key] of Object.entries(KEYS)) {
    await query(
      `insert into api_key (id, vendor_id, name, key_hash, created_at) values ('key-of-' || $1, $1, 'x', decode($2, 'base64'), now())`,
      [vendor, hash(key)],
    );
  }
}

describe('two vendors with 200 devices each', () => {
  let store: GatewayStore;
  let gateway: GatewayProcess;
  const clients: MqttClient[] = [];

  beforeAll(async () => {
    store = await createGatewayStore(ENGINES.at(-1) ?? 'pglite', fillStreet);
    gateway = await startGateway(store.dataDir, store.env);
  }, 120_000);

  afterAll(async () => {
    for (const client of clients) client.end(true);
    await gateway?.stop();
    await store?.remove();
  });

  const login = async (vendor: keyof typeof KEYS, more: IClientOptions = {}) => {
    const client = await mqtt.connectAsync({
      host: '127.0.0.1',
      port: gateway.mqtt,
      username: `vendor:${vendor}`,
      password: KEYS[vendor],
      reconnectPeriod: 0,
      ...more,
    });
    clients.push(client);
    return client;
  };

  const ask = async (vendor: keyof typeof KEYS, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${gateway.base}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${KEYS[vendor]}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.text() };
  };

  /** Sends packets byte by byte after a login and answers what came back until the gateway ended it or was silent. */
  const raw = (connectPacket: Partial<Packet>, ...packets: Packet[]) =>
    new Promise<{ seen: Packet[]; closed: boolean }>((resolve) => {
      const seen: Packet[] = [];
      const reading = parser({ protocolVersion: 4 });
      const socket = connect(gateway.mqtt, '127.0.0.1', () => {
        const hello = {
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clean: true,
          clientId: 'attacker',
          keepalive: 30,
          username: 'vendor:acme',
          password: Buffer.from(KEYS.acme),
          ...connectPacket,
        } as Packet;
        for (const packet of [hello, ...packets, { cmd: 'pingreq' } as Packet]) socket.write(generate(packet));
      });
      const end = (closed: boolean) => {
        socket.destroy();
        resolve({ seen, closed });
      };
      reading.on('packet', (packet) => {
        seen.push(packet);
        if (packet.cmd === 'pingresp') end(false);
      });
      socket.on('data', (data) => reading.parse(data));
      socket.on('error', () => end(true));
      socket.on('close', () => end(true));
    });

  const publish = (topic: string, payload = '{"totalPower":1}', retain = false): Packet =>
    ({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, messageId: 7, dup: false, retain }) as Packet;

  it('each serve their own over one login, and every attempt of one on the other fails and is proven', async () => {
    const theirs = await login('globex', { clientId: 'bridge' });
    const ended: string[] = [];
    theirs.on('close', () => ended.push('closed'));
    await theirs.subscribeAsync('cgw/v1/b0/command');
    const received: string[] = [];
    theirs.on('message', (topic) => received.push(topic));

    // Both deliver for all their devices.
    const mine = await login('acme', { clientId: 'bridge' });
    await Promise.all(
      numbers.flatMap((n) => [
        mine.publishAsync(`cgw/v1/a${n}/telemetry`, JSON.stringify({ totalPower: n }), { qos: 1 }),
        theirs.publishAsync(`cgw/v1/b${n}/telemetry`, JSON.stringify({ totalPower: n }), { qos: 1 }),
      ]),
    );

    // Over MQTT: topics, filters, retained messages, wills, client ids, names and passwords of the other.
    const closes = [
      'cgw/v1/b0/telemetry',
      'cgw/v1/b0/command/ack',
      'cgw/v1/b1/state',
      'globex/x/up',
      'cgw/v1/ghost/telemetry',
    ];
    for (const topic of closes) expect([topic, (await raw({}, publish(topic))).closed]).toEqual([topic, true]);
    expect((await raw({}, publish('cgw/v1/b0/telemetry', 'x', true))).closed).toBe(true);
    const filters = [
      'cgw/v1/b0/command',
      'cgw/v1/b0/error',
      'cgw/v1/+/command',
      'globex/#',
      '#',
      '$SYS/#',
      '$share/g/globex/#',
    ];
    const subscribe = {
      cmd: 'subscribe',
      messageId: 9,
      subscriptions: filters.map((topic) => ({ topic, qos: 1 as const })),
    } as Packet;
    const { seen } = await raw({}, subscribe);
    expect(seen.find(({ cmd }) => cmd === 'suback')).toMatchObject({ granted: filters.map(() => 128) });
    const refusals: [Partial<Packet>, number][] = [
      [
        {
          will: { topic: 'cgw/v1/b0/state', payload: Buffer.from('offline'), qos: 1, retain: true },
        } as Partial<Packet>,
        5,
      ],
      [{ username: 'vendor:globex' } as Partial<Packet>, 4],
      [{ username: 'b0' } as Partial<Packet>, 4],
      [{ username: 'vendor:acme', password: Buffer.from(KEYS.globex) } as Partial<Packet>, 4],
    ];
    for (const [hello, returnCode] of refusals) {
      expect((await raw(hello)).seen[0]).toMatchObject({ cmd: 'connack', returnCode });
    }
    // Within its grants, but of a device that is another's.
    await mine.publishAsync('box-1/amp', '12000', { qos: 1 });

    // Over HTTP: every device of the other, and whatever hangs on one.
    const devices = await Promise.all(numbers.map((n) => ask('acme', 'GET', `/devices/b${n}`)));
    expect(devices.every(({ status }) => status === 404)).toBe(true);
    const unknown = await ask('acme', 'GET', '/devices/nobody');
    expect(withoutId(devices[0]?.body)).toBe(withoutId(unknown.body));
    const attempts: [method: string, path: string, body: unknown, statuses: number[]][] = [
      ['PATCH', '/devices/b0', { name: 'mine' }, [404]],
      ['POST', '/devices/b0/credentials', undefined, [403, 404]],
      ['POST', '/devices/b0/retire', { reason: 'x' }, [403]],
      ['GET', '/devices/b0/latest', undefined, [404]],
      ['GET', '/devices/b0/telemetry', undefined, [404]],
      ['GET', '/devices/b0/events', undefined, [404]],
      ['GET', '/devices/b0/health', undefined, [404]],
      ['GET', '/devices/b0/timeline', undefined, [404]],
      ['POST', '/devices/b0/commands', { name: 'stop' }, [404]],
      ['POST', '/devices', { type: 'generic/ebike-charger', name: 'x', vendorId: 'globex' }, [400]],
      ['GET', '/vendors/globex', undefined, [404]],
      ['PATCH', '/vendors/globex', { name: 'x' }, [403]],
      ['PATCH', '/vendors/acme', { topics: ['globex/#'] }, [403]],
      ['DELETE', '/vendors/globex', undefined, [403]],
      ['POST', '/vendors/globex/suspend', { reason: 'x' }, [403]],
      ['POST', '/vendors/globex/invitations', {}, [403]],
      ['GET', '/vendors/globex/agreement-file?purpose=look', undefined, [403]],
      ['GET', '/vendors/globex/api-keys', undefined, [403]],
      ['POST', '/vendors/globex/api-keys', { name: 'x' }, [403]],
      ['POST', '/vendors/globex/api-keys/key-of-globex/rotate', {}, [403]],
      ['DELETE', '/vendors/globex/api-keys/key-of-globex', undefined, [403]],
      // Not even its own, by a key: a stolen one must not make itself another.
      ['POST', '/vendors/acme/api-keys', { name: 'x' }, [403]],
      ['PATCH', '/vendors/me', { contact: { name: 'x' } }, [403]],
    ];
    const answers = await Promise.all(attempts.map(([method, path, body]) => ask('acme', method, path, body)));
    for (const [index, [method, path, , statuses]] of attempts.entries()) {
      const { status, body } = answers[index] ?? { status: 0, body: '' };
      expect([method, path, statuses.includes(status), status]).toEqual([method, path, true, status]);
      expect(body).not.toContain('乙厂');
    }
    const list = JSON.parse((await ask('acme', 'GET', '/devices?limit=500')).body) as { items: { id: string }[] };
    expect(list.items.filter(({ id }) => !id.startsWith('a'))).toEqual([]);
    expect(list.items.length).toBe(EACH);

    // Nothing of it touched the other: its session lives, its data are its own.
    expect([ended, received]).toEqual([[], []]);
    await theirs.publishAsync('cgw/v1/b0/telemetry', '{"totalPower":7}', { qos: 1 });
    await until('the data of the other are stored', async () => {
      const { body } = await ask('globex', 'GET', '/devices/b0/latest');
      return (JSON.parse(body) as { metrics: { totalPower?: { value: number } } }).metrics.totalPower?.value === 7;
    });
    const me = JSON.parse((await ask('globex', 'GET', '/vendors/me')).body) as Record<string, unknown>;
    expect(me).toMatchObject({
      id: 'globex',
      link: { state: 'up', sessions: 1 },
      usage: { messages: EACH + 1, refused: 0, devices: EACH },
    });

    // And all of it is proven, under the name of who tried.
    const admin = await gateway.api();
    const proven = await until('every attempt is in the audit', async () => {
      const { items } = await admin.get<{
        items: { resource: string; resourceId: string; reason: string; actor: string }[];
      }>('/audit?action=accessDenied&limit=500');
      const own = items.filter(({ actor }) => actor === 'vendor:acme');
      return own.some(({ reason }) => reason === 'foreignDevice') && own.length >= EACH && own;
    });
    const told = new Set(proven.map(({ resource, resourceId }) => `${resource} ${resourceId}`));
    const expected = [
      ...closes.map((topic) => `mqtt ${topic}`),
      ...filters.map((filter) => `mqtt ${filter}`),
      `mqtt b${EACH - 1}`,
      'mqtt cgw/v1/b0/state',
      ...numbers.map((n) => `devices b${n}`),
      'vendors globex',
      'vendors acme',
    ];
    expect(expected.filter((entry) => !told.has(entry))).toEqual([]);
  }, 90_000);

  it('lose the session of a key that is revoked, and that one only', async () => {
    const admin = await gateway.api();
    const made = await admin.post<{ id: string; key: string }>('/vendors/acme/api-keys', {
      name: 'mqtt only',
      scopes: ['mqtt'],
    });
    const first = await login('acme', { clientId: 'one' });
    const second = await login('acme', { clientId: 'two', password: made.key });
    const gone = new Promise<void>((resolve) => second.once('close', () => resolve()));
    let cut = false;
    first.once('close', () => {
      cut = true;
    });
    // A key for MQTT opens nothing over HTTP.
    const asked = await fetch(`${gateway.base}/api/v1/vendors/me`, {
      headers: { authorization: `Bearer ${made.key}` },
    });
    expect(asked.status).toBe(401);
    await admin.delete(`/vendors/acme/api-keys/${made.id}`);
    await gone;
    await first.publishAsync('cgw/v1/a0/telemetry', '{"totalPower":1}', { qos: 1 });
    expect(cut).toBe(false);
    await admin.post('/vendors/acme/suspend', { reason: '核查' });
    await until('the vendor is cut', () => cut);
    expect((await ask('acme', 'GET', '/vendors/me')).body).toContain('VENDOR_ACCESS_ENDED');
    await expect(login('acme')).rejects.toMatchObject({ code: 5 });
    // Its devices stay as they were.
    expect(await admin.get('/devices/a0')).toMatchObject({ lifecycle: 'active' });
  }, 60_000);
});

/** A problem document without the request's own id. */
function withoutId(body: string | undefined): string {
  return (body ?? '').replace(/"requestId":"[^"]*"/, '');
}
