import { randomBytes } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import { type Adapter, type AdapterContext, AdapterError, type Principal } from '../adapter.ts';
import type { Broker } from './broker.ts';
import { type ControlChannel, createControl } from './dynsec.ts';
import { type ExternalConfig, externalConfig } from './external-config.ts';
import { withoutOverlap } from './external-filters.ts';
import { createExternalInbound } from './external-inbound.ts';
import { type ExternalLink, loginOf, openLink } from './external-link.ts';
import { forgetsShares } from './external-version.ts';
import { createStats } from './stats.ts';

/** What the gateway knows and the broker does not. Asked for every message, so from memory. */
export interface Site {
  /** Whom a topic speaks for: the broker let only that one publish to it. null = it does not concern us. */
  principalOf(topic: string): Principal | null;
  /** Filters beside `cgw/v1/…` that devices and vendors publish to. */
  filters(): Iterable<string>;
  /** Ends the session of a login at the broker, where the gateway has the means. */
  cut?(target: string, reason: string): Promise<void>;
}

/** How the connection to the broker stands. */
export interface BrokerState {
  readonly up: boolean;
  /** `ok` or a stable code. */
  readonly reason: string;
}

export interface ExternalBroker extends Broker {
  follow(): Promise<void>;
  state(): BrokerState;
  /** Hears of each change of {@link state}. */
  onState(listener: (state: BrokerState) => void): void;
  /** Listens to what {@link Site.filters} says now. */
  refresh(): Promise<void>;
  /**
   * Leaves for good: a broker goes on giving a process that is away its share. Nothing more is taken, what came is
   * acknowledged; {@link Broker.stop} then makes the broker forget us.
   */
  retire(): Promise<void>;
  /** One round trip of our own message through the broker, in ms. Rejects when there is none. */
  sing(withinMs: number): Promise<number>;
  /** Several processes receive, and this broker loses what comes between its restart and our return. */
  forgetsShares(): boolean;
  readonly control: ControlChannel;
}

/** Devices and vendors at a broker that runs elsewhere. */
export const mqttExternalAdapter = {
  name: 'mqtt',
  config: externalConfig,
  create: (config, ctx) => createExternalBroker(config, ctx),
} satisfies Adapter<typeof externalConfig>;

const UPWARD = ['telemetry', 'event', 'command/ack'] as const;
const CONTRACT_TOPIC = /^cgw\/v1\/([^/]+)\/(?:telemetry|event|state|command\/ack)$/;
const DROPPED = '$SYS/broker/publish/messages/dropped';
const CLIENTS = '$SYS/broker/clients/connected';
const VERSION = '$SYS/broker/version';
const NO_SUBSCRIBER = 16;

/** Contract topics only; the gateway gives its own, which knows vendors and their topics too. */
const PLAIN_SITE: Site = {
  principalOf(topic) {
    const deviceId = CONTRACT_TOPIC.exec(topic)?.[1];
    return deviceId === undefined ? null : { kind: 'device', deviceId };
  },
  filters: () => [],
};

/**
 * The devices' PUBACK is the broker's; ours to the broker comes when the message is durable, and sessions outlive connections,
 * so what the broker took is not lost between it and us.
 */
