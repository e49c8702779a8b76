/**
 * What the monitor costs while 100,000 devices speak 5,000 times a second, with everything joined that hangs on it:
 * grouping, flapping, learned deadlines, quiet times and alarm rules. The clock is moved by hand and work is done as fast
 * as it goes, so the figure is processor seconds of this process per second of the gateway's time, whatever else the
 * machine does. The same run without a monitor is taken off.
 */
import { createManualClock, type ManualClock } from '../gateway/src/clock.ts';
import type { DeviceBrief } from '../gateway/src/domain/device.ts';
import type { MessageEvidence } from '../gateway/src/domain/evidence.ts';
import { createZone } from '../gateway/src/domain/working-time.ts';
import { createLogger } from '../gateway/src/log.ts';
import { createMonitor, type Monitor } from '../gateway/src/monitor/monitor.ts';
import { createQuiet } from '../gateway/src/quiet/quiet.ts';
import { createAuditStore } from '../gateway/src/store/audit.ts';
import { type Database, sql } from '../gateway/src/store/database.ts';
import { createHealthStore } from '../gateway/src/store/health.ts';
import { createGroupStore } from '../gateway/src/store/incident-groups.ts';
import { createIncidentStore } from '../gateway/src/store/incidents.ts';
import { createQuietStore } from '../gateway/src/store/quiet.ts';
import { CHARGER } from '../gateway/test/support/monitor.ts';
import { serverProcessorMs } from './load/processor.ts';

const RATE = 5_000;
const SWEEP_MS = 500;
const FLUSH_MS = 2_000;
const WARM_UP_S = 60;
const MEASURED_S = 180;
const SITES = 5_000;
/** One device in so many learns its deadline, has over-current now and then, and logs in and out all the time. */
const LEARNS = 5;
const ALARMS = 1_000;
const FLAPS = 500;
/** Sites whose devices all fall silent a minute into the measurement. */
const DARK_SITES = 20;
const WINDOWS = 2_000;

type Report = (metric: string, value: number, unit: string, baseline?: number) => void;

/** `devices` are those of the database; they are given sites, vendors and places. */
export async function measureLoad(db: Database, devices: readonly DeviceBrief[], report: Report, server?: number) {
  const briefs = await place(db, devices);
  const clock = createManualClock(1_800_000_000_000);
  const bare = await play(clock, briefs, {
    observe: () => undefined,
    link: () => undefined,
    sweep: async () => undefined,
    flush: async () => undefined,
  });
  const { monitor, told } = await start(db, clock, briefs);
  const cost = await play(clock, briefs, monitor, server);
  const share = (cost.ownMs - bare.ownMs) / (MEASURED_S * 1_000);
  report(`share of a core at ${RATE} evidence/s`, share, 'core', 0.25);
  report('observe at that rate', ((cost.heardMs - bare.heardMs) / (RATE * MEASURED_S)) * 1_000, 'us/message');
  report('sweep at that rate, p50', cost.sweeps[Math.floor(cost.sweeps.length * 0.5)] ?? 0, 'ms');
  report('sweep at that rate, p99', cost.sweeps[Math.floor(cost.sweeps.length * 0.99)] ?? 0, 'ms');
  report('decisions told meanwhile', told(), '1');
  if (cost.serverMs !== null) report('PostgreSQL meanwhile', cost.serverMs / (MEASURED_S * 1_000), 'core');
  await monitor.stop();
}

async function place(db: Database, devices: readonly DeviceBrief[]): Promise<DeviceBrief[]> {
  const placed = devices.map((brief, n) => ({
    ...brief,
    siteId: `s${n % SITES}`,
    orgId: `o${n % 200}`,
    vendorId: `v${n % 20}`,
    module: `m${n % 5}`,
    healthPolicy: n % LEARNS === 0 ? { learn: true } : null,
  }));
  const tx = sql(db.autocommit);
  await tx.script(`
    insert into org (id, kind, level, name) select 'o' || n, 'area', 5, '居民区' || n from generate_series(0, 199) n;
    insert into vendor (id, name) select 'v' || n, '厂商' || n from generate_series(0, 19) n;
    insert into module (id, name_zh, name_en) select 'm' || n, '模块' || n, 'module ' || n from generate_series(0, 4) n;
    insert into site (id, name, org_id) select 's' || n, '点位' || n, 'o' || n % 200 from generate_series(0, ${SITES - 1}) n;
    insert into quiet_time (id, kind, name, reason, scope, starts_at, ends_at, state, created_by, created_at, settled)
      select 'q' || n, case n % 2 when 0 then 'maintenance' else 'silence' end, '检修' || n, 'r',
        jsonb_build_object('sites', jsonb_build_array('s' || n)), to_timestamp(1800000000), to_timestamp(1800086400),
        'approved', 'u', to_timestamp(1800000000), to_timestamp(1800000000)
      from generate_series(${DARK_SITES / 2}, ${WINDOWS + DARK_SITES / 2 - 1}) n`);
  await tx.query(
    `update device set site_id = n.site, org_id = n.org, vendor_id = n.vendor, module = n.module
     from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[]) as n (key, site, org, vendor, module)
     where device.key = n.key`,
    [
      placed.map(({ key }) => key),
      placed.map(({ siteId }) => siteId),
      placed.map(({ orgId }) => orgId),
      placed.map(({ vendorId }) => vendorId),
      placed.map(({ module }) => module),
    ],
  );
  await tx.script('vacuum analyze');
  return placed;
}

