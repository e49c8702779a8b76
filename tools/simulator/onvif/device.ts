import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { SimulatedCamera } from '../rtsp/server.ts';
import { createDeviceService, type OnvifInformation } from './device-service.ts';
import { createEvents, type SimulatedEvent, type SimulatedEvents } from './events.ts';
import { misbehave, type OnvifFault, type SnapshotFault } from './faults.ts';
import { createGate, type OnvifAuth, type SnapshotAuth } from './gate.ts';
import { bodyOf, createListener, reply } from './listener.ts';
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
  /** Default `path`: where the id of a subscription stands; `none` = no event service. */
  readonly events?: 'none' | 'path' | 'parameter';
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
  readonly events: SimulatedEvents;
  /** Something happens, or is over; short for `events.emit`. */
  event(event: SimulatedEvent, state: boolean, channel?: number): void;
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
  const { events: tells = 'path' } = options;
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
  let fault: OnvifFault = 'none';
  let snapshotFault: SnapshotFault = 'none';
  let rebooting: NodeJS.Timeout | undefined;
  let oldPictures: (Buffer | undefined)[] = [];
  const asked: string[] = [];

  const now = () => Date.now() + clockOffsetMs;
  const gate = createGate({
    login: options.login ?? { username: 'admin', password: 'Street-2026!' },
    windowMs: options.tokenWindowMs ?? 10_000,
    now,
  });
  const origin = () => `${tls ? 'https' : 'http'}://${host}:${listener.port}`;
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
  const events = createEvents({
    now,
    address: (id, foreign) => {
      const own = `${origin()}/onvif/subscription${id === '' ? '' : `?id=${id}`}`;
      return foreign ? own.replace(host, foreignHost) : elsewhere(own, 'foreignXAddr');
    },
    byParameter: tells === 'parameter',
  });

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
      ...(tells === 'none' ? [] : (['events'] as const)),
    ],
    serviceUrl: (name) => elsewhere(`${origin()}/onvif/${name}_service`, 'foreignXAddr'),
    reboot: () => setImmediate(reboot),
  });
  const services: Readonly<Record<string, Actions>> = {
    [NAMESPACES.device]: device,
    [NAMESPACES.media]: profiles.media,
    ...(media2 && { [NAMESPACES.media2]: profiles.media2 }),
    ...(turns && { [NAMESPACES.ptz]: ptz.actions }),
    ...(tells !== 'none' && {
      [NAMESPACES.events]: events.actions,
      [NAMESPACES.notification]: events.subscriptionActions,
    }),
  };

  const soap = async (request: IncomingMessage, response: ServerResponse) => {
    const call = parseSoap(await bodyOf(request), request.url);
    asked.push(call.action);
    if (fault === 'authLoop' && !OPEN.has(call.action)) {
      return gate.challenge(DIGEST_OF[auth] === 'none' ? 'digestMd5' : DIGEST_OF[auth], response, true);
    }
    if (!OPEN.has(call.action) && !gate.admitSoap(auth, call, request, response)) return;
    const actions = services[call.namespace] ?? {};
    const act = Object.hasOwn(actions, call.action) ? actions[call.action] : undefined;
    if (!act) throw new SoapFault(400, 'Receiver', 'ActionNotSupported', 'Optional Action Not Implemented');
    const xml = envelope(`<s:${call.action}Response>${await act(call)}</s:${call.action}Response>`, call.namespace);
    if (misbehave(fault, request, response, Buffer.from(xml), foreignHost)) listener.hold(request.socket);
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
    if (misbehave(snapshotFault, request, response, still, foreignHost)) return listener.hold(request.socket);
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

  const listener = createListener({ host, port: options.port ?? 0, tls, serve });
  const reboot = () => {
    clearTimeout(rebooting);
    rebooting = setTimeout(() => void listener.open(), options.rebootMs ?? 2_000);
    events.forget();
    // The answer is on its way; the connection goes right behind it.
    setTimeout(() => void listener.close(), 50);
  };

  return {
    get port() {
      return listener.port;
    },
    get xaddr() {
      return `${origin()}/onvif/device_service`;
    },
    urn: `urn:uuid:4d454930-0000-1000-8000-${information.serial.slice(-12).padStart(12, '0')}`,
    information,
    snapshotUrl,
    ptz,
    events,
    event: events.emit,
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
      listener.cutStuck();
    },
    snapshotFault(next) {
      snapshotFault = next;
      if (next === 'old') oldPictures = cameras.map((camera) => camera.still());
      listener.cutStuck();
    },
    clock(offsetMs) {
      clockOffsetMs = offsetMs;
    },
    password(password) {
      gate.login = { ...gate.login, password };
    },
    start: listener.open,
    async stop() {
      clearTimeout(rebooting);
      events.forget();
      await listener.close();
    },
  };
}
