import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { OnvifClient, OnvifTarget } from './client.ts';
import { createOnvifClient } from './onvif-client.ts';
import { JPEG, startTestCamera, type TestCamera, type TestCameraOptions } from './testing-camera.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const client: OnvifClient = createOnvifClient({ clock, config: { allowedTargets: ['127.0.0.1/32'] } });
const cameras: TestCamera[] = [];
afterEach(async () => {
  for (const camera of cameras.splice(0)) await camera.close();
});
afterAll(() => client.close());

async function camera(options: TestCameraOptions = {}): Promise<[OnvifTarget, TestCamera]> {
  const started = await startTestCamera(options);
  cameras.push(started);
  const { username = 'admin', password = 'pass,"word"' } = options;
  return [{ host: '127.0.0.1', port: started.port, username, password, tls: options.tls !== undefined }, started];
}
const call = (deadline = 5_000) => ({ deadline, signal: new AbortController().signal });

describe('describing a camera', () => {
  it('tells device, both streams, snapshot, PTZ and clock, with every digit of the serial', async () => {
    const [target] = await camera({ auth: 'digest', offsetMs: 90_000 });
    const found = await client.describe(target, call());
    expect(found).toMatchObject({
      manufacturer: '测试 & Co',
      model: 'T-1',
      firmware: '1.10',
      serial: '12345678901234567890',
      ptz: true,
      answeredBy: 'node-onvif',
      snapshotUri: `http://127.0.0.1:${target.port}/snapshot.jpg`,
      streams: [
        {
          role: 'main',
          profile: 'main',
          codec: 'H264',
          width: 1920,
          height: 1080,
          fps: 25,
          uri: 'rtsp://127.0.0.1:554/live/main?a=1&b=2',
          note: null,
        },
        { role: 'sub', profile: 'sub', codec: 'H264', width: 640, fps: 10 },
      ],
    });
    expect(found.clockOffsetMs).toBeGreaterThan(87_000);
    expect(found.clockOffsetMs).toBeLessThan(92_000);
  });

  it('reads H.265 profiles through the other library, with tokens of digits untouched', async () => {
    const profiles2 = [
      { token: '1.10', encoding: 'H265', width: 2560, height: 1440, fps: 20 },
      { token: '12345678901234567890', encoding: 'H264', width: 704, height: 576 },
    ];
    const [target, { bodies }] = await camera({ auth: 'token', offsetMs: -7_200_000, profiles2 });
    const found = await client.describe(target, call());
    expect(found.answeredBy).toBe('onvif');
    expect(found.streams).toMatchObject([
      { role: 'main', codec: 'H265', profile: '1.10', width: 2560, fps: 20 },
      { role: 'sub', codec: 'H264', profile: '12345678901234567890' },
    ]);
    expect(bodies.filter((body) => body.includes('GetStreamUri')).every((body) => body.includes('ver20/media'))).toBe(
      true,
    );
  });

  it('describes a camera that has Media2 alone', async () => {
    const profiles2 = [{ token: 'p', encoding: 'H264', width: 1280, height: 720 }];
    const [target] = await camera({ media: false, profiles2 });
    expect(await client.describe(target, call())).toMatchObject({ answeredBy: 'onvif', streams: [{ codec: 'H264' }] });
  });

  it('hands profile tokens back as they were, whatever is in them', async () => {
    const token = '主码流&amp;&lt;1&gt;&quot;';
    const [target, { bodies }] = await camera({ profiles: [{ token, encoding: 'JPEG', width: 320, height: 240 }] });
    const found = await client.describe(target, call());
    expect(found.streams[0]).toMatchObject({ codec: 'MJPEG', profile: '主码流&<1>"' });
    const sent = bodies.find((body) => body.includes('GetStreamUri')) ?? '';
    expect(sent).toContain('&#20027;&#30721;&#27969;&#38;&#60;1&#62;&#34;');
  });
});

