import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRtspServer, type RtspServer } from '../rtsp/server.ts';
import { createOnvifDevice, type OnvifAuth, type OnvifDevice, type OnvifDeviceOptions } from './device.ts';
import { connect } from './testing-client.ts';

const sub = { size: { width: 160, height: 120 }, fps: 5 };
const HOUR = 3_600_000;
let rtsp: RtspServer;
const devices: OnvifDevice[] = [];

beforeAll(async () => {
  rtsp = createRtspServer({
    cameras: [1, 2].map((n) => ({
      path: `/main${n}`,
      picture: 'plain' as const,
      codec: n === 1 ? ('h265' as const) : ('h264' as const),
      label: `channel ${n}`,
      fps: 5,
      sub: { ...sub, path: `/sub${n}` },
    })),
  });
  await rtsp.start();
});
afterAll(async () => {
  for (const device of devices) await device.stop();
  await rtsp.stop();
});

async function start(options: Partial<OnvifDeviceOptions> = {}): Promise<OnvifDevice> {
  const device = createOnvifDevice({ cameras: rtsp.cameras, ...options });
  devices.push(device);
  await device.start();
  return device;
}

const secure = { useSecure: true, secureOpts: { rejectUnauthorized: false } };
const information = <T>(
  cam: { getDeviceInformation(done: (error: Error | null, answer?: T) => void): void },
  done: (error: Error | null, answer?: T) => void,
) => cam.getDeviceInformation(done);

describe('a simulated ONVIF device asked by another client', { concurrent: true, timeout: 20_000 }, () => {
  it.each<[OnvifAuth, 'http' | 'https', boolean]>([
    ['none', 'http', true],
    ['wsToken', 'http', true],
    ['any', 'https', true],
    ['digestMd5', 'http', false],
    ['digestSha256', 'http', false],
    ['digestBoth', 'https', false],
  ])('with %s over %s describes itself, its clock an hour behind', async (auth, scheme, useWSSecurity) => {
    const device = await start({ auth, tls: scheme === 'https', clockOffsetMs: -HOUR });
    const client = await connect(device, { useWSSecurity, ...(scheme === 'https' && secure) });
    expect(await client.call(information)).toMatchObject({ manufacturer: '城运模拟 & Co.', model: 'SIM-2000' });
    const codecs = client.profiles.map((profile) => [profile.$.token, profile.videoEncoderConfiguration?.encoding]);
    expect(codecs).toEqual([
      ['main_1', 'H265'],
      ['sub_1', 'H264'],
      ['main_2', 'H264'],
      ['sub_2', 'H264'],
    ]);
    const uri = await client.call<{ uri: string }>((cam, done) =>
      cam.getStreamUri({ protocol: 'RTSP', profileToken: 'sub_2' }, done),
    );
    expect(uri.uri).toBe(rtsp.camera('/main2').subUrl);
    expect(device.badLogins).toBe(0);
  });

  it('names no H.265 stream where only old Media is offered', async ({ expect }) => {
    const client = await connect(await start({ media2: false }));
    expect(client.profiles.map((profile) => profile.$.token)).toEqual(['sub_1', 'main_2', 'sub_2']);
  });

  it.each<[OnvifAuth, boolean]>([
    ['wsToken', true],
    ['digestSha256', false],
  ])('with %s refuses a wrong password and locks the account after five', async (auth, useWSSecurity) => {
    const device = await start({ auth });
    const wrong = await connect(await start({ auth: 'none' }), { useWSSecurity, password: 'wrong' });
    wrong.cam.port = device.port;
    const path = new URL(device.xaddr).pathname;
    Object.assign(wrong.cam, { uri: undefined, path });
    for (let n = 0; n < 5; n++) await expect(wrong.call(information)).rejects.toThrow(/not Authorized|401/i);
    expect(device.lockedUntil).toBeGreaterThan(Date.now());

    wrong.cam.password = 'Street-2026!';
    await expect(wrong.call(information)).rejects.toThrow(/not Authorized|401/i);
    device.unlock();
    expect(await wrong.call(information)).toMatchObject({ model: 'SIM-2000' });
    device.password('changed');
    await expect(wrong.call(information)).rejects.toThrow(/not Authorized|401/i);
  });

  it('refuses a token that is not of its own time, and one that comes twice', async ({ expect }) => {
    const device = await start({ clockOffsetMs: HOUR });
    const client = await connect(device);
    const header = client.cam as unknown as { _envelopeHeader(): string; _envelopeFooter(): string };
    const body = `${header._envelopeHeader()}<GetDeviceInformation xmlns="http://www.onvif.org/ver10/device/wsdl"/>${header._envelopeFooter()}`;
    const post = async () => (await fetch(device.xaddr, { method: 'POST', body })).status;
    expect([await post(), await post()]).toEqual([200, 400]);
    device.clock(0);
    await expect(client.call(information)).rejects.toThrow('not Authorized');
  });

  it('that speaks Digest only takes no token', async ({ expect }) => {
    const device = await start({ auth: 'digestMd5' });
    const client = await connect(device, { useWSSecurity: false });
    const header = client.cam as unknown as {
      useWSSecurity: boolean;
      _envelopeHeader(): string;
      _envelopeFooter(): string;
    };
    header.useWSSecurity = true;
    const body = `${header._envelopeHeader()}<GetUsers xmlns="http://www.onvif.org/ver10/device/wsdl"/>${header._envelopeFooter()}`;
    const answer = await fetch(device.xaddr, { method: 'POST', body });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('Digest qop='),
    ]);
  });

  it('turns, stops and goes to a preset', async ({ expect }) => {
    const device = await start();
    const client = await connect(device);
    const asIs = (done: (error: Error | null) => void) => (error: Error | null) => done(error);
    await client.call((cam, done) => cam.continuousMove({ x: 0.5, y: -1, zoom: 0 }, asIs(done)));
    await expect.poll(() => device.ptz.position().pan).toBeGreaterThan(0.05);
    expect(device.ptz.moving).toBe(true);
    await client.call((cam, done) => cam.stop({}, asIs(done)));
    const stopped = device.ptz.position();
    expect(stopped.tilt).toBeLessThan(0);
    expect(await client.call((cam, done) => cam.getPresets(done))).toMatchObject({ 路口: {}, 小区大门: {} });
    expect(device.ptz.position()).toEqual(stopped);
    await client.call((cam, done) => cam.gotoPreset({ preset: '2' }, asIs(done)));
    expect(device.ptz.position()).toEqual({ pan: -0.75, tilt: 0.1, zoom: 0 });
    expect(device.ptz.asked).toEqual(['move 0.5,-1,0', 'stop', 'preset 2']);
    await expect(client.call((cam, done) => cam.gotoPreset({ preset: '9' }, asIs(done)))).rejects.toThrow('preset');
  });

  it('is gone while it reboots and back at the same address', async ({ expect }) => {
    const device = await start({ rebootMs: 300 });
    const client = await connect(device);
    expect(await client.call((cam, done) => cam.systemReboot(done))).toBe('Rebooting');
    const answers = () => fetch(device.xaddr, { method: 'POST', body: '' }).then(Boolean, () => false);
    await expect.poll(answers, { interval: 20 }).toBe(false);
    await expect.poll(answers, { timeout: 20_000 }).toBe(true);
    expect(await client.call(information)).toMatchObject({ model: 'SIM-2000' });
  });
});

