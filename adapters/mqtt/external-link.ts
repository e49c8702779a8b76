import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { AdapterContext } from '../adapter.ts';
import type { ExternalConfig } from './external-config.ts';

/** One connection to the external broker: how it stands, and what it listens to. */
export interface ExternalLink {
  readonly client: MqttClient;
  /** `ok`, or a stable code of why nothing comes over it. */
  readonly reason: string;
  /** Listens to exactly these filters from now on, and again after each reconnection. */
  listen(filters: ReadonlyMap<string, { readonly noLocal: boolean }>): Promise<void>;
  /** Resolves when it is connected and subscribed for the first time, or when the time is over. */
  settled(withinMs: number): Promise<void>;
  /** `forget` = the broker drops the session with what waits in it. */
  end(forget?: boolean): Promise<void>;
}

/** A connection that ends sooner, time after time, is being cut: mostly by a twin with our client id. */
const SHORT_MS = 3_000;
const CUTS = 3;
/** CONNACK codes of MQTT 5 that say our login is the trouble. */
const REFUSED = new Set([134, 135, 140]);
const END_WITHIN_MS = 2_000;

export function openLink(options: {
  readonly config: ExternalConfig;
  readonly ctx: AdapterContext;
  readonly name: string;
  /** The session outlives the connection. */
  readonly keeps: boolean;
  readonly onChange: () => void;
  /** What an earlier life left in the session is not wanted. */
  readonly anew?: boolean;
  /** Filters that an earlier life may have left in the session, and that would bring every message twice. */
  readonly never?: () => string[];
}): ExternalLink {
  const { config, ctx, name, keeps, anew = false } = options;
  const clientId = `${config.clientId}-${name}`;
  const client = connect({ ...loginOf(config), ...settingsOf(config, keeps), clean: !keeps || anew, clientId });
  let reason = 'BROKER_UNREACHABLE';
  let wanted: ReadonlyMap<string, { readonly noLocal: boolean }> = new Map();
  let granted = new Set<string>();
  let cuts = 0;
  let since = 0;
  /** Whether the broker answered this attempt by refusing us. */
  let refusedNow = false;
  let proving: NodeJS.Timeout | undefined;
  let settle: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    settle = resolve;
  });

  const turn = (next: string, why?: unknown) => {
    if (next === reason) return;
    reason = next;
    const fields = { connection: clientId, reason: next, ...(why === undefined ? {} : { error: why }) };
    if (next === 'ok') ctx.log.info(fields, 'connected to the mqtt broker');
    else ctx.log.warn(fields, 'the mqtt broker does not serve us');
    options.onChange();
  };

  const subscribe = async () => {
    const missing = [...wanted].filter(([filter]) => !granted.has(filter));
    const over = [...granted].filter((filter) => !wanted.has(filter));
    if (over.length > 0) {
      await client.unsubscribeAsync(over);
      for (const filter of over) granted.delete(filter);
    }
    if (missing.length > 0) {
      // Retained copies are no evidence of life: the broker need not send them.
      const map = Object.fromEntries(
        missing.map(([filter, { noLocal }]) => [filter, { qos: 1 as const, nl: noLocal, rap: false, rh: 2 }]),
      );
      const grants = await client.subscribeAsync(map);
      for (const { topic, qos } of grants) if (qos < 128) granted.add(topic);
    }
    const refused = [...wanted.keys()].filter((filter) => !granted.has(filter));
    if (refused.length > 0) throw new Error(`not granted: ${refused.join(', ')}`);
  };

  const apply = () =>
    subscribe().then(
      () => {
        if (cuts < CUTS) turn('ok');
        else
          proving = setTimeout(() => {
            cuts = 0;
            turn('ok');
          }, SHORT_MS);
      },
      (error: unknown) => {
        if (client.connected) turn('BROKER_REFUSES_FILTERS', error);
      },
    );

  client.on('connect', (connack) => {
    // Asked for at each attempt until one succeeds; what comes from now on is wanted again.
    client.options.clean = !keeps;
    if (config.shared && connack.properties?.sharedSubscriptionAvailable === false) {
      refusedNow = true;
      turn('BROKER_TOO_OLD', 'it knows no shared subscriptions');
      return;
    }
    granted = new Set();
    since = ctx.clock.monotonic();
    const over = connack.sessionPresent ? (options.never?.() ?? []) : [];
    if (over.length > 0) client.unsubscribe(over, (error) => error && ctx.log.warn({ error }, 'old filters stay'));
    void apply().then(settle);
  });
  client.on('close', () => {
    clearTimeout(proving);
    // Mosquitto ends a connection that another one took over without a word.
    const cut = since > 0;
    if (cut) cuts = ctx.clock.monotonic() - since < SHORT_MS ? cuts + 1 : 0;
    since = 0;
    if (cut && cuts >= CUTS) turn('CONNECTION_CUT', 'does another process use a copy of our data directory?');
    else if (!refusedNow) turn('BROKER_UNREACHABLE');
    refusedNow = false;
  });
  client.on('error', (error) => {
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'number' && REFUSED.has(code)) {
      refusedNow = true;
      turn('BROKER_REFUSES_LOGIN', error);
    } else ctx.log.debug({ connection: clientId, error }, 'mqtt connection fault');
  });

  return {
    client,
    get reason() {
      return client.connected || reason !== 'ok' ? reason : 'BROKER_UNREACHABLE';
    },
    async listen(filters) {
      wanted = filters;
      if (client.connected) await apply();
    },
    async settled(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, withinMs);
      });
      await Promise.race([first, late]).finally(() => clearTimeout(timer));
    },
    end(forget = false) {
      clearTimeout(proving);
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          client.end(true);
          resolve();
        }, END_WITHIN_MS);
        const done = () => {
          clearTimeout(timer);
          resolve();
        };
        const connected = client.connected;
        const properties = forget ? { sessionExpiryInterval: 0 } : {};
        client.end(!connected, connected ? { reasonCode: 0, properties } : {}, done);
      });
    },
  };
}

/** What mqtt.js wants of the URL; a password may hold any character, percent-encoded. */
export function loginOf({ url }: Pick<ExternalConfig, 'url'>) {
  const { protocol, hostname, port, pathname, username, password } = new URL(url);
  const scheme = protocol.slice(0, -1) as 'mqtt' | 'mqtts' | 'ws' | 'wss';
  const usual = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 }[scheme];
  return {
    protocol: scheme,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || usual,
    ...(scheme === 'ws' || scheme === 'wss' ? { path: pathname } : {}),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
}

function settingsOf(config: ExternalConfig, keeps: boolean): IClientOptions {
  return {
    protocolVersion: 5,
    resubscribe: false,
    queueQoSZero: false,
    keepalive: config.keepAliveS,
    connectTimeout: config.connectTimeoutMs,
    reconnectPeriod: config.reconnectMs,
    // A wrong login or a client id in use may be put right while we try.
    reconnectOnConnackError: true,
    properties: {
      receiveMaximum: config.receiveMaximum,
      ...(keeps ? { sessionExpiryInterval: config.sessionExpiryS } : {}),
    },
  };
}