describe('logging in', () => {
  it.each([
    ['digest', 'MD5'],
    ['digest-sha256', 'SHA-256'],
    ['digest-auth-int', 'MD5 auth-int'],
    ['token', 'token'],
    ['basic', 'basic'],
  ] as const)('answers %s, and no login is wasted', async (auth, scheme) => {
    const [target, { logins }] = await camera({ auth });
    await client.describe(target, call());
    expect(logins.length).toBeGreaterThan(3);
    expect(logins.every((login) => login.ok && login.scheme === scheme)).toBe(true);
  });

  it('sends no password, hashed or not, before it is asked', async () => {
    const [target, { bodies, logins }] = await camera({ auth: 'none' });
    await client.describe(target, call());
    expect(logins).toEqual([]);
    expect(bodies.some((body) => body.includes('UsernameToken'))).toBe(false);
  });

  it.each(['digest', 'token'] as const)('gives up after two refusals (%s)', async (auth) => {
    const [target, { logins }] = await camera({ auth });
    const wrong = { ...target, password: 'nope' };
    await expect(client.describe(wrong, call())).rejects.toMatchObject({ reason: 'wrongPassword' });
    expect(logins.length).toBeGreaterThan(0);
    expect(logins.length).toBeLessThanOrEqual(2);
  });

  it('says that a login is wanted when none is configured', async () => {
    const [{ host, port }] = await camera({ auth: 'digest' });
    const refusal = client.describe({ host, port: port ?? 0 }, call());
    await expect(refusal).rejects.toMatchObject({
      reason: 'wrongPassword',
      message: expect.stringMatching(/none is configured/),
    });
  });

  it.each([
    ['29 days behind', { offsetMs: -29 * 86_400_000 }],
    ['in February while it is the 31st here', { time: new Date('2000-02-03T04:05:06Z') }],
  ])('works when the clock of the camera is %s', async (_, clockOf) => {
    const [target, { logins }] = await camera({ auth: 'token', ...clockOf });
    const thirtyFirst = Date.UTC(2026, 0, 31, 12);
    const origin = performance.now();
    const january = createOnvifClient({
      clock: { now: () => thirtyFirst + performance.now() - origin, monotonic: () => performance.now() },
      config: { allowedTargets: ['127.0.0.1/32'] },
    });
    try {
      const used = 'time' in clockOf ? january : client;
      const found = await used.describe(target, call());
      expect(logins.every((login) => login.ok)).toBe(true);
      if ('time' in clockOf) {
        expect(Math.abs((found.clockOffsetMs ?? 0) - (clockOf.time.getTime() - thirtyFirst))).toBeLessThan(5_000);
      }
    } finally {
      await january.close();
    }
  });

  it('escapes a user name that is XML', async () => {
    const [target, { logins }] = await camera({ auth: 'token', username: '<管理&员>' });
    await client.describe(target, call());
    expect(logins.every((login) => login.ok)).toBe(true);
  });

  it('keeps two cameras apart that are asked at once', async () => {
    const pairs = await Promise.all(
      ['A', 'B', 'C', 'D'].map((name) =>
        camera({
          auth: 'digest',
          model: name,
          password: `secret-${name}`,
          snapshot: Buffer.concat([
            JPEG.subarray(0, 4),
            Buffer.alloc(300, name.charCodeAt(0)),
            Buffer.from([0xff, 0xd9]),
          ]),
        }),
      ),
    );
    const found = await Promise.all(
      pairs.map(async ([target]) => {
        const description = await client.describe(target, call());
        return [description.model, (await client.snapshot(target, description.snapshotUri ?? '', call()))[10]] as const;
      }),
    );
    expect(found).toEqual([
      ['A', 65],
      ['B', 66],
      ['C', 67],
      ['D', 68],
    ]);
    for (const [, { logins }] of pairs) expect(logins.every((login) => login.ok)).toBe(true);
  });

  it('tries a login without throwing, and tells an open camera from a proven login', async () => {
    const [guarded] = await camera({ auth: 'digest' });
    const [open] = await camera();
    expect(await client.tryLogin(guarded, call())).toBe('ok');
    expect(await client.tryLogin({ ...guarded, password: '12345' }, call())).toBe('wrongPassword');
    expect(await client.tryLogin(open, call())).toBe('open');
  });
});

