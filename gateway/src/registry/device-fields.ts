import type { HealthPolicy } from '../domain/device.ts';
import type {
  ConnectionInput,
  DeviceInput,
  DevicePatch,
  HealthPolicyInput,
  LocationInput,
} from '../domain/device-input.ts';
import type { DeviceRecord, PublicConnection } from '../domain/device-record.ts';
import { parseDuration } from '../domain/duration.ts';
import { type Location, looksSwapped, toWgs84 } from '../domain/geo.ts';
import { fieldError } from '../domain/input.ts';
import { nationalCodeFault } from '../domain/national-code.ts';
import type { FieldError } from '../errors.ts';
import type { Sealing } from './ports.ts';

/** The fields of a record that come straight from an input. */
export type Fields = Partial<
  Pick<
    DeviceRecord,
    | 'name'
    | 'nickname'
    | 'serial'
    | 'externalId'
    | 'module'
    | 'vendorId'
    | 'orgId'
    | 'siteId'
    | 'nationalCode'
    | 'mac'
    | 'location'
    | 'connection'
    | 'connectionSecret'
    | 'maintenanceUnitId'
    | 'parentId'
    | 'installedOn'
    | 'healthPolicy'
    | 'labels'
  >
>;

const PLAIN = [
  'name',
  'nickname',
  'serial',
  'externalId',
  'module',
  'vendorId',
  'orgId',
  'siteId',
  'maintenanceUnitId',
  'parentId',
  'labels',
] as const;

const LEAST_DURATION_MS = 1_000;
const LONGEST_DURATION_MS = 366 * 86_400_000;

/** What a record's password is sealed for; it cannot be opened as another device's. */
export const connectionContext = (deviceId: string) => `device:${deviceId}:connection`;

/**
 * Turns schema-valid input into record fields and collects what the schema cannot say. A connection that comes without
 * a password keeps the stored one, as long as it still goes to the same host and user.
 */
export function readFields(
  input: DeviceInput | DevicePatch,
  device: { id: string; before: Pick<DeviceRecord, 'connection' | 'connectionSecret'> | null; sealing: Sealing },
): { fields: Fields; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const fields: { -readonly [K in keyof Fields]: Fields[K] } = {};
  for (const name of PLAIN) {
    if (input[name] !== undefined) Object.assign(fields, { [name]: input[name] });
  }
  Object.assign(fields, readMarks(input, errors));
  if (input.installedOn !== undefined) {
    fields.installedOn = input.installedOn;
    if (input.installedOn !== null && !isDate(input.installedOn)) {
      errors.push(fieldError('/installedOn', 'date', 'input.date'));
    }
  }
  if (input.location !== undefined) {
    fields.location = input.location === null ? null : readLocation(input.location, errors);
  }
  if (input.healthPolicy !== undefined) {
    fields.healthPolicy = input.healthPolicy === null ? null : readHealthPolicy(input.healthPolicy, errors);
  }
  if (input.connection === null) Object.assign(fields, { connection: null, connectionSecret: null });
  else if (input.connection) {
    const { password, ...open } = readConnection(input.connection, errors);
    const connection = open as PublicConnection;
    fields.connection = connection;
    if (password !== undefined) fields.connectionSecret = device.sealing.seal(password, connectionContext(device.id));
    else if (!device.before?.connection || peerOf(device.before.connection) !== peerOf(connection)) {
      // A password must never be sent to another host than it was given for.
      fields.connectionSecret = null;
    }
  }
  return { fields, errors };
}

function peerOf(connection: PublicConnection): string {
  const host =
    connection.protocol === 'rtsp' ? URL.parse(connection.url)?.host : `${connection.host}:${connection.port ?? ''}`;
  return `${connection.protocol} ${host} ${connection.username ?? ''}`;
}

