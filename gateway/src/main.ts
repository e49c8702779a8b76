// The gateway in data-path order: device → adapter → spool → ingest → store → monitor → tickets → notify → API.
// The only file that joins stages; each gets its neighbours as parameters.
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AdapterContext, LinkEvent } from '../../adapters/adapter.ts';
import { parseConfig } from '../../adapters/config.ts';
import { createMqttBroker, mqttAdapter } from '../../adapters/mqtt/adapter.ts';
import { rtspAdapter } from '../../adapters/rtsp/adapter.ts';
import { createTargetGuard } from '../../adapters/targets.ts';
import { createAccess } from './access/access.ts';
import { loadSecretKey } from './access/secret-key.ts';
import { createSecrets, randomSecret } from './access/secrets.ts';
import { createApi } from './api/app.ts';
import { createReadiness } from './api/readiness.ts';
import { createSystemClock } from './clock.ts';
import type { Config } from './config.ts';
import { effectivePolicy } from './domain/health-policy.ts';
import { createIngest } from './ingest/ingest.ts';
import { createLifecycle, every } from './lifecycle.ts';
import { createLogger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createMonitor } from './monitor/monitor.ts';
import { createNotify } from './notify/notify.ts';
import { createWebhook } from './notify/webhook/channel.ts';
import { createRecheck } from './probing/recheck.ts';
import { createProbing } from './probing/scheduler.ts';
import { loadDeviceTypes } from './registry/device-types.ts';
import { createRegistry } from './registry/registry.ts';
import { createSelfCheck } from './self-check.ts';
import { createSpool } from './spool/spool.ts';
import { openStore } from './store/index.ts';
import { DEFAULT_TICKET_SETTINGS } from './tickets/settings.ts';
import { createTickets } from './tickets/tickets.ts';
import { createSqlTimeSeries } from './timeseries/sql.ts';

export interface Gateway {
  readonly http: number;
  readonly mqtt: number;
  /** Password of the first user when it was made up in this start. */
  readonly adminPassword: string | undefined;
  stop(): Promise<void>;
}

const DEVICE_SCHEMAS = join(import.meta.dirname, '../../device-schemas');
const SPOOL_BYTES = 1024 ** 3;
const DUTY_DESK = { orgId: 'ops-center', userId: null };

