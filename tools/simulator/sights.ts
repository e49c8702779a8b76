import { createOnvifDevice, type OnvifDevice } from './onvif/device.ts';
import { filmsAvailable } from './rtsp/film.ts';
import { createRtspServer, type SimulatedCamera, type SimulatedCameraOptions } from './rtsp/server.ts';

const LOGIN = { username: 'viewer', password: 'Street-2026!' };
const NVR_CHANNELS = 4;
/** Of the cameras with an address of their own, the last so many are reached by ONVIF. */
const ONVIF_CAMERAS = 4;

/** What stands at one place of the street: a camera, or a recorder with its channels. */
export interface Sight {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Valid after `start()`. */
  cameras(): readonly { readonly camera: SimulatedCamera; readonly connection: object; readonly onvif?: OnvifDevice }[];
}

/** Most cameras have an address of their own, some of them ONVIF with two streams; the last four share an NVR's. */
export function streetSights(count: number): Sight[] {
  const single = Math.max(0, count - NVR_CHANNELS);
  const films = filmsAvailable();
  const alone = Array.from({ length: single }, (_, n) =>
    n < single - ONVIF_CAMERAS ? plainSight([camera('/h264/ch1/sub/av_stream', n, films)]) : onvifSight(n, films),
  );
  const channels = Array.from({ length: count - single }, (_, n) => camera(`/Streaming/Channels/${n + 1}02`, n, films));
  return channels.length === 0 ? alone : [...alone, plainSight(channels)];
}

/** Two streets for all cameras: films are made once, and the demo should begin soon. */
function camera(path: string, n: number, films: boolean): SimulatedCameraOptions {
  return { path, login: LOGIN, ...(films && { picture: 'good' as const, seed: 1 + (n % 2) }) };
}

function plainSight(options: readonly SimulatedCameraOptions[]): Sight {
  const server = createRtspServer({ cameras: options });
  return {
    start: server.start,
    stop: server.stop,
    cameras: () =>
      server.cameras.map((one) => ({ camera: one, connection: { protocol: 'rtsp', url: one.url, ...LOGIN } })),
  };
}

/** A main stream in 640×360, every other one in H.265, and a sub stream in 320×240. */
function onvifSight(n: number, films: boolean): Sight {
  const main = camera('/main', n, films);
  const streams: SimulatedCameraOptions = films
    ? { ...main, size: { width: 640, height: 360 }, codec: n % 2 === 0 ? 'h264' : 'h265', sub: { path: '/sub' } }
    : main;
  const server = createRtspServer({ cameras: [streams] });
  const onvif = createOnvifDevice({ cameras: server.cameras, login: LOGIN, auth: n % 2 === 0 ? 'wsToken' : 'any' });
  return {
    async start() {
      await server.start();
      await onvif.start();
    },
    async stop() {
      await onvif.stop();
      await server.stop();
    },
    cameras: () =>
      server.cameras.map((one) => ({
        camera: one,
        connection: { protocol: 'onvif', host: '127.0.0.1', port: onvif.port, ...LOGIN },
        onvif,
      })),
  };
}
