import type { CameraConnection } from '../adapter.ts';
import type { Login } from '../auth.ts';

/** A camera's address with its credentials taken out of the URL. */
export interface RtspLocation {
  readonly tls: boolean;
  /** Without brackets for IPv6. */
  readonly host: string;
  readonly port: number;
  /** Request URI: never carries credentials, so it may be logged. */
  readonly uri: string;
  readonly login: Login | undefined;
  /** Whether the login may go out by Basic, which shows the password. */
  readonly basic: boolean;
}

const DEFAULT_PORT = { 'rtsp:': 554, 'rtsps:': 322 } as const;

/** The location of a connection, or why it is none (a text without credentials). */
export function locate(connection: CameraConnection): RtspLocation | string {
  if (connection.protocol !== 'rtsp') return `protocol ${connection.protocol} is not rtsp`;
  const url = URL.parse(connection.url);
  if (!url) return 'the URL cannot be parsed';
  if (url.protocol !== 'rtsp:' && url.protocol !== 'rtsps:') return `scheme ${url.protocol} is not rtsp or rtsps`;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') return 'the URL names no host';
  const login = loginOf(connection, url);
  url.username = '';
  url.password = '';
  url.hash = '';
  if (url.pathname === '') url.pathname = '/';
  return {
    tls: url.protocol === 'rtsps:',
    host: decode(host),
    port: url.port === '' ? DEFAULT_PORT[url.protocol] : Number(url.port),
    uri: url.href,
    login,
    basic: connection.digestOnly !== true,
  };
}

/** The fields of the connection win over credentials written into the URL. */
function loginOf(connection: { username?: string; password?: string }, url: URL): Login | undefined {
  const username = connection.username ?? decode(url.username);
  const password = connection.password ?? decode(url.password);
  return username === '' && password === '' ? undefined : { username, password };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone "%" in a password is meant literally.
    return text;
  }
}
