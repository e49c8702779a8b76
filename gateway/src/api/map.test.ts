import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MapPointRows } from '../domain/map-points.ts';
import { createTestApi, type TestApi } from './testing.ts';

const ROWS: MapPointRows = {
  ids: ['a', 'b', 'c'],
  names: ['甲', '乙', '丙'],
  types: ['generic/camera', 'x', 'generic/camera'],
  states: ['offline', 'online', 'unknown'],
  suspects: [false, false, true],
  lon: [121.5, 121.6, 121.7],
  lat: [31.1, 31.2, 31.3],
  total: 4,
  unplaced: 1,
};
let api: TestApi;
let asked: unknown[];
let rows: MapPointRows;

beforeEach(() => {
  api = createTestApi();
  asked = [];
  rows = ROWS;
  api.on('reads.mapPoints', async (_tx: unknown, ...rest: unknown[]) => {
    asked.push(rest);
    return rows;
  });
  api.on('deviceTypes.get', (id: string) => ({ adapter: id === 'generic/camera' ? 'rtsp' : 'mqtt' }));
});
afterEach(() => api.app.close());

const get = (query = '', headers: Record<string, string> = {}, role = 'admin') =>
  api.app.inject({ url: `/api/v1/map/points${query}`, headers: { authorization: `Bearer ${role}`, ...headers } });

it('answers all points as columns that say once what repeats', async () => {
  const answer = await get();
  expect(answer.headers['content-type']).toContain('application/json');
  const points = answer.json();
  expect(points.kinds).toEqual([
    { type: 'generic/camera', camera: true },
    { type: 'x', camera: false },
  ]);
  expect(points).toMatchObject({ ids: ['a', 'b', 'c'], kind: [0, 1, 0], suspect: [2], total: 4, unplaced: 1 });
  expect(points.state.map((i: number) => points.states[i])).toEqual(['offline', 'online', 'unknown']);
});

it('packs for whoever takes gzip, and sends nothing to whoever has it already', async () => {
  const plain = await get();
  const packed = await get('', { 'accept-encoding': 'gzip' });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
  const etag = String(packed.headers.etag);
  const again = await get('', { 'if-none-match': etag });
  expect([again.statusCode, again.body]).toEqual([304, '']);
  rows = { ...ROWS, states: ['online', 'online', 'unknown'] };
  api.clock.advance(2_000);
  expect((await get('', { 'if-none-match': etag })).statusCode).toBe(200);
});

it('asks the database once for all who look at the same, and never shares between scopes or filters', async () => {
  await Promise.all([get(), get(), get('?module=m1')]);
  expect(asked).toHaveLength(2);
  await get('', {}, 'vendor');
  expect(asked).toHaveLength(3);
  expect(JSON.stringify(asked[2])).toContain('"kind":"vendor"');
});

it('does not keep a failure', async () => {
  api.on('reads.mapPoints', async () => {
    throw new Error('database gone');
  });
  expect((await get()).statusCode).toBe(500);
  api.on('reads.mapPoints', async () => ROWS);
  expect((await get()).statusCode).toBe(200);
});
