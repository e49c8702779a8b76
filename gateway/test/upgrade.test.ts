import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../src/clock.ts';
import { createLogger } from '../src/log.ts';
import { type Database, sql } from '../src/store/database.ts';
import { migrate, readMigrations } from '../src/store/migrate.ts';
import { createDatabase } from '../src/store/open.ts';
import { ENGINES, sharedPostgresUrl } from './support/databases.ts';
import { type DataDir, type GatewayProcess, makeDataDir, startGateway } from './support/gateway-process.ts';
import { findPostgres } from './support/postgres.ts';
import { until } from './support/until.ts';
import { FACTS, type FactName, upgradeFixture } from './support/upgrade-fixture.ts';

const CGW = join(import.meta.dirname, '../../tools/cli/cgw.ts');
const fixture = upgradeFixture();
const { facts } = fixture;

describe.each(ENGINES)('a data directory of the release before, on %s', (engine) => {
  let dir: DataDir;
  let url: string | undefined;
  let gateway: GatewayProcess | undefined;
  const name = `upgrade_${process.pid}`;
  const database = (): Promise<Database> =>
    createDatabase({ url, dataDir: dir.path, log: createLogger('error'), clock: createSystemClock() });
  const env = (): Record<string, string> => ({
    CGW_ADMIN_PASSWORD: facts.password,
    CGW_LOG_LEVEL: 'info',
    ...(url !== undefined && { CGW_DATABASE_URL: url }),
  });
  const onServer = async (statement: string) => {
    const client = new Client({ connectionString: sharedPostgresUrl() });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };

  beforeAll(async () => {
    dir = await makeDataDir();
    await fixture.unpack(dir.path, { withoutDatabase: engine === 'postgres' });
    if (engine !== 'postgres') return;
    await onServer(`create database ${name}`);
    const target = new URL(sharedPostgresUrl());
    target.pathname = `/${name}`;
    url = target.href;
    const found = findPostgres();
    if ('missing' in found) throw new Error(found.missing);
    execFileSync(join(found.bin, 'psql'), ['-q', '-v', 'ON_ERROR_STOP=1', url], {
      input: fixture.postgres(),
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  });
  afterAll(async () => {
    await gateway?.kill();
    await dir?.remove();
    if (url !== undefined) await onServer(`drop database ${name} with (force)`);
  });

  const count = async (db: Database) => {
    const counts = {} as Record<FactName, number>;
    for (const [fact, statement] of Object.entries(FACTS)) {
      const { rows } = await sql(db.autocommit).query<{ n: number }>(`select (${statement}) as n`);
      counts[fact as FactName] = rows[0]?.n ?? -1;
    }
    return counts;
  };

  it('is the one that was packed', async () => {
    const db = await database();
    expect(await count(db).finally(() => db.close())).toEqual(
      Object.fromEntries(Object.keys(FACTS).map((fact) => [fact, facts[fact as FactName]])),
    );
  });

  it('is brought up to date: people come in, old readings answer, and what was acknowledged is drained', async () => {
    gateway = await startGateway(dir.path, env(), { dearHashes: true });
    const api = await gateway.api(facts.password);
    const [time, value] = facts.point;
    const points = async (device: string, metric: string, from: number, to: number) =>
      (
        await api.get<{ series: { points: [string, number][] }[] }>(
          `/devices/${device}/telemetry?metrics=${metric}&from=${from}&to=${to}`,
        )
      ).series[0]?.points ?? [];
    expect(await points('garbage-01', 'nh3', time - 1, time + 1)).toEqual([[expect.any(String), value]]);
    const drained = await until(
      'the spool of the old release is drained',
      async () => {
        const all = await points(facts.device, 'nh3', time - 3_600_000, time + 86_400_000);
        return all.length >= facts.undrained && all;
      },
      { withinMs: 60_000 },
    );
    expect(drained.map(([, value]) => value)).toEqual(Array.from({ length: facts.undrained }, (_, n) => n));
    const tickets = await api.get<{ items: { id: string; title?: string }[] }>('/tickets?q=升级前');
    const [manual] = tickets.items;
    const ticket = await api.get<{ history: object[]; stage: string }>(`/tickets/${manual?.id}`);
    expect(ticket.history.length).toBeGreaterThanOrEqual(3);
    expect(gateway.output.some((line) => line.includes('database schema brought up to date'))).toBe(true);
    expect(await gateway.stop()).toBe(0);
  });

  it('lost nothing, and its audit chain holds', async () => {
    const db = await database();
    const now = await count(db).finally(() => db.close());
    expect(now).toMatchObject({
      devices: facts.devices,
      people: facts.people,
      pictures: facts.pictures,
      events: facts.events,
      readings: facts.readings + facts.undrained,
      migrations: (await readMigrations()).length,
    });
    for (const grows of ['tickets', 'ticketSteps', 'incidents', 'audit'] as const) {
      expect(now[grows], grows).toBeGreaterThanOrEqual(facts[grows]);
    }
    expect(now.drained).toBeGreaterThanOrEqual(facts.drained + facts.undrained);
    const { stdout } = await promisify(execFile)(process.execPath, [CGW, 'audit', 'verify'], {
      env: { PATH: process.env.PATH ?? '', CGW_DATA_DIR: dir.path, ...env(), CGW_LOG_LEVEL: 'warn' },
    });
    expect(stdout).toMatch(/完整|intact/);
  });

  it('changes nothing at a second start, and is refused by the release it came from', async () => {
    gateway = await startGateway(dir.path, env(), { dearHashes: true });
    expect((await gateway.readyz()).status).not.toBe('down');
    expect(gateway.output.some((line) => line.includes('brought up to date'))).toBe(false);
    expect(await gateway.stop()).toBe(0);
    const db = await database();
    const before = (await readMigrations()).slice(0, facts.migrations);
    await expect(migrate(db, before).finally(() => db.close())).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('the database is newer than this program'),
    });
  });
});