describe('https', () => {
  const pem = (name: string) => readFileSync(join(import.meta.dirname, '../rtsp/testdata', name), 'utf8');
  const tls = { key: pem('tls-key.pem'), cert: pem('tls-cert.pem') };

  it('accepts the self-signed certificate cameras ship with, unless told otherwise', async () => {
    const [target] = await camera({ tls, auth: 'digest' });
    expect(await client.describe(target, call())).toMatchObject({ model: 'T-1' });
    const strict = createOnvifClient({ clock, config: { allowedTargets: ['127.0.0.1/32'], verifyTls: true } });
    await expect(strict.describe(target, call())).rejects.toMatchObject({ reason: 'notOnvif', message: /TLS/ });
    await strict.close();
  });
});

describe('addresses a camera names', () => {
  it('are not dialled when they are not allowed: its own host takes their place', async () => {
    const [target] = await camera({
      namedHost: '169.254.169.254',
      rtsp: (token) => `rtsp://user:pw@169.254.169.254:8554/${token}?x=1`,
    });
    const found = await client.describe(target, call());
    expect(found.streams[0]).toMatchObject({ uri: 'rtsp://127.0.0.1:8554/main?x=1', note: 'hostReplaced' });
    expect(found.snapshotUri).toBe('http://127.0.0.1/snapshot.jpg');
  });

  it('are refused when no permitted address is left', async () => {
    const [target] = await camera({ rtsp: () => 'rtsp://10.9.9.9:8554/x' });
    const narrow = createOnvifClient({ clock, config: { allowedTargets: [`127.0.0.1/32:${target.port}`] } });
    const found = await narrow.describe(target, call());
    expect(found.streams[0]).toMatchObject({ uri: null, note: 'targetNotAllowed' });
    await narrow.close();
  });

  it('lose credentials, and what is no RTSP address is none', async () => {
    const [target] = await camera({
      rtsp: (token) => (token === 'main' ? 'rtsp://u:p@127.0.0.1/a' : 'http://127.0.0.1/b'),
    });
    const { streams } = await client.describe(target, call());
    expect(streams[0]?.uri).toBe('rtsp://127.0.0.1/a');
    expect(streams[1]).toMatchObject({ uri: null, note: 'notNamed' });
  });

  it('are refused for the camera itself', async () => {
    const forbidden = client.describe({ host: '169.254.169.254' }, call());
    await expect(forbidden).rejects.toMatchObject({ reason: 'targetNotAllowed' });
  });
});

describe('pan, tilt, zoom', () => {
  it('moves, stops, lists and calls presets, and reboots', async () => {
    const [target, { asked, bodies }] = await camera({ auth: 'digest' });
    await client.move(target, 'main', { pan: 0.5, tilt: -0.25, zoom: 0 }, 1_500, call());
    expect(bodies.at(-1)).toMatch(/x="0.5" y="-0.25".*PT2S/);
    await client.stop(target, 'main', call());
    expect(await client.presets(target, 'main', call())).toEqual([
      { token: '1', name: '大门' },
      { token: '0012', name: 'Pole' },
    ]);
    await client.gotoPreset(target, 'main', '0012', call());
    expect(bodies.at(-1)).toContain('<tptz:PresetToken>0012<');
    await client.reboot(target, call());
    // What was learned at the first move is not asked again.
    expect(asked.filter((operation) => operation === 'GetServices')).toHaveLength(1);
    expect(asked).toContain('SystemReboot');
  });

  it('says so when there is none', async () => {
    const [target] = await camera({ ptz: false });
    const refused = client.presets(target, 'main', call());
    await expect(refused).rejects.toMatchObject({ reason: 'noSuchStream', message: /PTZ/ });
    expect((await client.describe(target, call())).ptz).toBe(false);
  });
});
