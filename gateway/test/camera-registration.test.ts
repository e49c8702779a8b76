import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { login } from '../../tools/simulator/api-client.ts';
import { createOnvifDevice, type OnvifDevice } from '../../tools/simulator/onvif/device.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import { createSystemClock } from '../src/clock.ts';
import { createLogger } from '../src/log.ts';
import { type Database, sql } from '../src/store/database.ts';
import { openPglite } from '../src/store/pglite.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { until } from './support/until.ts';

/** One unmistakable password for each way in. */
const WAYS = ['field', 'address', 'replaced', 'patched', 'onvif', 'refused', 'contradicting', 'archived'] as const;
const secretOf = (way: (typeof WAYS)[number]) => `Zq7!${way}#Xv9`;
const SECRETS = WAYS.map(secretOf);
/** As they would stand in a leak: plain, in an address, in a Basic login. */
const forms = SECRETS.flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(`viewer:${secret}`).toString('base64'),
  Buffer.from(secret).toString('base64'),
]);
const leaks = (text: string) => forms.filter((form) => text.includes(form));

let dir: DataDir;
let gateway: GatewayProcess;
let token = '';
let cameras: RtspServer;
let plugged: OnvifDevice;
/** Takes every connection, answers HTTP and RTSP alike with a refusal, so that logins are tried everywhere. */
const refusing = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.on('data', () => {
    socket.end(
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="x", nonce="1", qop="auth"\r\nContent-Length: 0\r\n\r\n',
    );
  });
});
const answers: string[] = [];

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  cameras = createRtspServer({ cameras: [{ path: '/a', login: { username: 'viewer', password: 'Right-1' } }] });
  await cameras.start();
  const account = { username: 'viewer', password: 'Right-1' };
  plugged = createOnvifDevice({ cameras: cameras.cameras, login: account, information: { serial: 'SN-PLUG' } });
  await plugged.start();
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  gateway = await startGateway(dir.path, { CGW_LOG_LEVEL: 'debug', CGW_ADMIN_PASSWORD: 'First-2026!' });
  await login(gateway.base, 'admin', 'First-2026!', 'Second-2026!');
  const session = await ask('POST', '/sessions', { username: 'admin', password: 'Second-2026!' });
  token = (JSON.parse(session) as { token: string }).token;
}, 60_000);
afterAll(async () => {
  await gateway?.stop();
  await plugged?.stop();
  await cameras?.stop();
  refusing.close();
  await dir?.remove();
});

