import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SimulatedCamera } from '../rtsp/server.ts';
import { cameraCertificate } from './certificate.ts';
import { createDeviceService, type OnvifInformation } from './device-service.ts';
import { misbehave, type OnvifFault, type SnapshotFault } from './faults.ts';
import { createGate, type OnvifAuth, type SnapshotAuth } from './gate.ts';
import { createMedia } from './media.ts';
import { createPtz, type SimulatedPtz } from './ptz.ts';
import { type Actions, envelope, NAMESPACES, parseSoap, SoapFault } from './soap.ts';

export type { OnvifInformation } from './device-service.ts';
export { ONVIF_FAULTS, type OnvifFault, SNAPSHOT_FAULTS, type SnapshotFault } from './faults.ts';
export { ONVIF_AUTH, type OnvifAuth, type SnapshotAuth } from './gate.ts';

export interface OnvifDeviceOptions {
  /** One a channel, from `createRtspServer`; several make a recorder. They are started and stopped by the caller. */
  readonly cameras: readonly SimulatedCamera[];
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 or absent = any free one; kept over a reboot. */
  readonly port?: number;
  /** https with a self-signed certificate. */
  readonly tls?: boolean;
  /** Default `wsToken`. */
  readonly auth?: OnvifAuth;
  /** Default: the Digest of `auth`, MD5 for tokens, none for `none`. */
  readonly snapshotAuth?: SnapshotAuth;
  /** Default admin / Street-2026!. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Device clock minus ours in milliseconds; default 0. */
  readonly clockOffsetMs?: number;
  /** A token made further than this from the device's own clock is refused; default 10,000. */
  readonly tokenWindowMs?: number;
  readonly information?: Partial<OnvifInformation>;
  /** Default true; without, only old Media is offered, which cannot name H.265. */
  readonly media2?: boolean;
  /** Default true. */
  readonly ptz?: boolean;
  /** How long a reboot takes; default 2,000. */
  readonly rebootMs?: number;
  /** What `foreignXAddr`, `foreignStream` and `redirect` name; default 169.254.169.254. */
  readonly foreignHost?: string;
}