async function start(db: Database, clock: ManualClock, briefs: readonly DeviceBrief[]) {
  const byKey = new Map(briefs.map((brief) => [brief.key, brief]));
  const log = createLogger('silent');
  let told = 0;
  const types = { get: (id: string) => (id === CHARGER.id ? CHARGER : undefined) };
  const quiet = createQuiet({
    store: createQuietStore(),
    db,
    audit: createAuditStore(),
    clock,
    log,
    zone: createZone('Asia/Shanghai'),
    directory: { byKey: (key) => byKey.get(key) },
    types,
    file: async () => [],
    endDrillTickets: async () => undefined,
    decideAgain: () => undefined,
    graceMs: () => 600_000,
    securityPace: () => 3,
    outbox: { add: async () => undefined },
  });
  await quiet.start();
  const monitor = createMonitor({
    store: createHealthStore(),
    incidents: createIncidentStore(),
    groups: createGroupStore(),
    transactor: db,
    audit: createAuditStore(),
    directory: { get: (key) => byKey.get(key) },
    types,
    clock,
    log,
    async onDecision(_tx, made) {
      told += made.length;
    },
    oldestUndrainedAt: () => null,
    quiet: quiet.reasons,
    settings: { groupHoldMs: 60_000, sweepEveryMs: 3_600_000, flushEveryMs: 3_600_000 },
  });
  await monitor.start();
  monitor.pathUp('mqtt');
  return { monitor, told: () => told };
}

type Played = Pick<Monitor, 'observe' | 'link' | 'sweep' | 'flush'>;

/** Everybody speaks in turn, evenly spread; cost counts from the end of the warm-up. */
async function play(clock: ManualClock, briefs: readonly DeviceBrief[], monitor: Played, server?: number) {
  const each = (RATE * SWEEP_MS) / 1_000;
  const sweeps: number[] = [];
  let next = 0;
  let heardMs = 0;
  let own = process.cpuUsage();
  let serverBefore: number | null = null;
  for (let at = 0; at < (WARM_UP_S + MEASURED_S) * 1_000; at += SWEEP_MS) {
    if (at === WARM_UP_S * 1_000) {
      own = process.cpuUsage();
      serverBefore = server === undefined ? null : serverProcessorMs(server);
      heardMs = 0;
      sweeps.length = 0;
    }
    const dark = at >= (WARM_UP_S + 60) * 1_000;
    clock.advance(SWEEP_MS);
    const started = performance.now();
    // Ingest hands over what it committed together, some hundred messages at a time.
    for (let done = 0; done < each; ) {
      const batch: MessageEvidence[] = [];
      for (; batch.length < 250 && done < each; done++) {
        const n = next++ % briefs.length;
        const brief = briefs[n];
        if (!brief || (dark && n % SITES < DARK_SITES)) continue;
        batch.push(message(brief, n, next, clock.now()));
      }
      monitor.observe(batch);
    }
    flap(monitor, briefs, at, clock.now());
    heardMs += performance.now() - started;
    const sweeping = performance.now();
    await monitor.sweep();
    sweeps.push(performance.now() - sweeping);
    if (at % FLUSH_MS === 0) await monitor.flush();
  }
  const { user, system } = process.cpuUsage(own);
  sweeps.sort((a, b) => a - b);
  const serverMs = server === undefined || serverBefore === null ? null : serverProcessorMs(server) - serverBefore;
  return { ownMs: (user + system) / 1_000, heardMs, sweeps, serverMs };
}

function message(brief: DeviceBrief, n: number, turn: number, receivedAt: number): MessageEvidence {
  const hot = n % ALARMS === 0 && Math.floor(turn / 500_000) % 2 === 0;
  const values = {
    power: 800 + (turn % 100),
    note: 1,
    'ports.1.current': hot ? 14 : 2.1,
    'ports.2.current': 0.4,
    'ports.3.current': 3.3,
    'ports.4.current': 1.2,
  };
  return { device: brief.key, path: 'mqtt', receivedAt, late: false, values, events: [] };
}

/** A connection that comes and goes: up for ten seconds, gone for ten. */
function flap(monitor: Played, briefs: readonly DeviceBrief[], at: number, now: number): void {
  if (at % 10_000 !== 0) return;
  const up = at % 20_000 === 0;
  for (let n = 7; n < briefs.length; n += FLAPS) {
    const device = briefs[n]?.key ?? 0;
    monitor.link({
      device,
      path: 'mqtt',
      state: up ? 'up' : 'down',
      reason: up ? 'connected' : 'lost',
      at: now,
      session: `s${up ? at : at - 10_000}`,
    });
  }
}
