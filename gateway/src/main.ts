// The gateway in data-path order: device → adapter → spool → ingest → store → monitor → tickets → notify → API.
// What each part is given stands in assembly/, one file a clause; nothing else joins stages.
import type { AddressInfo } from 'node:net';
import { createCare } from './assembly/care.ts';
import { createDataPath } from './assembly/data-path.ts';
import { layFoundation } from './assembly/foundation.ts';
import { createIdentity } from './assembly/identity.ts';
import { createMapping } from './assembly/mapping.ts';
import { createProof } from './assembly/proof.ts';
import { createReporting } from './assembly/reports.ts';
import { createSurface } from './assembly/surface.ts';
import { createVideo } from './assembly/video.ts';
import type { Config } from './config.ts';
import { createLifecycle, every } from './lifecycle.ts';
import { createSettling } from './settling.ts';

const [SECOND_MS, HOUR_MS] = [1_000, 3_600_000];

export interface Gateway {
  /** Ports listened on. */
  readonly http: number;
  readonly mqtt: number;
  /** Password of the first user, when this start made it up. */
  readonly adminPassword: string | undefined;
  stop(): Promise<void>;
}

/** Starts everything; rejects when a part cannot start, with those before it stopped again. */
export async function startGateway(config: Config): Promise<Gateway> {
  const base = await layFoundation(config);
  const { store, log, clock, readiness } = base;
  const mapping = createMapping(base, {
    room: (tx, actor, typeId) => registry.vendorPart.self.room.deviceTypes(tx, actor, typeId),
  });

  // Clauses name each other in both directions; what stands further down is reached when it is called.
  const identity = createIdentity(base, {
    reactions: {
      onRetired: (tx, keys, reason) => tickets.voidForDevices(tx, keys, reason),
      disconnect: (deviceId, reason) => broker.disconnect(deviceId, reason),
      async onReplaced(tx, key) {
        await video.cameraPart.onReplaced(tx, key);
        await video.pictureChecks.replaced(tx, key);
      },
      probeNow: (key) => {
        video.connectionChanged(key);
        void probing.probeNow(key).catch((error) => log.debug({ key, error }, 'no probe now'));
      },
    },
    deliver: (deviceId, topic, payload) => broker.send(deviceId, topic, payload),
    notices: (tx, notices) => care.outbox.add(tx, notices),
  });
  const path = createDataPath(base, identity, {
    observe: (evidence) => monitor.observe(evidence),
    link: (evidence) => monitor.link(evidence),
    probe(evidence) {
      video.cameraPart.onProbe(evidence);
      monitor.probe(evidence);
    },
    vendorLink: (evidence) => monitor.vendorLink(evidence),
    condition: (evidence) => monitor.condition(evidence),
    turned: (device) => video.turned(device),
    probesBlind: (reason) => (reason === null ? monitor.pathUp('rtsp') : monitor.pathDown('rtsp', reason)),
  });
  const care = createCare(base, identity, path, {
    inspect: (device, fault) => video.inspect(device, fault),
    picturesBefore: (tx, devices) => video.pictures.lastAsEvidence(tx, devices),
  });
  const video = createVideo(base, identity, path, {
    condition: (evidence) => monitor.condition(evidence),
    sign: (evidence) => monitor.sign(evidence),
    pictureTaken: (device, picture) => tickets.pictureTaken(device, picture),
  });
  const proof = createProof(base, identity, care.outbox.add);
  const reporting = createReporting(base, identity, care);
  const { api, selfCheck, backups } = createSurface(base, identity, mapping, path, care, video, proof, reporting);
  const { registry, access, settings } = identity;
  const { spool, ingest, readings, broker, probing } = path;
  const { monitor, tickets, sender } = care;
  const upkeep = async () => {
    await readings.retention({ rawDays: settings.current().rawDays });
    await access.sessions.purge();
    await registry.vendorPart.upkeep();
    await store.idempotency.purge(clock.now());
    await registry.retirement.sweep();
    await store.ingest.boundQuarantine(store.db.autocommit, settings.current().quarantineRows);
  };
  const life = createLifecycle(
    [
      { name: 'store', stop: store.close },
      { name: 'audit', ...proof.keeper },
      { name: 'spool', start: spool.open, stop: spool.close },
      { name: 'device types', ...mapping.deviceTypes },
      { name: 'registry', start: registry.load, stop: registry.refresh },
      { name: 'imports', stop: registry.deviceTables.stop },
      { name: 'people', start: access.refresh, stop: access.refresh },
      { name: 'supervisor', ...video.supervisor },
      { name: 'rtsp relay', stop: video.relay.close },
      { name: 'live', ...video.live },
      { name: 'clips', ...video.cameraClips },
      { name: 'picture views', start: video.pictureViews.start },
      { name: 'sender', ...sender },
      { name: 'exchange', ...care.exchanging },
      { name: 'life safety', ...care.insistence },
      { name: 'auditor', ...care.auditor },
      { name: 'quiet times', start: care.startRules },
      { name: 'monitor', ...monitor },
      { name: 'ingest', ...ingest },
      { name: 'broker', start: () => broker.start(new AbortController().signal), stop: broker.stop },
      createSettling({
        stats: broker.stats,
        up: () => monitor.pathUp('mqtt'),
        down: () => monitor.pathDown('mqtt', 'shutdown'),
        log,
      }),
      { name: 'probing', ...probing },
      { name: 'rtsp path', start: () => monitor.pathUp('rtsp'), stop: () => monitor.pathDown('rtsp', 'shutdown') },
      { name: 'onvif', stop: path.onvif.stop },
      { name: 'camera tools', stop: video.closeCameraTools },
      { name: 'conditions', start: video.unheld.start },
      { name: 'cameras', start: video.cameraPart.start, stop: video.cameraPart.stop },
      { name: 'picture rounds', ...video.pictureRounds },
      { name: 'camera events', start: video.cameraEvents.start, stop: video.cameraEvents.stop },
      every('clock', 10 * SECOND_MS, log, clock.resync),
      every('refresh', 5 * SECOND_MS, log, registry.refresh),
      every('device types', 5 * SECOND_MS, log, mapping.refreshTypes),
      every('people', 5 * SECOND_MS, log, access.refresh),
      every('strays', 60 * SECOND_MS, log, care.strays.sweep),
      every('tickets', 2 * SECOND_MS, log, tickets.sweep),
      every('watchdog', 30 * SECOND_MS, log, care.watchdog),
      every('reports', 30 * SECOND_MS, log, reporting.reports.tick),
      every('inspections', 30 * SECOND_MS, log, reporting.inspections.tick),
      every('quiet times', 5 * SECOND_MS, log, care.tendRules),
      every('commands', SECOND_MS, log, registry.commands.sweep),
      every('message keys', HOUR_MS / 6, log, ingest.forgetOldKeys),
      every('upkeep', HOUR_MS, log, upkeep),
      every('unheld conditions', HOUR_MS, log, video.unheld.again),
      every('pictures', HOUR_MS, log, video.pictures.purge),
      { name: 'backups', ...backups },
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
