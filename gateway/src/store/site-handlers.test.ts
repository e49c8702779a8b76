import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { createManualClock } from '../clock.ts';
import { seedOrganisations } from '../registry/seed.ts';
import { createAuditStore } from './audit.ts';
import { sql } from './database.ts';
import { createModuleStore } from './modules.ts';
import { createOrgStore } from './organisations.ts';
import { createRosterStore } from './rosters.ts';

describe.each(ENGINES)('the shipped matrix, row by row, on %s', (engine) => {
  let database: TestDatabase;
  const rosters = createRosterStore();
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    const { db } = database;
    const [orgs, modules, audit, clock] = [
      createOrgStore(),
      createModuleStore(),
      createAuditStore(),
      createManualClock(0),
    ];
    await seedOrganisations({ db, orgs, modules, audit, clock });
    await sql(db.autocommit).script(`
      insert into org (id, parent_id, kind, level, name) values ('grid', 'dongming', 'area', 4, '一网格'),
        ('hood', 'grid', 'area', 5, '凌兆居民区');
      insert into org (id, parent_id, kind, name) values ('culture', 'dongming', 'department', '文化中心');
      insert into site (id, name, org_id) values ('in-hood', '居民区', 'hood'), ('in-grid', '网格', 'grid'),
        ('in-street', '街道', 'dongming'), ('in-safety', '平安办', 'safety-office'), ('in-culture', '文化中心', 'culture'),
        ('named', '另有约定', 'hood'), ('nowhere', '无归属', null);
      insert into site_handler values ('named', 'garbage', 'enforcement-team');
    `);
  });
  afterAll(() => database.close());

  const LEAD = 'the lead department';
  test.each<[site: string, video: string, charging: string, garbage: string, twin: string, parking: string]>([
    ['in-hood', 'hood', 'hood', 'hood', 'hood', 'hood'],
    ['in-grid', LEAD, LEAD, LEAD, LEAD, LEAD],
    ['in-street', LEAD, LEAD, LEAD, LEAD, LEAD],
    ['in-safety', 'safety-office', LEAD, LEAD, 'safety-office', 'safety-office'],
    ['in-culture', LEAD, LEAD, LEAD, 'culture', LEAD],
    ['named', 'hood', 'hood', 'enforcement-team', 'hood', 'hood'],
    ['nowhere', LEAD, LEAD, LEAD, LEAD, LEAD],
  ])('%s', async (siteId, ...expected) => {
    const modules = ['video', 'charging', 'garbage', 'twin', 'parking'];
    const rows = await rosters.siteHandlers(
      database.db.autocommit,
      modules.map((module) => ({ siteId, module })),
    );
    const of = new Map(rows.map(({ module, orgId }) => [module, orgId]));
    expect(modules.map((module) => of.get(module) ?? LEAD)).toEqual(expected);
  });
});