/** Checks a connection; a login that stands in the URL moves to its own fields, so that no address ever holds one. */
function readConnection(connection: ConnectionInput, errors: FieldError[]): ConnectionInput {
  if (connection.protocol === 'onvif') {
    const fits = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$/.test(connection.host);
    if (!fits) errors.push(fieldError('/connection/host', 'host', 'input.connection.host'));
    return connection;
  }
  const url = URL.parse(connection.url);
  if (!url?.hostname || (url.protocol !== 'rtsp:' && url.protocol !== 'rtsps:') || /\s/.test(connection.url)) {
    errors.push(fieldError('/connection/url', 'url', 'input.connection.url'));
    return connection;
  }
  // An unescaped `/` or `#` in a password ends the host early and leaves the rest of it in the path, before an `@`.
  if (/@/.test(url.pathname + url.search + url.hash) && !url.username && !url.password) {
    errors.push(fieldError('/connection/url', 'urlLogin', 'input.connection.urlLogin'));
  }
  if (/[/?&;_](?:password|passwd|pwd|pass)=[^&;_/]/i.test(url.pathname + url.search)) {
    errors.push(fieldError('/connection/url', 'urlPassword', 'input.connection.urlPassword'));
  }
  const split = splitLogin(connection);
  if (split === undefined) errors.push(fieldError('/connection/url', 'urlLogin', 'input.connection.urlLogin'));
  return split ?? connection;
}

/**
 * Moves a login out of an RTSP URL into its own fields. undefined when it contradicts them or is not decodable; anything
 * without a login in its URL comes back as it is.
 */
export function splitLogin(connection: ConnectionInput): ConnectionInput | undefined {
  const url = connection.protocol === 'rtsp' ? URL.parse(connection.url) : null;
  if (connection.protocol !== 'rtsp' || !url || (!url.username && !url.password)) return connection;
  const username = decoded(url.username);
  const password = decoded(url.password);
  const contradicts = (given: string | undefined, found: string) =>
    given !== undefined && found !== '' && given !== found;
  if (username === undefined || password === undefined || username.length > 64 || password.length > 128)
    return undefined;
  if (contradicts(connection.username, username) || contradicts(connection.password, password)) return undefined;
  url.username = '';
  url.password = '';
  return {
    ...connection,
    url: url.href,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

function decoded(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text);
    return /\p{Cc}/u.test(plain) ? undefined : plain;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function readLocation(input: LocationInput, errors: FieldError[]): Location {
  const { lat, lon, crs = 'wgs84', address } = input;
  if (looksSwapped({ lat, lon })) errors.push(fieldError('/location/lat', 'swapped', 'input.swapped', { lat }));
  else if (lat === 0 && lon === 0) errors.push(fieldError('/location', 'nullIsland', 'input.nullIsland'));
  return {
    ...toWgs84({ lat, lon }, crs),
    crs: 'wgs84',
    ...(address === undefined ? {} : { address }),
    ...(crs === 'wgs84' ? {} : { source: { lat, lon, crs } }),
  };
}

function readHealthPolicy(input: HealthPolicyInput, errors: FieldError[]): HealthPolicy {
  const read = (path: string, text: string): number => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= LEAST_DURATION_MS && ms <= LONGEST_DURATION_MS) return ms;
    errors.push(fieldError(path, 'duration', 'input.duration', { min: '1s' }));
    return LEAST_DURATION_MS;
  };
  const { freshWithin, learn, ...plain } = input;
  const policy = {
    ...Object.fromEntries(Object.entries(plain).map(([name, text]) => [name, read(`/healthPolicy/${name}`, text)])),
    ...(learn === undefined ? {} : { learn }),
  };
  if (!freshWithin) return policy;
  const fresh = Object.entries(freshWithin).map(
    ([metric, text]) => [metric, read(`/healthPolicy/freshWithin/${metric}`, text)] as const,
  );
  return { ...policy, freshWithin: Object.fromEntries(fresh) };
}

/** What names one box in the world. */
function readMarks(input: DeviceInput | DevicePatch, errors: FieldError[]): Pick<Fields, 'nationalCode' | 'mac'> {
  const { nationalCode, mac } = input;
  const fault = nationalCode ? nationalCodeFault(nationalCode) : nationalCode === '' ? 'length' : undefined;
  if (fault) errors.push(fieldError('/nationalCode', fault, `input.nationalCode.${fault}`));
  return {
    ...(nationalCode === undefined ? {} : { nationalCode }),
    ...(mac === undefined ? {} : { mac: mac === null ? null : macAddress(mac) }),
  };
}

function macAddress(text: string): string {
  return (text.match(/[0-9a-f]{2}/gi) ?? []).join(':').toLowerCase();
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}
