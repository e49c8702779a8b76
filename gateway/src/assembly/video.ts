import { join } from 'node:path';
import { createRtspRelay } from '../../../adapters/index.ts';
import { PICTURE_FAULTS, WATCHED_FAULTS } from '../domain/camera-faults.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { ConditionEvidence, SignEvidence } from '../domain/evidence.ts';
import { createPictureRounds } from '../probing/picture-rounds.ts';
import { shareOf } from '../probing/share.ts';
import { createCameraSources } from '../video/sources.ts';
import { createSupervisor } from '../video/supervisor/supervisor.ts';
import { createCameraEvents } from './camera-events.ts';
import { createCameraHints } from './camera-hints.ts';
import { createCameraPart } from './cameras.ts';
import type { DataPath } from './data-path.ts';
import { createPictureDiagnosis } from './diagnosis.ts';
import { createCameraTools } from './discovery.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';
import { createLiveView } from './live.ts';
import { createPicturePart } from './pictures.ts';

/** Verdict and memory of a fault are written by two stages; so long one may be ahead of the other. */
const IN_BETWEEN_MS = 10 * 60_000;

export type Video = ReturnType<typeof createVideo>;

/** What happens outside the video stage; reached when called, since the parts name each other in both directions. */
export interface VideoReactions {
  condition(evidence: ConditionEvidence): void;
  sign(evidence: SignEvidence): void;
  /** A picture without fault was taken; answers how many tickets keep it. */
  pictureTaken(device: DeviceKey, picture: { readonly id: string; readonly takenAt: number }): Promise<number>;
}

/** camera → pictures, diagnosis, live view: what is seen, by whom, and what is wrong with it. */
export function createVideo(base: Foundation, identity: Identity, path: DataPath, outside: VideoReactions) {
  const { config, log, clock, metrics, guard, store, db } = base;
  const supervisor = createSupervisor({
    log,
    clock,
    dir: join(config.dataDir, 'processes'),
    metrics: metrics.video,
  });
  const { monotonic } = clock;
  const relay = createRtspRelay({ guard, log, monotonic, verifyTls: false, userAgent: 'chengyun-gateway' });
  const sources = createCameraSources({
    targets: identity.registry.probeTargets,
    async camera(key) {
      const [found] = await store.cameras.byKeys(db.autocommit, [key]);
      if (!found) return undefined;
      const { device, camera } = found;
      return { name: device.nickname ?? device.name, facts: camera.facts, connected: device.connection !== null };
    },
    async describe(device) {
      const described = await cameraPart.describe(device);
      if (described && !described.ok) throw Object.assign(new Error(described.detail), { reason: described.reason });
      return described?.facts ?? null;
    },
    allowed: (url) =>
      guard.resolveUrl(url).then(
        () => true,
        () => false,
      ),
    refusedLogin: (device, connection) => path.refusals.standing(device, connection)?.detail,
    openRelay: relay.open,
    onvifSnapshot: path.onvif.client.snapshot,
    monotonic,
  });
  const { pictures, snapshots, takeFirstFrame, createViews } = createPicturePart(base, identity, {
    sources,
    supervisor,
  });
  const cameraPart = createCameraPart(base, identity, {
    rtsp: path.rtsp.probe,
    onvif: path.onvif.client,
    refusals: path.refusals,
    condition: outside.condition,
    takeFirstFrame,
  });
  const { diagnosis, pictureChecks } = createPictureDiagnosis(base, identity, {
    sources,
    supervisor,
    pictures,
    condition: outside.condition,
    firstFrame: cameraPart.firstFrame,
    looked(device, { ok, reason, detail, at, findings }, gapMs) {
      // A fault of the picture was found in what a session showed.
      const served = ok || findings.length > 0;
      if (served) outside.sign({ device, path: 'rtsp', at });
      path.looked({ device, path: 'rtsp', at, reason, detail, served }, gapMs);
    },
  });
  const liveView = createLiveView(base, identity, {
    sources,
    supervisor,
    masksChanged: (device) => hints.masksChanged(device),
  });
  const { recordViewing } = liveView.viewings;
  const masksOf = async (key: DeviceKey) => (await liveView.cameraMasks.masksOf(key)).areas;
  const { settings } = identity;
  const pictureRounds = createPictureRounds({
    log,
    clock,
    targets: shareOf(identity.registry.probeTargets, base.share),
    answers: path.answers,
    async check(device, signal) {
      const seen = await pictureChecks.check(device, signal);
      if (seen.ok && seen.picture && (await outside.pictureTaken(device, { id: seen.picture, takenAt: seen.at })) > 0)
        await pictures.keep([seen.picture], 'evidence');
      // A probe that only knocks may not know yet; what it learns spares the camera further logins.
      if (!seen.ok && seen.picture === null) path.probing.soon(device);
      return seen;
    },
    pace: () => ({
      everyMs: settings.ms('pictureEvery'),
      confirmMs: settings.ms('pictureConfirm'),
      cpuShare: settings.current().pictureCpu / 100,
    }),
    spentCpuMs: () => supervisor.stats().cpuMs.check,
  });
  const cameraEvents = createCameraEvents(base, identity, path, {
    look: pictureRounds.soon,
    condition: outside.condition,
    sign: outside.sign,
  });
  const conditionParts = { pictures: PICTURE_FAULTS, watches: WATCHED_FAULTS };
  const endUnheld = async (before: number) => {
    const evidence = { reason: 'notHeld' };
    for (const alarm of await store.health.unheldConditions(db.autocommit, conditionParts, before)) {
      log.warn(alarm, 'a fault that nothing holds any more is ended');
      outside.condition({ ...alarm, at: clock.now(), active: false, evidence });
    }
  };
  const hints = createCameraHints(base, identity, {
    probeNow: path.probing.probeNow,
    inspect: async (device, fault) => cameraEvents.inspect(device, fault) ?? pictureChecks.inspect(device, fault),
    endViews(why, device) {
      if (why === 'masks') liveView.live.masksChanged(device);
      else liveView.live.connectionChanged(device);
    },
    connectionChanged(device) {
      cameraPart.connectionChanged(device);
      pictureChecks.connectionChanged(device);
    },
  });
  return {
    /** What a crash left standing is ended at the start, what trouble of the database did within the hour. */
    unheld: {
      start: () => endUnheld(clock.now()),
      again: () => endUnheld(clock.now() - IN_BETWEEN_MS),
    },
    pictures,
    snapshots,
    diagnosis,
    pictureChecks,
    pictureRounds,
    cameraEvents,
    /** It can be reached again: its picture and what it noticed meanwhile. */
    turned(device: DeviceKey): void {
      pictureRounds.soon(device);
      cameraEvents.soon(device);
    },
    probeNow: hints.probeNow,
    /** Looks for a fault that no probe shows. */
    inspect: hints.inspect,
    pictureViews: createViews({ masksOf, recordViewing }),
    cameraPart,
    reachedOtherwise: hints.reachedOtherwise,
    ...createCameraTools(base, identity, path, async (key) => (await masksOf(key)).length > 0),
    cameras: cameraPart.cameras,
    supervisor,
    relay,
    sources,
    ...liveView,
  };
}
