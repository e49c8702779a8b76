import { afterAll, beforeAll, describe, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { type GstRtspServer, gstAvailable, startGstRtspServer } from './support/gst-rtsp-server.ts';
import { until } from './support/until.ts';

const POLICY = { interval: '1s', hold: '2s', recoverAfter: '1s' };
const LOGIN = { username: 'admin', password: 'Camera-1' };

interface Health {
  readonly state: string;
  readonly reason: string;
  readonly facts: { readonly probe?: { readonly state: string; readonly reason: string; readonly evidence: unknown } };
}

let dir: DataDir;
let gateway: GatewayProcess;
let api: ApiClient;

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  gateway = await startGateway(dir.path);
  api = await gateway.api();
  await api.put('/settings', { groupHold: '1s', ticketStableFor: '3s' });
});
afterAll(async () => {
  await gateway?.stop();
  await dir?.remove();
});

const addCamera = (id: string, url: string, login: object = LOGIN) =>
  api.post('/devices', {
    id,
    type: 'generic/camera',
    name: id,
    module: 'video',
    connection: { protocol: 'rtsp', url, ...login },
    healthPolicy: POLICY,
  });
const health = (id: string) => api.get<Health>(`/devices/${id}/health`);
/** Waits for the verdict; the probe's own fact must say the same. */
function becomes(id: string, state: string, reason: string): Promise<Health> {
  const fact = state === 'online' ? 'good' : 'bad';
  return until(`${id} ${state} ${reason}`, async () => {
    const found = await health(id);
    const { probe } = found.facts;
    return (
      found.state === state && found.reason === reason && probe?.state === fact && probe.reason === reason && found
    );
  });
}
const stages = async (id: string) =>
  (await api.get<{ items: { stage: string; fault: string }[] }>(`/tickets?deviceId=${id}`)).items.map(
    ({ fault, stage }) => `${fault} ${stage}`,
  );
const soon = { timeout: 20_000, interval: 200 };

// Each at its own cameras, so that nobody waits for another's timeouts.
describe.skipIf(!gstAvailable())('a GStreamer camera with Digest', { concurrent: true, timeout: 60_000 }, () => {
  const cameras: GstRtspServer[] = [];
  const start = async (port = 0) => {
    const camera = await startGstRtspServer({ auth: 'digest', user: 'admin', password: 'Camera-1', port });
    cameras.push(camera);
    return camera;
  };
  afterAll(async () => void (await Promise.all(cameras.map((camera) => camera.kill()))));

  it('is online, has a closed port when it was killed, and its ticket ends when it is back', async ({ expect }) => {
    const camera = await start();
    await addCamera('gst', camera.url('/cam'));
    expect((await becomes('gst', 'online', 'ok')).facts.probe?.evidence).toMatchObject({ failures: 0 });
    await camera.kill();
    await becomes('gst', 'offline', 'portClosed');
    await expect.poll(() => stages('gst'), soon).toEqual(['offline dispatched']);
    await start(camera.port);
    await becomes('gst', 'online', 'ok');
    await expect.poll(() => stages('gst'), soon).toEqual(['offline closed']);
  });

  it('is a timeout while it is stopped, and online when it goes on', async () => {
    const camera = await start();
    await addCamera('gst-stopped', camera.url('/cam'));
    await becomes('gst-stopped', 'online', 'ok');
    camera.pause();
    await becomes('gst-stopped', 'offline', 'timeout');
    camera.resume();
    await becomes('gst-stopped', 'online', 'ok');
  });

  it('tells a wrong password and a missing stream apart, also before it was ever seen', async ({ expect }) => {
    const camera = await start();
    await addCamera('gst-wrong', camera.url('/cam'), { username: 'admin', password: 'old' });
    await addCamera('gst-lost', camera.url('/cam9'));
    const probe = async (id: string) => (await health(id)).facts.probe;
    await expect.poll(() => probe('gst-wrong'), soon).toMatchObject({ state: 'bad', reason: 'wrongPassword' });
    await expect.poll(() => probe('gst-lost'), soon).toMatchObject({ state: 'bad', reason: 'noSuchStream' });
    await api.post('/devices/gst-wrong/replace', {
      connection: { protocol: 'rtsp', url: camera.url('/cam'), ...LOGIN },
      reason: '密码更正',
    });
    await becomes('gst-wrong', 'online', 'ok');
  });
});

describe('a channel of an NVR', () => {
  let nvr: RtspServer;
  const paths = ['/Streaming/Channels/101', '/Streaming/Channels/201'];
  beforeAll(async () => {
    nvr = createRtspServer({ cameras: paths.map((path) => ({ path, login: LOGIN })) });
    await nvr.start();
    for (const [n, { url }] of nvr.cameras.entries()) await addCamera(`nvr-${n + 1}`, url);
  });
  afterAll(() => nvr?.stop());

  it('is gone without its neighbour, and comes back', async ({ expect }) => {
    await becomes('nvr-1', 'online', 'ok');
    await becomes('nvr-2', 'online', 'ok');
    await nvr.camera('/Streaming/Channels/201').fault('notFound');
    await becomes('nvr-2', 'offline', 'noSuchStream');
    expect((await health('nvr-1')).state).toBe('online');
    await nvr.camera('/Streaming/Channels/201').fault('unauthorized');
    await becomes('nvr-2', 'offline', 'wrongPassword');
    await nvr.camera('/Streaming/Channels/201').fault('none');
    await becomes('nvr-2', 'online', 'ok');
  });
});
