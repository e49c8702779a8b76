import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { AdapterContext } from '../../../adapters/adapter.ts';
import { createTcpProbe, onvifAdapter, parseConfig, rtspAdapter } from '../../../adapters/index.ts';
import type { DeviceKey } from '../domain/device.ts';
import type {
  ConditionEvidence,
  LinkEvidence,
  MessageEvidence,
  ProbeEvidence,
  VendorLinkEvidence,
} from '../domain/evidence.ts';
import { createIngest, type IngestOptions } from '../ingest/ingest.ts';

import { createLevels } from '../probing/levels.ts';
import { createOnvifDescribe } from '../probing/onvif-describe.ts';
import { createOwnSide } from '../probing/own-side.ts';
import type { TargetProbe } from '../probing/ports.ts';
import { createRefinement } from '../probing/refinement.ts';
import { createRefusedLogins } from '../probing/refused-logins.ts';
import { createProbing } from '../probing/scheduler.ts';
import { shareOf } from '../probing/share.ts';
import { createSpool } from '../spool/spool.ts';
import { createBrokerPart } from './broker.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';
import { createOwnPath } from './own-path.ts';
import { createReadings } from './readings.ts';

const SPOOL_BYTES = 1024 ** 3;
const DAY_MS = 86_400_000;
const AHEAD_MS = 10 * 60_000;
/** A millisecond has room for so many processes, each with 31 µs for what comes to it at once. */
const [SLOTS, SLOT_MS] = [32, 0.031];

export type DataPath = ReturnType<typeof createDataPath>;

/** Who hears what the path learned of devices; see monitor. */
interface Judge {
  observe(evidence: readonly MessageEvidence[]): void;
  link(evidence: LinkEvidence): void;
  probe(evidence: ProbeEvidence): void;
  vendorLink(evidence: VendorLinkEvidence): void;
  condition(evidence: ConditionEvidence): void;
  /** In the transaction that stores them; absent = {@link Judge.observe} tells. */
  readonly keep?: IngestOptions['keep'];
  /** A camera that can be reached answers otherwise than before. */
  turned(device: DeviceKey): void;
  /** Our own network is gone or back: what the probes say meanwhile is about us. */
  probesBlind(reason: string | null): void;
}

/** device → adapter → spool → ingest → time series; and the probes of what does not speak by itself. */
export function createDataPath(base: Foundation, { registry, access, settings }: Identity, judge: Judge) {
  const { config, log, clock, metrics, guard, types, store, db } = base;
  const spool = createSpool({ log, clock, dir: join(config.dataDir, 'spool'), capacityBytes: SPOOL_BYTES });
  base.nodes.announce({ backlog: spool.status });
  const readings = createReadings(base, registry.unitOf);
  const ingest = createIngest({
    log,
    clock,
    spool,
    readings,
    types,
    directory: registry.directory,
    transactor: db,
    store: store.ingest,
    metrics: metrics.ingest,
    window: () => ({ pastMs: settings.current().rawDays * DAY_MS, futureMs: AHEAD_MS }),
    vendors: registry.vendorPart.allowance,
    apartMs: () => (base.nodes.slot() % SLOTS) * SLOT_MS,
    foreign: (vendorId, target) =>
      access.onVendorDenied({ vendorId, what: 'device', target, reason: 'foreignDevice', address: null }),
    observe: judge.observe,
    keep: judge.keep,
    sendError: (id, error) => broker.send(id, `cgw/v1/${id}/error`, Buffer.from(JSON.stringify(error))),
  });
  const context: AdapterContext = {
    log,
    clock,
    authenticate: access.authenticateDevice,
    authorize: access.authorizeTopic,
    emit: ingest.accept,
    link(event) {
      const evidence = registry.linkEvidence(event);
      if (evidence) judge.link(evidence);
      const { principal, state, session, at, reason } = event;
      if (principal.kind === 'vendor') judge.vendorLink({ vendorId: principal.vendorId, state, session, at, reason });
    },
  };
  const brokerPart = createBrokerPart(base, { registry, access, settings }, context);
  const { broker } = brokerPart;
  const rtsp = rtspAdapter.create(parseConfig(rtspAdapter, { allowedTargets: config.allowedTargets ?? [] }), context);
  const onvif = onvifAdapter.create(
    parseConfig(onvifAdapter, { allowedTargets: config.allowedTargets ?? [] }),
    context,
  );
  const { monotonic } = clock;
  const tcp = createTcpProbe({ guard, monotonic });
  const refusals = createRefusedLogins(monotonic);
  const levels = (describe: TargetProbe) =>
    createLevels({ tcp, describe, monotonic, refusals, l2EveryMs: () => settings.ms('describeEvery') });
  const describeOnvif = createOnvifDescribe({
    rtsp: rtsp.probe,
    onvif: onvif.probe,
    monotonic,
    async mainStream(device) {
      const [found] = await store.cameras.byKeys(db.autocommit, [device]);
      return found?.camera.facts?.streams.find(({ role }) => role === 'main')?.uri ?? null;
    },
  });
  const refine = createRefinement(judge);
  let lastAnswerAt: number | null = null;
  const ownSide = createOwnSide({
    clock,
    hasNetwork: () => Object.values(networkInterfaces()).some((found) => found?.some(({ internal }) => !internal)),
    broken(reason) {
      log.error({ reason }, 'the way to the cameras is broken on our own side');
      judge.probesBlind(reason);
    },
    sound: () => judge.probesBlind(null),
  });
  const probing = createProbing({
    log,
    clock,
    targets: shareOf(registry.probeTargets, base.share),
    probe: { rtsp: levels(rtsp.probe), onvif: levels(describeOnvif) },
    // Both protocols are dialled from here by the same means, so one observed clock judges them.
    path: 'rtsp',
    outcome: ownSide.note,
    report(evidence) {
      if (evidence.ok) lastAnswerAt = evidence.at;
      metrics.probes.done(evidence.reason, evidence.rttMs ?? 0);
      refine(evidence);
    },
  });
  const ownPath = createOwnPath({
    clock,
    spool,
    ping: db.ping,
    sing: brokerPart.sing,
    lastAnswerAt: () => lastAnswerAt,
  });
  return {
    ownPath,
    spool,
    ingest,
    readings,
    broker,
    brokerPart,
    probing,
    rtsp,
    onvif,
    refusals,
    answers: refine.answers,
    looked: refine.looked,
  };
}