export function createExternalBroker(
  config: ExternalConfig,
  ctx: AdapterContext,
  site: Site = PLAIN_SITE,
): ExternalBroker {
  const stats = createStats();
  const inbound = createExternalInbound({ ctx, stats, principalOf: site.principalOf });
  const listeners: ((state: BrokerState) => void)[] = [];
  const receivers: ExternalLink[] = [];
  const control = createControl();
  const canary = `cgw/canary/${config.clientId}`;
  const songs = new Map<string, () => void>();
  /** Packet ids of messages of ours that nobody listens to. */
  const unheard = new Set<number>();
  let speaker: ExternalLink | undefined;
  let leader: ExternalLink | undefined;
  let leads = false;
  let following: Promise<void> | undefined;
  let heard: readonly string[] = [];
  let told: BrokerState = { up: false, reason: 'starting' };
  let clients: number | undefined;
  let version = '';
  let droppedBefore: number | undefined;
  let phase: 'new' | 'running' | 'stopped' = 'new';
  let retired = false;
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;

  const links = () => [...receivers, ...(speaker ? [speaker] : []), ...(leader ? [leader] : [])];

  const state = (): BrokerState => {
    if (phase !== 'running') return { up: false, reason: phase === 'new' ? 'starting' : 'stopped' };
    const bad = links().find(({ reason }) => reason !== 'ok');
    return bad ? { up: false, reason: bad.reason } : { up: true, reason: 'ok' };
  };

  const onChange = () => {
    stats.connections = links().filter(({ client }) => client.connected).length;
    stats.sessions = clients ?? stats.connections;
    const now = state();
    if (now.up === told.up && now.reason === told.reason) return;
    told = now;
    for (const listener of listeners) listener(now);
  };

  const inGroup = (filter: string) => `$share/${config.group}/${filter}`;

  const share = (filters: readonly string[]) =>
    new Map(filters.map((filter) => [config.shared ? inGroup(filter) : filter, { noLocal: false }]));

  const filtersNow = () => [...UPWARD.map((rest) => `cgw/v1/+/${rest}`), ...withoutOverlap(site.filters())];

  const open = (name: string, keeps: boolean, more: { never?: () => string[]; anew?: boolean } = {}) =>
    openLink({ config, ctx, name, keeps, onChange, ...more });

  const openLeader = (anew: boolean) => {
    leader = open('lead', true, { anew });
    inbound.hear(leader.client);
    void leader.listen(new Map([['cgw/v1/+/state', { noLocal: true }]]));
  };

  const hearControl = (client: MqttClient) => {
    client.on('message', (topic, payload, { retain }) => {
      if (topic === canary) songs.get(payload.toString())?.();
      else if (topic === CLIENTS) clients = Number(payload.toString());
      else if (topic === VERSION) version = payload.toString();
      else if (topic === DROPPED) noteDropped(Number(payload.toString()), retain);
      else control.answer(topic, payload);
    });
    // mqtt.js takes this answer for a plain yes.
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'puback' && packet.reasonCode === NO_SUBSCRIBER && packet.messageId !== undefined) {
        unheard.add(packet.messageId);
      }
    });
  };

  /** Its count begins anew with each start of the broker. */
  const noteDropped = (count: number, before: boolean) => {
    if (!Number.isFinite(count)) return;
    const known = droppedBefore ?? (before ? count : 0);
    const grown = count >= known ? count - known : count;
    droppedBefore = count;
    if (grown === 0) return;
    stats.dropped += grown;
    ctx.log.error({ dropped: grown }, 'the mqtt broker dropped messages it had acknowledged: its queues are too short');
  };

  /** Resolves with whether anybody listens. */
  const publish = (topic: string, payload: Uint8Array, withinMs: number, expiryS?: number) =>
    new Promise<boolean>((resolve, reject) => {
      const client = speaker?.client;
      if (!client?.connected) {
        reject(new AdapterError('NOT_CONNECTED', 'the mqtt broker is not reached', { retry: true }));
        return;
      }
      const timer = setTimeout(
        () => reject(new AdapterError('BROKER_TIMEOUT', 'the mqtt broker took nothing in time', { retry: true })),
        withinMs,
      );
      const properties = expiryS === undefined ? {} : { messageExpiryInterval: expiryS };
      client.publish(topic, Buffer.from(payload), { qos: 1, properties }, (error, packet) => {
        clearTimeout(timer);
        if (error)
          reject(new AdapterError('BROKER_REFUSED', `${topic}: ${error.message}`, { retry: true, cause: error }));
        else resolve(!(packet?.messageId !== undefined && unheard.delete(packet.messageId)));
      });
    });

  const start = async (signal: AbortSignal) => {
    signal.throwIfAborted();
    phase = 'running';
    speaker = open('control', false);
    hearControl(speaker.client);
    control.connect((topic, payload) => publish(topic, payload, config.sendTimeoutMs));
    void speaker.listen(
      new Map([[config.shared ? `$share/${config.clientId}/${canary}` : canary, { noLocal: false }]]),
    );
    // Rights to these are of use and not of need: without them the broker is served all the same.
    speaker.client.on('connect', () => {
      for (const topic of [control.responses, DROPPED, CLIENTS, VERSION]) {
        speaker?.client.subscribe(topic, { qos: 1 }, (error) => {
          if (error) ctx.log.debug({ topic, error }, 'the broker tells us nothing of this');
          else if (topic === control.responses) control.ready();
        });
      }
    });
    speaker.client.on('close', control.lost);
    heard = filtersNow();
    for (let number = 1; number <= config.connections; number += 1) {
      const never = () => heard.map((filter) => (config.shared ? filter : inGroup(filter)));
      const link = open(`in-${number}`, true, { never });
      inbound.hear(link.client);
      receivers.push(link);
      void link.listen(share(heard));
    }
    if (leads) openLeader(false);
    await Promise.all(links().map((link) => link.settled(config.connectTimeoutMs)));
    signal.throwIfAborted();
    const now = state();
    if (!now.up) ctx.log.error({ reason: now.reason }, 'the mqtt broker is not there yet; we go on trying');
  };

  const stop = async () => {
    await starting?.catch(() => undefined);
    // What is on its way is acknowledged before the connections go.
    await Promise.race([inbound.stop(), new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    phase = 'stopped';
    control.lost();
    await Promise.all(links().map((link) => link.end(retired)));
    onChange();
  };

  return {
    control,
    start(signal) {
      if (stopping) {
        return Promise.reject(
          new AdapterError('STOPPED', 'a stopped connection is not started again', { retry: false }),
        );
      }
      starting ??= start(signal);
      return starting;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
    async send(deviceId, topic, payload) {
      if (!ctx.authorize({ kind: 'device', deviceId }, 'receive', topic)) {
        throw new AdapterError('NOT_CONNECTED', `${deviceId} may not connect`, { retry: false });
      }
      if (!(await publish(topic, payload, config.sendTimeoutMs, config.commandExpiryS))) {
        throw new AdapterError('NOT_SUBSCRIBED', `${deviceId} has not subscribed to ${topic}`, { retry: true });
      }
      stats.sent += 1;
    },
    async disconnect(target, reason) {
      await site.cut?.(target, reason);
    },
    address() {
      const { protocol, port } = loginOf(config);
      const secure = protocol === 'mqtts' || protocol === 'wss';
      return { port, tlsPort: secure ? port : undefined };
    },
    stats() {
      onChange();
      return stats;
    },
    lead(on, after = 'ourselves') {
      if (on === leads) return;
      leads = on;
      if (phase !== 'running') return;
      if (on && following) {
        // Both have one client id.
        void following.then(() => {
          if (leads && !leader && phase === 'running') openLeader(true);
        });
      } else if (on) openLeader(after === 'another');
      else {
        // Its session stays: only the next leader knows whether it is ourselves.
        void leader?.end();
        leader = undefined;
      }
    },
    follow() {
      if (following) return following;
      if (leads || phase !== 'running') return Promise.resolve();
      const link = open('lead', true, { anew: true });
      following = link
        .settled(config.connectTimeoutMs)
        .then(() => link.end(true))
        .finally(() => {
          following = undefined;
        });
      return following;
    },
    state,
    forgetsShares: () => config.shared && config.connections > 0 && forgetsShares(version),
    onState: (listener) => void listeners.push(listener),
    async refresh() {
      const now = filtersNow();
      if (retired || phase !== 'running' || now.join('\n') === heard.join('\n')) return;
      heard = now;
      await Promise.all(receivers.map((link) => link.listen(share(now))));
      ctx.log.info({ filters: now.length }, 'listening to other topics at the mqtt broker');
    },
    async retire() {
      await Promise.all(receivers.map((link) => link.listen(new Map())));
      retired = true;
    },
    async sing(withinMs) {
      const song = randomBytes(8).toString('hex');
      const began = ctx.clock.monotonic();
      let timer: NodeJS.Timeout | undefined;
      const answer = new Promise<void>((resolve, reject) => {
        songs.set(song, resolve);
        timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs);
      });
      // Awaited below; a publish that fails first must not leave it unheard.
      answer.catch(() => undefined);
      try {
        await publish(canary, Buffer.from(song), withinMs, Math.ceil(withinMs / 1_000));
        await answer;
        return ctx.clock.monotonic() - began;
      } finally {
        clearTimeout(timer);
        songs.delete(song);
      }
    },
  };
}
