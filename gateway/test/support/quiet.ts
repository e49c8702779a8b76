import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from '../../src/domain/actor.ts';
import type { DeviceBrief, DeviceKey } from '../../src/domain/device.ts';
import type { Decision } from '../../src/domain/health.ts';
import type { Notice } from '../../src/domain/notice.ts';
import { shippedRights } from '../../src/domain/role-rights.ts';
import { createZone } from '../../src/domain/working-time.ts';
import { createLogger } from '../../src/log.ts';
import { createQuiet, type Quiet } from '../../src/quiet/quiet.ts';
import { createAuditStore } from '../../src/store/audit.ts';
import { type Database, sql } from '../../src/store/database.ts';
import { createQuietStore } from '../../src/store/quiet.ts';
import { createRosterStore } from '../../src/store/rosters.ts';
import { createTicketStore } from '../../src/store/tickets.ts';
import { createAttachmentFiles } from '../../src/tickets/attachments/files.ts';
import { DEFAULT_TICKET_SETTINGS } from '../../src/tickets/settings.ts';
import { createTickets, type Tickets } from '../../src/tickets/tickets.ts';
import { createMonitorRig, type MonitorRig } from './monitor.ts';

export const MINUTE = 60_000;
/** Shorter than the 90 s of silence after which the devices are offline. */
const STEP = MINUTE;
export const GRACE = 30 * MINUTE;
const log = createLogger('silent');

export const person = (role: Actor['role'], scope: Actor['scope'] = { kind: 'all' }): Actor => ({
  kind: 'user',
  id: `the-${role}`,
  name: role,
  role,
  rights: shippedRights(role),
  scope,
  address: null,
});
export const ADMIN = person('admin');

/** Monitor, tickets and quiet times on one database, with one clock moved by hand. */
export interface QuietRig {
  readonly rig: MonitorRig;
  readonly tickets: Tickets;
  readonly told: Notice[];
  quiet: Quiet;
  /** Devices that say nothing while {@link QuietRig.live} goes on. */
  readonly mute: Set<DeviceKey>;
  /** Everybody else speaks every minute; monitor and sweep run. */
  live(ms: number): Promise<void>;
  /** The process is gone for so long; another one starts. */
  crash(ms: number): Promise<void>;
  filed(): Promise<readonly { fault: string; subject: string; stage: string; drill: boolean; devices: number }[]>;
  suppressed(): Promise<readonly string[]>;
}

export async function createQuietRig(db: Database, devices: readonly DeviceBrief[]): Promise<QuietRig> {
  const onDecision = (tx: Parameters<Tickets['onDecision']>[0], made: readonly Decision[]) =>
    tickets.onDecision(tx, made);
  const rig = await createMonitorRig(db, devices, { groupHoldMs: MINUTE }, onDecision);
  const told: Notice[] = [];
  const tickets = createTickets({
    store: createTicketStore(),
    transactor: db,
    audit: createAuditStore(),
    directory: createRosterStore(),
    outbox: { add: async (_tx, notices) => void told.push(...notices) },
    conditions: async () => [],
    secured: (keys) => one.quiet.securityOf(keys) !== undefined,
    recheck: async () => [],
    files: createAttachmentFiles(join(tmpdir(), 'cgw-no-attachments')),
    clock: rig.clock,
    log,
    timeZone: 'Asia/Shanghai',
    settings: () => DEFAULT_TICKET_SETTINGS,
  });
  const make = () =>
    createQuiet({
      store: createQuietStore(),
      db,
      audit: createAuditStore(),
      clock: rig.clock,
      log: createLogger('error', (line) => void process.stderr.write(`${line}\n`)),
      zone: createZone('Asia/Shanghai'),
      directory: { byKey: (key) => rig.briefs.get(key) },
      types: { get: (id) => (id === 'absent/type' ? undefined : { alarms: [], events: new Map() }) },
      file: tickets.file,
      endDrillTickets: tickets.endDrill,
      decideAgain: (keys) => rig.monitor.decideAgain(keys),
      graceMs: () => GRACE,
      // What is divided by it is no whole number of milliseconds.
      securityPace: () => 7,
      outbox: { add: async (_tx, notices) => void told.push(...notices) },
    });
  const begin = async () => {
    one.quiet = make();
    rig.quiet = one.quiet.reasons;
    rig.pace = one.quiet.pace;
    await one.quiet.start();
  };
  const mute = new Set<DeviceKey>();
  const speak = () => {
    for (const key of rig.briefs.keys()) if (!mute.has(key)) rig.say(key, { power: 1 });
  };
  const one: QuietRig = {
    rig,
    tickets,
    told,
    quiet: make(),
    mute,
    async live(ms) {
      for (let left = ms; left > 0; left -= STEP) {
        await rig.pass(Math.min(STEP, left), { step: STEP, each: speak });
        await one.quiet.sweep();
      }
      await rig.monitor.sweep();
    },
    async crash(ms) {
      await rig.crash(ms);
      await begin();
      speak();
    },
    async filed() {
      const { rows } = await sql(db.autocommit).query<{
        fault: string;
        subject: string;
        stage: string;
        drill: boolean;
        devices: number;
      }>(
        `select t.fault, t.subject, t.stage, t.drill,
           (select count(*)::int from ticket_device d where d.ticket_id = t.id) as devices from ticket t order by t.opened_at, t.id`,
      );
      return rows;
    },
    async suppressed() {
      const { rows } = await sql(db.autocommit).query<{ reason: string }>(
        `select distinct unnest(suppressed) as reason from incident where state in ('held', 'open') order by 1`,
      );
      return rows.map(({ reason }) => reason);
    },
  };
  await begin();
  return one;
}
