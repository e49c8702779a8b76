import type { ApiClient } from './api-client.ts';
import { createDevice, type SimulatedDevice } from './mqtt-device.ts';
import type { OnvifDevice } from './onvif/device.ts';
import { registerParties, UNIT_OF } from './parties.ts';
import { createPlaces, type Place, type Places } from './places.ts';
import { ebikeCharger, evCharger } from './profiles/charging.ts';
import type { Profile } from './profiles/profile.ts';
import { garbageRoom, parkingGate, smokeDetector } from './profiles/street.ts';
import { createRandom, type Random } from './random.ts';
import type { SimulatedCamera } from './rtsp/server.ts';
import { type Sight, streetSights } from './sights.ts';

export interface StreetSize {
  readonly cameras: number;
  readonly ebikeChargers: number;
  readonly evChargers: number;
  readonly garbageRooms: number;
  readonly smokeDetectors: number;
  readonly parkingGates: number;
}

/** 20 cameras, 30 chargers, 20 garbage rooms, 6 smoke detectors. */
export const DEMO_STREET: StreetSize = {
  cameras: 20,
  ebikeChargers: 24,
  evChargers: 6,
  garbageRooms: 20,
  smokeDetectors: 6,
  parkingGates: 0,
};

export interface StreetCamera {
  readonly id: string;
  readonly camera: SimulatedCamera;
  readonly onvif?: OnvifDevice;
}

