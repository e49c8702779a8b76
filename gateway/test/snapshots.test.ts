import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiClient } from '../../tools/simulator/api-client.ts';
import { createRtspServer, type RtspServer } from '../../tools/simulator/rtsp/server.ts';
import { decode } from '../src/video/pictures/testing.ts';
import {
  type DataDir,
  type GatewayProcess,
  makeMigratedDataDir,
  sample,
  startGateway,
} from './support/gateway-process.ts';

const LOGIN = { username: 'viewer', password: 'Camera-1' };
/** One recorder with four channels: the same host, port and login, another colour each. */
const COLOURS = ['#d01010', '#10b010', '#1010d0', '#c0c010'];
const CENTRE = { x: 0.4, y: 0.3, width: 0.2, height: 0.2 };

let dir: DataDir;
let gateway: GatewayProcess;
let recorder: RtspServer;
let api: ApiClient;
let headers: Record<string, string>;

beforeAll(async () => {
  dir = await makeMigratedDataDir();
  recorder = createRtspServer({
    cameras: COLOURS.map((colour, i) => ({
      path: `/ch${i}`,
      login: LOGIN,
      picture: 'plain',
      colour,
      label: `CH ${i}`,
    })),
  });
  await recorder.start();
  gateway = await startGateway(dir.path);
  api = await gateway.api();
  const { token } = await api.post<{ token: string }>('/sessions', { username: 'admin', password: 'Whole-path-2027!' });
  headers = { authorization: `Bearer ${token}` };
  for (const [i] of COLOURS.entries()) {
    const url = recorder.camera(`/ch${i}`).url;
    const connection = { protocol: 'rtsp', url, ...LOGIN };
    await api.post('/devices', {
      id: `ch${i}`,
      type: 'generic/camera',
      name: `通道 ${i}`,
      module: 'video',
      connection,
    });
  }
});
afterAll(async () => {
  await gateway?.stop();
  await recorder?.stop();
  await dir?.remove();
});

const ask = async (path: string) => {
  const answer = await fetch(`${gateway.base}/api/v1/cameras/${path}`, { headers });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
};
const distance = (colour: string, seen: { r: number; g: number; b: number }) => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return Math.max(Math.abs(seen.r - r), Math.abs(seen.g - g), Math.abs(seen.b - b));
};

describe('snapshots of real cameras', { timeout: 60_000 }, () => {
  it('show each its own channel, when all are asked at once and again', async () => {
    for (let round = 0; round < 2; round++) {
      const asked = [...COLOURS, ...COLOURS].map((colour, i) => ({ colour, id: `ch${i % COLOURS.length}` }));
      const answers = await Promise.all(
        asked.map(async (camera) => ({ ...camera, ...(await ask(`${camera.id}/snapshot.jpg`)) })),
      );
      for (const { id, colour, status, body, headers: said } of answers) {
        expect([id, status, said.get('x-picture-origin')]).toEqual([id, 200, 'keyFrame']);
        expect(said.get('x-content-sha256')).toBe(createHash('sha256').update(body).digest('hex'));
        expect([id, distance(colour, decode(body).mean(CENTRE)) < 30]).toEqual([id, true]);
        const age = Number(said.get('x-age-ms'));
        const captured = Date.parse(said.get('x-captured-at') ?? '');
        expect([age < 15_000, Math.abs(Date.now() - captured - age) < 15_000]).toEqual([true, true]);
      }
    }
  });

  it('are masked before they leave and exported with proof; the original stays readable', async () => {
    await api.put('/cameras/ch1/masks', { areas: [{ shape: 'rectangle', ...CENTRE }] });
    const {
      status,
      headers: said,
      body,
    } = await ask(`ch1/snapshot.jpg?export=true&purpose=${encodeURIComponent('街面纠纷取证')}`);
    expect([status, said.get('x-masked')]).toEqual([200, 'true']);
    expect(said.get('content-disposition')).toMatch(/^attachment/);
    const inside = decode(body).mean(CENTRE);
    expect(Math.max(inside.r, inside.g, inside.b)).toBeLessThan(30);
    const kept = await api.get<{ items: { id: string; sha256: string; purpose: string }[] }>(
      '/cameras/ch1/pictures?purpose=snapshot',
    );
    expect(kept.items[0]).toMatchObject({ id: said.get('x-picture-id'), sha256: said.get('x-original-sha256') });
    const stored = await ask(`ch1/pictures/${kept.items[0]?.id}.jpg`);
    expect([stored.status, stored.headers.get('x-masked')]).toEqual([200, 'true']);
    expect((await ask(`ch0/pictures/${kept.items[0]?.id}.jpg`)).status).toBe(404);
    expect((await ask('ch1/pictures/..%2f..%2fadmin-password.jpg')).status).toBe(404);
    const viewings = await api.get<{ items: { mode: string; purpose: string }[] }>('/cameras/ch1/viewings');
    expect(viewings.items.map(({ purpose }) => purpose)).toContain('街面纠纷取证');
  });

  it('are refused with the reason when the recorder is away; a stored one comes only to whom it will do, marked', async () => {
    await recorder.camera('/ch2').fault('unauthorized');
    // A picture asked for just before is shared for a moment, with its own time.
    await expect.poll(async () => (await ask('ch2/snapshot.jpg')).status, { timeout: 20_000, interval: 500 }).toBe(502);
    const locked = await ask('ch2/snapshot.jpg');
    expect(JSON.parse(locked.body.toString()).reason).toBe('wrongPassword');
    await recorder.stop();
    await expect.poll(async () => (await ask('ch1/snapshot.jpg')).status, { timeout: 20_000, interval: 500 }).toBe(502);
    const away = await ask('ch1/snapshot.jpg');
    expect(JSON.parse(away.body.toString())).toMatchObject({ code: 'CAMERA_UNAVAILABLE', reason: 'portClosed' });
    // A check of the picture may have kept one just before the recorder went.
    const stored = () => ask('ch1/snapshot.jpg?maxAge=1h');
    await expect.poll(async () => (await stored()).headers.get('x-stale'), { timeout: 20_000 }).toBe('true');
    const old = await stored();
    expect([old.status, old.headers.get('x-stale'), old.headers.get('x-masked')]).toEqual([200, 'true', 'true']);
    expect(Number(old.headers.get('x-age-ms'))).toBeGreaterThan(2_000);
    const metrics = await gateway.metrics();
    expect(sample(metrics, 'cgw_snapshots_total', 'outcome="ok"')).toBeGreaterThan(3);
    expect(sample(metrics, 'cgw_snapshots_total', 'outcome="failed"')).toBeGreaterThan(0);
    expect(sample(metrics, 'cgw_pictures_bytes')).toBeGreaterThan(0);
  });
});
