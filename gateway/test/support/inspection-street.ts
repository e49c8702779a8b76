import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createManualClock, type ManualClock } from '../../src/clock.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { Scope } from '../../src/domain/scope.ts';
import type { TicketRequest } from '../../src/domain/ticket-request.ts';
import type { InspectionSettings } from '../../src/inspection/context.ts';
import { createInspections, type InspectionOptions, type Inspections } from '../../src/inspection/inspection.ts';
import { createLogger } from '../../src/log.ts';
import { createAuditStore } from '../../src/store/audit.ts';
import { sql } from '../../src/store/database.ts';
import { createInspectionStore } from '../../src/store/inspection.ts';
import { createTestDatabase, type ENGINES, type TestDatabase } from './databases.ts';
import { emptyTables } from './empty-tables.ts';
import { actor as personOf } from './tickets.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** Monday, 2026-11-23, 07:59 in Shanghai. */
export const MORNING = Date.UTC(2026, 10, 22, 23, 59);
const SETTINGS: InspectionSettings = {
  inspectionAt: '08:00',
  inspectionDueAt: '17:30',
  inspectionBy: 'lead',
  surveyDay: 0,
  surveyModules: ['charging'],
  surveyDays: 15,
  hotSpotWeekday: 0,
  hotSpotFrom: 2,
};
const TABLES = [
  ...[
    'inspection_task',
    'campaign',
    'ticket',
    'health',
    'device_day',
    'device_day_sum',
    'device_quarter',
    'inspection_run',
  ],
  ...['ingest_count', 'reading', 'device_use_decision', 'viewing', 'audit'],
];

const actor = (id: string, scope: Scope, role: Actor['role'], orgId?: string): Actor => ({
  ...personOf(id, role, scope),
  ...(orgId === undefined ? {} : { orgId }),
});
export const ALL = actor('desk', { kind: 'all' }, 'dispatcher');
export const LEAD = actor('lead', { kind: 'orgs', orgIds: ['street'], moduleIds: ['charging'] }, 'lead', 'dept');
export const hood = (id: string, org = 'hood') => actor(id, { kind: 'orgs', orgIds: [org] }, 'committee', org);
export const VENDOR = { ...actor('v1', { kind: 'vendor', vendorId: 'v1' }, 'vendor') };

const SEED = `
  insert into org (id, kind, level, name) values ('street', 'area', 3, '东明路街道'), ('hood', 'area', 5, '凌兆居民区'), ('other', 'area', 5, '金光居民区');
  update org set parent_id = 'street' where id in ('hood', 'other');
  insert into org (id, parent_id, kind, name) values ('dept', 'street', 'department', '平安办'), ('help', 'street', 'department', '管理办');
  insert into module (id, name_zh, name_en) values ('charging', '充电设施', 'charging'), ('security', '公共安全', 'security');
  insert into module_org (module_id, org_id, duty) values ('charging', 'dept', 'lead'), ('security', 'dept', 'lead'), ('charging', 'help', 'cooperate');
  insert into vendor (id, name) values ('v1', '甲厂商'), ('v2', '乙厂商');
  insert into site (id, name, org_id) values ('s1', '一号车棚', 'hood'), ('s2', '二号车棚', 'other'), ('s3', '三号车棚', 'other');
  insert into device (id, type, name, module, org_id, vendor_id, site_id, lifecycle, created_at)
    select 'd' || n, 't', '设备' || n, 'charging', case when n <= 5 then 'hood' else 'other' end,
      case when n <= 3 then 'v1' else 'v2' end, case when n <= 5 then 's1' when n <= 8 then 's2' else 's3' end, 'active', '2026-01-01'
    from generate_series(1, 10) n;
`;

/** A street of ten chargers with three sites, its inspections and a clock moved by hand; cleared before each test. */
export interface InspectionStreet {
  database: TestDatabase;
  clock: ManualClock;
  inspections: Inspections;
  /** Tickets that were asked for. */
  filed: TicketRequest[];
}

export function useInspectionStreet(engine: (typeof ENGINES)[number]) {
  const street = {} as InspectionStreet;
  const store = createInspectionStore();

  const make = (settings: Partial<InspectionSettings> = {}, more: Partial<InspectionOptions> = {}) =>
    createInspections({
      store,
      transactor: street.database.db,
      audit: createAuditStore(),
      // One open ticket a subject and fault, as tickets.file has it.
      file: async (tx, requests) => {
        const ids: string[] = [];
        for (const request of requests) {
          const id = `${request.subject}/${request.fault}`;
          street.filed.push(request);
          await sql(tx).query(
            `insert into ticket (id, no, kind, fault, priority, severity, stage, stage_since, subject, opened_at, round_since)
             values ($1, $1, $2, $3, 'normal', 'minor', 'filed', now(), $4, now(), now()) on conflict do nothing`,
            [id, request.kind, request.fault, request.subject],
          );
          ids.push(id);
        }
        return ids;
      },
      maintenance: { intervals: async () => [], mark: async () => '' },
      types: () => [{ type: 't', interval: 10 * MINUTE, sends: true, use: ['ports.%.state'] }],
      timeZone: 'Asia/Shanghai',
      clock: street.clock,
      log: createLogger('silent'),
      settings: () => ({ ...SETTINGS, ...settings }),
      ...more,
    });
  const run = (text: string) => sql(street.database.db.autocommit).script(text);
  const rows = async <R>(text: string) => (await sql(street.database.db.autocommit).query<R & object>(text)).rows;
  const health = (device: string, state: string) =>
    run(
      `insert into health (device, state, reason, since) select key, '${state}', 'silent', '2026-11-20' from device where id = '${device}'`,
    );

  beforeAll(async () => {
    street.database = await createTestDatabase(engine);
    await run(SEED);
    await run(`create table reading_test partition of reading for values from ('2026-11-01') to ('2026-12-01');
      insert into metric (name) values ('power'), ('ports.1.state'), ('temperature')`);
  });
  afterAll(() => street.database.close());
  beforeEach(async () => {
    await emptyTables(street.database.db, ...TABLES);
    await run("delete from reading; update device set lifecycle = 'active'");
    street.clock = createManualClock(MORNING);
    street.filed = [];
    street.inspections = make();
  });

  return { street, make, run, rows, health, store };
}
