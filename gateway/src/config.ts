import { checkAllowedTargets } from '../../adapters/targets.ts';
import { passwordFaults } from './domain/password-policy.ts';
import { GatewayError } from './errors.ts';
import { LOG_LEVELS, type LogLevel } from './log.ts';
import { bilingual, type MessageKey } from './messages/index.ts';

/** Parts of the gateway a process can run; `all` is every one of them. */
export const PROCESS_ROLES = ['ingest', 'monitor', 'api', 'video'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

export interface Config {
  readonly http: { readonly host: string /** 0 = any free one. */; readonly port: number };
  readonly mqtt: {
    /** Address the embedded broker listens on; the same as HTTP. */
    readonly host: string;
    /** 0 = any free one. */
    readonly port: number;
    readonly tls: { readonly port: number; readonly certFile: string; readonly keyFile: string } | null;
    /** External broker; null = embedded. */
    readonly url: string | null;
  };
  readonly dataDir: string;
  /** PostgreSQL; null = embedded. */
  readonly databaseUrl: string | null;
  /** `influx://…`; null = the database. */
  readonly timeseriesUrl: string | null;
  readonly roles: readonly ProcessRole[];
  /** Address under which other processes reach this one. */
  readonly nodeUrl: string | null;
  /** null = random, printed once. */
  readonly adminPassword: string | null;
  /** null = generated into the data directory. */
  readonly secretKey: string | null;
  readonly backupKey: string | null;
  readonly metricsToken: string | null;
  readonly logLevel: LogLevel;
  readonly timeZone: string;
  readonly oidc: Readonly<Partial<Record<OidcName, string>>>;
  /** null = RFC 1918 and ULA. */
  readonly allowedTargets: readonly string[] | null;
}

const OIDC_NAMES = ['ISSUER', 'CLIENT_ID', 'CLIENT_SECRET', 'REDIRECT_URL', 'SCOPES'] as const;
type OidcName = (typeof OIDC_NAMES)[number];

const SECRET_NAMES: ReadonlySet<string> = new Set([
  'CGW_ADMIN_PASSWORD',
  'CGW_SECRET_KEY',
  'CGW_BACKUP_KEY',
  'CGW_METRICS_TOKEN',
  'CGW_OIDC_CLIENT_SECRET',
]);

/** Every variable the gateway knows; anything else that starts with CGW_ stops the start. */
export const VARIABLES = [
  'CGW_HTTP_PORT',
  'CGW_HTTP_HOST',
  'CGW_MQTT_PORT',
  'CGW_MQTT_TLS_PORT',
  'CGW_TLS_CERT',
  'CGW_TLS_KEY',
  'CGW_DATA_DIR',
  'CGW_DATABASE_URL',
  'CGW_TIMESERIES_URL',
  'CGW_MQTT_URL',
  'CGW_ROLES',
  'CGW_NODE_URL',
  'CGW_ADMIN_PASSWORD',
  'CGW_SECRET_KEY',
  'CGW_BACKUP_KEY',
  'CGW_METRICS_TOKEN',
  'CGW_LOG_LEVEL',
  'CGW_TZ',
  'CGW_ALLOWED_TARGETS',
  ...OIDC_NAMES.map((name) => `CGW_OIDC_${name}` as const),
] as const;
type Variable = (typeof VARIABLES)[number];

/** What holds a secret, or an address that may carry a login. */
export const SECRETS: readonly Variable[] = VARIABLES.filter(
  (name) => SECRET_NAMES.has(name) || /^CGW_(DATABASE|TIMESERIES|MQTT)_URL$/.test(name),
);

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment once. Throws INVALID_CONFIG with one line naming variable, rule and remedy. Empty = unset. */
export function readConfig(env: Environment): Config {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('CGW_') || (VARIABLES as readonly string[]).includes(name)) continue;
    const near = nearest(name);
    refuse(near ? 'config.unknownNear' : 'config.unknown', { name, near: near ?? '' });
  }
  const get = (name: Variable): string | null => env[name] || null;

  const port = (name: Variable, fallback: number, least = 0): number => {
    const value = get(name);
    if (value === null) return fallback;
    const number = /^\d{1,5}$/.test(value) ? Number(value) : -1;
    if (number < least || number > 65_535) refuse('config.port', { name, value, least });
    return number;
  };
  const url = (name: Variable, schemes: readonly string[]): string | null => {
    const value = get(name);
    if (value === null) return null;
    const parsed = URL.parse(value);
    if (!parsed?.host || !schemes.includes(parsed.protocol.slice(0, -1))) {
      refuse('config.url', { name, schemes: schemes.map((scheme) => `${scheme}://`).join(', ') });
    }
    return value;
  };
  const secret = (name: Variable, least: number): string | null => {
    const value = get(name);
    if (value !== null && (value.length < least || /\s/.test(value))) refuse('config.secret', { name, least });
    return value;
  };

  const databaseUrl = url('CGW_DATABASE_URL', ['postgres', 'postgresql']);
  const mqttUrl = url('CGW_MQTT_URL', ['mqtt', 'mqtts', 'ws', 'wss']);
  const host = readHost(get('CGW_HTTP_HOST'));
  const secretKey = secret('CGW_SECRET_KEY', 32);
  const nodeUrl = url('CGW_NODE_URL', ['http', 'https']);
  return {
    http: { host, port: port('CGW_HTTP_PORT', 8080) },
    mqtt: { host, port: port('CGW_MQTT_PORT', 1883), tls: readTls(get, port), url: mqttUrl },
    dataDir: readPath('CGW_DATA_DIR', get('CGW_DATA_DIR') ?? './data'),
    databaseUrl,
    timeseriesUrl: url('CGW_TIMESERIES_URL', ['influx', 'influxs']),
    roles: readRoles(get('CGW_ROLES'), { databaseUrl, mqttUrl, secretKey, nodeUrl }),
    nodeUrl,
    adminPassword: readAdminPassword(get('CGW_ADMIN_PASSWORD')),
    secretKey,
    backupKey: secret('CGW_BACKUP_KEY', 32),
    metricsToken: secret('CGW_METRICS_TOKEN', 16),
    logLevel: readLogLevel(get('CGW_LOG_LEVEL')),
    timeZone: readTimeZone(get('CGW_TZ')),
    oidc: readOidc(get, url),
    allowedTargets: readTargets(get('CGW_ALLOWED_TARGETS')),
  };
}