export async function startGateway(config: Config): Promise<Gateway> {
  const log = createLogger(config.logLevel);
  const clock = createSystemClock();
  const metrics = createMetrics();
  const readiness = createReadiness({ clock, essential: ['database', 'broker'], onChange: metrics.ready });
  const secrets = createSecrets(await loadSecretKey(config));
  const base = { clock, log };

  // What devices are, and who may speak
  const types = await loadDeviceTypes(DEVICE_SCHEMAS, { uploads: join(config.dataDir, 'device-types') });
  const store = await openStore({ ...base, url: config.databaseUrl ?? undefined, dataDir: config.dataDir });
  const { db, audit } = store;
  const policyOf = (device: { type: string; healthPolicy: Parameters<typeof effectivePolicy>[1] }) =>
    effectivePolicy(types.get(device.type)?.health, device.healthPolicy);
  const registry = createRegistry({
    ...base,
    db,
    store,
    audit,
    sealing: secrets,
    newSecret: randomSecret,
    types,
    intervalMs: (device) => policyOf(device).interval,
    reactions: {
      onRetired: (tx, keys, reason) => tickets.voidForDevices(tx, keys, reason),
      disconnect: (deviceId, reason) => broker.disconnect(deviceId, reason),
      probeNow: (key) =>
        void probing.probeNow(key).catch((error: unknown) => log.debug({ key, error }, 'no probe now')),
    },
    deliver: (deviceId, topic, payload) => broker.send(deviceId, topic, payload),
  });
  const { directory, settings } = registry;
  const access = createAccess({
    ...base,
    ...store,
    secrets,
    devices: directory,
    vendors: registry.vendorDirectory,
    policy: () => ({
      idleMs: settings.ms('sessionIdle'),
      absoluteMs: settings.ms('sessionAbsolute'),
      passwordMaxAgeMs: settings.ms('passwordMaxAge') || null,
    }),
    counts: { login: metrics.mqtt.refused },
    onUnexpected: registry.unexpected.note,
    ownTopics: (device) => types.ownTopics(device),
    requireVendor: registry.vendors.requireVendor,
    onVendorKeys: async (vendorId, change) => {
      await registry.vendorDirectory.load(db.autocommit);
      if (change === 'revoked') await broker.disconnect(`vendor:${vendorId}`, 'key revoked');
    },
  });

  // device → adapter → spool → ingest → store
  const spool = createSpool({ ...base, dir: join(config.dataDir, 'spool'), capacityBytes: SPOOL_BYTES });
  const readings = createSqlTimeSeries({ db, clock, unitOf: (key, metric) => unitOf(key, metric) });
  const unitOf = (key: number, metric: string) => types.unitOf(directory.byKey(key)?.type ?? '', metric);
  const ingest = createIngest({
    ...base,
    spool,
    transactor: db,
    store: store.ingest,
    readings,
    directory,
    types,
    metrics: metrics.ingest,
    observe: (evidence) => monitor.observe(evidence),
    sendError: (id, error) => broker.send(id, `cgw/v1/${id}/error`, Buffer.from(JSON.stringify(error))),
  });
  const context: AdapterContext = {
    ...base,
    authenticate: access.authenticateDevice,
    authorize: access.authorizeTopic,
    link: (event) => onLink(event),
    emit: ingest.accept,
  };
  const { host, port, tls } = config.mqtt;
  const listenOn = tls ? { host, port, tls } : { host, port };
  const broker = createMqttBroker(parseConfig(mqttAdapter, listenOn), context);
  const onLink = ({ principal, via, state, reason, at, session }: LinkEvent) => {
    const device = principal.kind === 'device' ? directory.byId(principal.deviceId) : undefined;
    if (device) monitor.link({ device: device.key, path: via, state, reason, at, session });
  };

  // store → monitor → tickets → notify
  const titleOf = (code: string, [id = '']: readonly string[]) => types.titleOf(directory.byId(id)?.type ?? '', code);
  const guard = createTargetGuard({ allowed: config.allowedTargets ?? [] });
  const webhook = createWebhook({ clock, checkTarget: guard.resolveUrl });
  const { outbox, sender, notifications } = createNotify({
    ...base,
    store: store.notices,
    transactor: db,
    channels: [webhook],
    secrets,
    timeZone: config.timeZone,
    titleOf,
  });
  const cameras = rtspAdapter.create(
    parseConfig(rtspAdapter, { allowedTargets: config.allowedTargets ?? [] }),
    context,
  );
  const probing = createProbing({
    ...base,
    targets: registry.probeTargets,
    probe: cameras.probe ? { rtsp: cameras.probe } : {},
    report: (evidence) => monitor.probe(evidence),
  });
  const tickets = createTickets({
    ...base,
    store: store.tickets,
    transactor: db,
    directory: store.rosters,
    outbox,
    conditions: store.health.conditions,
    titleOf,
    recheck: createRecheck({ db, probeNow: probing.probeNow, conditions: store.health.conditions }),
    settings: () => ({ ...DEFAULT_TICKET_SETTINGS, stableFor: settings.ms('ticketStableFor'), dutyDesk: DUTY_DESK }),
  });
  const monitor = createMonitor({
    ...base,
    store: store.health,
    incidents: store.incidents,
    transactor: db,
    directory: { get: directory.byKey },
    types,
    onDecision: tickets.onDecision,
    oldestUndrainedAt: (path) => (path === 'mqtt' ? spool.status().oldestUndrainedAt : null),
    settings: () => ({ groupHoldMs: settings.ms('groupHold') }),
  });

  // → API
  const selfCheck = createSelfCheck({
    ...base,
    readiness,
    metrics,
    ping: db.ping,
    spool,
    drainTrouble: () => ingest.trouble,
    sessions: () => broker.stats().sessions,
    probes: probing.stats,
    counts: async () => ({
      states: await store.health.countByState(db.autocommit),
      stages: await tickets.countByStage(),
      outbox: await notifications.depth(),
    }),
  });
  const api = createApi({
    ...base,
    config: { ...config, metricsToken: config.metricsToken },
    metrics,
    readiness,
    services: {
      ...registry,
      ...access,
      db,
      reads: store.reads,
      series: readings,
      rosters: store.rosters,
      deviceTypes: types,
      replay: ingest,
      tickets,
      notifications,
      accounting: { messages: ingest.accounting },
      idempotency: store.idempotency,
    },
  });

  directory.onChange((changes) => {
    for (const { before, after } of changes) {
      if (before) monitor.lifecycleChanged(after.key);
      else monitor.deviceAdded(after.key);
    }
  });

  const life = createLifecycle(
    [
      { name: 'store', stop: store.close },
      { name: 'spool', start: spool.open, stop: spool.close },
      { name: 'registry', start: registry.load, stop: registry.refresh },
      { name: 'sender', start: sender.start, stop: sender.stop },
      { name: 'monitor', start: monitor.start, stop: monitor.stop },
      { name: 'ingest', start: ingest.start, stop: ingest.stop },
      { name: 'broker', start: () => broker.start(new AbortController().signal), stop: broker.stop },
      { name: 'mqtt path', start: () => monitor.pathUp('mqtt'), stop: () => monitor.pathDown('mqtt', 'shutdown') },
      { name: 'probing', start: probing.start, stop: probing.stop },
      { name: 'rtsp path', start: () => monitor.pathUp('rtsp'), stop: () => monitor.pathDown('rtsp', 'shutdown') },
      every('clock', 10_000, log, clock.resync),
      every('refresh', 5_000, log, registry.refresh),
      every('tickets', 2_000, log, tickets.sweep),
      every('message keys', 600_000, log, ingest.forgetOldKeys),
      { name: 'self-check', ...selfCheck },
      { name: 'api', start: () => api.listen(config.http), stop: () => api.close() },
    ],
    log,
  );
  const first = await access.users.ensureFirst(config);
  await life.start();
  readiness.set('broker', 'ready', 'ok');
  return {
    http: (api.server.address() as AddressInfo).port,
    mqtt: broker.address().port,
    adminPassword: first?.password,
    stop: life.stop,
  };
}
