import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createManualClock, type ManualClock } from '../../src/clock.ts';
import type { Actor } from '../../src/domain/actor.ts';
import type { Decision } from '../../src/domain/health.ts';
import type { Notice } from '../../src/domain/notice.ts';
import { shippedRights } from '../../src/domain/role-rights.ts';
import type { Tx } from '../../src/domain/tx.ts';
import { createLogger } from '../../src/log.ts';
import { createAuditStore } from '../../src/store/audit.ts';
import { sql } from '../../src/store/database.ts';
import { createRosterStore } from '../../src/store/rosters.ts';
import { createTicketStore } from '../../src/store/tickets.ts';
import { createAttachmentFiles } from '../../src/tickets/attachments/files.ts';
import type { DeviceCondition, Recheck } from '../../src/tickets/ports.ts';
import { DEFAULT_TICKET_SETTINGS, type TicketSettings } from '../../src/tickets/settings.ts';
import { createTickets, type Tickets } from '../../src/tickets/tickets.ts';
import { createTestDatabase, type Engine, type TestDatabase } from './databases.ts';
import { emptyTables } from './empty-tables.ts';

export const MIN = 60_000;
export const HOUR = 60 * MIN;
/** A Monday, 10:00 in Shanghai. */
export const MONDAY = Date.UTC(2026, 10, 23, 2);
const log = createLogger('silent');

export const actor = (id: string, role: Actor['role'], scope: Actor['scope'] = { kind: 'all' }): Actor => ({
  kind: 'user',
  id,
  name: id,
  role,
  rights: shippedRights(role),
  scope,
  address: null,
});
/** Begins like a picture; nobody looks further. */
export const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xdb, 0, 4, 0, 0, 0xff, 0xd9]);
/** Where nothing is kept. */
export const noFiles = () => createAttachmentFiles(join(tmpdir(), 'cgw-no-attachments'));
export const DISPATCHER = actor('zhao', 'dispatcher');
export const HANDLER = actor('li', 'maintainer', { kind: 'orgs', orgIds: ['unit'] });
export const OTHER_UNIT = actor('sun', 'maintainer', { kind: 'orgs', orgIds: ['unit2'] });
export const LEAD = actor('qian', 'dispatcher', { kind: 'orgs', orgIds: ['center'] });

const SEED = `
  insert into org (id, kind, level, name, responsible) values
    ('street', 'area', 3, '东明路街道', null), ('hood', 'area', 5, '凌兆居民区', '{"userId":"he"}');
  update org set parent_id = 'street' where id = 'hood';
  insert into org (id, kind, name, responsible) values
    ('center', 'department', '城运中心', null), ('manage', 'department', '管理办', '{"userId":"zhou"}'),
    ('unit', 'maintenance', '维保一队', null), ('unit2', 'maintenance', '维保二队', '{"userId":"sun"}'),
    ('idle', 'maintenance', '无人值守队', null);
  insert into module (id, name_zh, name_en) values ('charging', '充电设施', 'charging'), ('garbage', '垃圾分类', 'garbage');
  insert into module_org values ('charging', 'center', 'lead'), ('charging', 'hood', 'cooperate'), ('garbage', 'manage', 'lead');
  insert into site (id, name, org_id) values ('s1', '一号车棚', 'hood'), ('s2', '二号厢房', null);
  insert into device (id, type, name, module, site_id, maintenance_unit_id, lifecycle)
    select 'd' || n, 'generic/ebike-charger', '充电柜' || n, 'charging', 's1', 'unit', 'active' from generate_series(1, 520) n;
  insert into device (id, type, name, module, site_id, maintenance_unit_id, lifecycle) values
    ('trial', 't', '试运行', 'charging', 's1', 'unit', 'trial'), ('nomodule', 't', '无模块', null, 's1', 'unit', 'active'),
    ('nounit', 't', '无维保', 'charging', 's1', null, 'active'), ('idle', 't', '无人', 'charging', 's1', 'idle', 'active'),
    ('bin', 't', '垃圾厢', 'garbage', 's2', 'unit2', 'active');
  insert into duty_roster (id, org_id, module_id, user_id, from_minute, to_minute) values
    ('r1', 'unit', null, 'li', 480, 1200), ('r2', 'unit', null, 'wu', 1200, 480);
  insert into app_user (id, username, display_name, role, password_hash)
    select id, id, id, 'maintainer', 'x' from unnest('{li,wu,sun,he,zhou,zhao,qian,desk}'::text[]) id;
`;

