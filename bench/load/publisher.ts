// A process of its own: many raw MQTT 3.1.1 connections publishing QoS 1, each with a window of unacknowledged packets.
// Reads one JSON line of options on stdin, prints `{"ready":true}` when all are connected, starts on the next line,
// and prints one JSON line of results.
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import mqtt from 'mqtt-packet';
import { connectPacket } from '../../gateway/test/support/connect-packet.ts';

export interface PublisherOptions {
  readonly port: number;
  readonly logins: readonly { readonly id: string; readonly password: string }[];
  readonly messages: number;
  /** Unacknowledged packets a connection may have. */
  readonly window: number;
  /** Messages a second over all connections; absent = as fast as acknowledged. */
  readonly rate?: number;
  /** Adds a message id to every payload. */
  readonly msgIds?: boolean;
  /** Which run on the same database it is: each has times of its own, 30 s of them a device. Default 0. */
  readonly start?: number;
}

export interface PublisherResult {
  readonly acked: number;
  readonly tookMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly closed: number;
}

interface Line {
  readonly id: string;
  readonly socket: Socket;
  readonly sentAt: Map<number, number>;
  packetId: number;
  time: number;
  n: number;
}

/** 200 bytes with five metrics, the size of the field's usual message. */
export function payload(time: number, n: number, msgId?: string): string {
  const metrics = `"totalPower":${500 + (n % 997)},"gridVoltage":${220 + (n % 10) / 10},"energyTotal":${1000 + n / 100},"cabinetTemp":${25 + (n % 50) / 10},"csq":${10 + (n % 20)}`;
  const head = msgId === undefined ? `{"ts":${time},` : `{"ts":${time},"msgId":"${msgId}",`;
  const body = `${head}"metrics":{${metrics}}}`;
  return body.length >= 200 ? body : `${body.slice(0, -1)}${' '.repeat(200 - body.length)}}`;
}

function open(
  options: PublisherOptions,
  login: PublisherOptions['logins'][number],
  onAck: (line: Line, id: number) => void,
): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = connect(options.port, '127.0.0.1');
    const line: Line = {
      id: login.id,
      socket,
      sentAt: new Map(),
      packetId: 0,
      time: Date.now() - 3_600_000 + (options.start ?? 0) * 30_000,
      n: 0,
    };
    const parser = mqtt.parser();
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack')
        packet.returnCode === 0 ? resolve(line) : reject(new Error(`CONNACK ${packet.returnCode}`));
      if (packet.cmd === 'puback') onAck(line, packet.messageId ?? 0);
    });
    socket.on('data', (data) => parser.parse(data)).on('error', reject);
    socket.setNoDelay(true);
    socket.write(connectPacket(login, 60));
  });
}

function publish(line: Line, { msgIds, start = 0 }: PublisherOptions): void {
  line.packetId = (line.packetId % 65_000) + 1;
  line.time += 1;
  line.n += 1;
  const text = payload(line.time, line.n, msgIds ? `${line.id}-${start}-${line.n}` : undefined);
  line.sentAt.set(line.packetId, performance.now());
  line.socket.write(
    mqtt.generate({
      cmd: 'publish',
      topic: `cgw/v1/${line.id}/telemetry`,
      payload: text,
      qos: 1,
      messageId: line.packetId,
      dup: false,
      retain: false,
    }),
  );
}

async function run(options: PublisherOptions, go: Promise<unknown>): Promise<PublisherResult> {
  const latencies: number[] = [];
  let sent = 0;
  let closed = 0;
  const finished = Promise.withResolvers<void>();
  const more = (line: Line) => {
    if (options.rate !== undefined || sent >= options.messages) return;
    sent += 1;
    publish(line, options);
  };
  const onAck = (line: Line, id: number) => {
    const at = line.sentAt.get(id);
    if (at === undefined) return;
    line.sentAt.delete(id);
    latencies.push(performance.now() - at);
    if (latencies.length >= options.messages) finished.resolve();
    more(line);
  };
  const lines = await Promise.all(options.logins.map((login) => open(options, login, onAck)));
  for (const line of lines)
    line.socket.on('close', () => {
      closed += 1;
    });
  console.log(JSON.stringify({ ready: true }));
  await go;
  const started = performance.now();
  if (options.rate === undefined) for (const line of lines) for (let i = 0; i < options.window; i++) more(line);
  else
    paced(lines, options, () => {
      sent += 1;
      return sent <= options.messages;
    });
  await finished.promise;
  const tookMs = performance.now() - started;
  for (const line of lines) line.socket.destroy();
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.floor((latencies.length - 1) * q)] ?? Number.NaN;
  return { acked: latencies.length, tookMs, p50Ms: quantile(0.5), p99Ms: quantile(0.99), closed };
}

function paced(lines: readonly Line[], options: PublisherOptions, take: () => boolean): void {
  const started = performance.now();
  let issued = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1_000) * (options.rate ?? 0);
    for (; issued < due; issued++) {
      const line = lines[issued % lines.length];
      if (!line || !take()) {
        clearInterval(timer);
        return;
      }
      publish(line, options);
    }
  }, 1);
}

if (import.meta.main) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  const result = await run(JSON.parse(String(first.value)) as PublisherOptions, lines.next());
  console.log(JSON.stringify(result));
  process.exit(0);
}
