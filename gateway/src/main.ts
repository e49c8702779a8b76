// The gateway in data-path order: device → adapter → spool → ingest → store → monitor → tickets → notify → API.
// What each part is given stands in assembly/, one file a clause; nothing else joins stages.
import type { AddressInfo } from 'node:net';
import { createCare } from './assembly/care.ts';
import { createDataPath } from './assembly/data-path.ts';
import { layFoundation } from './assembly/foundation.ts';
import { createIdentity } from './assembly/identity.ts';
import { createMapping } from './assembly/mapping.ts';
import { createProof } from './assembly/proof.ts';
import { createReactions } from './assembly/reactions.ts';
import { createReporting } from './assembly/reports.ts';
import { createRoles } from './assembly/roles.ts';
import { createSurface } from './assembly/surface.ts';
import { createUpkeep } from './assembly/upkeep.ts';
import { createVideo } from './assembly/video.ts';
import type { Config } from './config.ts';
import { createLifecycle, every } from './lifecycle.ts';

const [SECOND_MS, HOUR_MS] = [1_000, 3_600_000];

export interface Gateway {
  /** Ports listened on. */
  readonly http: number;
  readonly mqtt: number;
  /** Password of the first user, when this start made it up. */
  readonly adminPassword: string | undefined;
  stop(): Promise<void>;
  retire(): Promise<void>;
  /** Resolves when another process leads in our place: stop this gateway and start another. */
  readonly lost: Promise<void>;
}

