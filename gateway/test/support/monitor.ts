import { createManualClock, type ManualClock } from '../../src/clock.ts';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { DeviceBrief, DeviceKey, HealthPolicy, Lifecycle } from '../../src/domain/device.ts';
import { negate, parseExpression } from '../../src/domain/device-type/expression.ts';
import type { AlarmRule, EventInfo, MetricInfo } from '../../src/domain/device-type/types.ts';
import type { MessageEvidence } from '../../src/domain/evidence.ts';
import type { Decision } from '../../src/domain/health.ts';
import type { HealthChange } from '../../src/domain/health-rows.ts';
import type { QuietReasons } from '../../src/domain/quiet.ts';
import type { Transactor, Tx } from '../../src/domain/tx.ts';
import { GatewayError } from '../../src/errors.ts';
import { createLogger } from '../../src/log.ts';
import type { OwnPathTest } from '../../src/monitor/grouping/own-path.ts';
import { createMonitor, type Monitor } from '../../src/monitor/monitor.ts';
import type { MonitoredType, MonitorSettings, OnDecision } from '../../src/monitor/ports.ts';
import { type Database, sql } from '../../src/store/database.ts';
import { createHealthStore } from '../../src/store/health.ts';
import { createGroupStore } from '../../src/store/incident-groups.ts';
import { createIncidentStore } from '../../src/store/incidents.ts';

const title = (text: string) => ({ zh: text, en: text });

const metric = (name: string, freshWithin: number | null): [string, MetricInfo] => [
  name,
  { name, title: title(name), type: 'number', required: false, freshWithin },
];

export const rule = (code: string, when: string, more: Partial<AlarmRule> & { clearWhen?: string } = {}): AlarmRule => {
  const { clearWhen, ...rest } = more;
  const parsed = parseExpression(when);
  return {
    code,
    title: title(code),
    severity: 'major',
    lifeSafety: false,
    when: parsed,
    clear: clearWhen === undefined ? negate(parsed) : parseExpression(clearWhen),
    forMs: 0,
    advice: null,
    ...rest,
  };
};

const event = (code: string, lifeSafety: boolean): [string, EventInfo] => [
  code,
  { code, title: title(code), severity: lifeSafety ? 'critical' : 'major', lifeSafety, advice: null },
];

/** A charger that speaks every 30 s and must refresh its power within 10 minutes. */
export const CHARGER: MonitoredType = {
  id: 'test/charger',
  metrics: new Map([metric('power', 600_000), metric('note', null), metric('ports.*.current', null)]),
  components: new Map([['ports', {}]]),
  events: new Map([event('smoke', true), event('doorOpen', false)]),
  alarms: [
    rule('overCurrent', 'any(ports.*.current) > 12', {
      forMs: 30_000,
      clearWhen: 'all(ports.*.current) < 10',
    }),
    rule('overHeat', 'cabinet > 80', { lifeSafety: true, severity: 'critical' }),
  ],
  alarmMetrics: ['ports.*.current', 'cabinet'],
  health: { interval: 30_000, offlineAfter: 90_000, hold: null, recoverAfter: null, retirementCandidateAfter: null },
};

export const CAMERA: MonitoredType = {
  ...CHARGER,
  id: 'test/camera',
  metrics: new Map(),
  components: new Map(),
  events: new Map(),
  alarms: [],
  alarmMetrics: [],
};

/** A monitor on a real database, a clock moved by hand, and a decision sink that writes nothing unless told to. */
export interface MonitorRig {
  readonly clock: ManualClock;
  readonly monitor: Monitor;
  readonly decisions: Decision[];
  readonly changes: HealthChange[];
  readonly briefs: Map<DeviceKey, DeviceBrief>;
  /** Types by id; replace one and call `rulesChanged` to lay rules over it. */
  readonly types: Map<string, MonitoredType>;
  /** What the next decisions do instead of being taken. */
  failDecisions(fail: boolean): void;
  /** Statements reject with UNAVAILABLE while true. */
  breakDatabase(broken: boolean): void;
  oldestUndrained: number | null;
  /** Audit entries of the monitor's own, committed or not. */
  readonly audited: AuditEntry[];
  /** Whether what devices do now may be learned from. */
  mayLearn: boolean;
  /** Vendors whose logins we closed. */
  readonly muted: Set<string>;
  /** What a test of our own path finds. */
  ownPath: OwnPathTest;
  quiet: QuietReasons;
  pace: (device: DeviceBrief) => number;
  /** A message of one device now. */
  say(device: DeviceKey, values?: MessageEvidence['values'], more?: Partial<MessageEvidence>): void;
  sessionUp(device: DeviceKey, session?: string): void;
  sessionDown(device: DeviceKey, reason: string, session?: string): void;
  /** Moves on in steps of a second at most `step`, sweeping and flushing at each. */
  pass(ms: number, options?: { step?: number; each?: () => void }): Promise<void>;
  /** Ends the process without a goodbye and starts another `downMs` later. */
  crash(downMs: number, options?: { flush?: boolean }): Promise<void>;
  states(): Promise<Map<DeviceKey, string>>;
}

