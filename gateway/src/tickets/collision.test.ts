import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import { noFiles } from '../../test/support/tickets.ts';
import { createManualClock } from '../clock.ts';
import type { Decision } from '../domain/health.ts';
import { createLogger } from '../log.ts';
import { createAuditStore } from '../store/audit.ts';
import { sql } from '../store/database.ts';
import { createRosterStore } from '../store/rosters.ts';
import { createTicketStore } from '../store/tickets.ts';
import { DEFAULT_TICKET_SETTINGS } from './settings.ts';
import { createTickets } from './tickets.ts';

describe.each(ENGINES)('two monitors that decide at once on %s', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(`
      insert into org (id, kind, name) values ('center', 'department', '城运中心');
      insert into module (id, name_zh, name_en) values ('video', '视频监控', 'video');
      insert into device (id, type, name, module, lifecycle) values ('d1', 't', '摄像机', 'video', 'active');
    `);
  });
  afterAll(() => database.close());

  it('file one ticket; who comes second counts on it instead of being lost', async () => {
    const clock = createManualClock();
    const store = createTicketStore();
    const told: string[] = [];
    const make = (seesNothing: boolean) => {
      let blind = seesNothing;
      return createTickets({
        store: {
          ...store,
          async latestOf(tx, subjects) {
            // Looked before the other one's insert was committed.
            if (!blind) return store.latestOf(tx, subjects);
            blind = false;
            return [];
          },
        },
        transactor: database.db,
        audit: createAuditStore(),
        directory: createRosterStore(),
        outbox: { add: async (_tx, notices) => void told.push(...notices.map((notice) => notice.event)) },
        conditions: async () => [],
        files: noFiles(),
        recheck: async () => [],
        clock,
        log: createLogger('silent'),
        timeZone: 'Asia/Shanghai',
        settings: () => ({ ...DEFAULT_TICKET_SETTINGS, dutyDesk: { orgId: 'center', userId: null } }),
      });
    };
    const { rows } = await sql(database.db.autocommit).query<{ key: number }>('select key from device');
    const decision = (incidentId: string): Decision => ({
      incidentId,
      action: 'opened',
      kind: 'device',
      fault: 'offline',
      severity: 'major',
      lifeSafety: false,
      late: false,
      devices: rows.map((row) => row.key),
      component: null,
      reason: 'timeout',
      evidence: [],
      advice: null,
      at: clock.now(),
    });
    await database.db.transaction((tx) => make(false).onDecision(tx, [decision('i1')]));
    await database.db.transaction((tx) => make(true).onDecision(tx, [decision('i2')]));
    const found = await sql(database.db.autocommit).query(
      'select t.fire_count, t.incident_id, count(d.*)::int as devices from ticket t join ticket_device d on d.ticket_id = t.id group by t.id',
    );
    expect(found.rows).toEqual([{ fire_count: 2, incident_id: 'i2', devices: 1 }]);
    expect(told).toEqual(['firing']);
  });
});