/** Tickets on a real database with a clock moved by hand; call it inside a `describe`, it registers its own hooks. */
export function createTicketBench(engine: Engine) {
  let database: TestDatabase;
  let keys: Map<string, number>;
  let clock: ManualClock;
  let told: Notice[];
  let bad: Set<number>;
  let rechecks: number[][];
  let recheckOk: boolean;
  let settings: TicketSettings;
  const picturesBefore = new Map<number, { id: string; takenAt: number }>();
  let tickets: Tickets;
  let incident = 0;
  const store = createTicketStore();
  const filesDir = mkdtempSync(join(tmpdir(), 'cgw-tickets-'));

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(SEED);
    const { rows } = await sql(database.db.autocommit).query<{ id: string; key: number }>('select id, key from device');
    keys = new Map(rows.map((row) => [row.id, row.key]));
  });
  afterAll(async () => {
    await database.close();
    rmSync(filesDir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await emptyTables(
      database.db,
      'ticket',
      'ticket_device',
      'ticket_history',
      'ticket_number',
      'ticket_request',
      'ticket_party',
      'ticket_attachment',
    );
    await sql(database.db.autocommit).script("update device set lifecycle = 'active' where lifecycle = 'retired'");
    clock = createManualClock(MONDAY);
    told = [];
    bad = new Set();
    rechecks = [];
    recheckOk = true;
    settings = { ...DEFAULT_TICKET_SETTINGS, dutyDesk: { orgId: 'center', userId: 'desk' } };
    tickets = make();
  });

  const recheck: Recheck = async (devices) => {
    rechecks.push([...devices]);
    return devices.map((device) => ({ device, ok: recheckOk, detail: { reason: recheckOk ? 'ok' : 'timeout' } }));
  };
  const conditions = async (_tx: Tx, devices: readonly number[]): Promise<DeviceCondition[]> =>
    devices.map((device) => ({
      device,
      good: !bad.has(device),
      detail: { state: bad.has(device) ? 'offline' : 'online' },
    }));
  function make(): Tickets {
    return createTickets({
      store,
      transactor: database.db,
      audit: createAuditStore(),
      directory: createRosterStore(),
      outbox: {
        add: async (_tx, notices) => {
          told.push(...notices);
        },
      },
      conditions,
      recheck,
      picturesBefore: async () => picturesBefore,
      clock,
      log,
      files: createAttachmentFiles(filesDir),
      timeZone: 'Asia/Shanghai',
      settings: () => settings,
    });
  }
  const key = (id: string): number => {
    const found = keys.get(id);
    if (found === undefined) throw new Error(`no device ${id}`);
    return found;
  };
  const decision = (device: string, more: Partial<Decision> = {}): Decision => ({
    incidentId: `i${++incident}`,
    action: 'opened',
    kind: 'device',
    fault: 'offline',
    severity: 'major',
    lifeSafety: false,
    late: false,
    devices: [key(device)],
    component: null,
    reason: 'keepAliveTimeout',
    evidence: [{ silentFor: '90s' }],
    advice: null,
    at: clock.now(),
    ...more,
  });
  const decide = (...decisions: Decision[]) => database.db.transaction((tx) => tickets.onDecision(tx, decisions));
  const all = async () => (await tickets.list(DISPATCHER, {}, { limit: 500 })).items;
  const only = async () => {
    const found = await all();
    const [first] = found;
    if (!first || found.length !== 1) throw new Error(`${found.length} tickets`);
    return first;
  };
  const resolve = (opened: Decision) => decide({ ...opened, action: 'resolved', at: clock.now() });
  const events = () => told.map((notice) => notice.event);

  return {
    get database() {
      return database;
    },
    get clock() {
      return clock;
    },
    get told() {
      return told;
    },
    get bad() {
      return bad;
    },
    get rechecks() {
      return rechecks;
    },
    get recheckOk() {
      return recheckOk;
    },
    set recheckOk(ok: boolean) {
      recheckOk = ok;
    },
    get settings() {
      return settings;
    },
    set settings(changed: TicketSettings) {
      settings = changed;
    },
    get tickets() {
      return tickets;
    },
    store,
    filesDir,
    picturesBefore,
    key,
    decision,
    decide,
    all,
    only,
    resolve,
    events,
  };
}
