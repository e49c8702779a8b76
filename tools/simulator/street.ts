import type { ApiClient } from './api-client.ts';
import { createDevice, type SimulatedDevice } from './mqtt-device.ts';
import { registerParties, UNIT_OF } from './parties.ts';
import { ebikeCharger, evCharger } from './profiles/charging.ts';
import type { Profile } from './profiles/profile.ts';
import { garbageRoom, parkingGate, smokeDetector } from './profiles/street.ts';
import { createRandom } from './random.ts';
import { createRtspServer, type RtspServer, type SimulatedCamera } from './rtsp/server.ts';

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

export interface Street {
  readonly devices: readonly SimulatedDevice[];
  readonly cameras: readonly { readonly id: string; readonly camera: SimulatedCamera }[];
  device(id: string): SimulatedDevice;
  camera(id: string): SimulatedCamera;
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

const STREETS = ['东明路', '三林路', '上南路', '凌兆路', '长清路'];
const PLACES = ['一村', '二村', '三村', '苑', '花园', '广场'];
const CAMERA_LOGIN = { username: 'viewer', password: 'Street-2026!' };
const NVR_CHANNELS = 4;

/** Registers the street over the HTTP API and builds its devices; existing ones are taken over with a new secret. */
export async function buildStreet(options: StreetOptions): Promise<Street> {
  const random = createRandom(options.seed ?? 20_261_123);
  const plans: { prefix: string; count: number; profile: Profile; module: string }[] = [
    { prefix: 'ebike', count: options.size.ebikeChargers, profile: ebikeCharger, module: 'charging' },
    { prefix: 'ev', count: options.size.evChargers, profile: evCharger, module: 'charging' },
    { prefix: 'garbage', count: options.size.garbageRooms, profile: garbageRoom, module: 'garbage' },
    { prefix: 'smoke', count: options.size.smokeDetectors, profile: smokeDetector, module: 'twin' },
    { prefix: 'gate', count: options.size.parkingGates, profile: parkingGate, module: 'parking' },
  ];
  const interval = `${Math.round(options.intervalMs / 1_000)}s`;
  const silentAfter = `${Math.round((options.intervalMs * 3) / 1_000)}s`;
  const healthPolicy = { interval, offlineAfter: silentAfter, hold: silentAfter, recoverAfter: interval };

  await registerParties(options.api);
  const devices: SimulatedDevice[] = [];
  for (const { prefix, count, profile, module } of plans) {
    for (let n = 1; n <= count; n++) {
      const id = `${prefix}-${String(n).padStart(2, '0')}`;
      const body = {
        id,
        type: profile.type,
        name: `${placeOf(n)}${profile.title}${n}号`,
        module,
        maintenanceUnitId: UNIT_OF[module],
        location: locationOf(random),
        healthPolicy: { ...healthPolicy, ...freshness(profile, options.intervalMs) },
      };
      options.signal?.throwIfAborted();
      const password = await register(options.api, body);
      devices.push(
        createDevice({
          mqttUrl: options.mqttUrl,
          id,
          password,
          profile,
          random: createRandom(random.next() * 2 ** 32),
          intervalMs: options.intervalMs,
        }),
      );
    }
  }

  const servers = cameraServers(options.size.cameras);
  const cameras: { id: string; camera: SimulatedCamera }[] = [];
  const addCameras = async (server: RtspServer) => {
    await server.start();
    for (const camera of server.cameras) {
      options.signal?.throwIfAborted();
      const n = cameras.length + 1;
      const id = `camera-${String(n).padStart(2, '0')}`;
      await register(options.api, {
        id,
        type: 'generic/camera',
        name: `${placeOf(n)}高空摄像机${n}号`,
        module: 'video',
        maintenanceUnitId: UNIT_OF.video,
        location: locationOf(random),
        connection: {
          protocol: 'rtsp',
          url: camera.url,
          username: CAMERA_LOGIN.username,
          password: CAMERA_LOGIN.password,
        },
        healthPolicy,
      });
      cameras.push({ id, camera });
    }
  };
  try {
    for (const server of servers) await addCameras(server);
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop()));
    throw error;
  }

  return {
    devices,
    cameras,
    device: (id) =>
      found(
        devices.find((device) => device.id === id),
        id,
      ),
    camera: (id) => found(cameras.find((camera) => camera.id === id)?.camera, id),
    async start() {
      await Promise.all(devices.map((device) => device.start()));
    },
    async stop() {
      await Promise.all(devices.map((device) => device.stop()));
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** Values of a garbage room go stale in seconds, so that a silent sensor in a live device shows. */
function freshness(profile: Profile, intervalMs: number): { freshWithin?: Record<string, string> } {
  if (profile !== garbageRoom) return {};
  const within = `${Math.round((intervalMs * 4) / 1_000)}s`;
  return { freshWithin: { nh3: within, h2s: within, temperature: within } };
}

/** Most cameras have an address of their own; the last four share an NVR's. */
function cameraServers(count: number): RtspServer[] {
  const single = Math.max(0, count - NVR_CHANNELS);
  const alone = Array.from({ length: single }, () =>
    createRtspServer({ cameras: [{ path: '/h264/ch1/sub/av_stream', login: CAMERA_LOGIN }] }),
  );
  const channels = Array.from({ length: count - single }, (_, n) => ({
    path: `/Streaming/Channels/${n + 1}02`,
    login: CAMERA_LOGIN,
  }));
  return channels.length === 0 ? alone : [...alone, createRtspServer({ cameras: channels })];
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

const placeOf = (n: number) => `${STREETS[n % STREETS.length]}${PLACES[n % PLACES.length]}`;

/** A point of the 东明路 area, WGS-84. */
function locationOf(random: { between(low: number, high: number): number }): { lat: number; lon: number } {
  return {
    lat: Number(random.between(31.13, 31.15).toFixed(6)),
    lon: Number(random.between(121.5, 121.52).toFixed(6)),
  };
}

function found<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`the street has no ${id}`);
  return value;
}
