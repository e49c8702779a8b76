import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import type {
  ConditionEvidence,
  LinkEvidence,
  MessageEvidence,
  ProbeEvidence,
  SignEvidence,
} from '../domain/evidence.ts';
import type { HealthChange } from '../domain/health-rows.ts';
import type { QuietReasons } from '../domain/quiet.ts';
import type { Transactor } from '../domain/tx.ts';
import { repeat, type Task } from '../schedule.ts';
import { createSettler } from './chunks.ts';
import { createClocks } from './clocks.ts';
import type { SettleContext } from './context.ts';
import { decideAll } from './decide.ts';
import { createUrgentLane, writeEvents } from './event-writer.ts';
import { createEventQueue } from './events.ts';
import { createListener } from './evidence.ts';
import { endGroups } from './grouping/endings.ts';
import { createOwnPaths, type OwnPathTest } from './grouping/own-path.ts';
import type { GroupStore } from './grouping/ports.ts';
import { createVendorLinks, type VendorLinkEvidence } from './grouping/vendor-links.ts';
import { createLearner } from './learning.ts';
import { createMemory, type DeviceMemory, watch } from './memory.ts';
import { createPersistence } from './persistence.ts';
import type { Directory, HealthStore, IncidentStore, MonitorSettings, OnDecision, TypeSource } from './ports.ts';
import { type MonitorStatus, statusOf } from './status.ts';
import { ripen, sortDue } from './sweep.ts';

export interface MonitorOptions {
  readonly store: HealthStore;
  readonly incidents: IncidentStore;
  readonly groups: GroupStore;
  readonly transactor: Transactor;
  readonly directory: Directory;
  readonly types: TypeSource;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onDecision: OnDecision;
  /**
   * Receive time (epoch ms) of the oldest record of a path that waits in the spool; null = none. It must not move past a
   * record before `observe()` was called with its evidence.
   */
  readonly oldestUndrainedAt: (path: string) => number | null;
  readonly settings: MonitorSettings | (() => MonitorSettings);
  /** Whether we closed this vendor's login: the silence of what spoke through it makes no ticket. Memory only; absent = never. */
  readonly vendorMuted?: (vendorId: string) => boolean;
  /** Proves each deadline that was learned; absent = nobody does. */
  readonly audit?: AuditPort;
  /** False while what the device does is not its rhythm. Memory only; absent = unless it is under maintenance. */
  readonly mayLearn?: (device: DeviceBrief) => boolean;
  /** Maintenance, silences, 重保 and drills; absent = never quiet. Memory only. */
  readonly quiet?: QuietReasons;
  /** Tries our own part of a path before mass silence is believed; absent = it is taken for sound. */
  readonly ownPath?: OwnPathTest;
  /** After each commit that changed states; must not throw. */
  readonly onChange?: (changes: readonly HealthChange[]) => void;
  /** Milliseconds each sweep took. */
  readonly onSweep?: (tookMs: number) => void;
  /** Each failed attempt to write, for metrics. */
  readonly onError?: (error: unknown) => void;
}

export interface Monitor {
  /** Loads what the last run knew and begins to sweep. Every path is blind until {@link pathUp}. */
  start(): Promise<void>;
  /** Writes down what is only in memory. */
  stop(): Promise<void>;
  /** Evidence of committed messages. Synchronous, memory only. */
  observe(evidence: readonly MessageEvidence[]): void;
  link(evidence: LinkEvidence): void;
  probe(evidence: ProbeEvidence): void;
  /** Something that is no reading came from the device: an ONVIF event, a picture. It lives. */
  sign(evidence: SignEvidence): void;
  /** A fault another stage has confirmed begins or ends. */
  condition(evidence: ConditionEvidence): void;
  /** A vendor's own login went up or down. */
  vendorLink(evidence: VendorLinkEvidence): void;
  /** What kept the faults of these devices quiet may be over. */
  decideAgain(devices: readonly DeviceKey[]): void;
  /** What keeps devices from being judged. */
  status(): MonitorStatus;
  /** The path can hear again. */
  pathUp(path: string): void;
  /** The path cannot hear: its observed clock stands still and nothing on it is judged. */
  pathDown(path: string, reason: string): void;
  /** Judges what is due and decides held incidents; also runs by itself after start(). */
  sweep(): Promise<void>;
  deviceAdded(device: DeviceKey): void;
  /** Lifecycle, type or health policy of a device changed. */
  lifecycleChanged(device: DeviceKey): void;
  /** Writes clocks, blind intervals and last-seen times. */
  flush(): Promise<void>;
  /** Observed time by path, for status pages and tests. */
  observedNow(path: string): number;
  /** Devices in memory and evidence waiting for the database. */
  stats(): { devices: number; dirty: number; events: number; lifeSafety: number };
}