export async function addDevices(
  db: Database,
  count: number,
  type: string,
  options: { lifecycle?: Lifecycle; healthPolicy?: HealthPolicy } = {},
): Promise<DeviceBrief[]> {
  const { lifecycle = 'active', healthPolicy = null } = options;
  const { rows } = await sql(db.autocommit).query<{ key: number; id: string }>(
    `insert into device (id, type, name, lifecycle)
     select 'd' || substr(gen_random_uuid()::text, 1, 8) || '-' || n, $1, 'device', $2 from generate_series(1, $3::int) n
     returning key, id`,
    [type, lifecycle, count],
  );
  return rows.map(({ key, id }) => ({
    key,
    id,
    type,
    lifecycle,
    vendorId: null,
    serial: null,
    externalId: null,
    siteId: null,
    orgId: null,
    module: null,
    parentKey: null,
    healthPolicy,
  }));
}

export async function createMonitorRig(
  db: Database,
  devices: readonly DeviceBrief[],
  settings: Partial<MonitorSettings> = {},
  onDecision?: OnDecision,
): Promise<MonitorRig> {
  const clock = createManualClock();
  const types = new Map<string, MonitoredType>([CHARGER, CAMERA].map((type) => [type.id, type]));
  const briefs = new Map(devices.map((brief) => [brief.key, brief]));
  const decisions: Decision[] = [];
  const changes: HealthChange[] = [];
  let failing = false;
  let broken = false;
  const log = createLogger('silent');

  const guard = <T>(work: () => Promise<T>): Promise<T> =>
    broken ? Promise.reject(new GatewayError('UNAVAILABLE', 'database: down for the test')) : work();
  const transactor: Transactor = {
    transaction: (work) => guard(() => db.transaction(work)),
    get autocommit(): Tx {
      if (broken) throw new GatewayError('UNAVAILABLE', 'database: down for the test');
      return db.autocommit;
    },
  };

  const make = () => {
    // Decisions count only once committed, as rows of a ticket table would.
    return createMonitor({
      store: createHealthStore(),
      incidents: createIncidentStore(),
      groups: createGroupStore(),
      transactor: {
        get autocommit() {
          return transactor.autocommit;
        },
        async transaction(work) {
          let made: readonly Decision[] = [];
          const result = await transactor.transaction(async (tx) => {
            taken = [];
            const value = await work(tx);
            made = taken;
            return value;
          });
          decisions.push(...made);
          return result;
        },
      },
      directory: { get: (key) => briefs.get(key) },
      types: { get: (id) => types.get(id) },
      clock,
      log,
      async onDecision(tx, made) {
        if (failing) throw new Error('killed between the two transactions');
        taken.push(...made);
        await onDecision?.(tx, made);
      },
      oldestUndrainedAt: (path) => (path === 'mqtt' ? rig.oldestUndrained : null),
      settings: { groupHoldMs: 60_000, sweepEveryMs: 3_600_000, flushEveryMs: 3_600_000, ...settings },
      audit: { append: async (_tx, entries) => void rig.audited.push(...entries) },
      mayLearn: () => rig.mayLearn,
      vendorMuted: (vendorId) => rig.muted.has(vendorId),
      ownPath: (path) => rig.ownPath(path),
      quiet: (fault, now) => rig.quiet(fault, now),
      pace: (device) => rig.pace(device),
      onChange: (made) => void changes.push(...made),
    });
  };
  let taken: Decision[] = [];
  let monitor = make();

  const rig: MonitorRig = {
    clock,
    muted: new Set(),
    ownPath: async () => ({ ok: true, evidence: {} }),
    quiet: () => [],
    pace: () => 1,
    audited: [],
    mayLearn: true,
    get monitor() {
      return monitor;
    },
    decisions,
    changes,
    briefs,
    types,
    failDecisions(fail) {
      failing = fail;
    },
    breakDatabase(is) {
      broken = is;
    },
    oldestUndrained: null,
    say(device, values = {}, more = {}) {
      const receivedAt = clock.now();
      monitor.observe([{ device, path: 'mqtt', receivedAt, late: false, values, events: [], ...more }]);
    },
    sessionUp(device, session = 's1') {
      monitor.link({ device, path: 'mqtt', state: 'up', reason: 'connected', at: clock.now(), session });
    },
    sessionDown(device, reason, session = 's1') {
      monitor.link({ device, path: 'mqtt', state: 'down', reason, at: clock.now(), session });
    },
    async pass(ms, { step = 5_000, each } = {}) {
      for (let left = ms; left > 0; left -= step) {
        clock.advance(Math.min(step, left));
        each?.();
        await monitor.sweep();
        await monitor.flush();
      }
    },
    async crash(downMs, { flush = true } = {}) {
      if (flush) await monitor.flush();
      // Whatever a stop would still write is lost with a kill.
      broken = true;
      await monitor.stop().catch(() => undefined);
      broken = false;
      clock.advance(downMs);
      monitor = make();
      await monitor.start();
      monitor.pathUp('mqtt');
      monitor.pathUp('rtsp');
    },
    async states() {
      const { rows } = await sql(db.autocommit).query<{ device: number; state: string }>(
        'select device, state from health where device = any($1::int[])',
        [[...briefs.keys()]],
      );
      return new Map(rows.map((row) => [row.device, row.state]));
    },
  };
  await monitor.start();
  monitor.pathUp('mqtt');
  monitor.pathUp('rtsp');
  return rig;
}
