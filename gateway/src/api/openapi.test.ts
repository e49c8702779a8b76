import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_PAGES, PAGES } from '../../../bench/load/pages.ts';
import { testActor } from '../../test/support/registry.ts';
import { ROLES } from '../domain/permission.ts';
import { type AccessRule, allows } from './auth.ts';
import { dumpOpenApi, SNAPSHOT } from './openapi-dump.ts';
import { bearer, createTestApi, type TestApi } from './testing.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-access': AccessRule;
  readonly responses: Record<string, unknown>;
  readonly security?: readonly unknown[];
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

const snapshot = readFileSync(SNAPSHOT, 'utf8');
const document = JSON.parse(snapshot) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    url: path.replace(/\{\w+\}/g, 'x'),
    ...operation,
  })),
);

describe('the committed OpenAPI document', () => {
  it('is what the routes say (node gateway/src/api/openapi-dump.ts --write renews it)', () => {
    expect(snapshot === dumpOpenApi()).toBe(true);
  });

  it('has no page that the benchmark of pages does not read (bench/load/pages.ts)', () => {
    const routes = Object.keys(document.paths).flatMap((path) =>
      document.paths[path]?.get && path.startsWith('/api/v1') ? [path.slice('/api/v1'.length)] : [],
    );
    const isPage = (route: string) => !Object.values(NO_PAGES).some((none) => none.test(route));
    expect(routes.filter((route) => isPage(route) && !PAGES[route])).toEqual([]);
    expect(Object.keys(PAGES).filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('is OpenAPI 3.1, and every operation says what it needs and how it refuses', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations.length).toBeGreaterThan(80);
    expect(new Set(operations.map((o) => o.operationId)).size).toBe(operations.length);
    for (const operation of operations) {
      const statuses = Object.keys(operation.responses);
      expect([operation.operationId, statuses.some((s) => /^[23]/.test(s))]).toEqual([operation.operationId, true]);
      if (operation['x-access'] !== 'public') expect(statuses).toEqual(expect.arrayContaining(['401', '403']));
      else expect(operation.security).toEqual([]);
    }
  });

  it.each([
    [
      'spectral',
      '@stoplight/spectral-cli/dist/index.js',
      ['lint', '--ruleset', '.spectral.yaml', '--fail-severity', 'error'],
    ],
    ['redocly', '@redocly/cli/bin/cli.js', ['lint', '--config', 'redocly.yaml']],
  ])(
    'passes %s',
    async (_name, script, options) => {
      const root = fileURLToPath(new URL('../../../', import.meta.url));
      const run = promisify(execFile)(
        process.execPath,
        [join(root, 'node_modules', script), ...options, fileURLToPath(SNAPSHOT)],
        {
          cwd: root,
          timeout: 60_000,
          env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
        },
      );
      await expect(run, dirname(script)).resolves.toBeDefined();
    },
    60_000,
  );
});

describe('every route', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = createTestApi();
    await api.app.ready();
  });
  afterAll(() => api.app.close());

  const knock = async ({ method, url }: { method: string; url: string }, headers: Record<string, string>) => {
    // Its beginning is enough: a stream of events has no end.
    const answer = await api.app.inject({ method: method as 'GET', url, headers, payloadAsStream: true });
    answer.stream().resume();
    return answer.statusCode;
  };

  it.each(operations)('$method $url lets in whom it declares: $x-access', async (operation) => {
    const rule = operation['x-access'];
    const stranger = await knock(operation, {});
    expect(rule === 'public' ? stranger !== 401 : stranger).toBe(rule === 'public' ? true : 401);
    const wrong = await knock(operation, bearer('no-such-token'));
    expect(rule === 'public' ? wrong !== 401 : wrong).toBe(rule === 'public' ? true : 401);
    for (const role of ROLES) {
      const allowed = allows(rule, testActor(role));
      const status = await knock(operation, bearer(role));
      expect([role, allowed ? status !== 403 && status !== 401 : status]).toEqual([role, allowed ? true : 403]);
    }
  });

  it('of the running API stands in the document, and none beside', async () => {
    for (const { method, url } of operations) {
      expect([url, api.app.hasRoute({ method: method as 'GET', url: routed(url) })]).toEqual([url, true]);
    }
    const served = await api.app.inject({ url: '/api/openapi.json' });
    expect(Object.keys(served.json().paths)).toEqual(Object.keys(document.paths));
    const docs = await api.app.inject({ url: '/api/docs/' });
    expect([docs.statusCode, /<script(?! src=)/.test(docs.body)]).toEqual([200, false]);
  });

  /** The pattern behind a filled-in path. */
  function routed(url: string): string {
    const path = Object.keys(document.paths).find((p) => p.replace(/\{\w+\}/g, 'x') === url) ?? url;
    return path.replace(/\{(\w+)\}/g, ':$1');
  }
});

it('a route that declares no access rule stops the boot', async () => {
  const api = createTestApi();
  expect(() => api.app.get('/forgotten', async () => 'open to all')).toThrow('declares no access rule');
  await api.app.close();
});
