import type { AdapterContext, Principal } from '../../../adapters/adapter.ts';
import {
  createCanary,
  createExternalBroker,
  createMqttBroker,
  mqttAdapter,
  mqttExternalAdapter,
  parseConfig,
} from '../../../adapters/index.ts';
import { PROCESS_ROLES } from '../config.ts';
import { CONTRACT_PREFIX, contractTopic } from '../domain/device-type/topics.ts';
import { matchesFilter } from '../domain/topic-filter.ts';
import type { Part } from '../lifecycle.ts';
import { createLogins } from '../logins/logins.ts';
import { createQuestions } from '../logins/questions.ts';
import { repeat, type Task } from '../schedule.ts';
import { createSettling } from '../settling.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

export type BrokerPart = ReturnType<typeof createBrokerPart>;

/** Whoever judges by what comes over the broker. */
interface Heard {
  readonly up: () => void;
  readonly down: (reason: string) => void;
}

const TICK_MS = 500;
const LOOK_MS = 1_000;
const FILTERS_MS = 5_000;
/** After the start a broker has this long to show that somebody keeps its logins. */
const MANAGED_WITHIN_MS = 60_000;
/** How long a loss at the broker is said after it was seen. */
const DROPPED_FOR_MS = 3_600_000;

/** The broker devices connect to: our own, or the one that CGW_MQTT_URL names. */
export function createBrokerPart(base: Foundation, identity: Identity, context: AdapterContext) {
  const { url } = base.config.mqtt;
  const part = url === null ? embedded(base, context) : external(base, identity, context, url);
  const vendors = identity.registry.vendorPart.directory;
  return {
    ...part,
    /** What a broker asks that has no store of logins of its own. */
    questions: createQuestions({
      authenticate: context.authenticate,
      authorize: context.authorize,
      vendorOpen: (id) => vendors.closed(id) === null && vendors.mqttKeys(id).length > 0,
      ownLogin: url === null ? null : decodeURIComponent(new URL(url).username),
      asked: async () => part.logins?.asked(),
      log: base.log,
    }),
  };
}

function embedded({ config, log, readiness }: Foundation, context: AdapterContext) {
  const { host, port, tls } = config.mqtt;
  const canary = createCanary(context);
  const broker = createMqttBroker(parseConfig(mqttAdapter, { host, port, ...(tls && { tls }) }), canary.context);
  return {
    broker,
    logins: null,
    sing: (withinMs: number) =>
      canary.sing({
        // Listening everywhere includes ourselves.
        host: host === undefined || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host,
        port: broker.address().port,
        withinMs,
        send: broker.send,
      }),
    path: ({ up, down }: Heard): Part => createSettling({ stats: broker.stats, up, down: () => down('shutdown'), log }),
    /** Leaves a shared broker for good. */
    retire: async () => undefined,
    /** Says how it stands; once everything is started. */
    look: () => readiness.set('broker', 'ready', 'ok'),
    watch: { name: 'broker watch' } satisfies Part as Part,
    loginsPart: { name: 'broker logins' } satisfies Part as Part,
  };
}

