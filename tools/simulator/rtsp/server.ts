import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { bundledClip, type Clip } from './clip.ts';
import { type CameraState, converse, type RtspFault } from './conversation.ts';
import type { CameraLogin } from './login.ts';

export { RTSP_FAULTS, type RtspFault } from './conversation.ts';
export type { CameraLogin } from './login.ts';

export interface SimulatedCameraOptions {
  /** Path with its query, e.g. `/cam/realmonitor?channel=1&subtype=0`. */
  readonly path: string;
  /** Absent = open to everyone. */
  readonly login?: CameraLogin;
  readonly clip?: Clip;
  /** Delay of each answer under the fault `slow`; default 2,000. */
  readonly slowMs?: number;
}

export interface SimulatedCamera {
  readonly path: string;
  /** Without credentials. Valid after `start()`. */
  readonly url: string;
  readonly viewers: number;
  /** Bytes waiting for the slowest viewer. */
  readonly backlogBytes: number;
  readonly currentFault: RtspFault;
  /**
   * Sets or clears the fault and drops the camera's connections (a hanging camera keeps them, silent).
   * `refuse` needs a port of its own: it throws when the server holds several cameras.
   */
  fault(fault: RtspFault): Promise<void>;
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
  const states = options.cameras.map(stateOf);
  const byPath = new Map(states.map((state) => [state.path, state]));
  if (byPath.size !== states.length) throw new Error('two simulated cameras have the same path');
  const only = states.length === 1 ? states[0] : undefined;
  const sockets = new Set<Socket>();
  let port = options.port ?? 0;
  let server: Server | undefined;

  const find = (uri: string) => byPath.get(pathOf(uri));

  const listen = async () => {
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

  const cameras = states.map(
    (state): SimulatedCamera => ({
      path: state.path,
      get url() {
        return `rtsp://${host.includes(':') ? `[${host}]` : host}:${port}${state.path}`;
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

function stateOf(options: SimulatedCameraOptions): CameraState {
  return {
    path: options.path,
    clip: options.clip ?? bundledClip(),
    login: options.login,
    slowMs: options.slowMs ?? 2_000,
    fault: 'none',
    sockets: new Set(),
    viewers: 0,
  };
}

/** Viewers append the track to the whole URI, also behind a query, and a slash from Content-Base. */
function pathOf(uri: string): string {
  const url = URL.parse(uri);
  if (!url) return uri;
  const path = `${url.pathname}${url.search}`;
  return path.replace(/\/trackID=\d+$/, '').replace(/(.)\/$/, '$1');
}
