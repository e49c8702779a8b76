import { connect, type Socket } from 'node:net';
import mqtt from 'mqtt-packet';
import { connectPacket } from './connect-packet.ts';

export interface Login {
  readonly id: string;
  readonly password: string;
}

/** A fleet of raw MQTT clients that publish QoS 1 with message ids, reconnect for ever, and remember what was acknowledged. */
export interface Fleet {
  readonly acked: ReadonlySet<string>;
  readonly sent: number;
  readonly connected: number;
  /** Messages sent and not yet acknowledged, without those of silenced devices. */
  readonly unacknowledged: number;
  /** Messages sent again with DUP. */
  readonly redelivered: number;
  /** Longest time to a PINGRESP so far, an unanswered one included; milliseconds. */
  readonly slowestPingMs: number;
  wasSent(msgId: string): boolean;
  /** No new messages; connections and redelivery go on. */
  pause(): void;
  /** Tears a device's connection; it comes back by itself. */
  drop(id: string): void;
  /** Devices listed here stop publishing and stay away. */
  silence(id: string): void;
  stop(): void;
}

export interface FleetOptions {
  /** Asked at every connect, so a restarted gateway may have another port. */
  readonly port: () => number | undefined;
  readonly logins: readonly Login[];
  /** Milliseconds between messages of one device. */
  readonly intervalMs: number;
  /** Unacknowledged messages are sent again with DUP after a reconnect. */
  readonly redeliver?: boolean;
  /** Seconds; every device asks for a PINGRESP twice in this time. Default 30. */
  readonly keepalive?: number;
}

interface Client {
  readonly login: Login;
  socket: Socket | undefined;
  open: boolean;
  n: number;
  /** Connections in a row that got no CONNACK. */
  refusals: number;
  pingedAt: number | undefined;
  readonly pending: Map<number, { msgId: string; payload: string }>;
}

export function startFleet(options: FleetOptions): Fleet {
  const acked = new Set<string>();
  const silent = new Set<string>();
  const clients = options.logins.map(
    (login): Client => ({
      login,
      socket: undefined,
      open: false,
      n: 0,
      refusals: 0,
      pingedAt: undefined,
      pending: new Map(),
    }),
  );
  const byId = new Map(clients.map((client) => [client.login.id, client]));
  const keepalive = options.keepalive ?? 30;
  let sent = 0;
  let redelivered = 0;
  let slowestPing = 0;
  let paused = false;
  let stopped = false;

  const send = (client: Client, id: number, payload: string, dup: boolean) => {
    client.socket?.write(
      mqtt.generate({
        cmd: 'publish',
        topic: `cgw/v1/${client.login.id}/telemetry`,
        payload,
        qos: 1,
        messageId: id,
        dup,
        retain: false,
      }),
    );
  };
  const dial = (client: Client) => {
    const port = options.port();
    if (stopped || silent.has(client.login.id)) return;
    if (port === undefined) {
      setTimeout(() => dial(client), 200);
      return;
    }
    const socket = connect(port, '127.0.0.1');
    client.socket = socket;
    const parser = mqtt.parser();
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack' && packet.returnCode === 0) {
        client.open = true;
        client.refusals = 0;
        for (const [id, { payload }] of client.pending) send(client, id, payload, true);
        redelivered += client.pending.size;
      }
      if (packet.cmd === 'puback') {
        const done = client.pending.get(packet.messageId ?? 0);
        if (done) acked.add(done.msgId);
        client.pending.delete(packet.messageId ?? 0);
      }
      if (packet.cmd === 'pingresp' && client.pingedAt !== undefined) {
        slowestPing = Math.max(slowestPing, performance.now() - client.pingedAt);
        client.pingedAt = undefined;
      }
    });
    socket.setNoDelay(true);
    socket.on('data', (data) => parser.parse(data));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      client.open = false;
      client.pingedAt = undefined;
      if (!options.redeliver) client.pending.clear();
      // Like any good device: thousands that all knock five times a second only keep each other out.
      const pause = Math.min(2_000, 200 * 2 ** client.refusals);
      client.refusals += 1;
      setTimeout(() => dial(client), pause * (0.5 + Math.random()));
    });
    socket.write(connectPacket(client.login, keepalive));
  };
  const publish = (client: Client) => {
    if (paused || !client.open || silent.has(client.login.id) || client.pending.size > 50) return;
    client.n += 1;
    const id = ((client.n - 1) % 60_000) + 1;
    const msgId = `${client.login.id}:${client.n}`;
    const payload = JSON.stringify({ msgId, metrics: { totalPower: client.n } });
    client.pending.set(id, { msgId, payload });
    send(client, id, payload, false);
    sent += 1;
  };

  for (const client of clients) dial(client);
  // One timer for all; each device has its own phase in the interval.
  const started = performance.now();
  const due = clients.map((_, index) => started + (index / clients.length) * options.intervalMs);
  const timer = setInterval(
    () => {
      const now = performance.now();
      clients.forEach((client, index) => {
        while ((due[index] ?? now) <= now) {
          due[index] = (due[index] ?? now) + options.intervalMs;
          publish(client);
        }
      });
    },
    Math.max(5, Math.min(50, options.intervalMs / 4)),
  );

  const pinger = setInterval(() => {
    for (const client of clients) {
      if (!client.open || client.pingedAt !== undefined) continue;
      client.pingedAt = performance.now();
      client.socket?.write(mqtt.generate({ cmd: 'pingreq' }));
    }
  }, keepalive * 500);

  return {
    acked,
    get sent() {
      return sent;
    },
    get connected() {
      return clients.filter((client) => client.open).length;
    },
    get unacknowledged() {
      return clients.reduce((sum, client) => sum + (silent.has(client.login.id) ? 0 : client.pending.size), 0);
    },
    get redelivered() {
      return redelivered;
    },
    get slowestPingMs() {
      const waiting = clients.map(({ pingedAt }) => (pingedAt === undefined ? 0 : performance.now() - pingedAt));
      return Math.max(slowestPing, ...waiting);
    },
    wasSent(msgId) {
      const at = msgId.lastIndexOf(':');
      const n = Number(msgId.slice(at + 1));
      return n >= 1 && n <= (byId.get(msgId.slice(0, at))?.n ?? 0);
    },
    pause() {
      paused = true;
    },
    drop(id) {
      byId.get(id)?.socket?.destroy();
    },
    silence(id) {
      silent.add(id);
      byId.get(id)?.socket?.destroy();
    },
    stop() {
      stopped = true;
      clearInterval(timer);
      clearInterval(pinger);
      for (const client of clients) client.socket?.destroy();
    },
  };
}
