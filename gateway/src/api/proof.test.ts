import { afterEach, describe, expect, it } from 'vitest';
import { countAuditEntries } from '../domain/audit-trail.ts';
import { GatewayError } from '../errors.ts';
import { NOTHING_TO_PROVE } from './proof.ts';
import { bearer, createTestApi, type TestApi } from './testing.ts';

describe('what is proven at the door', () => {
  let api: TestApi;
  afterEach(() => api.app.close());

  async function setUp() {
    api = createTestApi();
    const denied: unknown[] = [];
    const unproven: unknown[] = [];
    api.on('auditDoor.denied', (refusal: { actor: { id: string } }) => {
      denied.push({ ...refusal, actor: refusal.actor.id });
    });
    api.on('auditDoor.unproven', async (call: { actor: { id: string } }) => {
      unproven.push({ ...call, actor: call.actor.id });
    });
    return { denied, unproven };
  }
  const settings = { method: 'PUT', url: '/api/v1/settings', payload: { groupHold: '30s' } } as const;

  it('notes refused rights and unknown or foreign ids of callers it knows, and of nobody else', async () => {
    const { denied } = await setUp();
    await api.app.inject({ method: 'GET', url: '/api/v1/devices/foreign-1' });
    await api.app.inject({ method: 'GET', url: '/api/v1/users/u9', headers: bearer('vendor') });
    await api.app.inject({ method: 'GET', url: '/api/v1/no-such-route', headers: bearer('vendor') });
    await api.app.inject({ ...settings, payload: { groupHold: 5 }, headers: bearer('admin') });
    expect(denied).toEqual([
      { actor: 'u-vendor', what: 'GET /users/:id', resource: 'users', target: 'u9', reason: 'FORBIDDEN' },
    ]);
    api.on('tickets.get', async () => {
      throw new GatewayError('NOT_FOUND');
    });
    await api.app.inject({ method: 'GET', url: '/api/v1/tickets/tk_b', headers: bearer('committee') });
    expect(denied.at(-1)).toEqual({
      actor: 'u-committee',
      what: 'GET /tickets/:id',
      resource: 'tickets',
      target: 'tk_b',
      reason: 'NOT_FOUND',
    });
  });

  it('notes a write that left no entry of its own, before the answer', async () => {
    const { unproven } = await setUp();
    api.on('settings.put', async () => ({}));
    const answer = await api.app.inject({ ...settings, headers: bearer('admin') });
    expect(answer.statusCode).toBe(200);
    expect(unproven).toEqual([{ actor: 'u-admin', what: 'PUT /settings', resource: 'settings', target: null }]);
    expect(api.log.join('')).toContain('left no audit entry');
  });

  it('adds nothing to a write that was proven, refused, or given again to a repetition', async () => {
    const { unproven } = await setUp();
    api.on('settings.put', async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      countAuditEntries(1);
      return {};
    });
    const headers = { ...bearer('admin'), 'idempotency-key': 'k1' };
    expect((await api.app.inject({ ...settings, headers })).statusCode).toBe(200);
    expect((await api.app.inject({ ...settings, headers })).headers['idempotent-replay']).toBe('true');
    await api.app.inject({ ...settings, headers: bearer('viewer') });
    expect(unproven).toEqual([]);
  });

  it('excuses only operations that exist', async () => {
    await setUp();
    const document = (await api.app.inject('/api/openapi.json')).json() as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const operations = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    for (const name of Object.keys(NOTHING_TO_PROVE)) expect(operations).toContain(name);
  });
});
