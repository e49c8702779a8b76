import type { CameraFacts } from '../../src/domain/camera.ts';
import type { DeviceKey } from '../../src/domain/device.ts';
import type { ConditionEvidence } from '../../src/domain/evidence.ts';
import { createLogger } from '../../src/log.ts';
import { createCameraRegistry } from '../../src/registry/cameras/camera-registry.ts';
import type { CameraAccess, CameraTarget } from '../../src/registry/cameras/ports.ts';
import { createProbeTargets } from '../../src/registry/probe-targets.ts';
import { createCameraPlaceStore } from '../../src/store/camera-places.ts';
import { createCameraStore } from '../../src/store/cameras.ts';
import type { Database } from '../../src/store/database.ts';
import { createTestRegistry } from './registry.ts';

/** What a camera says of itself, unless a test says otherwise. */
export function factsFixture(over: Partial<CameraFacts> = {}): CameraFacts {
  return {
    manufacturer: 'Hikvision',
    model: 'DS-2CD',
    firmware: '5.7',
    serial: 'SN-1',
    streams: [
      { role: 'main', uri: 'rtsp://10.0.0.9/1', codec: 'H264', width: 1920, height: 1080, fps: 25, profile: null },
    ],
    snapshotUri: null,
    ptz: false,
    clockOffsetMs: 200,
    answeredBy: 'node-onvif',
    readAt: 0,
    ...over,
  };
}

/** The camera registry over a database; the cameras themselves are what `access` says. */
export function createTestCameras(db: Database, access: Partial<CameraAccess> = {}) {
  const registry = createTestRegistry(db);
  const { deps, directory, store: devices, secrets, clock } = registry;
  const store = { ...createCameraStore(), ...createCameraPlaceStore() };
  const conditions: ConditionEvidence[] = [];
  const firstFrames: number[] = [];
  const log = createLogger('silent');
  const settings = { defaultPasswordCheck: false, duplicateRadius: 50, duplicateAngle: 45 };
  const targets = createProbeTargets({
    db,
    devices,
    directory,
    sealing: secrets,
    intervalMs: () => 30_000,
    security: deps.security,
    securityPace: () => 3,
    clock,
    log,
  });
  const part = createCameraRegistry({
    db,
    store,
    history: devices,
    devices: registry.devices,
    directory,
    targets: targets.find,
    mine: () => true,
    access: {
      describe: async () => ({ ok: false, reason: 'timeout', detail: '' }),
      clockOffset: async () => null,
      tryLogin: async () => 'unknown',
      takeFirstFrame: async () => null,
      ...access,
    },
    audit: deps.audit,
    condition: (evidence) => void conditions.push(evidence),
    cameraTypes: () => ['generic/camera'],
    settings: () => settings,
    onFirstFrame: (ms) => firstFrames.push(ms),
    clock,
    log,
  });
  deps.reactions.onReplaced = part.onReplaced;
  const target = async (device: DeviceKey): Promise<CameraTarget> => {
    const [found] = await targets.find([device]);
    if (!found) throw new Error(`camera ${device} cannot be dialled`);
    return found;
  };
  return { ...registry, cameras: part.cameras, part, conditions, firstFrames, settings, target, cameraStore: store };
}