describe('its snapshot', { concurrent: true, timeout: 20_000 }, () => {
  it('is the picture of the channel as it is now, with Digest', async ({ expect }) => {
    const device = await start({ auth: 'digestBoth' });
    const client = await connect(device, { useWSSecurity: false });
    const { uri } = await client.call<{ uri: string }>((cam, done) =>
      cam.getSnapshotUri({ profileToken: 'main_2' }, done),
    );
    expect((await fetch(uri)).status).toBe(401);
    const look = async () => Buffer.from(await (await client.fetch(uri)).arrayBuffer());
    expect(await look()).toEqual(rtsp.camera('/main2').still());
    expect(await look()).not.toEqual(rtsp.camera('/main1').still());
    await rtsp.camera('/main2').picture('noFrames');
    expect((await client.fetch(uri)).status).toBe(503);
    await rtsp.camera('/main2').picture('plain');
    expect((await client.fetch(uri)).status).toBe(200);
  });

  it('can want Basic, or nothing', async ({ expect }) => {
    const basic = await start({ snapshotAuth: 'basic' });
    const authorization = `Basic ${Buffer.from('admin:Street-2026!').toString('base64')}`;
    expect((await fetch(basic.snapshotUrl(2), { headers: { authorization } })).status).toBe(200);
    expect((await fetch(basic.snapshotUrl(2))).headers.get('www-authenticate')).toContain('Basic');
    expect((await fetch((await start({ snapshotAuth: 'none' })).snapshotUrl())).status).toBe(200);
  });
});
