import { describe, expect, it } from 'vitest';
import { describeConfig, readConfig, VARIABLES } from './config.ts';
import { isGatewayError } from './errors.ts';

function refusal(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (isGatewayError(error, 'INVALID_CONFIG')) return error.message;
    throw error;
  }
  return '(accepted)';
}

describe('configuration from the environment', () => {
  it('has the documented defaults and ignores what is not ours', () => {
    expect(readConfig({ PATH: '/bin', CGW_DATABASE_URL: '' })).toEqual({
      http: { host: '0.0.0.0', port: 8080 },
      mqtt: { host: '0.0.0.0', port: 1883, tls: null, url: null },
      dataDir: './data',
      databaseUrl: null,
      timeseriesUrl: null,
      roles: ['ingest', 'monitor', 'api', 'video'],
      nodeUrl: null,
      adminPassword: null,
      secretKey: null,
      backupKey: null,
      metricsToken: null,
      logLevel: 'info',
      timeZone: 'Asia/Shanghai',
      oidc: {},
      allowedTargets: null,
    });
  });

  it('takes every variable', () => {
    const config = readConfig({
      CGW_HTTP_PORT: '0',
      CGW_HTTP_HOST: '127.0.0.1',
      CGW_MQTT_PORT: '0',
      CGW_MQTT_TLS_PORT: '8883',
      CGW_TLS_CERT: 'a.pem',
      CGW_TLS_KEY: 'a.key',
      CGW_DATABASE_URL: 'postgres://u:p@db/x',
      CGW_MQTT_URL: 'mqtts://broker',
      CGW_ROLES: 'monitor,ingest',
      CGW_SECRET_KEY: 'k'.repeat(32),
      CGW_TZ: 'UTC',
      CGW_LOG_LEVEL: 'silent',
      CGW_ADMIN_PASSWORD: 'Passw0rd!',
      CGW_ALLOWED_TARGETS: '127.0.0.1:554, [fd00::]/8:80,10.0.0.0/8',
    });
    expect(config.roles).toEqual(['ingest', 'monitor']);
    expect(config.mqtt.tls).toEqual({ port: 8883, certFile: 'a.pem', keyFile: 'a.key' });
    expect(config.allowedTargets).toEqual(['127.0.0.1:554', '[fd00::]/8:80', '10.0.0.0/8']);
  });

  it.each([
    [
      { CGW_HTP_PORT: '1' },
      '不认识环境变量 CGW_HTP_PORT，是否应为 CGW_HTTP_PORT？请改正或删除 / unknown environment variable CGW_HTP_PORT, did you mean CGW_HTTP_PORT? Correct or remove it',
    ],
    [
      { CGW_SOMETHING_ELSE: '1' },
      '不认识环境变量 CGW_SOMETHING_ELSE，请删除；可用的变量见 npx cgw doctor / unknown environment variable CGW_SOMETHING_ELSE, remove it; see npx cgw doctor for the known ones',
    ],
    [
      { CGW_HTTP_PORT: '80a' },
      'CGW_HTTP_PORT=80a：端口须为 0 到 65535 的整数，请改正 / CGW_HTTP_PORT=80a: a port is an integer from 0 to 65535',
    ],
    [
      { CGW_MQTT_PORT: '65536' },
      'CGW_MQTT_PORT=65536：端口须为 0 到 65535 的整数，请改正 / CGW_MQTT_PORT=65536: a port is an integer from 0 to 65535',
    ],
    [
      { CGW_HTTP_HOST: 'a b' },
      'CGW_HTTP_HOST=a b：须为监听地址或主机名，例如 0.0.0.0，请改正 / CGW_HTTP_HOST=a b: give an address to listen on or a host name, e.g. 0.0.0.0',
    ],
    [
      { CGW_DATABASE_URL: 'mysql://secret@x' },
      'CGW_DATABASE_URL：须为以 postgres://, postgresql:// 开头并含主机名的地址，请改正 / CGW_DATABASE_URL: give an address that starts with postgres://, postgresql:// and names a host',
    ],
    [
      { CGW_TIMESERIES_URL: 'influx' },
      'CGW_TIMESERIES_URL：须为以 influx://, influxs:// 开头并含主机名的地址，请改正 / CGW_TIMESERIES_URL: give an address that starts with influx://, influxs:// and names a host',
    ],
    [
      { CGW_TLS_CERT: 'a.pem' },
      'CGW_MQTT_TLS_PORT、CGW_TLS_CERT、CGW_TLS_KEY 须同时设置，请补齐或全部删除 / CGW_MQTT_TLS_PORT, CGW_TLS_CERT and CGW_TLS_KEY belong together, set all or none',
    ],
    [
      { CGW_ROLES: 'ingest,cook' },
      'CGW_ROLES：cook 无效，只能是 all, ingest, monitor, api, video，请改正 / CGW_ROLES: cook is not one of all, ingest, monitor, api, video',
    ],
    [
      { CGW_ROLES: 'ingest', CGW_DATABASE_URL: 'postgres://db/x' },
      'CGW_ROLES：拆分进程时须设置 CGW_MQTT_URL，请补充或改为 all / CGW_ROLES: separate processes need CGW_MQTT_URL, set it or use all',
    ],
    [
      { CGW_ROLES: 'ingest', CGW_DATABASE_URL: 'postgres://db/x', CGW_MQTT_URL: 'mqtt://broker' },
      'CGW_ROLES：拆分进程时须设置 CGW_SECRET_KEY，请补充或改为 all / CGW_ROLES: separate processes need CGW_SECRET_KEY, set it or use all',
    ],
    [
      {
        CGW_ROLES: 'monitor,video',
        CGW_DATABASE_URL: 'postgres://db/x',
        CGW_MQTT_URL: 'mqtt://broker',
        CGW_SECRET_KEY: 'k'.repeat(32),
      },
      'CGW_NODE_URL：拆分进程后，含 video 的进程须设置其他进程访问本进程的地址，例如 http://10.0.0.5:8080，请补充 / CGW_NODE_URL: with separate processes one that does video needs the address others reach it by, e.g. http://10.0.0.5:8080; set it',
    ],
    [
      { CGW_ADMIN_PASSWORD: 'password' },
      'CGW_ADMIN_PASSWORD：至少 8 位，须同时含字母、数字和特殊符号，请改正 / CGW_ADMIN_PASSWORD: at least 8 characters with letter, digit and symbol',
    ],
    [
      { CGW_SECRET_KEY: 'short' },
      'CGW_SECRET_KEY：至少 32 个字符且不含空白，请改用更长的随机值 / CGW_SECRET_KEY: at least 32 characters without blanks, use a longer random value',
    ],
    [
      { CGW_METRICS_TOKEN: 'short' },
      'CGW_METRICS_TOKEN：至少 16 个字符且不含空白，请改用更长的随机值 / CGW_METRICS_TOKEN: at least 16 characters without blanks, use a longer random value',
    ],
    [
      { CGW_LOG_LEVEL: 'loud' },
      'CGW_LOG_LEVEL：loud 无效，只能是 debug, info, warn, error, silent，请改正 / CGW_LOG_LEVEL: loud is not one of debug, info, warn, error, silent',
    ],
    [
      { CGW_TZ: 'Shanghai' },
      'CGW_TZ=Shanghai：不是有效的时区，请改为如 Asia/Shanghai / CGW_TZ=Shanghai: no such time zone, use e.g. Asia/Shanghai',
    ],
    [
      { CGW_OIDC_CLIENT_ID: 'x' },
      '启用统一登录须设置 CGW_OIDC_ISSUER，请补充或删除全部 CGW_OIDC_* / single sign-on needs CGW_OIDC_ISSUER, set it or remove every CGW_OIDC_*',
    ],
    [
      { CGW_OIDC_ISSUER: 'https://id.example', CGW_OIDC_CLIENT_ID: 'x' },
      '启用统一登录须设置 CGW_OIDC_REDIRECT_URL，请补充或删除全部 CGW_OIDC_* / single sign-on needs CGW_OIDC_REDIRECT_URL, set it or remove every CGW_OIDC_*',
    ],
    [
      {
        CGW_OIDC_ISSUER: 'https://id.example',
        CGW_OIDC_CLIENT_ID: 'x',
        CGW_OIDC_REDIRECT_URL: 'https://cgw.example/api/v1/sessions/oidc/callback',
        CGW_OIDC_SCOPES: 'profile',
      },
      'CGW_OIDC_SCOPES 须包含 openid，请补充（以空格分隔） / CGW_OIDC_SCOPES must name openid, add it (separated by blanks)',
    ],
    [
      { CGW_ALLOWED_TARGETS: '10.0.0.0/33' },
      'CGW_ALLOWED_TARGETS：10.0.0.0/33 不是网段，请写作 10.0.0.0/8、192.168.1.5:554 或 [fd00::]/8:554 / CGW_ALLOWED_TARGETS: 10.0.0.0/33 is no network, write 10.0.0.0/8, 192.168.1.5:554 or [fd00::]/8:554',
    ],
  ])('refuses %o in one clear line', (env, message) => {
    expect(refusal(env as Record<string, string>)).toBe(message);
    expect(message).not.toContain('\n');
  });

  it('never repeats a refused secret', () => {
    expect(refusal({ CGW_SECRET_KEY: 'hunter2' })).not.toContain('hunter2');
    expect(refusal({ CGW_DATABASE_URL: 'mysql://u:hunter2@x' })).not.toContain('hunter2');
  });

  it('describes itself without secrets', () => {
    const secret = 'canary-'.repeat(6);
    const shown = describeConfig(
      readConfig({
        CGW_DATABASE_URL: `postgres://user:${secret}@db/x`,
        CGW_SECRET_KEY: secret,
        CGW_BACKUP_KEY: secret,
        CGW_METRICS_TOKEN: secret,
        CGW_ADMIN_PASSWORD: `${secret}1`,
        CGW_OIDC_ISSUER: 'https://id.example',
        CGW_OIDC_CLIENT_ID: 'cgw',
        CGW_OIDC_CLIENT_SECRET: secret,
        CGW_OIDC_REDIRECT_URL: 'https://cgw.example/api/v1/sessions/oidc/callback',
      }),
    );
    expect(shown.map(([name]) => name)).toEqual([...VARIABLES]);
    expect(JSON.stringify(shown)).not.toContain('canary');
    expect(Object.fromEntries(shown).CGW_DATABASE_URL).toBe('postgres://[redacted]@db/x');
  });
});