export interface Street {
  readonly devices: readonly SimulatedDevice[];
  readonly cameras: readonly StreetCamera[];
  device(id: string): SimulatedDevice;
  camera(id: string): SimulatedCamera;
  /** The ONVIF side of a camera that is reached by it. */
  onvif(id: string): OnvifDevice;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface StreetOptions {
  readonly api: ApiClient;
  readonly mqttUrl: string;
  readonly size: StreetSize;
  /** Milliseconds between two messages of a device, and between two probes of a camera. */
  readonly intervalMs: number;
  readonly seed?: number;
  /** Breaks the registration off. */
  readonly signal?: AbortSignal;
}

/** Registers the street over the HTTP API and builds its devices; existing ones are taken over with a new secret. */
export async function buildStreet(options: StreetOptions): Promise<Street> {
  // Films are made and ports opened while the devices are registered: the gateway is counting their silence already.
  const sights = streetSights(options.size.cameras);
  const opening = Promise.allSettled(sights.map((sight) => sight.start()));
  const stopSights = async () => {
    await opening;
    await Promise.all(sights.map((sight) => sight.stop()));
  };
  const random = createRandom(options.seed ?? 20_261_123);
  try {
    await registerParties(options.api);
    const places = createPlaces(options.api);
    const devices = await registerDevices(options, random, places);
    for (const outcome of await opening) if (outcome.status === 'rejected') throw outcome.reason;
    const cameras = await registerCameras(options, sights, random, places);
    return streetOf(devices, cameras, stopSights);
  } catch (error) {
    await stopSights();
    throw error;
  }
}

function healthPolicyOf({ intervalMs }: StreetOptions) {
  const interval = `${Math.round(intervalMs / 1_000)}s`;
  const silentAfter = `${Math.round((intervalMs * 3) / 1_000)}s`;
  return { interval, offlineAfter: silentAfter, hold: silentAfter, recoverAfter: interval };
}

async function registerDevices(options: StreetOptions, random: Random, places: Places): Promise<SimulatedDevice[]> {
  const { size, intervalMs } = options;
  const plans: { prefix: string; count: number; profile: Profile; module: string }[] = [
    { prefix: 'ebike', count: size.ebikeChargers, profile: ebikeCharger, module: 'charging' },
    { prefix: 'ev', count: size.evChargers, profile: evCharger, module: 'charging' },
    { prefix: 'garbage', count: size.garbageRooms, profile: garbageRoom, module: 'garbage' },
    { prefix: 'smoke', count: size.smokeDetectors, profile: smokeDetector, module: 'twin' },
    { prefix: 'gate', count: size.parkingGates, profile: parkingGate, module: 'parking' },
  ];
  const devices: SimulatedDevice[] = [];
  for (const { prefix, count, profile, module } of plans) {
    for (let n = 1; n <= count; n++) {
      const id = `${prefix}-${String(n).padStart(2, '0')}`;
      const place = await places.at(n);
      const body = {
        id,
        type: profile.type,
        name: `${place.name}${profile.title}${n}号`,
        module,
        orgId: place.orgId,
        siteId: place.siteId,
        maintenanceUnitId: UNIT_OF[module],
        location: locationOf(random, place),
        healthPolicy: { ...healthPolicyOf(options), ...freshness(profile, intervalMs) },
      };
      options.signal?.throwIfAborted();
      const password = await register(options.api, body);
      const ownRandom = createRandom(random.next() * 2 ** 32);
      devices.push(createDevice({ mqttUrl: options.mqttUrl, id, password, profile, random: ownRandom, intervalMs }));
    }
  }
  return devices;
}

async function registerCameras(
  options: StreetOptions,
  sights: readonly Sight[],
  random: Random,
  places: Places,
): Promise<StreetCamera[]> {
  const cameras: StreetCamera[] = [];
  for (const { camera, connection, onvif } of sights.flatMap((sight) => sight.cameras())) {
    options.signal?.throwIfAborted();
    const n = cameras.length + 1;
    const id = `camera-${String(n).padStart(2, '0')}`;
    const place = await places.at(n);
    await register(options.api, {
      id,
      type: 'generic/camera',
      name: `${place.name}高空摄像机${n}号`,
      module: 'video',
      orgId: place.orgId,
      siteId: place.siteId,
      maintenanceUnitId: UNIT_OF.video,
      location: locationOf(random, place),
      connection,
      healthPolicy: healthPolicyOf(options),
    });
    cameras.push({ id, camera, ...(onvif && { onvif }) });
  }
  return cameras;
}

function streetOf(
  devices: readonly SimulatedDevice[],
  cameras: readonly StreetCamera[],
  stopSights: () => Promise<void>,
): Street {
  const cameraOf = (id: string) =>
    found(
      cameras.find((camera) => camera.id === id),
      id,
    );
  return {
    devices,
    cameras,
    device: (id) =>
      found(
        devices.find((device) => device.id === id),
        id,
      ),
    camera: (id) => cameraOf(id).camera,
    onvif: (id) => found(cameraOf(id).onvif, id),
    async start() {
      await Promise.all(devices.map((device) => device.start()));
    },
    async stop() {
      await Promise.all(devices.map((device) => device.stop()));
      await stopSights();
    },
  };
}

/** Values of a garbage room go stale in seconds, so that a silent sensor in a live device shows. */
function freshness(profile: Profile, intervalMs: number): { freshWithin?: Record<string, string> } {
  if (profile !== garbageRoom) return {};
  const within = `${Math.round((intervalMs * 4) / 1_000)}s`;
  return { freshWithin: { nh3: within, h2s: within, temperature: within } };
}

async function register(
  api: ApiClient,
  body: { id: string; type: string; name: string; connection?: object; [field: string]: unknown },
): Promise<string> {
  const existing = await api.get<{ items: { id: string }[] }>(`/devices?q=${encodeURIComponent(body.id)}&limit=100`);
  if (!existing.items.some((device) => device.id === body.id)) {
    const { credentials } = await api.post<{ credentials: { password: string } }>('/devices', body);
    return credentials.password;
  }
  if (body.connection) {
    await api.post(`/devices/${body.id}/replace`, { connection: body.connection, reason: '演示重新启动' });
    return '';
  }
  const { password } = await api.post<{ password: string }>(`/devices/${body.id}/credentials`, {});
  return password;
}

/** A point of the 东明路 area inside the residents' committee of that place, WGS-84. */
function locationOf(random: Random, { box: [west, south, east, north] }: Place): { lat: number; lon: number } {
  return {
    lat: Number(random.between(south, north).toFixed(6)),
    lon: Number(random.between(west, east).toFixed(6)),
  };
}

function found<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`the street has no ${id}`);
  return value;
}
