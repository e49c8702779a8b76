import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../clock.ts';
import { createReadiness } from './readiness.ts';
import { bearer, createTestApi, type TestApi } from './testing.ts';

describe('the readiness board', () => {
  it('is down until every essential part has spoken, degraded while another part is not ready', () => {
    const board = createReadiness({ clock: createManualClock(), essential: ['spool', 'http'] });
    expect(board.snapshot().status).toBe('down');
    board.set('spool', 'ready', 'ok');
    board.set('http', 'ready', 'ok');
    expect(board.snapshot().status).toBe('ready');
    board.set('database', 'down', 'unreachable');
    expect(board.snapshot().status).toBe('degraded');
    board.set('spool', 'down', 'diskFull');
    expect(board.snapshot().status).toBe('down');
  });

  it('keeps since while state and reason stay', () => {
    const clock = createManualClock();
    const board = createReadiness({ clock, essential: [] });
    board.set('database', 'down', 'unreachable', 'first');
    const began = clock.now();
    clock.advance(5_000);
    board.set('database', 'down', 'unreachable', 'second');
    expect(board.snapshot().parts).toEqual([
      { name: 'database', state: 'down', reason: 'unreachable', detail: 'second', since: began },
    ]);
    board.set('database', 'ready', 'ok');
    expect(board.snapshot().parts[0]?.since).toBe(began + 5_000);
  });
});

describe('/readyz', () => {
  let api: TestApi;
  afterEach(() => api.app.close());

  it('answers 200 when degraded and 503 when down, with details for insiders only', async () => {
    api = createTestApi();
    api.readiness.set('database', 'down', 'unreachable', 'connect ECONNREFUSED 10.0.0.9:5432');
    const stranger = await api.app.inject({ url: '/readyz' });
    expect([stranger.statusCode, stranger.json().status]).toEqual([200, 'degraded']);
    expect(stranger.json().parts[1]).toEqual({
      name: 'database',
      state: 'down',
      reason: 'unreachable',
      since: '2026-11-23T08:00:00.000+08:00',
    });
    const insider = await api.app.inject({ url: '/readyz', headers: bearer('viewer') });
    expect(insider.json().parts[1].detail).toContain('10.0.0.9');
    api.readiness.set('spool', 'down', 'diskFull');
    const down = await api.app.inject({ url: '/readyz' });
    expect([down.statusCode, down.json().status]).toEqual([503, 'down']);
  });

  it('answers while the login check itself is away', async () => {
    api = createTestApi();
    api.on('sessions.authenticate', () => Promise.reject(new Error('database away')));
    expect((await api.app.inject({ url: '/readyz', headers: bearer('viewer') })).statusCode).toBe(200);
  });
});

describe('/metrics', () => {
  let api: TestApi;
  afterEach(() => api.app.close());

  it('is Prometheus text that names every bucket, state and stage from the first scrape, and no device', async () => {
    api = createTestApi();
    await api.app.inject({ url: '/api/v1/devices/secret-device-name', headers: bearer('viewer') });
    const answer = await api.app.inject({ url: '/metrics' });
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.body).toContain('cgw_ingest_messages_total{bucket="quarantined"} 0');
    expect(answer.body).toContain('cgw_devices{state="flapping"} 0');
    expect(answer.body).toContain('cgw_tickets{stage="verifying"} 0');
    expect(answer.body).toContain(
      'cgw_http_request_seconds_count{method="GET",route="/api/v1/devices/:id",status="409"} 1',
    );
    expect(answer.body).not.toContain('secret-device-name');
  });

  it('wants its token once one is set', async () => {
    api = createTestApi({ metricsToken: 'scrape-me' });
    const get = async (headers: Record<string, string>) =>
      (await api.app.inject({ url: '/metrics', headers })).statusCode;
    expect(await get({})).toBe(401);
    expect(await get(bearer('admin'))).toBe(401);
    expect(await get(bearer('scrape-me'))).toBe(200);
  });
});
