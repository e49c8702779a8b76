import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  COMPILE_CACHE,
  type DataDir,
  type GatewayProcess,
  makeMigratedDataDir,
  startGateway,
} from '../../gateway/test/support/gateway-process.ts';
import { createRtspServer } from '../simulator/rtsp/server.ts';
import { COMMANDS } from './commands.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'cgw-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The command line as a person runs it. */
function cgw(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'tools/cli/cgw.ts'), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, out, err }));
  });
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('cgw', () => {
  it.each(COMMANDS.map(({ name }) => name))('%s --help says how it is used', async (name) => {
    const { code, out, err } = await cgw([...name.split(' '), '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^cgw ${name}`));
  });

  it('lists every command', async () => {
    const { code, out } = await cgw(['--help']);
    expect(code).toBe(0);
    for (const { name } of COMMANDS) expect(out).toContain(`  ${name}`);
  });

  it.each([[['fly']], [['device-type']], [['device-type', 'chek', 'x.yaml']]])(
    'refuses %j with exit code 2',
    async (args) => {
      const { code, out, err } = await cgw(args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain('未知命令');
    },
  );
});

describe('cgw device-type check', () => {
  const BUILT_IN = join(ROOT, 'device-schemas/generic/camera.yaml');

  it('passes a good file and names line and rule of a bad one', async () => {
    expect(await cgw(['device-type', 'check', BUILT_IN])).toMatchObject({ code: 0, err: '' });
    const source = readFileSync(BUILT_IN, 'utf8');
    const bad = file('bad.yaml', source.replace(/^adapter: .*$/m, 'adapter: Pigeon!'));
    const { code, err } = await cgw(['device-type', 'check', BUILT_IN, bad]);
    expect(code).toBe(1);
    expect(err).toMatch(/bad\.yaml:\d+:\d+ {2}\/adapter/);
  });

  it('says that a file is missing, and that none was named', async () => {
    expect((await cgw(['device-type', 'check', 'nowhere.yaml'])).code).toBe(1);
    expect((await cgw(['device-type', 'check'])).code).toBe(2);
  });
});

describe('cgw probe', () => {
  const server = createRtspServer({ cameras: [{ path: '/cam', login: { username: 'admin', password: 'Street-1' } }] });
  beforeAll(() => server.start());
  afterAll(() => server.stop());

  it('tells by its exit code whether the stream can be had', async () => {
    const url = server.camera('/cam').url.replace('//', '//admin:Street-1@');
    const good = await cgw(['probe', url], { CGW_ALLOWED_TARGETS: '127.0.0.1/32' });
    expect(good).toMatchObject({ code: 0, err: '' });
    expect(good.out).toContain('在线');
    const closed = await cgw(['probe', url]);
    expect(closed).toMatchObject({ code: 1 });
    expect(closed.out).toContain('targetNotAllowed');
    expect((await cgw(['probe'])).code).toBe(2);
  });
});

describe('cgw doctor', () => {
  it('prints the configuration without secrets', async () => {
    const { code, out } = await cgw(['doctor'], {
      CGW_DATA_DIR: join(folder, 'not/yet/there'),
      CGW_ADMIN_PASSWORD: 'Tell-nobody-1!',
      CGW_MQTT_URL: 'mqtt://me:hidden@127.0.0.1',
    });
    expect(code).toBe(0);
    expect(out).toMatch(/CGW_ADMIN_PASSWORD +\[redacted\]/);
    expect(out).toMatch(/CGW_MQTT_URL +mqtt:\/\/\[redacted\]@127\.0\.0\.1/);
    expect(out).not.toMatch(/Tell-nobody|hidden/);
    expect(out).toContain('this machine');
  });

  it('fails on a bad configuration with one line', async () => {
    const { code, out, err } = await cgw(['doctor'], { CGW_HTTP_PRT: '1' });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^[^\n]*CGW_HTTP_PORT[^\n]*\n$/);
  });

  it.each([
    ['the database does not answer', { CGW_DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/x' }, /ECONNREFUSED/],
    ['the data directory is a file', { CGW_DATA_DIR: join(ROOT, 'package.json') }, /package\.json/],
    [
      'a certificate is missing',
      { CGW_MQTT_TLS_PORT: '0', CGW_TLS_CERT: '/no.pem', CGW_TLS_KEY: '/no.key' },
      /\/no\.pem/,
    ],
  ])('fails when %s', async (_, env, expected) => {
    const { code, out } = await cgw(['doctor'], env as Record<string, string>);
    expect(code).toBe(1);
    expect(out).toMatch(expected);
    expect(out).not.toContain('hidden');
  });

  it('fails when the data directory cannot be made', async () => {
    const path = file('not-a-folder', '');
    expect((await cgw(['doctor'], { CGW_DATA_DIR: join(path, 'data') })).code).toBe(1);
  });
});

describe('cgw import', () => {
  let data: DataDir;
  let gateway: GatewayProcess;
  let keyFile: string;
  beforeAll(async () => {
    data = await makeMigratedDataDir();
    gateway = await startGateway(data.path);
    const { key } = await (await gateway.api()).post<{ key: string }>('/users/me/api-keys', { name: 'import' });
    keyFile = file('key', `${key}\n`);
  });
  afterAll(async () => {
    await gateway?.stop();
    await data?.remove();
  });
  const run = (path: string, ...more: string[]) =>
    cgw(['import', path, '--url', gateway.base, '--key-file', keyFile, ...more]);
  const total = async () => (await (await gateway.api()).get<{ total: number }>('/devices')).total;

  it('registers every row and keeps the secrets in a file of their own', async () => {
    const path = file(
      'street.csv',
      '设备编号,设备类型,设备名称,序列号,纬度,经度,接入协议,视频地址\ncam-1,generic/camera,"东门, 北侧",,31.1,121.5,rtsp,rtsp://10.1.2.3/1\n,generic/ebike-charger,充电柜,0017,,,,\n',
    );
    expect(await run(path, '--dry-run')).toMatchObject({ code: 0, out: expect.stringContaining('将新建 2 台') });
    expect(await total()).toBe(0);
    expect(await run(path)).toMatchObject({ code: 0 });
    expect(await (await gateway.api()).get('/devices/cam-1')).toMatchObject({
      name: '东门, 北侧',
      lifecycle: 'active',
    });
    const credentials = join(folder, 'street.credentials.csv');
    expect(statSync(credentials).mode & 0o777).toBe(0o600);
    expect(readFileSync(credentials, 'utf8')).toMatch(
      /^\uFEFF行号,.*\r\n1,"东门, 北侧",,cam-1,cam-1,\S{20,},网关生成\r\n2,充电柜,0017,([\w.-]+),\1,\S{20,},网关生成\r\n$/,
    );
    rmSync(credentials);
    expect(await run(path)).toMatchObject({ code: 0, out: expect.stringContaining('2 台不变') });
    expect(existsSync(credentials)).toBe(false);
  });

  it('reads what a Chinese spreadsheet saves (GB 18030)', async () => {
    // 设备编号,设备类型,设备名称 / g-1,generic/ebike-charger,充电
    const header = Buffer.from('c9e8b1b8b1e0bac52cc9e8b1b8c0e0d0cd2cc9e8b1b8c3fbb3c60a', 'hex');
    const row = Buffer.concat([Buffer.from('g-1,generic/ebike-charger,'), Buffer.from('b3e4b5e70a', 'hex')]);
    expect(await run(file('gb.csv', Buffer.concat([header, row])))).toMatchObject({ code: 0 });
    expect(await (await gateway.api()).get('/devices/g-1')).toMatchObject({ name: '充电' });
  });

  it('names the line of every fault and registers nothing while there is one', async () => {
    const before = await total();
    const here = await run(
      file(
        'bad.csv',
        'id,type,name,location.lat,location.lon\nb-1,generic/camera,good,,\nb-2,generic/camera,,,\nb-3,generic/camera,far,abc,1\nb-1,generic/camera,twice,,\n',
      ),
    );
    expect(here.code).toBe(1);
    expect(here.err.match(/第 \d+ 行 .*? {2}([A-Z] \S+)/g)?.map((line) => line.replace(/ \/ row \d+/, ''))).toEqual([
      expect.stringMatching(/第 3 行.*C name/),
      expect.stringMatching(/第 4 行.*D location\.lat/),
      expect.stringMatching(/第 5 行.*A id/),
    ]);
    expect(readFileSync(join(folder, 'bad.errors.csv'), 'utf8')).toMatch(/^\uFEFF错误,id,type/);
    expect(statSync(join(folder, 'bad.errors.csv')).mode & 0o777).toBe(0o600);
    expect(await total()).toBe(before);
  });

  it.each([
    ['an unknown column', 'id,颜色\na,b\n', /颜色/],
    ['no data', 'id,type,name\n', /数据行/],
    ['an open quote', 'id,type,name\n"a,b,c\n', /引号/],
  ])('refuses a table with %s', async (_, content, expected) => {
    const { code, err } = await run(file('odd.csv', content), '--dry-run');
    expect(code).toBe(1);
    expect(err).toMatch(expected);
  });

  it('says what is missing: the key, the file, the gateway, the right', async () => {
    const path = file('one.csv', 'id,type,name\nz-1,generic/camera,z\n');
    expect(await cgw(['import', path])).toMatchObject({ code: 2, err: expect.stringContaining('--key-file') });
    expect(await cgw(['import'])).toMatchObject({ code: 2 });
    expect(await cgw(['import', path, '--dry-run'])).toMatchObject({ code: 2 });
    expect(await cgw(['import', 'no.csv', '--key', 'x'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no.csv'),
    });
    const nobody = await cgw(['import', path, '--key', 'x', '--url', 'http://127.0.0.1:1']);
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('http://127.0.0.1:1') });
    const stranger = await cgw(['import', path, '--key', 'cgwk_wrong', '--url', gateway.base]);
    expect(stranger.code).toBe(1);
    expect(stranger.err).not.toMatch(/\n +at /);
  });

  it('never overwrites the credentials of an earlier run', async () => {
    const path = file('two.csv', 'id,type,name\nz-2,generic/camera,z\n');
    file('two.credentials.csv', 'precious');
    const { code, err } = await run(path);
    expect(code).toBe(1);
    expect(err).toContain('two.credentials.csv');
    expect(readFileSync(join(folder, 'two.credentials.csv'), 'utf8')).toBe('precious');
  });
});
