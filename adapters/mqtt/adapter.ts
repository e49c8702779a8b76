import type { Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import mqttPacket from 'mqtt-packet';
import { type Adapter, type AdapterContext, AdapterError, type LinkEvent } from '../adapter.ts';
import { createAdmission } from './admission.ts';
import type { AedesBroker, BrokerClient, ConnectPacket, Will } from './aedes-types.ts';
import type { Broker } from './broker.ts';
import { type MqttConfig, mqttConfig } from './config.ts';
import { deliver } from './deliver.ts';
import { createPacketGuard } from './guard.ts';
import { createInbound } from './inbound.ts';
import { type Listeners, listen } from './listeners.ts';
import { logIn } from './login.ts';
import { adoptConnect, createSession, isGrantableFilter, type Session, sameDevice, sessionOf } from './session.ts';
import { createStats } from './stats.ts';
import { createWatch, stuckSessions } from './watch.ts';

/** MQTT 3.1.1 devices on an embedded broker that acknowledges what is durable and routes nothing between clients. */
export const mqttAdapter = {
  name: 'mqtt',
  config: mqttConfig,
  create: createMqttBroker,
} satisfies Adapter<typeof mqttConfig>;

/** Otherwise the first packet that is sent makes a buffer for each of the 65,536 packet ids: 8 MiB for ever. */
mqttPacket.writeToStream.cacheNumbers = false;

/** How long a stop waits for messages that are being made durable. */
const STOP_MS = 2_000;

export function createMqttBroker(config: MqttConfig, ctx: AdapterContext): Broker {
  const stats = createStats();
  const inbound = createInbound(config, ctx, stats);
  const admission = createAdmission(config);
  const watch = createWatch({ ctx, stats });
  /** Every open connection; those with `up` are logged in. */
  const sessions = new Set<Session>();
  /** The logged-in ones by prefixed client id. */
  const byId = new Map<string, Session>();
  let phase: 'new' | 'starting' | 'running' | 'stopping' | 'stopped' = 'new';
  let starting: Promise<void> | undefined;
  let stoppingDone: Promise<void> | undefined;
  let listeners: Listeners | undefined;
  let broker: AedesBroker | undefined;
  let sweeper: NodeJS.Timeout | undefined;

  // ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────

  const tellLink = (session: Session, state: LinkEvent['state'], reason: LinkEvent['reason']) => {
    if (!session.principal) return;
    ctx.link({ principal: session.principal, via: 'mqtt', state, reason, at: ctx.clock.now(), session: session.id });
  };

  const onRegistered = (client: Client) => {
    const session = sessionOf(client);
    if (!session) return;
    if (client.closed || phase !== 'running') {
      // It closed while it was being registered: aedes would keep it as live for ever.
      broker?.deleteClient(client.id);
      return;
    }
    session.up = true;
    byId.set(client.id, session);
    stats.sessions += 1;
    tellLink(session, 'up', 'connected');
  };

  const onGone = (client: Client) => {
    const session = sessionOf(client);
    if (!session) return;
    inbound.release(session);
    if (!session.up) return;
    session.up = false;
    if (byId.get(client.id) === session) byId.delete(client.id);
    stats.sessions -= 1;
    const reason = session.reason ?? (session.guard.goodbye ? 'disconnect' : 'closed');
    if (reason === 'keepAliveTimeout') stats.keepAliveTimeouts += 1;
    if (reason === 'takenOver') stats.takenOver += 1;
    tellLink(session, 'down', reason);
  };

  const close = (session: Session, reason: LinkEvent['reason']) => {
    session.reason ??= reason;
    session.client?.close();
  };

  // ── what aedes asks ──────────────────────────────────────────────────────────────────────────────────────────────────

  const createBroker = (): AedesBroker => {
    const aedes = new Aedes({
      connectTimeout: config.connectTimeoutMs,
      drainTimeout: config.drainTimeoutMs,
      maxClientsIdLength: Number.MAX_SAFE_INTEGER,
      maxInflightInbound: 100,
      maxTopicLevels: 64,
      preConnect(client, packet, done) {
        const session = sessionOf(client);
        // aedes answers protocol 5 with CONNACK 1 itself.
        if (session) adoptConnect(session, packet as unknown as ConnectPacket);
        done(null, session !== undefined && phase === 'running');
      },
      authenticate(client, _username, _password, done) {
        const session = sessionOf(client);
        if (!session) return done(null, false);
        logIn(session, { config, ctx, stats }).then(
          (principal) => {
            session.principal = principal;
            const before = byId.get(client.id);
            if (before) before.reason ??= 'takenOver';
            done(null, true);
          },
          (error) => done(error, false),
        );
      },
      authorizePublish(client, packet, done) {
        const session = client ? sessionOf(client) : undefined;
        if (!session) return done(new AdapterError('NO_SESSION', 'not a session of this broker', { retry: false }));
        if ((packet as unknown) === session.will) inbound.will(session, packet as unknown as Will, done);
        else inbound.publish(session, packet as never, done);
      },
      authorizeSubscribe(client, subscription, done) {
        const session = sessionOf(client);
        const filter = subscription.topic;
        const granted =
          session?.principal !== undefined &&
          Object.keys((client as BrokerClient).subscriptions).length < config.maxSubscriptions &&
          // Asked first, so that whoever keeps account of refusals hears of `#` too.
          ctx.authorize(session.principal, 'subscribe', filter) &&
          isGrantableFilter(filter);
        if (!granted) {
          stats.subscriptionsRefused += 1;
          // One line a connection: a single SUBSCRIBE can name thousands of filters.
          if (session && !session.refusalLogged) {
            session.refusalLogged = true;
            ctx.log.warn({ username: session.username, filter: filter.slice(0, 200) }, 'subscription refused');
          }
        }
        done(null, granted ? subscription : null);
      },
      authorizeForward(client, packet) {
        const session = sessionOf(client);
        return session?.principal && ctx.authorize(session.principal, 'receive', packet.topic) ? packet : null;
      },
    }) as unknown as AedesBroker;
    // Devices speak to the gateway, never to each other: what was made durable goes no further. Routing it would cost more
    // than everything else on this path, and every retained copy, $SYS topic and offline queue with it.
    aedes.publish = (_packet, clientOrDone, done) => {
      if (typeof clientOrDone === 'function') clientOrDone(null);
      else done?.(null);
    };
    aedes.on('client', onRegistered);
    aedes.on('clientReady', (client) => sessionOf(client)?.place.loggedIn());
    aedes.on('clientDisconnect', onGone);
    aedes.on('keepaliveTimeout', (client) => {
      const session = sessionOf(client);
      if (session) session.reason ??= 'keepAliveTimeout';
    });
    const explain = (client: Client, error: Error) => {
      ctx.log.debug({ username: sessionOf(client)?.username, error: error.message }, 'mqtt connection ended');
    };
    aedes.on('clientError', explain);
    aedes.on('connectionError', explain);
    (aedes as NodeJS.EventEmitter).on('error', (error: unknown) => ctx.log.error({ error }, 'mqtt broker fault'));
    return aedes;
  };

  // ── sockets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** One for all connections, as everything here that waits for something of a connection. */
  function onSocketClosed(this: Socket) {
    const session = sessionOf(this);
    if (!session || !sessions.delete(session)) return;
    stats.connections -= 1;
    session.place.closed();
  }

  const accept = (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const place = phase === 'running' ? admission.admit(address) : null;
    if (!place || !broker) {
      stats.connectionsRefused += 1;
      socket.on('error', () => socket.destroy());
      socket.destroy();
      return;
    }
    const session = createSession(address, createPacketGuard(config), place);
    sessions.add(session);
    stats.connections += 1;
    watch(socket, session);
    socket.on('close', onSocketClosed);
    session.client = broker.handle(socket) as BrokerClient;
  };

  // ── lifetime ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  const start = async (signal: AbortSignal) => {
    signal.throwIfAborted();
    broker = createBroker();
    await broker.listen();
    keepNothing(broker.persistence);
    listeners = await listen(config, accept);
    if (signal.aborted) {
      await listeners.close();
      signal.throwIfAborted();
    }
    phase = 'running';
    sweeper = setInterval(
      () => {
        for (const session of stuckSessions(sessions, ctx.clock.monotonic(), config.packetTimeoutMs)) {
          stats.malformed += 1;
          close(session, 'closed');
        }
      },
      Math.max(10, config.packetTimeoutMs / 4),
    );
    sweeper.unref();
    ctx.log.info({ port: listeners.port, tlsPort: listeners.tlsPort }, 'mqtt broker listens');
  };

  const closeBroker = () => new Promise<void>((resolve) => (broker ? broker.close(() => resolve()) : resolve()));

  const stop = async () => {
    // A start that failed has closed what it opened.
    await starting?.catch(() => undefined);
    phase = 'stopping';
    clearInterval(sweeper);
    const closed = listeners?.close();
    await Promise.race([inbound.stop(), new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    // The last acknowledgements leave their sockets in the turn after this one.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    for (const session of sessions) close(session, 'shutdown');
    await closeBroker();
    await closed;
    phase = 'stopped';
  };

  return {
    start(signal) {
      if (stoppingDone) {
        return Promise.reject(
          new AdapterError('STOPPED', 'a stopped connection is not started again', { retry: false }),
        );
      }
      starting ??= start(signal).catch(async (error: unknown) => {
        starting = undefined;
        await closeBroker();
        throw error;
      });
      return starting;
    },
    stop() {
      stoppingDone ??= stop();
      return stoppingDone;
    },
    async send(deviceId, topic, payload) {
      await deliver(sessions, ctx, { deviceId, topic, payload });
      stats.sent += 1;
    },
    async disconnect(deviceId, reason) {
      const targets = [...sessions].filter((session) => sameDevice(session.principal, deviceId));
      for (const session of targets) close(session, 'cut');
      if (targets.length > 0) ctx.log.info({ deviceId, reason, sessions: targets.length }, 'sessions cut');
    },
    address() {
      if (!listeners) throw new AdapterError('NOT_STARTED', 'the broker does not listen yet', { retry: true });
      return { port: listeners.port, tlsPort: listeners.tlsPort };
    },
    stats: () => stats,
    lead: () => undefined,
  };
}

/**
 * Sessions end with their connection and nothing is retained, so there is never anything to catch up with. aedes would look
 * for it through streams of its own at every login and subscription, which cost more memory than the rest of the login.
 */
function keepNothing(persistence: AedesBroker['persistence']): void {
  persistence.outgoingStream = () => [];
  persistence.createRetainedStreamCombi = () => ({ pipe: () => undefined });
}
