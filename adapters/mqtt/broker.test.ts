import mqtt from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Message } from '../adapter.ts';
import { isClosed, publish, rawPeer, sleep, spoolFull, startBroker } from './test-support/broker.ts';

async function mqttClient(url: string, options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(url, {
    username: 'd1',
    password: 'secret',
    clientId: 'js',
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => undefined);
  onTestFinished(() => client.endAsync(true));
  return client;
}

describe('acknowledgement', () => {
  test.each([
    [1, 'puback'],
    [2, 'pubrec'],
  ] as const)('QoS %i: %s comes only after the message is durable', async (qos, answer) => {
    let durable: () => void = () => undefined;
    const { port } = await startBroker({}, { emit: () => new Promise<void>((resolve) => (durable = resolve)) });
    const peer = rawPeer(port);
    await peer.login();
    peer.send(publish({ qos, messageId: 77 }));
    await sleep(150);
    expect(peer.packets.map((packet) => packet.cmd)).toEqual(['connack']);
    durable();
    expect(await peer.next(answer)).toMatchObject({ messageId: 77 });
  });

  test('all three QoS levels arrive through mqtt.js, with topic, payload and principal', async () => {
    const { url, gateway, broker } = await startBroker();
    const client = await mqttClient(url);
    for (const qos of [0, 1, 2] as const) await client.publishAsync('cgw/v1/d1/telemetry', `q${qos}`, { qos });
    await expect.poll(() => gateway.messages.length).toBe(3);
    expect(gateway.messages.map((message) => Buffer.from(message.payload).toString())).toEqual(['q0', 'q1', 'q2']);
    expect(gateway.messages[0]).toMatchObject({
      via: 'mqtt',
      principal: { kind: 'device', deviceId: 'd1' },
      topic: 'cgw/v1/d1/telemetry',
      dup: false,
      retained: false,
    });
    expect(broker.stats()).toMatchObject({ qos0: 1, qos1: 1, qos2: 1, sessions: 1 });
  });

  test('QoS 0 is held back too: a flood is not read faster than it becomes durable', async () => {
    let waiting = 0;
    const { port } = await startBroker({}, { emit: () => new Promise<void>(() => (waiting += 1)) });
    const peer = rawPeer(port);
    await peer.login();
    for (let i = 0; i < 5_000; i++) peer.send(publish({ qos: 0, payload: Buffer.alloc(1_000) }));
    await sleep(300);
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(300);
  });

  test('the DUP flag is handed on, a RETAIN flag is not', async () => {
    const { port, gateway } = await startBroker();
    const peer = rawPeer(port);
    await peer.login();
    peer.send(publish({ dup: true, retain: true }));
    await peer.next('puback');
    expect(gateway.messages[0]).toMatchObject({ dup: true, retained: false });
    const other = rawPeer(port);
    await other.login({ clientId: 'c2' });
    other.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'cgw/v1/d1/command', qos: 1 }] });
    await other.next('suback');
    await sleep(50);
    expect(other.packets.some((packet) => packet.cmd === 'publish')).toBe(false);
  });

  test('a full spool withholds PUBACK, keeps the order, and acknowledges once there is room', async () => {
    let full = true;
    const kept: string[] = [];
    const emit = async (message: Message) => {
      if (full) throw spoolFull();
      kept.push(Buffer.from(message.payload).toString());
    };
    const { port, broker } = await startBroker({}, { emit });
    const peer = rawPeer(port);
    await peer.login({ keepalive: 60 });
    for (let i = 1; i <= 5; i++) peer.send(publish({ messageId: i, payload: Buffer.from(`${i}`) }));
    await sleep(300);
    expect(peer.packets).toHaveLength(1);
    full = false;
    for (let i = 1; i <= 5; i++) expect(await peer.next('puback')).toMatchObject({ messageId: i });
    expect(kept).toEqual(['1', '2', '3', '4', '5']);
    expect(broker.stats()).toMatchObject({ held: 5, heldTooLong: 0, qos1: 5 });
  });

  test('what comes while a message is held does not overtake it', async () => {
    let full = true;
    const kept: string[] = [];
    const emit = async (message: Message) => {
      if (full) throw spoolFull();
      kept.push(Buffer.from(message.payload).toString());
    };
    const { port, broker } = await startBroker({}, { emit });
    const peer = rawPeer(port);
    await peer.login();
    peer.send(publish({ messageId: 1, payload: Buffer.from('first') }));
    await expect.poll(() => broker.stats().held, { interval: 1 }).toBe(1);
    full = false;
    peer.send(publish({ messageId: 2, payload: Buffer.from('second') }));
    await expect.poll(() => kept).toEqual(['first', 'second']);
  });

  test.each([
    ['a third of the keepalive', 3, 20_000, 700, 1_300],
    ['the configured time without a keepalive', 0, 500, 250, 900],
  ])('a spool that stays full closes the connection after %s', async (_, keepalive, holdMs, atLeast, atMost) => {
    const { port, broker } = await startBroker({ holdMs }, { emit: () => Promise.reject(spoolFull()) });
    const peer = rawPeer(port);
    await peer.login({ keepalive });
    const start = performance.now();
    peer.send(publish());
    expect(await isClosed(peer, 3_000)).toBe(true);
    const took = performance.now() - start;
    expect(took).toBeGreaterThan(atLeast);
    expect(took).toBeLessThan(atMost + 1_000);
    expect(peer.packets.some((packet) => packet.cmd === 'puback')).toBe(false);
    expect(broker.stats().heldTooLong).toBe(1);
  });

  test('any other failure to keep a message closes the connection without PUBACK', async () => {
    const { port } = await startBroker({}, { emit: () => Promise.reject(new Error('broken')) });
    const peer = rawPeer(port);
    await peer.login();
    peer.send(publish());
    expect(await isClosed(peer)).toBe(true);
    expect(peer.packets).toHaveLength(1);
  });
});