const DUE_LIMIT = 5_000;
const DAY_MS = 86_400_000;
const MASS_SHARE = 0.3;
const FREEZE_MS = 600_000;
const LEFTOVER_AFTER_MS = 1_800_000;

export function createMonitor(options: MonitorOptions): Monitor {
  const { store, incidents, transactor, directory, clock, log } = options;
  const settings = () => (typeof options.settings === 'function' ? options.settings() : options.settings);
  const clocks = createClocks({
    clock,
    oldestUndrainedAt: options.oldestUndrainedAt,
    stallMs: settings().stallMs ?? null,
  });
  const memory = createMemory();
  const dirty = new Set<DeviceKey>();
  const pending = new Set<DeviceKey>();
  const touched = new Set<DeviceMemory>();
  const events = createEventQueue();
  const lifeSafety = createEventQueue();
  const tasks: Task[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let sweeping: Promise<void> | undefined;
  let stopped = false;

  const notUnderMaintenance = (device: DeviceBrief) => {
    const now = clock.now();
    const reasons = options.quiet?.({ device, fault: 'offline', openedAt: now }, now) ?? [];
    return !reasons.some((reason) => reason.startsWith('maintenance'));
  };
  const learner = createLearner({
    memory,
    clocks,
    directory,
    types: options.types,
    store,
    transactor,
    audit: options.audit,
    wall: () => clock.now(),
    mayLearn: options.mayLearn ?? notUnderMaintenance,
  });
  const listener = createListener({
    memory,
    clocks,
    directory,
    types: options.types,
    dirty,
    touched,
    events,
    lifeSafety,
    pending,
    learner,
    urgent: (device) => lane.add(device),
  });
  const persistence = createPersistence({
    store,
    transactor,
    clocks,
    memory,
    touched,
    pending,
    events,
    lifeSafety,
  });
  const lane = createUrgentLane({
    events: lifeSafety,
    log,
    onError: (error) => options.onError?.(error),
    async write(devices) {
      await writeEvents(context, inTurn, lifeSafety);
      await settleAll(devices);
    },
  });

  const vendorLinks = createVendorLinks();
  const ownPaths = createOwnPaths({
    test: options.ownPath,
    clocks,
    clock,
    log,
    freezeMs: () => settings().freezeMs ?? FREEZE_MS,
  });

  const context: SettleContext = {
    store,
    incidents,
    transactor,
    memory,
    directory,
    types: options.types,
    onDecision: options.onDecision,
    log,
    wall: () => clock.now(),
    now: (path) => clocks.now(path),
    nows: () => clocks.nows(),
    groups: options.groups,
    quiet: options.quiet ?? (() => []),
    ownPaths,
    vendorLinks,
    groupHoldMs: () => settings().groupHoldMs,
    massShare: () => settings().massShare ?? MASS_SHARE,
    leftoverAfterMs: () => settings().leftoverAfterMs ?? LEFTOVER_AFTER_MS,
    relapseMs: settings().relapseMs ?? DAY_MS,
    vendorMuted: options.vendorMuted ?? (() => false),
  };

  const { settleAll, notPoisoned } = createSettler({
    context,
    inTurn,
    dirty,
    clock,
    log,
    onChange: options.onChange,
    onError: options.onError,
  });

  /** One transaction of ours at a time; a life-safety one waits for at most one chunk. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = turn.then(work, work);
    turn = run.then(
      () => undefined,
      () => undefined,
    );
    return run;
  }

  async function sweepOnce(): Promise<void> {
    const started = clock.monotonic();
    clocks.tick();
    await lane.idle();
    await writeEvents(context, inTurn, lifeSafety);
    await writeEvents(context, inTurn, events);
    ripen(context, pending, dirty);
    for (const key of await inTurn(() => learner.study())) dirty.add(key);
    if (dirty.size > 0) await settleAll([...dirty].filter(notPoisoned));
    await sweepDue();
    await ownPaths.tend();
    await decideAll(context, inTurn, options.onError);
    // What a group left behind is decided in the same sweep.
    if ((await inTurn(() => endGroups(context))) > 0) await decideAll(context, inTurn, options.onError);
    options.onSweep?.(clock.monotonic() - started);
  }

  async function sweepDue(): Promise<void> {
    const done = new Set<DeviceKey>();
    for (;;) {
      const due = await store.due(transactor.autocommit, clocks.nows(), DUE_LIMIT);
      const { rearm, judge } = sortDue(context, due);
      if (rearm.length > 0) await store.rearm(transactor.autocommit, rearm);
      const devices = [...judge].filter((key) => !done.has(key) && notPoisoned(key));
      for (const key of devices) done.add(key);
      await settleAll(devices);
      // A full page without progress would be read for ever.
      if (due.length < DUE_LIMIT || (rearm.length === 0 && devices.length === 0)) return;
    }
  }

  function sweep(): Promise<void> {
    sweeping ??= sweepOnce().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  }

  function judgeAgain(device: DeviceKey): void {
    const known = memory.get(device);
    // Freshness windows may have changed: every metric is looked at anew.
    for (let i = 0; known && i < known.slots.length; i += 2) watch(known, known.slots[i] ?? 0);
    dirty.add(device);
  }

  return {
    async start() {
      await persistence.load();
      await learner.load();
      if (lane.waiting > 0) lane.add(null);
      const { sweepEveryMs = 500, flushEveryMs = 2_000 } = settings();
      const onError = (error: unknown) => options.onError?.(error);
      tasks.push(
        repeat({ name: 'monitor.sweep', everyMs: sweepEveryMs, log, onError }, sweep),
        repeat({ name: 'monitor.flush', everyMs: flushEveryMs, log, onError }, persistence.flush),
      );
    },
    async stop() {
      if (stopped) return;
      await Promise.all(tasks.map((task) => task.stop()));
      stopped = true;
      await lane.stop();
      await sweeping?.catch((error: unknown) => log.warn({ error }, 'the last sweep failed'));
      // Without it the next start takes the missing seconds for downtime, which harms nobody.
      await persistence.flush().catch((error: unknown) => log.error({ error }, 'last-seen times could not be saved'));
      await learner.save().catch((error: unknown) => log.error({ error }, 'learned rhythms could not be saved'));
    },
    observe(evidence) {
      clocks.tick();
      for (const one of evidence) listener.message(one);
    },
    link(evidence) {
      clocks.tick();
      listener.link(evidence);
    },
    probe(evidence) {
      clocks.tick();
      listener.probe(evidence);
    },
    sign(evidence) {
      clocks.tick();
      listener.sign(evidence);
    },
    condition(evidence) {
      clocks.tick();
      listener.condition(evidence);
    },
    vendorLink: (evidence) => vendorLinks.note(evidence),
    decideAgain(devices) {
      for (const device of devices) dirty.add(device);
    },
    status: () => statusOf(ownPaths.frozen(), clocks.blind(), persistence.trouble()),
    pathUp: (path) => clocks.clear(path),
    pathDown: (path, reason) => clocks.obstruct(path, reason),
    sweep,
    deviceAdded(device) {
      // A device nobody has heard is no fault: its first evidence makes its facts. A key in use again starts anew.
      memory.forget(device);
    },
    lifecycleChanged: judgeAgain,
    flush: persistence.flush,
    observedNow(path) {
      clocks.tick();
      return clocks.now(path);
    },
    stats: () => ({ devices: memory.size, dirty: dirty.size, events: events.size, lifeSafety: lifeSafety.size }),
  };
}
