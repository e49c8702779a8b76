import type { Probe } from '../../../adapters/adapter.ts';
import { type OnvifClient, OnvifError } from '../../../adapters/onvif/client.ts';
import { CAMERA_ADAPTERS, type CameraFacts } from '../domain/camera.ts';
import type { ConditionEvidence } from '../domain/evidence.ts';
import type { RefusedLogins } from '../probing/refused-logins.ts';
import { createCameraRegistry } from '../registry/cameras/camera-registry.ts';
import type { CameraAccess, CameraTarget, Described } from '../registry/cameras/ports.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

interface CameraNeighbours {
  readonly rtsp: Probe;
  readonly onvif: OnvifClient;
  readonly refusals: Pick<RefusedLogins, 'standing'>;
  readonly condition: (evidence: ConditionEvidence) => void | Promise<void>;
  /** Takes a picture; answers its capture time in epoch milliseconds, null when there was none. */
  readonly takeFirstFrame: CameraAccess['takeFirstFrame'];
}

/** Archive, national codes, first frame and facts of cameras. */
export function createCameraPart(
  { log, clock, metrics, types, store, db, nodes }: Foundation,
  { registry, settings }: Identity,
  { rtsp, onvif, refusals, condition, takeFirstFrame }: CameraNeighbours,
) {
  const part = createCameraRegistry({
    log,
    clock,
    db,
    store: store.cameras,
    history: store.devices,
    audit: store.audit,
    devices: registry.devices,
    directory: registry.directory,
    targets: registry.probeTargets.find,
    mine: (device) => nodes.mine(device, 'video'),
    cameraTypes: () =>
      types
        .list()
        .filter(({ adapter }) => CAMERA_ADAPTERS.has(adapter))
        .map(({ id }) => id),
    settings: settings.current,
    access: { ...createCameraAccess({ rtsp, onvif, refusals, now: clock.now }), takeFirstFrame },
    condition,
    pictures: store.cameras.lastPictures,
    onFirstFrame: metrics.cameras.firstFrame,
  });
  metrics.onCollectShared(async () => metrics.cameras.stages(await part.countByStage()));
  return part;
}

/** One camera by whichever protocol it is registered with. */
export function createCameraAccess({
  rtsp,
  onvif,
  refusals,
  now,
}: {
  rtsp: Probe;
  onvif: Pick<OnvifClient, 'describe' | 'clockOffset' | 'tryLogin'>;
  refusals?: Pick<RefusedLogins, 'standing'>;
  now: () => number;
}): Omit<CameraAccess, 'takeFirstFrame'> {
  return {
    async describe({ deviceKey, deviceId, connection }, options): Promise<Described> {
      const refused = options.insist ? undefined : refusals?.standing(deviceKey, connection);
      if (refused) return { ok: false, reason: 'wrongPassword', detail: refused.detail };
      if (connection.protocol === 'onvif') {
        try {
          const { hardwareId: _, ...said } = await onvif.describe(connection, options);
          return { ok: true, facts: { ...said, readAt: now() } };
        } catch (error) {
          if (error instanceof OnvifError) return { ok: false, reason: error.reason, detail: error.message };
          throw error;
        }
      }
      const { ok, reason, detail, facts = {} } = await rtsp({ deviceId, connection }, options);
      return ok ? { ok, facts: factsOfStream(connection.url, facts, now()) } : { ok, reason, detail };
    },

    async clockOffset({ connection }, options) {
      if (connection.protocol !== 'onvif') return null;
      try {
        return await onvif.clockOffset(connection, options);
      } catch (error) {
        if (error instanceof OnvifError) return null;
        throw error;
      }
    },

    async tryLogin(target: CameraTarget, login, options) {
      const connection = { ...target.connection, ...login };
      const answer =
        connection.protocol === 'onvif'
          ? await onvif.tryLogin(connection, options)
          : await rtsp({ deviceId: target.deviceId, connection }, options);
      const [reason, detail] = typeof answer === 'string' ? [answer, ''] : [answer.reason, answer.detail];
      if (reason === 'ok') return 'accepted';
      if (reason !== 'wrongPassword') return 'unknown';
      return /lock/i.test(detail) ? 'locked' : 'refused';
    },
  };
}

/** Plain RTSP says little: the codec, and sometimes the size of the picture. */
function factsOfStream(
  uri: string,
  facts: Readonly<Record<string, string | number | boolean>>,
  readAt: number,
): CameraFacts {
  const number = (name: string) => (typeof facts[name] === 'number' ? facts[name] : null);
  const stream = {
    role: 'main' as const,
    uri,
    codec: String(facts.codec ?? 'unknown'),
    width: number('width'),
    height: number('height'),
    fps: number('fps'),
    profile: null,
  };
  return {
    manufacturer: null,
    model: null,
    firmware: null,
    serial: null,
    streams: [stream],
    snapshotUri: null,
    ptz: false,
    clockOffsetMs: null,
    answeredBy: null,
    readAt,
  };
}

export type CameraPart = ReturnType<typeof createCameraPart>;
