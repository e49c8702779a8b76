// The gateway in data-path order: device → adapter → spool → ingest → store → monitor → tickets → notify → API.
// The only file that joins stages; each gets its neighbours as parameters.
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AdapterContext } from '../../adapters/adapter.ts';
import { createMqttBroker, createTargetGuard, mqttAdapter, parseConfig, rtspAdapter } from '../../adapters/index.ts';
import { createAccess, createSecrets, loadSecretKey, randomSecret } from './access/access.ts';
import { createApi } from './api/app.ts';
import { createReadiness } from './api/readiness.ts';
import { createSystemClock } from './clock.ts';
import type { Config } from './config.ts';
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
import { createTicketSettings } from './tickets/settings.ts';
import { createTickets } from './tickets/tickets.ts';
import { createSqlTimeSeries } from './timeseries/sql.ts';

const DEVICE_SCHEMAS = join(import.meta.dirname, '../../device-schemas');
const SPOOL_BYTES = 1024 ** 3;
/** A standstill of the whole process (a paused machine) longer than this is our blindness, not the devices' silence. */
const STALL_MS = 15_000;
const DAY_MS = 86_400_000;

export async function startGateway(config: Config) {
  const base = { log: createLogger(config.logLevel), clock: createSystemClock() };
  const { log, clock } = base;
  const metrics = createMetrics();
  const readiness = createReadiness({ clock, essential: ['broker'], onChange: metrics.ready });
  const secrets = createSecrets(await loadSecretKey(config));

  // What devices are, and who may speak
  const types = await loadDeviceTypes(DEVICE_SCHEMAS, { uploads: join(config.dataDir, 'device-types') });
  for (const fault of types.uploadFaults) log.error({ fault }, 'an uploaded device type is not served');
  const store = await openStore({ ...base, url: config.databaseUrl ?? undefined, dataDir: config.dataDir });
  const { db, audit } = store;
  const registry = createRegistry({
    ...base,
    db,
    store,
    audit,
    types,
    sealing: secrets,
    newSecret: randomSecret,
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
    policy: settings.sessionPolicy,
    counts: metrics.mqtt,
    onUnexpected: registry.unexpected.note,
    ownTopics: types.ownTopics,
    requireVendor: registry.vendors.requireVendor,
    onVendorKeys: registry.onVendorKeys,
  });

  // device → adapter → spool → ingest → store
  const spool = createSpool({ ...base, dir: join(config.dataDir, 'spool'), capacityBytes: SPOOL_BYTES });
  const readings = createSqlTimeSeries({ db, clock, unitOf: registry.unitOf });
  const ingest = createIngest({
    ...base,
    spool,
    readings,
    directory,
    types,
    transactor: db,
    store: store.ingest,
    metrics: metrics.ingest,
    observe: (evidence) => monitor.observe(evidence),
    sendError: (id, error) => broker.send(id, `cgw/v1/${id}/error`, Buffer.from(JSON.stringify(error))),
  });
  const context: AdapterContext = {
    ...base,
    authenticate: access.authenticateDevice,
    authorize: access.authorizeTopic,
    emit: ingest.accept,
    link(event) {
      const evidence = registry.linkEvidence(event);
      if (evidence) monitor.link(evidence);
    },
  };
  const { host, port, tls } = config.mqtt;
  const broker = createMqttBroker(parseConfig(mqttAdapter, { host, port, ...(tls && { tls }) }), context);
  const allowed = config.allowedTargets ?? [];
  const cameras = rtspAdapter.create(parseConfig(rtspAdapter, { allowedTargets: allowed }), context);
  const probing = createProbing({
    ...base,
    targets: registry.probeTargets,
    probe: { rtsp: cameras.probe },
    report: (evidence) => monitor.probe(evidence),
  });

  // store → monitor → tickets → notify
  const webhook = createWebhook({ clock, checkTarget: createTargetGuard({ allowed }).resolveUrl });
  const { outbox, sender, notifications } = createNotify({
    ...base,
    store: store.notices,
    transactor: db,
    channels: [webhook],
    secrets,
    timeZone: config.timeZone,
    titleOf: registry.titleOf,
  });
  const { conditions } = store.health;
  const settingsInZone = createTicketSettings(config.timeZone);
  const tickets = createTickets({
    ...base,
    store: store.tickets,
    transactor: db,
    directory: store.rosters,
    outbox,
    conditions,
    titleOf: registry.titleOf,
    recheck: createRecheck({ db, probeNow: probing.probeNow, conditions }),
    settings: () => settingsInZone({ stableFor: settings.ms('ticketStableFor') }),
  });
  const monitor = createMonitor({
    ...base,
    store: store.health,
    incidents: store.incidents,
    transactor: db,
    types,
    directory: { get: directory.byKey },
    onDecision: tickets.onDecision,
    oldestUndrainedAt: (path) => (path === 'mqtt' ? spool.status().oldestUndrainedAt : null),
    settings: () => ({ groupHoldMs: settings.ms('groupHold'), stallMs: STALL_MS }),
  });
  directory.onChange((changes) => {
    for (const { before, after } of changes)
      before ? monitor.lifecycleChanged(after.key) : monitor.deviceAdded(after.key);
  });

  // → API
  const counts = async () => ({
    states: await store.health.countByState(db.autocommit),
    stages: await tickets.countByStage(),
    outbox: await notifications.depth(),
  });
  const selfCheck = createSelfCheck({
    ...base,
    readiness,
    metrics,
    ping: db.ping,
    spool,
    ingest,
    broker,
    probing,
    counts,
  });
  const api = createApi({
    ...base,
    config,
    metrics,
    readiness,
    services: {
      ...registry,
      ...access,
      db,
      tickets,
      notifications,
      reads: store.reads,
      series: readings,
      rosters: store.rosters,
      deviceTypes: types,
      replay: ingest,
      accounting: { messages: ingest.accounting },
      idempotency: store.idempotency,
    },
  });

  const upkeep = async () => {
    await readings.retention({ rawDays: settings.current().rawDays });
    await access.sessions.purge();
    await store.idempotency.purge(clock.now());
    await store.ingest.boundQuarantine(db.autocommit, settings.current().quarantineRows);
  };
  const life = createLifecycle(
    [
      { name: 'store', stop: store.close },
      { name: 'spool', start: spool.open, stop: spool.close },
      { name: 'registry', start: registry.load, stop: registry.refresh },
      { name: 'sender', ...sender },
      { name: 'monitor', ...monitor },
      { name: 'ingest', ...ingest },
      { name: 'broker', start: () => broker.start(new AbortController().signal), stop: broker.stop },
      { name: 'mqtt path', start: () => monitor.pathUp('mqtt'), stop: () => monitor.pathDown('mqtt', 'shutdown') },
      { name: 'probing', ...probing },
      { name: 'rtsp path', start: () => monitor.pathUp('rtsp'), stop: () => monitor.pathDown('rtsp', 'shutdown') },
      every('clock', 10_000, log, clock.resync),
      every('refresh', 5_000, log, registry.refresh),
      every('tickets', 2_000, log, tickets.sweep),
      every('message keys', 600_000, log, ingest.forgetOldKeys),
      every('upkeep', DAY_MS / 24, log, upkeep),
      { name: 'self-check', ...selfCheck },
      { name: 'api', start: () => api.listen(config.http), stop: () => api.close() },
    ],
    log,
  );
  const first = await access.users.ensureFirst(config);
  await life.start();
  readiness.set('broker', 'ready', 'ok');
  const { port: http } = api.server.address() as AddressInfo;
  return { http, mqtt: broker.address().port, adminPassword: first?.password, stop: life.stop };
}
