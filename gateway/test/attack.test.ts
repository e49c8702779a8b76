import { connect } from 'node:net';
import mqtt, { type Packet } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from './support/databases.ts';
import { accountingOf, ledgerTotals, storageFaults } from './support/exactly-once.ts';
import { registerFleet } from './support/fleet-devices.ts';
import { type GatewayProcess, startGateway } from './support/gateway-process.ts';
import { createGatewayStore, type GatewayStore } from './support/gateway-store.ts';
import { type Fleet, type Login, startFleet } from './support/load.ts';
import { until } from './support/until.ts';

const KEEPALIVE_S = 5;
const MEBIBYTE = 1024 * 1024;
const engine = ENGINES.includes('postgres') ? 'postgres' : 'pglite';

/** What an attacker's connection saw: every whole packet, and whether the gateway ended it. */
interface Seen {
  readonly packets: readonly Packet[];
  readonly closed: boolean;
}

describe('a gateway under attack', () => {
  let store: GatewayStore;
  let gateway: GatewayProcess;
  let fleet: Fleet;
  let good: Login;
  let enemy: Login;
  let finished = false;

  beforeAll(async () => {
    let logins: readonly Login[] = [];
    store = await createGatewayStore(engine, async (db) => {
      logins = await registerFleet(db, { prefix: 'a', count: 2 });
    });
    [good, enemy] = logins as [Login, Login];
    gateway = await startGateway(store.dataDir, store.env);
    fleet = startFleet({
      port: () => gateway.mqtt,
      logins: [good],
      intervalMs: 20,
      redeliver: true,
      keepalive: KEEPALIVE_S,
    });
    await until('the good device is served', () => fleet.acked.size > 0);
  });

  /** Whatever was tried: the good device was never cut and is served on. */
  afterEach(async () => {
    if (finished) return;
    const before = fleet.acked.size;
    await until('the good device is served', () => fleet.acked.size > before + 20);
    expect(fleet.redelivered).toBe(0);
    expect(fleet.slowestPingMs).toBeLessThan(KEEPALIVE_S * 1_000);
    expect((await gateway.readyz()).status).not.toBe('down');
  });

  afterAll(async () => {
    fleet?.stop();
    await gateway?.kill();
    await store?.remove();
  });

  /** Sends the chunks; resolves when the gateway closes, or when `enough` packets came, or after `waitMs`. */
  function attack(
    chunks: readonly (Uint8Array | string)[],
    options: {
      waitMs?: number;
      enough?: number /** Waits for CONNACK after the first chunk. */;
      polite?: boolean;
    } = {},
  ): Promise<Seen> {
    return new Promise((resolve) => {
      const packets: Packet[] = [];
      const socket = connect(gateway.mqtt, '127.0.0.1');
      const parser = mqtt.parser();
      const finish = (closed: boolean) => {
        clearTimeout(timer);
        socket.destroy();
        resolve({ packets, closed });
      };
      const timer = setTimeout(() => finish(false), options.waitMs ?? 10_000);
      parser.on('packet', (packet) => {
        packets.push(packet);
        if (options.polite && packets.length === 1) for (const chunk of chunks.slice(1)) socket.write(chunk);
        if (packets.length === options.enough) finish(false);
      });
      socket.on('data', (data) => parser.parse(data));
      socket.on('error', () => socket.destroy());
      socket.on('close', () => finish(true));
      for (const chunk of options.polite ? chunks.slice(0, 1) : chunks) socket.write(chunk);
    });
  }

  const login = (more: Partial<mqtt.IConnectPacket> = {}) =>
    mqtt.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 30,
      clientId: enemy.id,
      username: enemy.id,
      password: Buffer.from(enemy.password),
      ...more,
    });
  const publish = (topic: string, payload: string | Buffer, messageId = 1, retain = false) =>
    mqtt.generate({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain });
  const telemetry = (payload: string | Buffer, messageId = 1) =>
    publish(`cgw/v1/${enemy.id}/telemetry`, payload, messageId);

  it.each([
    ['HTTP', () => [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]],
    ['zeros', () => [Buffer.alloc(1_000)]],
    ['a packet before CONNECT', () => [telemetry('{}')]],
    ['64 MiB before CONNECT', () => [Buffer.from([0x30, 0x80, 0x80, 0x80, 0x20]), Buffer.alloc(MEBIBYTE)]],
    ['64 MiB after CONNECT', () => [login(), Buffer.from([0x30, 0x80, 0x80, 0x80, 0x20]), Buffer.alloc(MEBIBYTE)]],
    ['a second CONNECT', () => [login(), login()]],
  ])('closes on %s', async (_, chunks) => {
    expect((await attack(chunks())).closed).toBe(true);
  });

  it.each(['', '$SYS/broker', '$share/g/cgw/v1/a0/telemetry', 'cgw/v1/a0/telemetry', 'cgw/v1/+/telemetry'])(
    'closes on a message to "%s"',
    async (topic) => {
      const first = mqtt.generate({
        cmd: 'publish',
        topic: 'x',
        payload: '{}',
        qos: 1,
        messageId: 1,
        dup: false,
        retain: true,
      });
      const bytes = topic.includes('+') || topic === '' ? rename(first, topic) : publish(topic, '{}', 1, true);
      expect((await attack([login(), bytes])).closed).toBe(true);
    },
  );

  it.each(['cgw/v1/a0/state', '$SYS/broker'])('refuses a login with a will for %s', async (topic) => {
    const will = { topic, payload: Buffer.from('offline'), qos: 1 as const, retain: true };
    const { packets, closed } = await attack([login({ will })]);
    expect(packets).toMatchObject([{ cmd: 'connack', returnCode: 5 }]);
    expect(closed).toBe(true);
  });

  it('refuses what is not its own among ten thousand subscriptions, and keeps the session', async () => {
    const foreign = ['#', '+/+', '$SYS/#', '$share/g/#', 'cgw/v1/a0/command'];
    const flood = Array.from({ length: 5 }, (_, round) =>
      mqtt.generate({
        cmd: 'subscribe',
        messageId: round + 2,
        subscriptions: Array.from({ length: 2_000 }, (_, i) => ({
          topic: `cgw/v1/a1/x/${round}/${i}`,
          qos: 1 as const,
        })),
      }),
    );
    const asked = mqtt.generate({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: foreign.map((topic) => ({ topic, qos: 1 as const })),
    });
    const { packets } = await attack([login(), asked, ...flood], { enough: 7 });
    expect(packets[1]).toMatchObject({ cmd: 'suback', granted: foreign.map(() => 0x80) });
    expect(packets).toHaveLength(7);
  });

  it('acknowledges every poison once and keeps none of it as a reading', async () => {
    const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;
    const poison = [
      nested(100_000, '[', ']'),
      `{"metrics":${nested(30_000, '{"a":', '}')}}`,
      '{"__proto__":{"totalPower":1},"metrics":{"totalPower":1}}',
      '{"metrics":{"__proto__":{"totalPower":2}}}',
      '{"constructor":{"prototype":{"x":1}}}',
      '{"metrics":{"totalPower":1e400}}',
      '{"metrics":{"totalPower":-1e400}}',
      '{"ts":1e400,"metrics":{"totalPower":3}}',
      '{"ts":"0000-00-00T00:00:00Z","metrics":{"totalPower":3}}',
      '{"msgId":"a\\u0000b","metrics":{"totalPower":"\\u0000"}}',
      '{"metrics":{"totalPower":"\\ud800"}}',
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.alloc(0),
      'null',
      '[]',
      '[[]]',
      JSON.stringify(Array.from({ length: 1_001 }, (_, i) => ({ metrics: { totalPower: i } }))),
      Buffer.alloc(MEBIBYTE, 0x61),
    ];
    const before = await ledger();
    const packets = poison.map((payload, index) => telemetry(payload, index + 1));
    const seen = await attack([login(), ...packets], { enough: poison.length + 1, polite: true });
    expect(seen.packets.filter((packet) => packet.cmd === 'puback')).toHaveLength(poison.length);
    if (engine === 'postgres') {
      const after = await until('all of it is in the books', async () => {
        const now = await ledger();
        return now.refused - before.refused >= poison.length && now;
      });
      expect(after.refused - before.refused).toBe(poison.length);
    }
  });

  async function ledger(): Promise<{ refused: number }> {
    if (engine !== 'postgres') return { refused: 0 };
    const { rejected, quarantined } = await store.inspect(ledgerTotals);
    return { refused: rejected + quarantined };
  }

  it('serves on beside half packets, idle connections and wrong passwords by the hundred', async () => {
    const half = telemetry('{"metrics":{"totalPower":1}}').subarray(0, 20);
    const many = (count: number, chunks: (index: number) => Uint8Array[]) =>
      Array.from({ length: count }, (_, index) => attack(chunks(index), { waitMs: 2_000 }));
    await Promise.all([
      ...many(200, (index) => [login({ clientId: `half${index}` }), half]),
      ...many(900, () => []),
      ...many(300, (index) => [login({ clientId: `wrong${index}`, password: Buffer.from(`wrong${index}`) })]),
    ]);
  });

  it('closes a client that asks and never reads', async () => {
    const pings = Buffer.concat(Array.from({ length: 50_000 }, () => Buffer.from([0xc0, 0])));
    const socket = connect(gateway.mqtt, '127.0.0.1');
    socket.pause();
    const closed = Promise.withResolvers<void>();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => closed.resolve());
    socket.write(login());
    const writer = setInterval(() => socket.writableLength < MEBIBYTE && socket.write(pings), 5);
    await closed.promise.finally(() => clearInterval(writer));
  });

  it('counts a flood over the rate as refused and acknowledges all of it', async () => {
    const flood = Array.from({ length: 10_000 }, (_, i) => telemetry(`{"metrics":{"totalPower":${i % 100}}}`, i + 1));
    const { packets } = await attack([login(), Buffer.concat(flood)], {
      enough: 10_001,
      waitMs: 25_000,
      polite: true,
    });
    expect(packets).toHaveLength(10_001);
  });

  it('has stored every message of the good device once, and the books are right', async () => {
    finished = true;
    fleet.pause();
    await until('everything is acknowledged', () => fleet.unacknowledged === 0);
    await until('the spool is drained', async () => accountingOf(await gateway.metrics()).spooled === 0);
    const { taken, ended } = accountingOf(await gateway.metrics());
    expect(ended).toBe(taken);
    if (engine === 'postgres') {
      const faults = await store.inspect((db) => storageFaults(db, fleet));
      expect(faults.filter((fault) => fault.startsWith(`${good.id}:`))).toEqual([]);
      expect(await store.inspect(ledgerTotals)).toMatchObject({ lost: 0 });
    }
    expect(gateway.output.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});

/** A packet with another topic than mqtt-packet would let pass. */
function rename(packet: Buffer, topic: string): Buffer {
  const name = Buffer.from(topic);
  const rest = packet.subarray(2 + 2 + 1);
  return Buffer.concat([Buffer.from([packet[0] ?? 0, 2 + name.length + rest.length, 0, name.length]), name, rest]);
}