describe('sizes and malformed input', () => {
  test('a message over the soft limit is acknowledged and handed over as refused, without its payload', async () => {
    const { url, gateway, broker } = await startBroker({ maxMessageBytes: 1_000 });
    const client = await mqttClient(url);
    await client.publishAsync('cgw/v1/d1/telemetry', Buffer.alloc(1_000, 1), { qos: 1 });
    await client.publishAsync('cgw/v1/d1/telemetry', Buffer.alloc(300_000, 1), { qos: 1 });
    await client.publishAsync('cgw/v1/d1/telemetry', 'after', { qos: 1 });
    expect(gateway.messages.map(({ refused, payload }) => [refused, payload.length])).toEqual([
      [undefined, 1_000],
      ['PAYLOAD_TOO_LARGE', 0],
      [undefined, 5],
    ]);
    expect(broker.stats().oversized).toBe(1);
  });

  test.each([
    ['16 MiB and one byte', [0x32, 0x81, 0x80, 0x80, 0x08]],
    ['an endless length', [0x32, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a NUL in the topic', [0x30, 0x05, 0x00, 0x03, 0x61, 0x00, 0x62]],
    ['invalid UTF-8 in the topic', [0x30, 0x05, 0x00, 0x03, 0x61, 0xff, 0x62]],
    ['a wildcard in the topic', [0x30, 0x05, 0x00, 0x03, 0x61, 0x2f, 0x2b]],
    ['an empty topic', [0x30, 0x02, 0x00, 0x00]],
    ['QoS 3', [0x36, 0x05, 0x00, 0x01, 0x61, 0x00, 0x01]],
    ['a second CONNECT', [0x10, 0x0c, 0x00, 0x04, 0x4d, 0x51, 0x54, 0x54, 0x04, 0x02, 0x00, 0x00, 0x00, 0x00]],
    ['a packet of the reserved type', [0xf0, 0x00]],
  ])('%s closes the connection and hands nothing over', async (_, bytes) => {
    const { port, gateway } = await startBroker();
    const peer = rawPeer(port);
    await peer.login();
    peer.bytes(Buffer.from(bytes));
    expect(await isClosed(peer)).toBe(true);
    expect(gateway.messages).toEqual([]);
  });

  test('silence, a trickle and anything but CONNECT end by the connect timeout', async () => {
    const { port } = await startBroker({ connectTimeoutMs: 300 });
    const silent = rawPeer(port);
    const trickle = rawPeer(port);
    const timer = setInterval(() => trickle.bytes(Buffer.from([0x10])), 100);
    const stranger = rawPeer(port);
    stranger.send(publish());
    expect(await Promise.all([silent, trickle, stranger].map((peer) => isClosed(peer)))).toEqual([true, true, true]);
    clearInterval(timer);
  });

  test('half a packet is not waited for for ever, even without a keepalive', async () => {
    const { port } = await startBroker({ packetTimeoutMs: 300 });
    const half = rawPeer(port);
    await half.login();
    half.bytes(Buffer.from([0x30, 0x20, 0x00]));
    const idle = rawPeer(port);
    await idle.login({ clientId: 'idle' });
    expect(await isClosed(half)).toBe(true);
    expect(await isClosed(idle, 100)).toBe(false);
  });

  test('a flood of garbage leaves others unaffected', async () => {
    const { port, url, gateway } = await startBroker();
    const client = await mqttClient(url);
    for (let i = 0; i < 50; i++) {
      const peer = rawPeer(port);
      peer.bytes(Buffer.from(Array.from({ length: 64 }, (_, k) => (i * 37 + k * 101) & 0xff)));
    }
    await client.publishAsync('cgw/v1/d1/telemetry', 'fine', { qos: 1 });
    expect(gateway.messages).toHaveLength(1);
  });
});

describe('logins', () => {
  test.each([
    ['a wrong password', { password: Buffer.from('wrong') }, 4],
    ['no password', { password: undefined }, 5],
    ['no user name', { username: undefined, password: undefined }, 5],
    ['a client id that is too long', { clientId: 'x'.repeat(300) }, 2],
    [
      'a will on a foreign topic',
      { will: { topic: 'cgw/v1/d2/state', payload: Buffer.from('x'), qos: 0, retain: false } },
      5,
    ],
    ['a will on $SYS', { will: { topic: '$SYS/x', payload: Buffer.from('x'), qos: 0, retain: false } }, 5],
    ['a will with a wildcard', { will: { topic: 'cgw/v1/d1/#', payload: Buffer.from('x'), qos: 0, retain: false } }, 5],
  ])('%s is refused', async (_, over, code) => {
    const { port, gateway } = await startBroker();
    const peer = rawPeer(port);
    expect(await peer.login(over)).toBe(code);
    expect(await isClosed(peer)).toBe(true);
    await sleep(20);
    expect(gateway.links).toEqual([]);
    expect(gateway.messages).toEqual([]);
  });

  test('no client id but a session to keep is refused', async () => {
    const { port } = await startBroker();
    const peer = rawPeer(port);
    // CONNECT without the clean flag, empty client id, user "d1", password "secret"
    peer.bytes(Buffer.concat([Buffer.from([0x10, 24, 0, 4]), Buffer.from('MQTT'), Buffer.from([4, 0xc0, 0, 0, 0, 0])]));
    peer.bytes(Buffer.concat([Buffer.from([0, 2]), Buffer.from('d1'), Buffer.from([0, 6]), Buffer.from('secret')]));
    expect(await peer.next('connack')).toMatchObject({ returnCode: 2 });
    expect(await isClosed(peer)).toBe(true);
  });

  test.each([
    ['fails', () => Promise.reject(new Error('database away')), 3],
    ['hangs', () => new Promise<never>(() => undefined), 3],
    ['says unavailable', async () => ({ refused: 'UNAVAILABLE', detail: '' }) as const, 3],
    ['says locked', async () => ({ refused: 'LOCKED', detail: '' }) as const, 5],
    ['says zombie', async () => ({ refused: 'ZOMBIE', detail: '' }) as const, 5],
  ])('a login check that %s lets nobody in', async (_, authenticate, code) => {
    const { port } = await startBroker({ authenticateTimeoutMs: 200 }, { authenticate });
    const peer = rawPeer(port);
    expect(await peer.login()).toBe(code);
    expect(await isClosed(peer)).toBe(true);
  });

  test('protocol 5 is refused with "unacceptable protocol version"', async () => {
    const { url, port } = await startBroker();
    await expect(
      mqtt.connectAsync(url, { username: 'd1', password: 'secret', protocolVersion: 5, reconnectPeriod: 0 }),
    ).rejects.toThrow(/protocol version/i);
    const peer = rawPeer(port);
    expect(await peer.login({ protocolVersion: 5 })).toBe(1);
    expect(await isClosed(peer)).toBe(true);
  });

  test('connections are bounded in all, by address, and before login', async () => {
    const { port, broker } = await startBroker({ maxConnectionsPerAddress: 3, maxPendingPerAddress: 2 });
    const pending = [rawPeer(port), rawPeer(port)];
    await sleep(50);
    expect(await isClosed(rawPeer(port))).toBe(true);
    expect(await pending[0]?.login()).toBe(0);
    const third = rawPeer(port);
    expect(await isClosed(third, 100)).toBe(false);
    await pending[1]?.login({ clientId: 'c2' });
    expect(await isClosed(rawPeer(port))).toBe(true);
    expect(broker.stats()).toMatchObject({ connections: 3, connectionsRefused: 2 });
    third.socket.destroy();
    await expect.poll(() => broker.stats().connections).toBe(2);
    expect(await rawPeer(port).login({ clientId: 'c3' })).toBe(0);
  });
});

describe('topic rights', () => {
  test.each(['cgw/v1/d2/telemetry', 'cgw/v1/d1/command', '$SYS/x', '$share/g/cgw/v1/d1/telemetry', 'other'])(
    'publishing to %s closes the connection',
    async (topic) => {
      const { port, gateway, broker } = await startBroker();
      const peer = rawPeer(port);
      await peer.login();
      peer.send(publish({ topic }));
      expect(await isClosed(peer)).toBe(true);
      expect(peer.packets).toHaveLength(1);
      expect(gateway.messages).toEqual([]);
      expect(broker.stats().topicsRefused).toBe(1);
    },
  );

  test('foreign, wildcard, $SYS and $share filters are answered 0x80, one by one', async () => {
    const { port } = await startBroker();
    const peer = rawPeer(port);
    await peer.login();
    const filters = [
      'cgw/v1/d1/command',
      '#',
      '+/+',
      '$SYS/#',
      '$share/g/cgw/v1/d1/command',
      'cgw/v1/d2/command',
      'cgw/v1/d1/error',
    ];
    peer.send({ cmd: 'subscribe', messageId: 5, subscriptions: filters.map((topic) => ({ topic, qos: 1 })) });
    expect(await peer.next('suback')).toMatchObject({ granted: [1, 128, 128, 128, 128, 128, 1] });
  });

  test('even an authorize that says yes to everything opens neither # nor $SYS nor $share', async () => {
    const { port } = await startBroker({}, { authorize: () => true });
    const peer = rawPeer(port);
    await peer.login();
    const filters = ['#', '+/x', '$SYS/#', '$share/g/#'];
    peer.send({ cmd: 'subscribe', messageId: 5, subscriptions: filters.map((topic) => ({ topic, qos: 1 })) });
    expect(await peer.next('suback')).toMatchObject({ granted: [128, 128, 128, 128] });
    peer.send(publish({ topic: '$SYS/x' }));
    expect(await isClosed(peer)).toBe(true);
  });

  test('what one client publishes never reaches another, whatever it has subscribed to', async () => {
    const { port, url } = await startBroker({}, { authorize: () => true });
    const listener = rawPeer(port);
    await listener.login({ username: 'd2' });
    listener.send({ cmd: 'subscribe', messageId: 5, subscriptions: [{ topic: 'cgw/v1/d1/telemetry', qos: 1 }] });
    await listener.next('suback');
    const client = await mqttClient(url);
    await client.publishAsync('cgw/v1/d1/telemetry', 'mine', { qos: 1, retain: true });
    await sleep(100);
    expect(listener.packets.some((packet) => packet.cmd === 'publish')).toBe(false);
  });
});

describe('towards devices', () => {
  test('send reaches the subscribed device with QoS 1 and says when it cannot', async () => {
    const { url, broker } = await startBroker();
    await expect(broker.send('d1', 'cgw/v1/d1/command', Buffer.from('x'))).rejects.toMatchObject({
      code: 'NOT_CONNECTED',
    });
    const client = await mqttClient(url);
    await expect(broker.send('d1', 'cgw/v1/d1/command', Buffer.from('x'))).rejects.toMatchObject({
      code: 'NOT_SUBSCRIBED',
    });
    const received: string[] = [];
    client.on('message', (topic, payload, packet) =>
      received.push(`${topic} ${payload} ${packet.qos} ${packet.retain}`),
    );
    await client.subscribeAsync('cgw/v1/d1/command', { qos: 1 });
    await broker.send('d1', 'cgw/v1/d1/command', Buffer.from('open'));
    await expect.poll(() => received).toEqual(['cgw/v1/d1/command open 1 false']);
    await expect(broker.send('d2', 'cgw/v1/d2/command', Buffer.from('x'))).rejects.toMatchObject({
      code: 'NOT_CONNECTED',
    });
  });

  test("a vendor's connection receives for its devices", async () => {
    const { url, broker } = await startBroker();
    const client = await mqttClient(url, { username: 'vendor:acme' });
    const received: string[] = [];
    client.on('message', (topic) => received.push(topic));
    await client.subscribeAsync('cgw/v1/v-7/command');
    await broker.send('v-7', 'cgw/v1/v-7/command', Buffer.from('x'));
    await expect.poll(() => received).toEqual(['cgw/v1/v-7/command']);
    await broker.disconnect('vendor:acme', 'key revoked');
    await expect.poll(() => client.connected).toBe(false);
  });

  test("a vendor's session ends with its own key and with no other", async () => {
    const { url, broker } = await startBroker(
      {},
      { authenticate: async ({ password }) => ({ kind: 'vendor', vendorId: 'acme', keyId: password }) },
    );
    const one = await mqttClient(url, { username: 'vendor:acme', password: 'k1', clientId: 'one' });
    const two = await mqttClient(url, { username: 'vendor:acme', password: 'k2', clientId: 'two' });
    await broker.disconnect('key:k2', 'key revoked');
    await expect.poll(() => two.connected).toBe(false);
    await one.publishAsync('cgw/v1/v-7/telemetry', '{}', { qos: 1 });
    expect(one.connected).toBe(true);
  });

  test('the right to receive is asked at every delivery', async () => {
    let allowed = true;
    const { url, broker } = await startBroker({}, { authorize: () => allowed });
    const client = await mqttClient(url);
    await client.subscribeAsync('cgw/v1/d1/command');
    allowed = false;
    await expect(broker.send('d1', 'cgw/v1/d1/command', Buffer.from('x'))).rejects.toMatchObject({
      code: 'NOT_SUBSCRIBED',
    });
  });

  test('a subscriber that does not read is closed and stalls nobody', async () => {
    const { port, url, broker, gateway } = await startBroker({ drainTimeoutMs: 300 });
    const frozen = rawPeer(port);
    await frozen.login({ username: 'd2' });
    frozen.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'cgw/v1/d2/command', qos: 1 }] });
    await frozen.next('suback');
    frozen.socket.pause();
    const sending = Array.from({ length: 40 }, () => broker.send('d2', 'cgw/v1/d2/command', Buffer.alloc(1_000_000)));
    const client = await mqttClient(url);
    for (let i = 0; i < 20; i++) await client.publishAsync('cgw/v1/d1/telemetry', `${i}`, { qos: 1 });
    expect(gateway.messages).toHaveLength(20);
    const outcomes = await Promise.allSettled(sending);
    expect(outcomes.some((outcome) => outcome.status === 'rejected')).toBe(true);
    await expect.poll(() => gateway.links.some((link) => link.state === 'down')).toBe(true);
  });
});

describe('stopping', () => {
  test('what was being made durable is still acknowledged; afterwards the context is left alone', async () => {
    const durable = Promise.withResolvers<void>();
    let emitted = 0;
    const { port, broker, gateway } = await startBroker(
      {},
      {
        emit: async () => {
          emitted += 1;
          await durable.promise;
        },
      },
    );
    const peer = rawPeer(port);
    await peer.login();
    peer.send(publish({ messageId: 1 }));
    await expect.poll(() => emitted).toBe(1);
    const stopped = broker.stop();
    peer.send(publish({ messageId: 2 }));
    await sleep(50);
    durable.resolve();
    expect(await peer.next('puback')).toMatchObject({ messageId: 1 });
    await stopped;
    const links = gateway.links.length;
    await sleep(100);
    expect(emitted).toBe(1);
    expect(gateway.links.length).toBe(links);
    expect(gateway.links.at(-1)).toMatchObject({ state: 'down', reason: 'shutdown' });
    expect(await isClosed(rawPeer(port))).toBe(true);
    await expect(broker.start(new AbortController().signal)).rejects.toMatchObject({ code: 'STOPPED', retry: false });
  });
});
