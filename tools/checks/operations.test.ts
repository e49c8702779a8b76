import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../gateway/src/metrics.ts';
import { createTestDatabase, type TestDatabase } from '../../gateway/test/support/databases.ts';
import {
  type DataDir,
  type GatewayProcess,
  makeMigratedDataDir,
  startGateway,
} from '../../gateway/test/support/gateway-process.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const RULES = join(ROOT, 'dashboards/prometheus/rules.yml');
const BOARDS = join(ROOT, 'dashboards/grafana');
const SOURCES = join(ROOT, 'dashboards/grafana/datasources.yml');
const READER = join(ROOT, 'docker/reader.sql');

interface Target {
  readonly expr?: string;
  readonly rawSql?: string;
  readonly datasource: { readonly uid: string };
}
interface Board {
  readonly uid: string;
  readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[];
}

const boards = readdirSync(BOARDS)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(BOARDS, name), 'utf8')) as Board);
const targets = boards.flatMap(({ uid, panels }) =>
  panels.flatMap((panel) => panel.targets.map((target) => ({ at: `${uid}: ${panel.title}`, ...target }))),
);
const rules = (
  parse(readFileSync(RULES, 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] }
).groups.flatMap((group) => group.rules);
const expressions = [
  ...rules.map(({ alert, expr }) => ({ at: alert, expr })),
  ...targets.flatMap(({ at, expr }) => (expr === undefined ? [] : [{ at, expr }])),
];
const queries = targets.flatMap(({ at, rawSql }) => (rawSql === undefined ? [] : [{ at, rawSql }]));

/** `cgw_x_bucket{a="…"} by (b)` → the metric, without what a histogram appends. */
const metricsOf = (expr: string) =>
  [...expr.matchAll(/\bcgw_[a-z_]+/g)].map(([name]) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds'));
/** Labels that are selected or grouped by; `instance` and `job` are Prometheus's own, `le` a histogram's. */
const labelsOf = (expr: string) =>
  [
    ...[...expr.matchAll(/[{,]\s*([a-z_]+)\s*(?:=|!)/g)].map((found) => found[1] ?? ''),
    ...[...expr.matchAll(/\b(?:by|on|without)\s*\(([^)]*)\)/g)].flatMap((found) => (found[1] ?? '').split(',')),
  ]
    .map((label) => label.trim())
    .filter((label) => label !== '' && !['instance', 'job', 'le'].includes(label));

describe('alert rules and dashboards', () => {
  const dir = mkdtempSync(join(tmpdir(), 'cgw-operations-'));
  let data: DataDir;
  let gateway: GatewayProcess;
  let database: TestDatabase;
  beforeAll(async () => {
    data = await makeMigratedDataDir();
    [gateway, database] = await Promise.all([startGateway(data.path), createTestDatabase('postgres')]);
  });
  afterAll(async () => {
    await gateway?.stop();
    await data?.remove();
    await database?.close();
    rmSync(dir, { recursive: true });
  });

  it('are there to be checked', () => {
    expect([boards.length, rules.length > 10, expressions.length > 60, queries.length > 8]).toEqual([
      5,
      true,
      true,
      true,
    ]);
    for (const { at, datasource } of targets)
      expect([at, ['prometheus', 'gateway']]).toEqual([at, expect.arrayContaining([datasource.uid])]);
    const uids = (parse(readFileSync(SOURCES, 'utf8')) as { datasources: { uid: string }[] }).datasources.map(
      ({ uid }) => uid,
    );
    expect(uids).toEqual(['prometheus', 'gateway']);
  });

  it('ask for what the running gateway exposes, by labels it has', async () => {
    const text = await (await fetch(`${gateway.base}/metrics`)).text();
    const exposed = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const { registry } = createMetrics();
    const wrong = expressions.flatMap(({ at, expr }) => {
      const names = metricsOf(expr);
      const known = names.flatMap(
        (name) => (registry.getSingleMetric(name) as { labelNames?: string[] })?.labelNames ?? [],
      );
      return [
        ...names.filter((name) => !exposed.has(name)).map((name) => `${at}: no metric ${name}`),
        ...labelsOf(expr)
          .filter((label) => !known.includes(label))
          .map((label) => `${at}: no label ${label}`),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it('fire for their faults and for nothing else', async () => {
    const { stdout } = await run('promtool', ['test', 'rules', RULES.replace('rules.yml', 'rules.test.yml')]);
    expect(stdout).toContain('SUCCESS');
    const tested = readFileSync(RULES.replace('rules.yml', 'rules.test.yml'), 'utf8');
    expect(rules.map(({ alert }) => alert).filter((alert) => !tested.includes(alert))).toEqual([]);
  });

  it('are PromQL', async () => {
    const file = join(dir, 'expressions.json');
    const recorded = expressions.map(({ expr }, index) => ({ record: `checked_${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'all', rules: recorded }] }));
    const { stdout } = await run('promtool', ['check', 'rules', file]);
    expect(stdout).toContain(`${expressions.length} rules found`);
  });

  it('read the database as a login that sees nothing else', async () => {
    const { url = '' } = database;
    const psql = (file: string) =>
      run('psql', ['-v', 'ON_ERROR_STOP=1', '-v', 'password=reader-1', '-q', '-f', file, url]);
    await psql(READER);
    // Again, as after an update.
    await psql(READER);
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      await client.query('set role cgw_reader');
      for (const { at, rawSql } of queries) {
        const sql = rawSql
          .replaceAll(/\$__timeFilter\(([^)]+)\)/g, "$1 between now() - interval '6 hours' and now()")
          .replaceAll('$__timeFrom()', "(now() - interval '6 hours')")
          .replaceAll('$__timeTo()', 'now()');
        const answer = await client.query(sql).catch((error: Error) => error.message);
        expect([at, answer]).toEqual([at, expect.objectContaining({ command: 'SELECT' })]);
      }
      for (const hidden of [
        'password_hash from app_user',
        'connection_secret from device',
        'connection from device',
        '1 from session',
      ])
        await expect(client.query(`select ${hidden}`)).rejects.toThrow('permission denied');
    } finally {
      await client.end();
    }
  });
});
