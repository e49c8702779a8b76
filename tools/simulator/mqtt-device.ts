import mqtt, { type MqttClient } from 'mqtt';
import type { Profile } from './profiles/profile.ts';
import type { Random } from './random.ts';

export interface SimulatedDevice {
  readonly id: string;
  readonly profile: Profile;
  readonly sent: { messages: number; refusals: number };
  start(): Promise<void>;
  /** Power off: the connection breaks without a goodbye, so the broker publishes the will. */
  powerOff(): void;
  /** Comes back after `powerOff` or `silence`. */
  powerOn(): Promise<void>;
  /** Stays connected and says nothing more. */
  silence(): void;
  /** Metrics that replace the usual ones from now on; undefined ends it. */
  override(metrics: Record<string, unknown> | undefined): void;
  /** Sends one payload as it is, right or wrong. */
  send(payload: unknown, topic?: string): Promise<void>;
  /** Repeats the last message, as a device does whose PUBACK was lost. */
  duplicate(): Promise<void>;
  /** Sends `count` measurements of the past (补报). */
  backlog(count: number): Promise<void>;
  stop(): Promise<void>;
}

export interface DeviceOptions {
  readonly mqttUrl: string;
  readonly id: string;
  readonly password: string;
  readonly profile: Profile;
  readonly random: Random;
  /** Milliseconds between messages. */
  readonly intervalMs: number;
}

const HOUR = 3_600_000;
const localHour = (time: number) => ((time + 8 * HOUR) % (24 * HOUR)) / HOUR;

/** A real MQTT client that behaves like one device of the street. */
export function createDevice(options: DeviceOptions): SimulatedDevice {
  const { id, profile, random } = options;
  const base = `cgw/v1/${id}`;
  const measure = profile.create(random);
  const sent = { messages: 0, refusals: 0 };
  let client: MqttClient | undefined;
  let timer: NodeJS.Timeout | undefined;
  let silent = false;
  let over = false;
  let override: Record<string, unknown> | undefined;
  let last = '';
  let count = 0;

  const publish = async (topic: string, payload: string) => {
    if (!client?.connected) return;
    await client.publishAsync(topic, payload, { qos: 1 });
    sent.messages += 1;
  };
  const telemetry = (time: number) => {
    count += 1;
    const metrics = { ...measure(localHour(time)), ...override };
    return JSON.stringify({ ts: time, msgId: `${id}-${time}-${count}`, metrics });
  };
  const report = async () => {
    if (silent) return;
    last = telemetry(Date.now());
    await publish(`${base}/telemetry`, last);
  };
  const tick = () => {
    // A report or a login may end after the stop.
    if (over) return;
    timer = setTimeout(async () => {
      await report().catch(() => {
        sent.refusals += 1;
      });
      tick();
    }, options.intervalMs * random.between(0.9, 1.1));
  };
  const connect = async () => {
    client = mqtt.connect(options.mqttUrl, {
      username: id,
      password: options.password,
      clientId: id,
      keepalive: 20,
      reconnectPeriod: 2_000,
      will: { topic: `${base}/state`, payload: Buffer.from('offline'), qos: 1, retain: false },
    });
    client.on('message', () => {
      sent.refusals += 1;
    });
    client.on('error', () => {
      sent.refusals += 1;
    });
    client.on('connect', () => {
      client?.subscribe([`${base}/error`, `${base}/command`], { qos: 1 });
      client?.publish(`${base}/state`, 'online', { qos: 1 });
      void report();
    });
    await new Promise<void>((resolve) => client?.once('connect', () => resolve()));
  };
  const powerOff = () => {
    clearTimeout(timer);
    if (client) client.options.reconnectPeriod = 0;
    client?.stream.destroy();
    client?.end(true);
    client = undefined;
  };
  const powerOn = async () => {
    if (over) return;
    silent = false;
    clearTimeout(timer);
    if (!client) await connect();
    tick();
  };

  return {
    id,
    profile,
    sent,
    start: powerOn,
    powerOff,
    powerOn,
    silence() {
      silent = true;
    },
    override(metrics) {
      override = metrics;
    },
    send: (payload, topic = 'telemetry') =>
      publish(`${base}/${topic}`, typeof payload === 'string' ? payload : JSON.stringify(payload)),
    duplicate: () => publish(`${base}/telemetry`, last),
    async backlog(messages) {
      for (let i = messages; i > 0; i--) await publish(`${base}/telemetry`, telemetry(Date.now() - i * 60_000 - HOUR));
    },
    async stop() {
      over = true;
      clearTimeout(timer);
      // Without a connection there is nobody to say goodbye to, and what is in flight would be waited for.
      await client?.endAsync(!client.connected);
      client = undefined;
    },
  };
}
