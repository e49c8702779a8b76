import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayError } from '../errors.ts';
import type { ShownPicture } from './ports/pictures.ts';
import { BASE } from './route.ts';
import { bearer, createTestApi, deviceFixture, type TestApi } from './testing.ts';

const BODY = Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x80, 0xd9]);
const SHA = createHash('sha256').update(BODY).digest('hex');

let api: TestApi;
const shown = (over: Partial<ShownPicture> = {}): ShownPicture => ({
  // A view into a larger buffer: only its own bytes may leave.
  jpeg: Buffer.concat([Buffer.from('before'), BODY, Buffer.from('after')]).subarray(6, 6 + BODY.length),
  sha256: SHA,
  originalSha256: 'f'.repeat(64),
  takenAt: Date.UTC(2026, 10, 23),
  ageMs: 20_000.4,
  stale: true,
  masked: true,
  origin: 'keyFrame',
  pictureId: 'a'.repeat(32),
  ...over,
});

beforeAll(async () => {
  api = createTestApi();
  api.on('devices.get', async (_actor: unknown, id: string) => {
    if (id !== 'cam-1') throw new GatewayError('NOT_FOUND');
    return deviceFixture();
  });
  api.on('pictureViews.now', async () => shown());
  api.on('pictureViews.stored', async () => shown({ stale: true, pictureId: null }));
  await api.app.ready();
});
afterAll(() => api.app.close());

const get = (path: string, role = 'dispatcher') => api.app.inject({ url: BASE + path, headers: bearer(role) });
const requests = () => api.calls.filter(({ method }) => method === 'pictureViews.now').map(({ args }) => args[2]);

describe('a snapshot over HTTP', () => {
  it('carries its bytes, and time, age, hashes and marks in headers', async () => {
    const answer = await get('/cameras/cam-1/snapshot.jpg?maxAge=30s&width=640&mark=false');
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload.equals(BODY)).toBe(true);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(BODY.length),
      'cache-control': 'no-store',
      'x-content-sha256': createHash('sha256').update(answer.rawPayload).digest('hex'),
      'content-digest': `sha-256=:${Buffer.from(SHA, 'hex').toString('base64')}:`,
      'x-original-sha256': 'f'.repeat(64),
      'x-captured-at': '2026-11-23T08:00:00.000+08:00',
      'x-age-ms': '20000',
      'x-stale': 'true',
      'x-masked': 'true',
      'x-picture-origin': 'keyFrame',
      'x-picture-id': 'a'.repeat(32),
      'content-disposition': 'inline; filename="cam-1-20261123080000.jpg"',
      'x-content-type-options': 'nosniff',
    });
    expect(requests().at(-1)).toMatchObject({ maxAgeMs: 30_000, width: 640, mark: false, language: 'zh-CN' });
  });

  it('is a file to keep when it is exported', async () => {
    const answer = await get(`/cameras/cam-1/snapshot.jpg?export=true&purpose=${encodeURIComponent('取证')}`);
    expect(answer.headers['content-disposition']).toMatch(/^attachment;/);
    expect(requests().at(-1)).toMatchObject({ export: true, purpose: '取证' });
  });

  it('is refused with the reason when the camera gives none, and that is no error of ours', async () => {
    api.on('pictureViews.now', async () => {
      throw new GatewayError('CAMERA_UNAVAILABLE', '网络不可达 / host unreachable', {
        extra: { reason: 'hostUnreachable' },
      });
    });
    const before = api.log.filter((line) => line.includes('request failed')).length;
    const answer = await get('/cameras/cam-1/snapshot.jpg');
    expect([answer.statusCode, answer.headers['content-type'], answer.json().code, answer.json().reason]).toEqual([
      502,
      'application/problem+json; charset=utf-8',
      'CAMERA_UNAVAILABLE',
      'hostUnreachable',
    ]);
    expect(api.log.filter((line) => line.includes('request failed'))).toHaveLength(before);
    api.on('pictureViews.now', async () => shown());
  });

  it.each([
    'maxAge=2h',
    'maxAge=soon',
    'width=0',
    'width=99999',
    'mark=maybe',
    'unknown=1',
    `purpose=${'x'.repeat(201)}`,
  ])('refuses %s', async (query) => {
    expect((await get(`/cameras/cam-1/snapshot.jpg?${query}`)).statusCode).toBe(400);
  });

  it('is for those who may operate cameras, and foreign cameras are not found', async () => {
    expect((await get('/cameras/cam-1/snapshot.jpg', 'viewer')).statusCode).toBe(403);
    expect((await get('/cameras/cam-1/snapshot.jpg', 'vendor')).statusCode).toBe(403);
    expect((await get('/cameras/cam-2/snapshot.jpg')).statusCode).toBe(404);
    expect((await get('/cameras/cam-2/pictures/aa.jpg')).statusCode).toBe(404);
    expect((await get('/cameras/cam-2/pictures')).statusCode).toBe(404);
  });

  it('is given up when the asker goes away', async () => {
    let signal: AbortSignal | undefined;
    api.on('pictureViews.now', async (_actor: unknown, _camera: unknown, request: { signal: AbortSignal }) => {
      signal = request.signal;
      await sleep(5_000, null, { signal }).catch(() => undefined);
      throw new GatewayError('CAMERA_UNAVAILABLE');
    });
    const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
    const gone = new AbortController();
    const asking = fetch(`${address}${BASE}/cameras/cam-1/snapshot.jpg`, {
      headers: bearer('admin'),
      signal: gone.signal,
    }).catch((error: Error) => error.name);
    await expect.poll(() => signal).toBeDefined();
    gone.abort();
    expect(await asking).toBe('AbortError');
    await expect.poll(() => signal?.aborted).toBe(true);
  });
});

describe('stored pictures over HTTP', () => {
  it('are read by id, whatever stands behind the point', async () => {
    const answer = await get('/cameras/cam-1/pictures/0123abc.jpg');
    expect([answer.statusCode, answer.headers['content-type'], 'x-picture-id' in answer.headers]).toEqual([
      200,
      'image/jpeg',
      false,
    ]);
    const call = api.calls.findLast(({ method }) => method === 'pictureViews.stored');
    expect(call?.args[2]).toBe('0123abc');
  });

  it('are listed by time and purpose', async () => {
    const record = { id: 'a', device: 7, takenAt: Date.UTC(2026, 10, 23), origin: 'snapshot', purpose: 'check' };
    const rest = { sha256: SHA, bytes: 6, width: 1, height: 1, pinned: false, keptUntil: Date.UTC(2026, 10, 30) };
    api.on('pictureViews.list', async () => ({ items: [{ ...record, ...rest }], nextCursor: null }));
    const answer = await get('/cameras/cam-1/pictures?purpose=check&limit=5', 'viewer');
    expect(answer.json().items[0]).toMatchObject({ id: 'a', takenAt: '2026-11-23T08:00:00.000+08:00' });
    expect(answer.json().items[0]).not.toHaveProperty('device');
    expect((await get('/cameras/cam-1/pictures?purpose=secret')).statusCode).toBe(400);
  });
});
