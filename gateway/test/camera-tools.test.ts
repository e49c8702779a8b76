import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { createOnvifDevice, type OnvifDevice } from '../../tools/simulator/onvif/device.ts';
import { createDiscoveryResponder, type DiscoveryResponder } from '../../tools/simulator/onvif/discovery.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import type { CameraJob } from '../src/domain/camera-job.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { until } from './support/until.ts';

const account = { username: 'admin', password: 'Street-2026!' };
let dir: DataDir;
let gateway: GatewayProcess;
let api: ApiClient;
let rtsp: RtspServer;
let device: OnvifDevice;
let responder: DiscoveryResponder;

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  rtsp = createRtspServer({
    cameras: [
      { path: '/a', login: account },
      { path: '/b', login: account },
    ],
  });
  await rtsp.start();
  device = createOnvifDevice({
    cameras: rtsp.cameras,
    login: account,
    information: { serial: 'SN-FOUND' },
    rebootMs: 100,
  });
  await device.start();
  responder = createDiscoveryResponder({ devices: [device] });
  await responder.start();
  gateway = await startGateway(dir.path);
  api = await gateway.api();
}, 60_000);
afterAll(async () => {
  await gateway?.stop();
  await responder?.stop();
  await device?.stop();
  await rtsp?.stop();
  await dir?.remove();
});

async function finished(path: string, body: object): Promise<CameraJob> {
  const { id } = await api.post<CameraJob>(path, body);
  return until('the job ends', async () => {
    const job = await api.get<CameraJob>(`/cameras/jobs/${id}`);
    return job.state === 'running' ? undefined : job;
  });
}
const onvif = () => ({ protocol: 'onvif', host: '127.0.0.1', port: device.port, ...account });

it('a camera is found, looked at, registered, turned and restarted', { timeout: 60_000 }, async () => {
  const search = await finished('/cameras/discover', { method: 'multicast', seconds: 2 });
  const found = search.found.find(({ facts }) => facts.xaddr === device.xaddr);
  expect(search.state).toBe('done');
  expect(found).toMatchObject({ address: '127.0.0.1', registered: false, deviceId: null });

  const look = await finished('/cameras/probe', { connection: onvif() });
  expect(look).toMatchObject({ state: 'done', target: '127.0.0.1', error: null });
  expect(look.result).toMatchObject({ ok: true, serial: 'SN-FOUND', ptz: true, registered: false });
  expect(look.result?.streams[0]).toMatchObject({ role: 'main', reason: 'ok' });
  expect(JSON.stringify(look)).not.toContain(account.password);

  await api.post('/devices', {
    type: 'generic/camera',
    name: '东门',
    id: 'found',
    serial: 'SN-FOUND',
    connection: onvif(),
  });
  const [path] = rtsp.cameras;
  await api.post('/devices', {
    type: 'generic/camera',
    name: '西门',
    id: 'plain',
    connection: { protocol: 'rtsp', url: path?.url ?? '', ...account },
  });
  const again = await finished('/cameras/probe', { connection: onvif() });
  expect(again.result).toMatchObject({ registered: true, deviceId: 'found' });
  const wrong = await finished('/cameras/probe', { connection: { ...onvif(), password: 'no' } });
  expect(wrong.result).toMatchObject({ ok: false, reason: 'wrongPassword', registered: true });
  device.unlock();

  const moved = await api.post<{ movingUntil: string }>('/cameras/found/ptz', {
    action: 'move',
    pan: 0.5,
    seconds: 0.3,
  });
  expect(Date.parse(moved.movingUntil)).toBeGreaterThan(0);
  await until('the camera stops', () => device.ptz.asked.includes('stop'));
  const { items } = await api.get<{ items: { token: string }[] }>('/cameras/found/ptz/presets');
  await api.post('/cameras/found/ptz', { action: 'preset', preset: items[0]?.token });
  expect(device.ptz.asked.at(-1)).toBe(`preset ${items[0]?.token}`);
  await api.post('/cameras/found/reboot', { reason: '画面冻结' });
  expect(device.asked).toContain('SystemReboot');
  await expect(api.post('/cameras/plain/ptz', { action: 'stop' })).rejects.toThrow(/ONVIF/);
});

it('a search can be cancelled, and a network too large is refused', async () => {
  const { id } = await api.post<CameraJob>('/cameras/discover', { method: 'multicast', seconds: 60 });
  await api.delete(`/cameras/jobs/${id}`);
  expect(await api.get<CameraJob>(`/cameras/jobs/${id}`)).toMatchObject({ state: 'cancelled' });
  await expect(api.post('/cameras/discover', { method: 'subnet', cidr: '10.0.0.0/8' })).rejects.toThrow(/20/);
  expect((await finished('/cameras/discover', { method: 'subnet', cidr: '127.0.0.1/32' })).state).toBe('done');
});