export interface OnvifDevice {
  readonly port: number;
  /** Address of the device service. Valid after `start()`. */
  readonly xaddr: string;
  /** Stable over reboots: `urn:uuid:…`. */
  readonly urn: string;
  readonly information: OnvifInformation;
  snapshotUrl(channel?: number): string;
  readonly ptz: SimulatedPtz;
  /** Names of the SOAP actions that were asked for, in order, also the refused ones. */
  readonly asked: readonly string[];
  readonly badLogins: number;
  /** Epoch ms until which the account is locked (five bad logins, 30 s); 0 = it is not. */
  readonly lockedUntil: number;
  unlock(): void;
  readonly currentFault: OnvifFault;
  fault(fault: OnvifFault): void;
  snapshotFault(fault: SnapshotFault): void;
  /** Sets the device clock that far from ours. */
  clock(offsetMs: number): void;
  /** The password is changed on the device. */
  password(password: string): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const MAX_REQUEST_BYTES = 1024 * 1024;
/** Answered without a login, as the standard wants. */
const OPEN = new Set([
  'GetSystemDateAndTime',
  'GetCapabilities',
  'GetServices',
  'GetServiceCapabilities',
  'GetHostname',
]);
const DIGEST_OF: Record<OnvifAuth, SnapshotAuth> = {
  none: 'none',
  wsToken: 'digestMd5',
  any: 'digestMd5',
  digestMd5: 'digestMd5',
  digestSha256: 'digestSha256',
  digestBoth: 'digestBoth',
};

let made = 0;

export function createOnvifDevice(options: OnvifDeviceOptions): OnvifDevice {
  const { cameras, host = '127.0.0.1', tls = false, auth = 'wsToken', media2 = true, ptz: turns = true } = options;
  const foreignHost = options.foreignHost ?? '169.254.169.254';
  made += 1;
  const serial = String(made).padStart(4, '0');
  const information: OnvifInformation = {
    manufacturer: '城运模拟 & Co.',
    model: 'SIM-2000',
    firmware: 'V5.10',
    serial: `1234567890123456${serial}`,
    hardwareId: '1.10',
    ...options.information,
  };
  let clockOffsetMs = options.clockOffsetMs ?? 0;
  let port = options.port ?? 0;
  let server: Server | undefined;
  let fault: OnvifFault = 'none';
  let snapshotFault: SnapshotFault = 'none';
  let rebooting: NodeJS.Timeout | undefined;
  let oldPictures: (Buffer | undefined)[] = [];
  const sockets = new Set<Socket>();
  /** Those with an answer that may never end. */
  const stuck = new Set<Socket>();
  const asked: string[] = [];

  const now = () => Date.now() + clockOffsetMs;
  const gate = createGate({
    login: options.login ?? { username: 'admin', password: 'Street-2026!' },
    windowMs: options.tokenWindowMs ?? 10_000,
    now,
  });
  const origin = () => `${tls ? 'https' : 'http'}://${host}:${port}`;
  const elsewhere = (url: string, when: OnvifFault) => {
    if (fault !== when) return url;
    const turned = new URL(url);
    turned.hostname = foreignHost;
    return turned.href;
  };
  const snapshotUrl = (channel = 1) => `${origin()}/onvif/snapshot?channel=${channel}`;
  const profiles = createMedia({
    cameras,
    ptz: turns,
    streamUrl: (url) => elsewhere(url, 'foreignStream'),
    snapshotUrl: (channel) => elsewhere(snapshotUrl(channel), 'foreignStream'),
  });
  const ptz = createPtz(profiles.exists);

  const device = createDeviceService({
    information,
    now,
    username: () => gate.login.username,
    services: [
      'device',
      'deviceIO',
      'media',
      ...(media2 ? (['media2'] as const) : []),
      ...(turns ? (['ptz'] as const) : []),
    ],
    serviceUrl: (name) => elsewhere(`${origin()}/onvif/${name}_service`, 'foreignXAddr'),
    reboot: () => setImmediate(reboot),
  });
  const services: Readonly<Record<string, Actions>> = {
    [NAMESPACES.device]: device,
    [NAMESPACES.media]: profiles.media,
    ...(media2 && { [NAMESPACES.media2]: profiles.media2 }),
    ...(turns && { [NAMESPACES.ptz]: ptz.actions }),
  };

  const hold = (socket: Socket) => {
    stuck.add(socket);
    socket.once('close', () => stuck.delete(socket));
  };
  const soap = async (request: IncomingMessage, response: ServerResponse) => {
    const call = parseSoap(await bodyOf(request));
    asked.push(call.action);
    if (fault === 'authLoop' && !OPEN.has(call.action)) {
      return gate.challenge(DIGEST_OF[auth] === 'none' ? 'digestMd5' : DIGEST_OF[auth], response, true);
    }
    if (!OPEN.has(call.action) && !gate.admitSoap(auth, call, request, response)) return;
    const actions = services[call.namespace] ?? {};
    const act = Object.hasOwn(actions, call.action) ? actions[call.action] : undefined;
    if (!act) throw new SoapFault(400, 'Receiver', 'ActionNotSupported', 'Optional Action Not Implemented');
    const xml = envelope(`<s:${call.action}Response>${act(call)}</s:${call.action}Response>`, call.namespace);
    if (misbehave(fault, request, response, Buffer.from(xml), foreignHost)) hold(request.socket);
    else reply(response, 200, xml);
  };

  const snapshot = (request: IncomingMessage, response: ServerResponse, channel: number) => {
    const mode = options.snapshotAuth ?? DIGEST_OF[auth];
    if (snapshotFault === 'authLoop') return gate.challenge(mode === 'none' ? 'digestMd5' : mode, response, true);
    if (!gate.admitSnapshot(mode, request, response)) return;
    const camera = cameras[channel - 1];
    const still = snapshotFault === 'old' ? oldPictures[channel - 1] : camera?.still();
    if (!still) {
      response.writeHead(camera ? 503 : 404, { 'Content-Length': 0 });
      return void response.end();
    }
    if (misbehave(snapshotFault, request, response, still, foreignHost)) return hold(request.socket);
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': still.length });
    response.end(still);
  };

  const serve: RequestListener = (request, response) => {
    // A connection an answer: nobody's next request meets one that is just being cut.
    response.shouldKeepAlive = false;
    const url = new URL(request.url ?? '/', 'http://device');
    if (request.method === 'GET' && url.pathname === '/onvif/snapshot') {
      return snapshot(request, response, Number(url.searchParams.get('channel') ?? 1));
    }
    if (request.method !== 'POST') {
      response.writeHead(404, { 'Content-Length': 0 });
      return void response.end();
    }
    soap(request, response).catch((error: unknown) => {
      if (response.headersSent) return void response.destroy();
      if (error instanceof SoapFault) reply(response, error.status, error.xml);
      else reply(response, 400, new SoapFault(400, 'Sender', 'WellFormed', 'Well-formed Error').xml);
    });
  };

  const listen = async () => {
    if (server) return;
    const made = tls ? createTlsServer(await cameraCertificate(), serve) : createServer(serve);
    server = made;
    made.on('connection', (socket: Socket) => {
      sockets.add(socket);
      // Cut connections are what this server is for.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    });
    made.listen(port, host);
    await once(made, 'listening');
    port = (made.address() as AddressInfo).port;
  };
  const close = async () => {
    const closing = server;
    server = undefined;
    const closed = closing && new Promise<void>((resolve) => closing.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const reboot = () => {
    clearTimeout(rebooting);
    rebooting = setTimeout(() => void listen(), options.rebootMs ?? 2_000);
    // The answer is on its way; the connection goes right behind it.
    setTimeout(() => void close(), 50);
  };

  return {
    get port() {
      return port;
    },
    get xaddr() {
      return `${origin()}/onvif/device_service`;
    },
    urn: `urn:uuid:4d454930-0000-1000-8000-${information.serial.slice(-12).padStart(12, '0')}`,
    information,
    snapshotUrl,
    ptz,
    asked,
    get badLogins() {
      return gate.badLogins;
    },
    get lockedUntil() {
      return gate.lockedUntil;
    },
    unlock: gate.unlock,
    get currentFault() {
      return fault;
    },
    fault(next) {
      fault = next;
      for (const socket of stuck) socket.destroy();
    },
    snapshotFault(next) {
      snapshotFault = next;
      if (next === 'old') oldPictures = cameras.map((camera) => camera.still());
      for (const socket of stuck) socket.destroy();
    },
    clock(offsetMs) {
      clockOffsetMs = offsetMs;
    },
    password(password) {
      gate.login = { ...gate.login, password };
    },
    start: listen,
    async stop() {
      clearTimeout(rebooting);
      await close();
    },
  };
}

function reply(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/soap+xml; charset=utf-8',
    'Content-Length': Buffer.byteLength(xml),
  });
  response.end(xml);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) throw new Error('request too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
