import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzz, hurt, nastyText } from '../../test/support/fuzz.ts';
import { type GetOperation, getOperations, hostileTarget } from '../../test/support/hostile-requests.ts';
import { isGatewayError } from '../errors.ts';
import { parseBody } from './json.ts';
import { bearer, createTestApi } from './testing.ts';

const api = createTestApi({ bodyLimit: 1_048_576 });
let gets: readonly GetOperation[] = [];

beforeAll(async () => {
  await api.app.ready();
  gets = getOperations((await api.app.inject({ url: '/api/openapi.json' })).json());
});
afterAll(() => api.app.close());

describe('requests of a stranger', () => {
  it('with any path and query are answered with a refusal that says why, on every GET route', async () => {
    expect(gets.length).toBeGreaterThan(50);
    const seen = new Set<string>();
    await fuzz(hostileTarget(gets), async ({ operation, url }) => {
      seen.add(operation.path);
      const answer = await api.app.inject({ url, headers: bearer('admin') });
      if (answer.statusCode < 400) return;
      if (answer.statusCode >= 500 && !operation.mayFail.includes(answer.statusCode)) {
        throw new Error(`${answer.statusCode} ${answer.body}`);
      }
      if (operation.page && String(answer.headers['content-type']).startsWith('text/html')) return;
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(answer.json()).toMatchObject({ status: answer.statusCode, code: expect.any(String) });
    });
    expect(seen.size).toBeGreaterThan(gets.length * 0.9);
  });

  it('with any body are parsed or refused', async () => {
    const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'name', 'a/b~c'), nastyText());
    const value = fc.object({ key, maxDepth: 5, maxKeys: 6, withNullPrototype: true, withBigInt: false });
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      value.map((one) => Buffer.from(JSON.stringify(one))),
      value.chain((one) => hurt(Buffer.from(JSON.stringify(one)))),
      nastyText().map((text) => Buffer.from(`{"name":"${text}"}`)),
      fc.nat(60).map((depth) => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`)),
    );
    await fuzz(body, (bytes) => {
      try {
        const parsed = parseBody(bytes, 32);
        expect(JSON.stringify(parsed) ?? '').not.toContain('\\u0000');
      } catch (error) {
        if (!isGatewayError(error, 'INVALID_INPUT')) throw error;
      }
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    });
  });

  it('with the largest body there may be are answered in time', async () => {
    const names = Array.from({ length: 70_000 }, (_, i) => `"k${i}":1`).join(',');
    const examples = [
      `[${'0,'.repeat(300_000)}0]`,
      `{"name":[${'"",'.repeat(200_000)}""]}`,
      `{${names}}`,
      `{"labels":{${names}}}`,
      '['.repeat(1_000_000),
      '"'.repeat(1_000_000),
      `"${'\\u0000'.repeat(160_000)}"`,
      `{"name":"${'x'.repeat(1_000_000)}"}`,
      `[${'{},'.repeat(300_000)}{}]`,
      `{"name":${'9'.repeat(1_000_000)}}`,
      '{"constructor":{"prototype":{"polluted":1}}}',
      `{"a":"${'\\"constructor\\":'.repeat(60_000)}"}`,
    ];
    await fuzz(
      fc.constantFrom(...examples),
      async (payload) => {
        const headers = { ...bearer('admin'), 'content-type': 'application/json' };
        const answer = await api.app.inject({ method: 'POST', url: '/api/v1/devices', headers, payload });
        expect(answer.statusCode).toBe(400);
        expect(answer.headers['content-type']).toContain('application/problem+json');
      },
      { count: 0, examples },
    );
  });
});
