import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createCameraState, type RtspFault, type SimulatedCameraOptions } from './camera-state.ts';
import type { ClipCodec } from './clip.ts';
import { converse, type Target } from './conversation.ts';
import type { CameraPicture } from './pictures.ts';

export { RTSP_FAULTS, type RtspFault, type SimulatedCameraOptions } from './camera-state.ts';
export type { CameraLogin } from './login.ts';
export { type CameraPicture, codeColour, codeOf, PICTURES } from './pictures.ts';

export interface SimulatedStream {
  /** Without credentials. */
  readonly url: string;
  readonly codec: ClipCodec;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

export interface SimulatedCamera {
  readonly path: string;
  /** Without credentials. Valid after `start()`. */
  readonly url: string;
  /** Of the second stream; undefined when it has none. */
  readonly subUrl: string | undefined;
  /** As they are now, the main stream first. */
  readonly streams: readonly SimulatedStream[];
  readonly viewers: number;
  /** Bytes waiting for the slowest viewer. */
  readonly backlogBytes: number;
  readonly currentFault: RtspFault;
  /**
   * Sets or clears the fault and drops the camera's connections (a hanging camera keeps them, silent).
   * `refuse` needs a port of its own: it throws when the server holds several cameras.
   */
  fault(fault: RtspFault): Promise<void>;
  readonly currentPicture: CameraPicture;
  /**
   * Changes what the camera shows: new sessions at once, running ones at their next key picture (a change of codec
   * drops them). Resolves when the picture is there; the first use of one makes a film with ffmpeg, half a second or so.
   */
  picture(picture: CameraPicture): Promise<void>;
  /** The main stream's picture of this second as JPEG; undefined without frames and for the bundled clip. */
  still(): Buffer | undefined;
}

/** One listening port: a camera of its own, or an NVR whose channels are paths. */
export interface RtspServer {
  readonly port: number;
  camera(path: string): SimulatedCamera;
  readonly cameras: readonly SimulatedCamera[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createRtspServer(options: {
  readonly cameras: readonly SimulatedCameraOptions[];
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 or absent = any free one; kept over a `refuse` and its end. */
  readonly port?: number;
}): RtspServer {
  const host = options.host ?? '127.0.0.1';
  const states = options.cameras.map(createCameraState);
  const byPath = new Map<string, Target>();
  for (const camera of states) {
    for (const stream of camera.streams) {
      if (byPath.has(stream.options.path)) throw new Error('two simulated cameras have the same path');
      byPath.set(stream.options.path, { camera, stream });
    }
  }
  const only = states.length === 1 ? states[0] : undefined;
  const sockets = new Set<Socket>();
  let port = options.port ?? 0;
  let server: Server | undefined;

  const find = (uri: string) => byPath.get(pathOf(uri));

  const listen = async () => {
    await Promise.all(states.map((state) => state.load()));
    if (server) return;
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.setNoDelay(true);
      converse(socket, find, only);
    });
    server.listen(port, host);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  };
  const close = async () => {
    const closing = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
  };

  const urlOf = (path: string) => `rtsp://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  const cameras = states.map(
    (state): SimulatedCamera => ({
      path: state.streams[0].options.path,
      get url() {
        return urlOf(state.streams[0].options.path);
      },
      get subUrl() {
        const sub = state.streams[1];
        return sub && urlOf(sub.options.path);
      },
      get streams() {
        return state.streams.map(({ options: { path }, clip }) => ({
          url: urlOf(path),
          codec: clip.codec,
          ...(clip.size ?? { width: 0, height: 0 }),
          fps: clip.fps,
        }));
      },
      get viewers() {
        return state.viewers;
      },
      get backlogBytes() {
        return Math.max(0, ...[...state.sockets].map((socket) => socket.writableLength));
      },
      get currentFault() {
        return state.fault;
      },
      async fault(fault) {
        if (fault === 'refuse' && !only) throw new Error('the fault "refuse" needs a server with one camera');
        state.fault = fault;
        if (fault === 'refuse') return close();
        if (fault === 'hang') for (const socket of state.sockets) socket.emit('silence');
        else for (const socket of state.sockets) socket.destroy();
        await listen();
      },
      get currentPicture() {
        return state.picture;
      },
      picture: state.show,
      still() {
        const stills = state.streams[0].film?.stills ?? [];
        return state.picture === 'noFrames' ? undefined : stills[Math.floor(Date.now() / 1_000) % stills.length];
      },
    }),
  );

  return {
    get port() {
      return port;
    },
    cameras,
    camera(path) {
      const found = cameras.find((camera) => camera.path === path);
      if (!found) throw new Error(`no simulated camera ${path}`);
      return found;
    },
    start: listen,
    stop: close,
  };
}

/** Viewers append the track to the whole URI, also behind a query, and a slash from Content-Base. */
function pathOf(uri: string): string {
  const url = URL.parse(uri);
  if (!url) return uri;
  const path = `${url.pathname}${url.search}`;
  return path.replace(/\/trackID=\d+$/, '').replace(/(.)\/$/, '$1');
}
