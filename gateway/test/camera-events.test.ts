import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { createOnvifDevice, type OnvifDevice } from '../../tools/simulator/onvif/device.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { until } from './support/until.ts';

const LOGIN = { username: 'admin', password: 'Camera-1' };
const PATIENCE = { withinMs: 60_000, everyMs: 200 };

interface Event {
  readonly code: string;
  readonly title: string | null;
  readonly data: unknown;
}

let dir: DataDir;
let gateway: GatewayProcess;
let api: ApiClient;
let rtsp: RtspServer;
let device: OnvifDevice;

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  gateway = await startGateway(dir.path);
  api = await gateway.api();
  // Rounds of an hour: whatever looks at the picture in this test was asked by an event.
  await api.put('/settings', { groupHold: '1s', eventsEvery: '1s', pictureEvery: '1h', pictureConfirm: '1h' });
  rtsp = createRtspServer({ cameras: [{ path: '/main', login: LOGIN, picture: 'good' }] });
  await rtsp.start();
  device = createOnvifDevice({ cameras: rtsp.cameras, login: LOGIN, rebootMs: 3_000 });
  await device.start();
  await api.post('/devices', {
    id: 'eye',
    type: 'generic/camera',
    name: '路口球机',
    module: 'video',
    connection: { protocol: 'onvif', host: '127.0.0.1', port: device.port, ...LOGIN },
    healthPolicy: { interval: '1s', hold: '2s', recoverAfter: '1s' },
  });
}, 180_000);
afterAll(async () => {
  await gateway?.stop();
  await device?.stop();
  await rtsp?.stop();
  await dir?.remove();
});

const events = async () => (await api.get<{ items: Event[] }>('/devices/eye/events')).items;
const titles = async () => (await events()).map(({ title }) => title);
const tickets = async () =>
  (await api.get<{ items: { fault: string }[] }>('/tickets?deviceId=eye')).items.map(({ fault }) => fault);
const lastLook = async () => (await api.get<{ last: { at: string } | null }>('/cameras/eye/diagnosis')).last?.at;

describe('what an ONVIF camera notices', { timeout: 120_000 }, () => {
  it('is an event of the device, asks for a look at the picture, and a broken disk is a ticket', async () => {
    await until('it is subscribed', () => device.events.subscriptions === 1, PATIENCE);
    const before = await lastLook();
    device.event('motion', true);
    device.event('videoLoss', true);
    device.event('tamper', true);
    await until('three events', async () => (await events()).length === 3, PATIENCE);
    expect((await titles()).sort()).toEqual(['画面有移动', '视频丢失', '镜头被遮挡或移动'].sort());
    expect(await events()).toContainEqual(
      expect.objectContaining({ code: 'videoLoss', data: { via: 'onvif', source: 'source_1' } }),
    );
    await until('a look at the picture', async () => (await lastLook()) !== before, PATIENCE);
    device.event('storageFailure', true);
    await until('a ticket', async () => (await tickets()).length > 0, PATIENCE);
    expect(await tickets()).toEqual(['storageFailure']);
  });

  it('is asked for again when the camera comes back', async () => {
    await device.stop();
    expect(device.events.subscriptions).toBe(0);
    await device.start();
    await until('it is subscribed anew', () => device.events.subscriptions === 1, PATIENCE);
    device.event('tamper', false);
    await until('its end', async () => (await titles()).includes('镜头被遮挡或移动（已解除）'), PATIENCE);
    expect(await tickets()).toEqual(['storageFailure']);
    expect(device.badLogins).toBe(0);
  });

  it('is given back when the gateway stops', async () => {
    expect(await gateway.stop()).toBe(0);
    expect(device.events.subscriptions).toBe(0);
    expect(device.events.waiting).toBe(0);
  });
});
