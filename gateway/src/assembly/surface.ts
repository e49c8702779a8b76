import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createApi } from '../api/app.ts';
import { createReplay } from '../ingest/replay.ts';
import { createSelfCheck } from '../self-check.ts';
import { createBackupPart } from './backups.ts';
import { createCapacityPart } from './capacity.ts';
import type { Care } from './care.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';
import type { Mapping } from './mapping.ts';
import { createProbePart } from './probe.ts';
import type { Proof } from './proof.ts';
import { createRecentPart } from './recent.ts';
import { createRegistrationPart } from './registration.ts';
import type { Reporting } from './reports.ts';
import type { Roles } from './roles.ts';
import type { Video } from './video.ts';

const CONSOLE = fileURLToPath(new URL('../../../dashboards/console/dist', import.meta.url));

interface Clauses {
  readonly base: Foundation;
  readonly identity: Identity;
  readonly mapping: Mapping;
  readonly path: DataPath;
  readonly care: Care;
  readonly video: Video;
  readonly proof: Proof;
  readonly reporting: Reporting;
  readonly roles: Roles;
}

/** What people and programs see: the HTTP API, and what the gateway says of itself. */
export function createSurface({ base, identity, mapping, path, care, video, proof, reporting, roles }: Clauses) {
  const { judgement } = roles;
  const { audit, auditDoor } = proof;
  const { reports, inspections } = reporting;
  const { config, log, clock, metrics, readiness, secrets, types, store, db, nodes } = base;
  const { registry, access, settings } = identity;
  const { ingest, readings } = path;
  const { tickets, notifications } = care;
  const selfCheck = createSelfCheck({
    ...path,
    judgement,
    log,
    clock,
    readiness,
    metrics,
    ping: db.ping,
    pingSeries: base.influx?.database.ping,
    counts: async () => ({
      states: await store.health.countByState(db.autocommit),
      incidents: await store.health.countOpenIncidents(db.autocommit),
      stages: await tickets.countByStage(),
      outbox: await notifications.depth(),
    }),
  });
  const backups = createBackupPart(base, identity, care);
  const capacityPart = createCapacityPart(base, identity, path, care);
  const recentPart = createRecentPart(base, roles.split, ingest.recent);
  /** What waits on the disks of other processes counts as spooled too. */
  const accounting = async () => {
    const all = await ingest.accounting();
    const others = nodes.all().filter(({ id }) => id !== nodes.self.id);
    const elsewhere = others.reduce((sum, { undrained }) => sum + undrained, 0);
    return { ...all, received: all.received + elsewhere, spooled: all.spooled + elsewhere };
  };
  const api = createApi({
    config: { ...config, consoleFolder: CONSOLE, trustedProxies: () => settings.current().trustedProxies },
    log,
    clock,
    metrics,
    readiness,
    written: roles.freshness.written,
    forwarding: {
      self: nodes.self.id,
      alone: () => nodes.all().length === 1 && nodes.self.roles.includes('video'),
      owner: (key) => nodes.owner(key, 'video'),
      peer: (id) => nodes.all().find((node) => node.id === id),
      sign: secrets.sign,
      check: secrets.check,
    },
    services: {
      ...registry,
      ...access,
      ...video,
      ...createProbePart(identity, care, clock),
      registration: createRegistrationPart(base, registry, video),
      db,
      tickets,
      notifications,
      exchange: care.exchange,
      quiet: care.quiet,
      alarmRules: care.alarmRules,
      reports,
      inspections,
      reads: store.reads,
      series: readings,
      deviceTypes: types,
      typeVersions: mapping.typeVersions,
      typePreview: mapping.previewWith(identity),
      replay: createReplay({ db, log, clock, store: store.reads, feed: ingest.replay, audit: store.audit }),
      recent: recentPart.recent,
      accounting: { messages: accounting },
      judgement,
      idempotency: store.idempotency,
      mqttAuth: path.brokerPart.questions,
      backups,
      capacity: capacityPart.capacity,
      audit,
      auditDoor,
    },
  });
  nodes.announce({ url: () => config.nodeUrl ?? ownUrl(config.http.host, api.server.address()) });
  return { recentPart: recentPart.part, selfCheck, api, backups, capacityPart };
}

/** Where a process reaches itself, and others on its network reach it by its name; null before it listens. */
function ownUrl(host: string, address: AddressInfo | string | null): string | null {
  if (address === null || typeof address === 'string') return null;
  const everywhere = host === '0.0.0.0' || host === '::';
  const name = everywhere ? hostname() : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}
