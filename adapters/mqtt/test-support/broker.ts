import { connect, type Socket } from 'node:net';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { onTestFinished } from 'vitest';
import type { AdapterContext, Credentials, LinkEvent, Logger, Message, Principal, Refusal } from '../../adapter.ts';
import { parseConfig } from '../../config.ts';
import { mqttAdapter } from '../adapter.ts';
import type { Broker } from '../broker.ts';

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** What the gateway would be to the adapter: everything it was told, and knobs for what it answers. */
export interface Gateway extends AdapterContext {
  readonly messages: Message[];
  readonly links: LinkEvent[];
  readonly logins: Credentials[];
  emit(message: Message): Promise<void>;
  authenticate(credentials: Credentials): Promise<Principal | Refusal>;
}

export function createGateway(over: Partial<AdapterContext> = {}): Gateway {
  const messages: Message[] = [];
  const links: LinkEvent[] = [];
  const logins: Credentials[] = [];
  const gateway: Gateway = {
    messages,
    links,
    logins,
    log: silent,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    async authenticate(credentials) {
      logins.push(credentials);
      if (credentials.password !== 'secret') return { refused: 'BAD_CREDENTIALS', detail: 'no' };
      const [kind, id] = credentials.username.split(':');
      return kind === 'vendor' && id ? { kind, vendorId: id } : { kind: 'device', deviceId: credentials.username };
    },
    authorize(principal, action, topic) {
      if (principal.kind === 'vendor')
        return topic.startsWith(`${principal.vendorId}/`) || topic.startsWith('cgw/v1/v-');
      const own = principal.kind === 'device' ? `cgw/v1/${principal.deviceId}/` : '';
      if (own === '' || !topic.startsWith(own)) return false;
      const rest = topic.slice(own.length);
      return (action === 'publish' ? ['telemetry', 'event', 'state', 'command/ack'] : ['command', 'error']).includes(
        rest,
      );
    },
    link: (event) => {
      links.push(event);
    },
    async emit(message) {
      messages.push({ ...message, payload: Buffer.from(message.payload) });
    },
    ...over,
  };
  return gateway;
}

export interface Running {
  readonly gateway: Gateway;
  readonly broker: Broker;
  readonly port: number;
  readonly url: string;
}

/** A broker on a free loopback port, stopped when the test ends. */
export async function startBroker(config: object = {}, over: Partial<AdapterContext> = {}): Promise<Running> {
  const gateway = createGateway(over);
  const broker = mqttAdapter.create(parseConfig(mqttAdapter, { host: '127.0.0.1', port: 0, ...config }), gateway);
  onTestFinished(() => broker.stop());
  await broker.start(new AbortController().signal);
  const { port } = broker.address();
  return { gateway, broker, port, url: `mqtt://127.0.0.1:${port}` };
}

/** A peer that says exactly what it is told to, packet by packet or byte by byte. */
export interface RawPeer {
  readonly socket: Socket;
  readonly packets: Packet[];
  readonly closed: Promise<void>;
  send(packet: Packet): void;
  bytes(bytes: Uint8Array): void;
  /** The next packet of this kind that was not taken yet. */
  next(cmd: Packet['cmd'], timeoutMs?: number): Promise<Packet>;
  /** CONNECT and its CONNACK return code. */
  login(over?: object): Promise<number | undefined>;
}

export function rawPeer(port: number): RawPeer {
  const socket = connect(port, '127.0.0.1');
  const parser = mqttPacket.parser();
  const packets: Packet[] = [];
  const taken = new Set<Packet>();
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  parser.on('packet', (packet) => packets.push(packet));
  socket.on('data', (chunk: Buffer) => parser.parse(chunk));
  socket.on('error', () => socket.destroy());
  onTestFinished(() => {
    socket.destroy();
  });
  const peer: RawPeer = {
    socket,
    packets,
    closed,
    send: (packet) => socket.write(mqttPacket.generate(packet)),
    bytes: (bytes) => socket.write(bytes),
    async next(cmd, timeoutMs = 20_000) {
      const until = performance.now() + timeoutMs;
      for (;;) {
        const packet = packets.find((one) => one.cmd === cmd && !taken.has(one));
        if (packet) {
          taken.add(packet);
          return packet;
        }
        if (performance.now() > until) throw new Error(`no ${cmd} within ${timeoutMs} ms`);
        await sleep(5);
      }
    },
    async login(over = {}) {
      peer.send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: 'c1',
        keepalive: 0,
        username: 'd1',
        password: Buffer.from('secret'),
        ...over,
      });
      const packet = await peer.next('connack');
      return packet.cmd === 'connack' ? packet.returnCode : undefined;
    },
  };
  return peer;
}

export function publish(over: object = {}): Packet {
  return {
    cmd: 'publish',
    topic: 'cgw/v1/d1/telemetry',
    payload: Buffer.from('{"metrics":{"a":1}}'),
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
    ...over,
  };
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function spoolFull(): Error {
  return Object.assign(new Error('full'), { code: 'SPOOL_FULL' });
}

/** Whether the peer's connection is closed within the time. */
export async function isClosed(peer: { closed: Promise<void> }, withinMs = 1_500): Promise<boolean> {
  return await Promise.race([peer.closed.then(() => true), sleep(withinMs).then(() => false)]);
}
