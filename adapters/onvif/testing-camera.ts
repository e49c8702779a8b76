import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** Tests only: a camera that does as it is told, also what no camera should. */
export interface TestCameraOptions {
  readonly auth?: 'none' | 'digest' | 'digest-sha256' | 'digest-auth-int' | 'token' | 'basic';
  readonly username?: string;
  readonly password?: string;
  /** Device clock minus real time; milliseconds. */
  readonly offsetMs?: number;
  /** Fixed device time; wins over `offsetMs`. */
  readonly time?: Date;
  readonly model?: string;
  readonly serial?: string;
  readonly profiles?: readonly TestProfile[];
  /** Profiles of Media2; absent = no such service. */
  readonly profiles2?: readonly TestProfile[];
  readonly media?: boolean;
  /** Host (and port) the camera names in every address; absent = the one it was asked at. */
  readonly namedHost?: string;
  readonly rtsp?: (token: string) => string;
  readonly snapshot?: Buffer;
  readonly ptz?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Takes over before anything else; true = answered. `operation` is the SOAP operation or `snapshot`. */
  readonly before?: (operation: string, request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface TestProfile {
  readonly token: string;
  readonly encoding: string;
  readonly width: number;
  readonly height: number;
  readonly fps?: number;
}

export interface TestCamera {
  readonly port: number;
  /** What was asked, in order: `GetProfiles`, and `!GetProfiles` when the login was refused. */
  readonly asked: string[];
  /** Requests that carried a login. */
  readonly logins: { scheme: string; ok: boolean }[];
  readonly bodies: string[];
  close(): Promise<void>;
}

export const JPEG = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  Buffer.alloc(200, 7),
  Buffer.from([0xff, 0xd9]),
]);

