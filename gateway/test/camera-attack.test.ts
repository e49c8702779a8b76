import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { type DataDir, type GatewayProcess, makeMigratedDataDir, startGateway } from './support/gateway-process.ts';
import { type GstRtspServer, gstAvailable, startGstRtspServer } from './support/gst-rtsp-server.ts';
import { type Hostility, startHostileCamera } from './support/hostile-cameras.ts';
import { until } from './support/until.ts';

const HOSTILE: readonly Hostility[] = ['lyingLengths', 'hugePicture', 'hugeDescription', 'redirect'];
/** A name and a purpose that would be something else to a page, a filter graph or a shell. */
const NAME = `<img src=x onerror=alert(1)>:%{pts}'\\,[a];$(id)`;

let dir: DataDir;
let good: GstRtspServer;
let gateway: GatewayProcess;
let api: ApiClient;
let bearer: Record<string, string>;
const hostile: Awaited<ReturnType<typeof startHostileCamera>>[] = [];

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  good = await startGstRtspServer();
  gateway = await startGateway(dir.path);
  api = await gateway.api();
  const register = (id: string, name: string, url: string) =>
    api.post('/devices', { id, type: 'generic/camera', name, module: 'video', connection: { protocol: 'rtsp', url } });
  await register('good', NAME, good.url('/ball'));
  for (const kind of HOSTILE) {
    const camera = await startHostileCamera(kind);
    hostile.push(camera);
    await register(kind, kind, camera.url);
  }
  const { token } = await post<{ token: string }>('/sessions', { username: 'admin', password: 'Whole-path-2027!' });
  bearer = { authorization: `Bearer ${token}` };
}, 60_000);
afterAll(async () => {
  await gateway?.stop();
  for (const camera of hostile) await camera.stop();
  await good?.kill();
  await dir?.remove();
});

async function answer(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${gateway.base}/api/v1${path}`, {
    method,
    headers: { ...bearer, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}
async function post<T>(path: string, body: object): Promise<T> {
  return (await (await answer('POST', path, body)).json()) as T;
}
const statuses = async (answers: readonly Promise<Response>[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(answers)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

/** Programs that work for this gateway. */
function processes(): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      const mine = /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'utf8').includes(dir.path);
      return mine && /^[^\0]*ff(mpeg|probe)\0/.test(readFileSync(`/proc/${name}/cmdline`, 'utf8'));
    } catch (error) {
      if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  });
}

describe.runIf(gstAvailable())('beside hostile cameras', { timeout: 60_000 }, () => {
  it('a good camera is seen, and each of the others is told apart and costs only its own process', async () => {
    const snapshot = (id: string) => answer('GET', `/cameras/${id}/snapshot.jpg`);
    const [seen, ...refused] = await Promise.all(['good', ...HOSTILE].map(snapshot));
    expect([seen?.status, seen?.headers.get('content-type'), seen?.headers.get('x-content-type-options')]).toEqual([
      200,
      'image/jpeg',
      'nosniff',
    ]);
    const reasons = await Promise.all(
      refused.map(async (each) => [each.status, ((await each.json()) as { reason: string }).reason]),
    );
    expect(reasons.map(([status]) => status)).toEqual(HOSTILE.map(() => 502));
    expect([reasons[0], reasons[2], reasons[3]]).toEqual([
      [502, 'notRtsp'],
      [502, 'notRtsp'],
      [502, 'noSuchStream'],
    ]);
    await until('no program is left', () => processes().length === 0);
  });

  it('views and clips asked for at once are as many as one after the other', async () => {
    const views = Array.from({ length: 50 }, () => answer('POST', '/cameras/good/live', { purpose: NAME }));
    expect(await statuses(views)).toEqual({ 200: 36, 429: 14 });
    const clips = Array.from({ length: 20 }, () =>
      answer('POST', '/cameras/good/clips', { purpose: NAME, seconds: 1 }),
    );
    expect(await statuses(clips)).toEqual({ 202: 16, 429: 4 });
    expect(processes().length).toBeLessThan(8);
    await until('a clip is ready', async () => {
      const { items } = await api.get<{ items: { state: string }[] }>('/cameras/good/clips');
      return items.some(({ state }) => state === 'ready');
    });
  });

  it('a picture of a camera with such a name can be exported, however small', async () => {
    const purpose = encodeURIComponent(NAME);
    const exported = await answer('GET', `/cameras/good/snapshot.jpg?export=true&width=16&purpose=${purpose}`);
    expect([exported.status, exported.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const reversed = await answer('POST', '/cameras/good/clips', { purpose: 'a\u202eb', seconds: 1 });
    expect(reversed.status).toBe(400);
    expect(gateway.output.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