/** Starts everything; rejects when a part cannot start, with those before it stopped again. */
export async function startGateway(config: Config): Promise<Gateway> {
  const base = await layFoundation(config);
  const { log, clock } = base;
  const roles = createRoles(base, {
    monitor: () => care.monitor,
    backlog: () => spool.status(),
    refresh: () => Promise.all([registry.refresh(), mapping.refreshTypes(), access.refresh(), care.tendRules()]),
  });
  const { judge } = roles;
  const mapping = createMapping(base, {
    room: (tx, actor, typeId) => registry.vendorPart.self.room.deviceTypes(tx, actor, typeId),
  });

  // Clauses name each other in both directions; what stands further down is reached when it is called.
  const others = { path: () => path, care: () => care, video: () => video };
  const identity = createIdentity(base, createReactions(others));
  const path = createDataPath(base, identity, {
    ...judge,
    keep: roles.keep,
    probe(evidence) {
      video.cameraPart.onProbe(evidence);
      judge.probe(evidence);
    },
    turned: (device) => video.turned(device),
    probesBlind: (reason) => (reason === null ? judge.pathUp('rtsp') : judge.pathDown('rtsp', reason)),
  });
  const care = createCare(base, identity, path, roles, {
    probeNow: (device) => video.probeNow(device),
    inspect: (device, fault) => video.inspect(device, fault),
    picturesBefore: (tx, devices) => video.pictures.lastAsEvidence(tx, devices),
  });
  const video = createVideo(base, identity, path, {
    condition: judge.condition,
    sign: judge.sign,
    pictureTaken: (device, picture) => tickets.pictureTaken(device, picture),
  });
  const proof = createProof(base, identity, care.outbox.add);
  const reporting = createReporting(base, identity, care);
  const surface = createSurface({ base, identity, mapping, path, care, video, proof, reporting, roles });
  const { api, selfCheck, backups, capacityPart } = surface;
  const { registry, access } = identity;
  const { spool, ingest, broker, brokerPart, probing } = path;
  const { monitor, tickets, sender } = care;
  const upkeep = createUpkeep(base, identity, path);
  const life = createLifecycle(
    roles.partsOf([
      { name: 'audit', on: 'leader', ...proof.keeper },
      { name: 'spool', start: spool.open, stop: spool.close },
      { name: 'device types', ...mapping.deviceTypes },
      { name: 'registry', start: registry.load, stop: registry.refresh },
      { name: 'imports', stop: registry.deviceTables.stop },
      { name: 'people', start: access.refresh, stop: access.refresh },
      { name: 'supervisor', ...video.supervisor },
      { name: 'rtsp relay', stop: video.relay.close },
      { name: 'live', on: 'video', ...video.live },
      { name: 'clips', on: 'video', ...video.cameraClips },
      { name: 'picture views', start: video.pictureViews.start },
      { name: 'sender', on: 'leader', ...sender },
      { name: 'exchange', on: 'leader', ...care.exchanging },
      { name: 'life safety', on: 'leader', ...care.insistence },
      { name: 'auditor', on: 'leader', ...care.auditor },
      { name: 'quiet times', start: care.startRules },
      { name: 'monitor', on: 'leader', ...monitor },
      { name: 'ingest', ...ingest },
      { name: 'broker', start: () => broker.start(new AbortController().signal), stop: broker.stop },
      roles.stateTopics(broker),
      {
        on: 'ingest',
        ...brokerPart.path({ up: () => judge.pathUp('mqtt'), down: (reason) => judge.pathDown('mqtt', reason) }),
      },
      brokerPart.watch,
      { on: 'leader', ...brokerPart.loginsPart },
      { name: 'probing', on: 'video', ...probing },
      {
        name: 'rtsp path',
        on: 'video',
        start: () => judge.pathUp('rtsp'),
        stop: () => judge.pathDown('rtsp', 'shutdown'),
      },
      { name: 'onvif', stop: path.onvif.stop },
      { name: 'camera tools', stop: video.closeCameraTools },
      { name: 'conditions', on: 'leader', start: video.unheld.start },
      { name: 'cameras', on: 'video', start: video.cameraPart.start, stop: video.cameraPart.stop },
      { name: 'picture rounds', on: 'video', ...video.pictureRounds },
      { name: 'camera events', on: 'video', start: video.cameraEvents.start, stop: video.cameraEvents.stop },
      every('clock', 10 * SECOND_MS, log, clock.resync),
      every('refresh', 5 * SECOND_MS, log, registry.refresh),
      every('device types', 5 * SECOND_MS, log, mapping.refreshTypes),
      every('people', 5 * SECOND_MS, log, access.refresh),
      every('rules', 5 * SECOND_MS, log, care.tendRules),
      { on: 'leader', ...every('strays', 60 * SECOND_MS, log, care.strays.sweep) },
      { on: 'leader', ...every('tickets', 2 * SECOND_MS, log, tickets.sweep) },
      { on: 'leader', ...every('watchdog', 30 * SECOND_MS, log, care.watchdog) },
      { on: 'leader', ...every('reports', 30 * SECOND_MS, log, reporting.reports.tick) },
      { on: 'leader', ...every('inspections', 30 * SECOND_MS, log, reporting.inspections.tick) },
      { on: 'leader', ...every('quiet times', 5 * SECOND_MS, log, care.quiet.sweep) },
      { on: 'leader', ...every('commands', SECOND_MS, log, registry.commands.sweep) },
      { on: 'leader', ...every('message keys', HOUR_MS / 6, log, ingest.forgetOldKeys) },
      { on: 'leader', ...every('upkeep', HOUR_MS, log, upkeep) },
      { on: 'leader', ...every('unheld conditions', HOUR_MS, log, video.unheld.again) },
      { on: 'video', ...every('pictures', HOUR_MS, log, video.pictures.purge) },
      { on: 'leader', ...every('capacity', HOUR_MS, log, capacityPart.upkeep) },
      { name: 'disks', ...capacityPart.disks },
      { name: 'backups', on: 'leader', ...backups },
      surface.recentPart,
      { name: 'self-check', ...selfCheck },
      { name: 'api', start: () => api.listen(config.http), stop: () => base.nodes.leave().then(() => api.close()) },
    ]),
    log,
  );
  const first = roles.runs('api') ? await access.users.ensureFirst(config) : undefined;
  await life.start();
  brokerPart.look();
  const { port: http } = api.server.address() as AddressInfo;
  const ends = { stop: life.stop, lost: roles.lost, retire: brokerPart.retire };
  return { http, mqtt: broker.address().port, adminPassword: first?.password, ...ends };
}