export const envelope = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>${body}</s:Body></s:Envelope>`;

export const NOT_AUTHORIZED = envelope(
  '<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>',
);

const DEFAULT_PROFILES: readonly TestProfile[] = [
  { token: 'sub', encoding: 'H264', width: 640, height: 360, fps: 10 },
  { token: 'main', encoding: 'H264', width: 1920, height: 1080, fps: 25 },
];

export async function startTestCamera(options: TestCameraOptions = {}): Promise<TestCamera> {
  const { auth = 'none', username = 'admin', password = 'pass,"word"', profiles = DEFAULT_PROFILES } = options;
  const asked: string[] = [];
  const logins: TestCamera['logins'] = [];
  const bodies: string[] = [];
  const nonce = randomBytes(12).toString('base64');
  const sockets = new Set<Socket>();

  const challenge = () => {
    const realm = 'realm="IP Camera, 1"';
    if (auth === 'basic') return [`Basic ${realm}`];
    if (auth === 'digest-sha256') {
      return [
        `Digest qop="auth", ${realm}, nonce="${nonce}"`,
        `Digest ${realm}, nonce="${nonce}", qop="auth,auth-int", algorithm=SHA-256`,
      ];
    }
    if (auth === 'digest-auth-int') return [`Digest qop="auth-int", ${realm}, nonce="${nonce}"`];
    return [`Digest ${realm}, nonce="${nonce}"`];
  };

  const authorized = (request: IncomingMessage, body: string, operation: string): boolean => {
    if (auth === 'none' || operation === 'GetSystemDateAndTime') return true;
    if (auth === 'token') return tokenIsRight(body);
    const header = request.headers.authorization ?? '';
    if (header === '') return false;
    if (auth === 'basic') {
      const ok = header === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      logins.push({ scheme: 'basic', ok });
      return ok;
    }
    const field = (name: string) =>
      new RegExp(`${name}="?((?:[^",\\\\]|\\\\.|(?<="[^"]*),)*)"?`).exec(header)?.[1] ?? '';
    const hash = (text: string) =>
      createHash(header.includes('SHA-256') ? 'sha256' : 'md5')
        .update(text)
        .digest('hex');
    const ha1 = hash(`${username}:IP Camera, 1:${password}`);
    const qop = /qop=([\w-]+)/.exec(header)?.[1];
    const resource = `${request.method}:${request.url}`;
    const ha2 = hash(qop === 'auth-int' ? `${resource}:${hash(body)}` : resource);
    const middle = qop ? `${nonce}:${/nc=(\w+)/.exec(header)?.[1]}:${field('cnonce')}:${qop}` : nonce;
    const ok = field('response') === hash(`${ha1}:${middle}:${ha2}`);
    logins.push({ scheme: header.includes('SHA-256') ? 'SHA-256' : `MD5${qop ? ` ${qop}` : ''}`, ok });
    return ok;
  };

  const tokenIsRight = (body: string): boolean => {
    const read = (name: string) => new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)<`).exec(body)?.[1] ?? '';
    if (!body.includes('UsernameToken')) return false;
    const now = options.time?.getTime() ?? Date.now() + (options.offsetMs ?? 0);
    const fresh = Math.abs(Date.parse(read('Created')) - now) < 5_000;
    const digest = createHash('sha1')
      .update(Buffer.from(read('Nonce'), 'base64'))
      .update(read('Created'))
      .update(password)
      .digest('base64');
    const unescaped = read('Username').replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
    const ok = fresh && digest === read('Password') && unescaped === username;
    logins.push({ scheme: 'token', ok });
    return ok;
  };

  const services = (base: string): string => {
    const service = (namespace: string, path: string) =>
      `<tds:Service><tds:Namespace>http://www.onvif.org/${namespace}</tds:Namespace><tds:XAddr>${base}/onvif/${path}</tds:XAddr></tds:Service>`;
    const offered = [
      service('ver10/device/wsdl', 'device_service'),
      options.media === false ? '' : service('ver10/media/wsdl', 'media'),
      options.profiles2 ? service('ver20/media/wsdl', 'media2') : '',
      options.ptz === false ? '' : service('ver20/ptz/wsdl', 'ptz'),
    ];
    return `<tds:GetServicesResponse>${offered.join('')}</tds:GetServicesResponse>`;
  };

  const answer = (operation: string, body: string, base: string): string => {
    const token = /ProfileToken>([^<]*)</.exec(body)?.[1] ?? '';
    const media2 = body.includes('ver20/media');
    switch (operation) {
      case 'GetSystemDateAndTime': {
        const at = options.time ?? new Date(Date.now() + (options.offsetMs ?? 0));
        return `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime><tt:Time><tt:Hour>${at.getUTCHours()}</tt:Hour><tt:Minute>${at.getUTCMinutes()}</tt:Minute><tt:Second>${at.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${at.getUTCFullYear()}</tt:Year><tt:Month>${at.getUTCMonth() + 1}</tt:Month><tt:Day>${at.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
      }
      case 'GetDeviceInformation':
        return `<tds:GetDeviceInformationResponse><tds:Manufacturer>测试 &amp; Co</tds:Manufacturer><tds:Model>${options.model ?? 'T-1'}</tds:Model><tds:FirmwareVersion>1.10</tds:FirmwareVersion><tds:SerialNumber>${options.serial ?? '12345678901234567890'}</tds:SerialNumber><tds:HardwareId>1.0</tds:HardwareId></tds:GetDeviceInformationResponse>`;
      case 'GetServices':
        return services(base);
      case 'GetProfiles':
        return media2
          ? `<tr2:GetProfilesResponse>${(options.profiles2 ?? []).map(profile2).join('')}</tr2:GetProfilesResponse>`
          : `<trt:GetProfilesResponse>${profiles.map(profile1).join('')}</trt:GetProfilesResponse>`;
      case 'GetStreamUri': {
        const uri = options.rtsp?.(token) ?? `rtsp://${new URL(base).hostname}:554/live/${token}?a=1&amp;b=2`;
        return media2
          ? `<tr2:GetStreamUriResponse><tr2:Uri>${uri}</tr2:Uri></tr2:GetStreamUriResponse>`
          : `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`;
      }
      case 'GetSnapshotUri':
        return media2
          ? `<tr2:GetSnapshotUriResponse><tr2:Uri>${base}/snapshot.jpg</tr2:Uri></tr2:GetSnapshotUriResponse>`
          : `<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>${base}/snapshot.jpg</tt:Uri></trt:MediaUri></trt:GetSnapshotUriResponse>`;
      case 'GetPresets':
        return `<tptz:GetPresetsResponse><tptz:Preset token="1"><tt:Name>大门</tt:Name></tptz:Preset><tptz:Preset token="0012"><tt:Name>Pole</tt:Name></tptz:Preset></tptz:GetPresetsResponse>`;
      case 'SystemReboot':
        return `<tds:SystemRebootResponse><tds:Message>Rebooting</tds:Message></tds:SystemRebootResponse>`;
      case 'ContinuousMove':
      case 'Stop':
      case 'GotoPreset':
        return `<tptz:${operation}Response/>`;
      default:
        return '<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>ter:ActionNotSupported</s:Value></s:Subcode></s:Code><s:Reason><s:Text>no such thing</s:Text></s:Reason></s:Fault>';
    }
  };

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const operation =
        request.method === 'GET' ? 'snapshot' : (/<(?:s:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? '?');
      bodies.push(body);
      if (options.before?.(operation, request, response)) return;
      if (!authorized(request, body, operation)) {
        asked.push(`!${operation}`);
        if (auth === 'token' && operation !== 'snapshot') {
          response.writeHead(400, { 'Content-Type': 'application/soap+xml' }).end(NOT_AUTHORIZED);
        } else {
          response.writeHead(401, { 'WWW-Authenticate': challenge() }).end('<html>Unauthorized</html>');
        }
        return;
      }
      asked.push(operation);
      if (operation === 'snapshot') {
        response.writeHead(200, { 'Content-Type': 'image/jpeg' }).end(options.snapshot ?? JPEG);
        return;
      }
      const host = options.namedHost ?? request.headers.host ?? '127.0.0.1';
      const text = envelope(answer(operation, body, `${options.tls ? 'https' : 'http'}://${host}`));
      response.writeHead(200, { 'Content-Type': 'application/soap+xml; charset=utf-8' }).end(text);
    });
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    logins,
    bodies,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function profile1({ token, encoding, width, height, fps = 25 }: TestProfile): string {
  return `<trt:Profiles token="${token}" fixed="true"><tt:Name>${token}</tt:Name><tt:VideoSourceConfiguration token="v"><tt:SourceToken>src0</tt:SourceToken></tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token="e"><tt:Encoding>${encoding}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit></tt:RateControl></tt:VideoEncoderConfiguration><tt:PTZConfiguration token="p"><tt:NodeToken>n</tt:NodeToken></tt:PTZConfiguration></trt:Profiles>`;
}

function profile2({ token, encoding, width, height, fps = 25 }: TestProfile): string {
  return `<tr2:Profiles token="${token}" fixed="true"><tr2:Name>${token}</tr2:Name><tr2:Configurations><tr2:VideoSource token="v"><tt:SourceToken>src0</tt:SourceToken></tr2:VideoSource><tr2:VideoEncoder token="e"><tt:Encoding>${encoding}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit></tt:RateControl></tr2:VideoEncoder><tr2:PTZ token="p"/></tr2:Configurations></tr2:Profiles>`;
}
