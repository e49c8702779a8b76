import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createOnvifDevice, ONVIF_AUTH, type OnvifDevice } from '../simulator/onvif/device.ts';
import { createDiscoveryResponder } from '../simulator/onvif/discovery.ts';
import { createRtspServer } from '../simulator/rtsp/server.ts';
import { discover } from './discover.ts';
import { parseOnvifUrl, probeOnvif } from './probe-onvif.ts';

const login = { username: 'admin', password: 'Street-2026!' };
const allow = '127.0.0.0/8';
const rtsp = createRtspServer({ cameras: [{ path: '/main', login: { ...login, scheme: 'md5' } }] });
const devices: OnvifDevice[] = [];
let responder: ReturnType<typeof createDiscoveryResponder>;
const url = (device: OnvifDevice, password = login.password) => {
  const address = parseOnvifUrl(`onvif://127.0.0.1:${device.port}`);
  if (!address) throw new Error('no address');
  return { ...address, username: login.username, password };
};

beforeAll(async () => {
  await rtsp.start();
  for (const auth of ONVIF_AUTH) {
    const device = createOnvifDevice({ cameras: rtsp.cameras, auth, login, clockOffsetMs: -3_600_000 });
    await device.start();
    devices.push(device);
  }
  responder = createDiscoveryResponder({ devices, together: true });
  await responder.start();
});
afterAll(async () => {
  await responder.stop();
  for (const device of devices) await device.stop();
  await rtsp.stop();
});

describe('the simulated street, seen by the command line', () => {
  it.each(ONVIF_AUTH.map((auth, index) => [auth, index] as const))(
    'a camera that wants %s is explained, and no login is wasted on it',
    async (_, index) => {
      const device = devices[index];
      if (!device) throw new Error('no device');
      const { ok, findings, lines } = await probeOnvif(url(device), { allow });
      expect(ok).toBe(true);
      expect(findings.serial).toBe(device.information.serial);
      expect(findings.streams[0]).toMatchObject({ role: 'main', codec: 'H264', reason: 'ok' });
      expect(findings.clockOffsetMs).toBeLessThan(-3_590_000);
      expect(device.badLogins).toBe(0);
      expect(lines.join('\n')).toMatch(/主码流：H264 .* rtsp:\/\/127\.0\.0\.1:\d+\/main · 在线/);
      expect(lines.join('\n')).toContain('提示：摄像机时钟偏差超过 1 分钟');
      expect(lines.join('\n')).not.toContain(login.password);
    },
  );

  it('a port that does not speak http is told from a bad network', async () => {
    const { findings, lines } = await probeOnvif(
      { protocol: 'onvif', host: '127.0.0.1', tls: false, port: Number(new URL(rtsp.camera('/main').url).port) },
      { allow },
    );
    expect(findings.reason).toBe('connectionLost');
    expect(lines.join('\n')).toContain('请改用 onvifs://');
  });

  it.each(['10.0.0.0/8', '300.1.1.0/24'])('the subnet %s is called a wrong argument', async (subnet) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await discover(['--subnet', subnet])).toBe(2);
    expect(said.mock.calls.join()).toContain('--subnet 须为 IPv4 网段');
    said.mockRestore();
  });

  it('a wrong password costs the account at most two tries', async () => {
    const [, device] = devices;
    if (!device) throw new Error('no device');
    const { ok, findings } = await probeOnvif(url(device, 'wrong'), { allow });
    expect({ ok, reason: findings.reason }).toEqual({ ok: false, reason: 'wrongPassword' });
    expect(device.badLogins).toBeLessThanOrEqual(2);
    device.unlock();
  });

  it('the search finds them all, also in one answer', async () => {
    const out = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const err = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    vi.stubEnv('CGW_ALLOWED_TARGETS', allow);
    try {
      expect(await discover(['--seconds', '2', '--json'])).toBe(0);
      const found = out.mock.calls.map(([line]) => JSON.parse(String(line)) as { facts: Record<string, string> });
      const addresses = found.map(({ facts }) => facts.xaddr);
      for (const device of devices) expect(addresses).toContain(device.xaddr);
      expect(await discover(['--seconds', '0'])).toBe(2);
    } finally {
      vi.unstubAllEnvs();
      out.mockRestore();
      err.mockRestore();
    }
  });
});

describe('an ONVIF address', () => {
  it.each([
    ['onvif://10.0.0.5', { host: '10.0.0.5', tls: false }],
    ['onvifs://cam.example:80/', { host: 'cam.example', tls: true, port: 80 }],
    [
      'onvif://a%40b:p%2Fw%25@[fd00::5]:8000',
      { host: 'fd00::5', tls: false, port: 8000, username: 'a@b', password: 'p/w%' },
    ],
  ])('%s is read', (text, expected) => {
    expect(parseOnvifUrl(text)).toEqual({ protocol: 'onvif', ...expected });
  });

  it.each(['rtsp://10.0.0.5/', 'onvif:10.0.0.5', 'onvif://', ''])('%j is none', (text) => {
    expect(parseOnvifUrl(text)).toBeUndefined();
  });
});