/** Effective configuration as `name value` pairs for `npx cgw doctor`; secrets and logins in URLs are redacted. */
export function describeConfig(config: Config): ReadonlyArray<readonly [Variable, string]> {
  const shown = (value: string | null, unset: string) => value?.replace(/\/\/[^/?#]*@/, '//[redacted]@') ?? unset;
  const values: Record<Variable, string> = {
    CGW_HTTP_PORT: String(config.http.port),
    CGW_HTTP_HOST: config.http.host,
    CGW_MQTT_PORT: String(config.mqtt.port),
    CGW_MQTT_TLS_PORT: config.mqtt.tls ? String(config.mqtt.tls.port) : '(off)',
    CGW_TLS_CERT: config.mqtt.tls?.certFile ?? '(unset)',
    CGW_TLS_KEY: config.mqtt.tls?.keyFile ?? '(unset)',
    CGW_DATA_DIR: config.dataDir,
    CGW_DATABASE_URL: shown(config.databaseUrl, '(embedded)'),
    CGW_TIMESERIES_URL: shown(config.timeseriesUrl, '(the database)'),
    CGW_MQTT_URL: shown(config.mqtt.url, '(embedded)'),
    CGW_ROLES: config.roles.length === PROCESS_ROLES.length ? 'all' : config.roles.join(','),
    CGW_NODE_URL: shown(config.nodeUrl, '(unset)'),
    CGW_ADMIN_PASSWORD: config.adminPassword ?? '(random)',
    CGW_SECRET_KEY: config.secretKey ?? '(generated)',
    CGW_BACKUP_KEY: config.backupKey ?? '(unset)',
    CGW_METRICS_TOKEN: config.metricsToken ?? '(unset)',
    CGW_LOG_LEVEL: config.logLevel,
    CGW_TZ: config.timeZone,
    CGW_ALLOWED_TARGETS: config.allowedTargets?.join(',') ?? '(RFC 1918, ULA)',
    CGW_OIDC_ISSUER: config.oidc.ISSUER ?? '(unset)',
    CGW_OIDC_CLIENT_ID: config.oidc.CLIENT_ID ?? '(unset)',
    CGW_OIDC_CLIENT_SECRET: config.oidc.CLIENT_SECRET ?? '(unset)',
    CGW_OIDC_REDIRECT_URL: config.oidc.REDIRECT_URL ?? '(unset)',
    CGW_OIDC_SCOPES: config.oidc.SCOPES ?? '(unset)',
  };
  return VARIABLES.map((name) => [
    name,
    SECRET_NAMES.has(name) && !values[name].startsWith('(') ? '[redacted]' : values[name],
  ]);
}

function refuse(key: MessageKey, values: Readonly<Record<string, string | number>>): never {
  throw new GatewayError('INVALID_CONFIG', bilingual(key, values));
}

function readHost(value: string | null): string {
  if (value === null) return '0.0.0.0';
  if (!/^[A-Za-z0-9.:-]{1,253}$/.test(value)) refuse('config.host', { name: 'CGW_HTTP_HOST', value });
  return value;
}

function readPath(name: Variable, value: string): string {
  if (value.includes('\0') || value.trim() !== value) refuse('config.path', { name });
  return value;
}

function readTls(
  get: (name: Variable) => string | null,
  port: (name: Variable, fallback: number, least: number) => number,
): Config['mqtt']['tls'] {
  const certFile = get('CGW_TLS_CERT');
  const keyFile = get('CGW_TLS_KEY');
  const given = get('CGW_MQTT_TLS_PORT') !== null;
  if (!given && !certFile && !keyFile) return null;
  if (!given || !certFile || !keyFile) refuse('config.tls', {});
  return {
    port: port('CGW_MQTT_TLS_PORT', 0, 0),
    certFile: readPath('CGW_TLS_CERT', certFile),
    keyFile: readPath('CGW_TLS_KEY', keyFile),
  };
}

type Shared = Readonly<Record<'databaseUrl' | 'mqttUrl' | 'secretKey' | 'nodeUrl', string | null>>;

function readRoles(value: string | null, shared: Shared): ProcessRole[] {
  if (value === null || value === 'all') return [...PROCESS_ROLES];
  const roles = value.split(',').map((role) => role.trim());
  const wrong = roles.find((role) => !(PROCESS_ROLES as readonly string[]).includes(role));
  if (wrong !== undefined) {
    refuse('config.role', { name: 'CGW_ROLES', value: wrong, allowed: ['all', ...PROCESS_ROLES].join(', ') });
  }
  const { databaseUrl, mqttUrl, secretKey, nodeUrl } = shared;
  // Keys that differ would lock out every device and session that another process let in.
  const needed = { CGW_DATABASE_URL: databaseUrl, CGW_MQTT_URL: mqttUrl, CGW_SECRET_KEY: secretKey };
  const missing = Object.entries(needed).find(([, given]) => given === null)?.[0];
  if (missing !== undefined) refuse('config.rolesNeed', { name: 'CGW_ROLES', missing });
  const asked = roles.filter((role) => role === 'api' || role === 'video');
  if (asked.length > 0 && nodeUrl === null) refuse('config.nodeUrl', { roles: asked.join(', ') });
  return PROCESS_ROLES.filter((role) => roles.includes(role));
}

function readAdminPassword(value: string | null): string | null {
  if (value !== null && passwordFaults(value).length > 0) refuse('config.password', { name: 'CGW_ADMIN_PASSWORD' });
  return value;
}

function readLogLevel(value: string | null): LogLevel {
  const level = value ?? 'info';
  if (!(LOG_LEVELS as readonly string[]).includes(level)) {
    refuse('config.role', { name: 'CGW_LOG_LEVEL', value: level, allowed: LOG_LEVELS.join(', ') });
  }
  return level as LogLevel;
}

function readTimeZone(value: string | null): string {
  const zone = value ?? 'Asia/Shanghai';
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new GatewayError('INVALID_CONFIG', bilingual('config.timeZone', { name: 'CGW_TZ', value: zone }), { cause });
  }
}

function readOidc(
  get: (name: Variable) => string | null,
  url: (name: Variable, schemes: readonly string[]) => string | null,
): Config['oidc'] {
  const found = OIDC_NAMES.flatMap((name) => {
    const value = get(`CGW_OIDC_${name}`);
    return value === null ? [] : [[name, value] as const];
  });
  if (found.length === 0) return {};
  url('CGW_OIDC_ISSUER', ['https', 'http']);
  url('CGW_OIDC_REDIRECT_URL', ['https', 'http']);
  // Without `openid` the provider tells of permissions, not of a person.
  const scopes = get('CGW_OIDC_SCOPES');
  if (scopes !== null && !scopes.split(' ').includes('openid'))
    refuse('config.oidcScopes', { name: 'CGW_OIDC_SCOPES' });
  for (const name of ['CGW_OIDC_ISSUER', 'CGW_OIDC_CLIENT_ID', 'CGW_OIDC_REDIRECT_URL'] as const) {
    if (get(name) === null) refuse('config.oidc', { missing: name });
  }
  return Object.fromEntries(found);
}

function readTargets(value: string | null): string[] | null {
  if (value === null) return null;
  return value.split(',').map((part) => {
    const target = part.trim();
    if (target === '' || checkAllowedTargets(target))
      refuse('config.target', { name: 'CGW_ALLOWED_TARGETS', value: target });
    return target;
  });
}

/** The known name a typing slip was probably meant to be. */
function nearest(name: string): string | undefined {
  const ranked = VARIABLES.map((known) => ({ known, distance: editDistance(name, known) })).sort(
    (a, b) => a.distance - b.distance,
  );
  const best = ranked[0];
  return best && best.distance <= 3 ? best.known : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
