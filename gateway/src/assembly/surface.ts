import { fileURLToPath } from 'node:url';
import { createApi } from '../api/app.ts';
import { createReplay } from '../ingest/replay.ts';
import { createSelfCheck } from '../self-check.ts';
import { createBackupPart } from './backups.ts';
import type { Care } from './care.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';
import type { Mapping } from './mapping.ts';
import { createProbePart } from './probe.ts';
import type { Proof } from './proof.ts';
import { createRegistrationPart } from './registration.ts';
import type { Reporting } from './reports.ts';
import type { Video } from './video.ts';

const CONSOLE = fileURLToPath(new URL('../../../dashboards/console/dist', import.meta.url));

/** What people and programs see: the HTTP API, and what the gateway says of itself. */
export function createSurface(
  base: Foundation,
  identity: Identity,
  mapping: Mapping,
  path: DataPath,
  care: Care,
  video: Video,
  { audit, auditDoor }: Proof,
  { reports, inspections }: Reporting,
) {
  const { config, log, clock, metrics, readiness, types, store, db } = base;
  const { registry, access, settings } = identity;
  const { ingest, readings } = path;
  const { tickets, notifications } = care;
  const selfCheck = createSelfCheck({
    ...path,
    judgement: care.monitor,
    log,
    clock,
    readiness,
    metrics,
    ping: db.ping,
    counts: async () => ({
      states: await store.health.countByState(db.autocommit),
      incidents: await store.health.countOpenIncidents(db.autocommit),
      stages: await tickets.countByStage(),
      outbox: await notifications.depth(),
    }),
  });
  const backups = createBackupPart(base, identity, care);
  const api = createApi({
    config: { ...config, consoleFolder: CONSOLE, trustedProxies: () => settings.current().trustedProxies },
    log,
    clock,
    metrics,
    readiness,
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
      recent: ingest.recent,
      accounting: { messages: ingest.accounting },
      judgement: care.monitor,
      idempotency: store.idempotency,
      backups,
      audit,
      auditDoor,
    },
  });
  return { selfCheck, api, backups };
}