/** The whole answer, headers too, whatever it is. */
async function ask(method: string, path: string, body?: object): Promise<string> {
  const response = await fetch(`${gateway.base}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  answers.push(JSON.stringify([...response.headers]), text);
  return text;
}

interface Camera {
  readonly stage: string;
  readonly serial: string | null;
  readonly missing: readonly string[];
  readonly firstFrameAt: string | null;
  readonly picture: object | null;
}
const camera = async (id: string) => JSON.parse(await ask('GET', `/cameras/${id}`)) as Camera;

describe('a camera that is plugged in', () => {
  it('is described, given a code, shows its first frame and is in use', { timeout: 60_000 }, async () => {
    const connection = {
      protocol: 'onvif',
      host: '127.0.0.1',
      port: plugged.port,
      username: 'viewer',
      password: 'Right-1',
    };
    await ask('PUT', '/settings', { groupHold: '1s' });
    await ask('POST', '/maintenance-units', { id: 'fixers', name: '维保公司' });
    const location = { lat: 31.14, lon: 121.51, address: '东明路 1 号' };
    const base = { id: 'plug', type: 'generic/camera', name: '东门', connection };
    await ask('POST', '/devices', {
      ...base,
      orgId: 'dongming',
      maintenanceUnitId: 'fixers',
      location,
      installedOn: '2026-11-23',
    });
    await until('the first frame', async () => (await camera('plug')).firstFrameAt !== null);
    await until('its own words', async () => (await camera('plug')).serial === 'SN-PLUG');
    expect(await camera('plug')).toMatchObject({
      stage: 'awaitingArchive',
      missing: ['nationalCode', 'cameraType', 'direction', 'positionType'],
    });
    expect(await ask('POST', '/cameras/plug/national-code', {})).toContain('31011500081326000001');
    await ask('PATCH', '/cameras/plug/archive', { cameraType: 3, azimuth: 90, positionType: 96 });
    await until('its last picture', async () => (await camera('plug')).picture !== null);
    expect(await camera('plug')).toMatchObject({ stage: 'inUse', missing: [] });
    const metrics = await gateway.metrics();
    expect(metrics).toContain('cgw_camera_first_frame_seconds_count 1');
    expect(metrics).toContain('cgw_cameras{stage="inUse"} 1');
    // An hour's wait cut short: two readings on demand.
    plugged.clock(300_000);
    for (let reading = 0; reading < 2; reading++) {
      const said = await ask('POST', '/cameras/plug/facts', {});
      expect(Math.round((JSON.parse(said) as { facts: { clockOffsetMs: number } }).facts.clockOffsetMs / 10_000)).toBe(
        30,
      );
    }
    await until('the ticket of its clock', async () =>
      (await ask('GET', '/tickets?deviceId=plug')).includes('clockWrong'),
    );
  });
});

describe('the password of a camera', () => {
  it('is nowhere: no answer, no log line, no file, no text of the database', { timeout: 90_000 }, async () => {
    const url = cameras.cameras[0]?.url ?? '';
    const at = (way: (typeof WAYS)[number]) => url.replace('://', `://viewer:${encodeURIComponent(secretOf(way))}@`);
    const healthPolicy = { interval: '1s', hold: '1s' };
    const device = (id: string, connection: object) =>
      ask('POST', '/devices', { id, type: 'generic/camera', name: id, connection, healthPolicy });
    const rtsp = { protocol: 'rtsp', url } as const;
    const port = (refusing.address() as { port: number }).port;
    await device('field', { ...rtsp, username: 'viewer', password: secretOf('field') });
    await device('address', { protocol: 'rtsp', url: at('address') });
    await device('onvif', {
      protocol: 'onvif',
      host: '127.0.0.1',
      port,
      username: 'viewer',
      password: secretOf('onvif'),
    });
    await device('refused', { protocol: 'rtsp', url: `${url}?password=${encodeURIComponent(secretOf('refused'))}` });
    await device('contradicting', { protocol: 'rtsp', url: at('contradicting'), password: 'other' });
    const connection = { protocol: 'rtsp', url: at('replaced') };
    await ask('POST', '/devices/field/replace', { connection, reason: '换机' });
    await ask('PATCH', '/devices/address', {
      connection: { ...rtsp, username: 'viewer', password: secretOf('patched') },
    });
    await ask('PATCH', '/cameras/field/archive', { poleNo: '7', connection: { password: secretOf('archived') } });

    await until('three cameras that do not let us in', async () => {
      const states = await Promise.all(['field', 'address', 'onvif'].map((id) => ask('GET', `/devices/${id}`)));
      return states.every((text) => (JSON.parse(text) as { health: { state: string } }).health.state === 'offline');
    });
    for (const id of ['field', 'address', 'onvif']) {
      for (const path of ['', '/health', '/timeline', '/events']) await ask('GET', `/devices/${id}${path}`);
      for (const path of ['', '/archive']) await ask('GET', `/cameras/${id}${path}`);
      await ask('POST', `/cameras/${id}/facts`, {});
      await ask('GET', `/cameras/${id}/snapshot.jpg`);
      await ask('POST', `/cameras/${id}/live`, { purpose: '核查口令' });
    }
    for (const path of ['/devices', '/cameras', '/incidents', '/tickets', '/quarantine', '/settings', '/overview'])
      await ask('GET', path);
    answers.push(await gateway.metrics(), JSON.stringify(await gateway.readyz()));
    await gateway.stop();

    expect(answers.join('\n')).toContain('wrongPassword');
    expect(leaks(answers.join('\n'))).toEqual([]);
    expect(gateway.output.length).toBeGreaterThan(0);
    expect(leaks(gateway.output.join('\n'))).toEqual([]);
    for (const file of await readdir(dir.path, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = await readFile(join(file.parentPath, file.name), 'latin1');
      expect([file.name, leaks(text)]).toEqual([file.name, []]);
    }
    const db = await openPglite(join(dir.path, 'database'), {
      log: createLogger('silent'),
      clock: createSystemClock(),
    });
    try {
      const dump = await dumpTexts(db);
      // What is looked through is what was written: the cameras are in it, sealed.
      expect(dump).toContain('viewer');
      expect(dump).toContain('wrongPassword');
      expect(leaks(dump)).toEqual([]);
    } finally {
      await db.close();
    }
  });
});

/** Every row of every table as text. */
async function dumpTexts(db: Database): Promise<string> {
  const session = sql(db.autocommit);
  const { rows } = await session.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and not c.relispartition`,
  );
  const texts: string[] = [];
  for (const { name } of rows) {
    const { rows: found } = await session.query<{ row: string }>(`select to_jsonb(t)::text as row from "${name}" t`);
    texts.push(...found.map(({ row }) => `${name} ${row}`));
  }
  return texts.join('\n');
}