function external(base: Foundation, identity: Identity, context: AdapterContext, url: string) {
  const { config, log, clock, metrics, readiness, nodes, secrets, store, db, types } = base;
  const { directory, vendorPart } = identity.registry;
  const vendors = vendorPart.directory;
  const settings = parseConfig(mqttExternalAdapter, {
    url,
    clientId: `cgw-${nodes.self.id}`,
    connections: config.roles.includes('ingest') ? 1 : 0,
    shared: config.roles.length < PROCESS_ROLES.length,
  });
  const site = createSite(base, identity);
  const broker = createExternalBroker(settings, context, {
    ...site,
    async cut(target) {
      logins.cut(target);
    },
  });
  const logins = createLogins({
    db,
    store: store.brokerLogins,
    sealing: secrets,
    devices: directory,
    vendors,
    ownTopics: types.ownTopics,
    speaksMqtt: (type) => types.get(type)?.adapter === 'mqtt',
    control: broker.control,
    ownLogin: decodeURIComponent(new URL(url).username),
    clock,
    log,
  });
  let startedAt = clock.monotonic();
  let dropped = 0;
  let droppedAt = Number.NEGATIVE_INFINITY;
  let task: Task | undefined;
  let filtersAt = Number.NEGATIVE_INFINITY;

  const look = () => {
    const now = clock.monotonic();
    const { up, reason } = broker.state();
    const { managedBy, missing, pending } = logins.status();
    const lost = broker.stats().dropped;
    if (lost > dropped) {
      dropped = lost;
      droppedAt = now;
    }
    metrics.broker({ up, dropped: lost, missing, pending, managed: managedBy !== null });
    if (!up) readiness.set('broker', 'degraded', reason, settings.url.replace(/\/\/[^/?#]*@/, '//'));
    else if (now - droppedAt < DROPPED_FOR_MS) readiness.set('broker', 'degraded', 'BROKER_DROPS', `${lost} messages`);
    else if (managedBy === null && now - startedAt > MANAGED_WITHIN_MS) {
      readiness.set('broker', 'degraded', 'BROKER_NOT_MANAGED');
    } else if (missing > 0) readiness.set('broker', 'degraded', 'LOGINS_MISSING', `${missing} devices`);
    else if (broker.forgetsShares()) readiness.set('broker', 'degraded', 'BROKER_FORGETS_SHARES');
    else readiness.set('broker', 'ready', 'ok');
  };

  return {
    broker,
    logins,
    sing: broker.sing,
    retire: broker.retire,
    path: (heard: Heard) => following(broker, heard, settings.settleMs, clock.monotonic),
    look,
    watch: {
      name: 'broker watch',
      start() {
        startedAt = clock.monotonic();
        task = repeat({ name: 'broker watch', everyMs: LOOK_MS, log }, async () => {
          look();
          if (clock.monotonic() - filtersAt < FILTERS_MS) return;
          filtersAt = clock.monotonic();
          await broker.refresh();
        });
      },
      stop: () => task?.stop(),
    } satisfies Part as Part,
    loginsPart: { name: 'broker logins', start: logins.start, stop: logins.stop } satisfies Part as Part,
  };
}

/** Devices are judged while the broker is there and its clients had time to come back to it. */
function following(
  broker: { onState(listener: (state: { up: boolean; reason: string }) => void): void; state(): { up: boolean } },
  { up, down }: Heard,
  settleMs: number,
  monotonic: () => number,
): Part {
  let heard = false;
  let since = monotonic();
  let timer: NodeJS.Timeout | undefined;
  broker.onState((state) => {
    since = monotonic();
    if (state.up || !heard) return;
    heard = false;
    down(state.reason);
  });
  return {
    name: 'mqtt path',
    start() {
      timer = setInterval(() => {
        if (heard || !broker.state().up || monotonic() - since < settleMs) return;
        heard = true;
        up();
      }, TICK_MS);
    },
    stop() {
      clearInterval(timer);
      if (heard) down('shutdown');
    },
  };
}

/** Whom a topic speaks for. The broker let only that one publish to it, so the topic is the proof. */
function createSite({ types }: Foundation, { registry }: Identity) {
  const { directory, vendorPart } = registry;
  const vendors = vendorPart.directory;

  const namedBy = (topic: string): Principal | undefined => {
    for (const typeId of types.typesForTopic(topic)) {
      const identity = types.identityIn(typeId, topic);
      if (!identity) continue;
      const { match, value } = identity;
      const device =
        match === 'id'
          ? directory.byId(value)
          : match === 'serial'
            ? directory.bySerial(value, null)
            : directory.byExternalId(value, null);
      if (device?.type === typeId) return { kind: 'device', deviceId: device.id };
    }
    return undefined;
  };
  const granted = (topic: string) =>
    [...vendors.all()].filter(({ topics }) => topics.some((filter) => matchesFilter(filter, topic)));

  const foreign = (topic: string): Principal | null => {
    const owners = granted(topic);
    const [owner] = owners;
    if (owner && owners.length === 1) return { kind: 'vendor', vendorId: owner.id };
    const device = namedBy(topic);
    if (device) return device;
    return owners.length > 0 ? { kind: 'broker', name: 'mqtt' } : null;
  };

  return {
    principalOf(topic: string): Principal | null {
      const contract = contractTopic(topic);
      if (!contract) return topic.startsWith('cgw/') ? null : foreign(topic);
      const { deviceId } = contract;
      // Recorded as nobody's: an id that is not ours must not take room in memory.
      return directory.byId(deviceId) ? { kind: 'device', deviceId } : { kind: 'broker', name: 'mqtt' };
    },
    filters(): Iterable<string> {
      const wanted = new Set<string>();
      for (const { topics } of vendors.all()) for (const topic of topics) wanted.add(topic);
      const used = new Set([...directory.all()].map(({ type }) => type));
      for (const { id, plan } of types.list()) {
        if (!used.has(id)) continue;
        for (const { pattern } of plan.topics) {
          // A wildcard in front would hear what is ours a second time.
          if (pattern.first === null || pattern.text.startsWith(CONTRACT_PREFIX)) continue;
          wanted.add(
            pattern.text
              .split('/')
              .map((level) => (level.includes('{') ? '+' : level))
              .join('/'),
          );
        }
      }
      return wanted;
    },
  };
}
