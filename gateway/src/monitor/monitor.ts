import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { LinkEvidence, MessageEvidence, ProbeEvidence } from '../domain/evidence.ts';
import type { Transactor } from '../domain/tx.ts';
import { isGatewayError } from '../errors.ts';
import { repeat, type Task } from '../schedule.ts';
import { createClocks } from './clocks.ts';
import { decideDue, postponeFirst } from './decide.ts';
import { createUrgentLane, writeEvents } from './event-writer.ts';
import { createEventQueue } from './events.ts';
import { createListener } from './evidence.ts';
import { createMemory, type DeviceMemory, watch } from './memory.ts';
import { createPersistence } from './persistence.ts';
import type {
  Directory,
  HealthChange,
  HealthStore,
  IncidentStore,
  MonitorSettings,
  OnDecision,
  TypeSource,
} from './ports.ts';
import { type SettleContext, settle } from './settle.ts';
import { sortDue } from './sweep.ts';

export interface MonitorOptions {
  readonly store: HealthStore;
  readonly incidents: IncidentStore;
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

/** Devices per transaction (a); with 4 facts each this stays well below 200 ms on PostgreSQL. */
const CHUNK = 1_000;
const DUE_LIMIT = 5_000;
const DECIDE_LIMIT = 1_000;
/** What one device breaks is left alone for this long, so that it does not stop the others. */
const POISON_MS = 60_000;
const DAY_MS = 86_400_000;

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
  const poison = new Map<DeviceKey, number>();
  const tasks: Task[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let sweeping: Promise<void> | undefined;
  let stopped = false;

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
    groupHoldMs: () => settings().groupHoldMs,
    relapseMs: settings().relapseMs ?? DAY_MS,
  };

  /** One transaction of ours at a time; a life-safety one waits for at most one chunk. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = turn.then(work, work);
    turn = run.then(
      () => undefined,
      () => undefined,
    );
    return run;
  }

  /** Settles in chunks; a chunk that fails for its content is halved until the one device at fault is found. */
  async function settleAll(devices: readonly DeviceKey[]): Promise<void> {
    for (let from = 0; from < devices.length; from += CHUNK) await settleChunk(devices.slice(from, from + CHUNK));
  }

  async function settleChunk(devices: readonly DeviceKey[]): Promise<void> {
    for (const key of devices) dirty.delete(key);
    try {
      const changes = await inTurn(() => settle(context, devices));
      for (const key of devices) poison.delete(key);
      if (changes.length > 0) options.onChange?.(changes);
    } catch (error) {
      for (const key of devices) dirty.add(key);
      if (isGatewayError(error, 'UNAVAILABLE')) throw error;
      if (devices.length > 1) {
        const half = Math.ceil(devices.length / 2);
        await settleChunk(devices.slice(0, half));
        await settleChunk(devices.slice(half));
        return;
      }
      const [key] = devices;
      if (key === undefined) return;
      log.error({ device: key, error }, 'a device cannot be judged');
      options.onError?.(error);
      poison.set(key, clock.monotonic() + POISON_MS);
    }
  }

  const notPoisoned = (key: DeviceKey) => (poison.get(key) ?? 0) <= clock.monotonic();

  /** Pending alarms whose condition has held for long enough. */
  function ripen(): void {
    for (const key of pending) {
      const device = memory.get(key);
      let waiting = false;
      for (const alarm of device?.alarms?.values() ?? []) {
        if (alarm.state !== 'pending') continue;
        if ((alarm.deadline ?? 0) > clocks.now(alarm.path)) waiting = true;
        else if (device) {
          device.alarms?.set(alarm.code, { ...alarm, state: 'active', since: clock.now(), deadline: null });
          device.alarmChanges += 1;
          dirty.add(key);
        }
      }
      if (!waiting) pending.delete(key);
    }
  }

  async function sweepOnce(): Promise<void> {
    const started = clock.monotonic();
    clocks.tick();
    await lane.idle();
    await writeEvents(context, inTurn, lifeSafety);
    await writeEvents(context, inTurn, events);
    ripen();
    if (dirty.size > 0) await settleAll([...dirty].filter(notPoisoned));
    await sweepDue();
    await decideAll();
    options.onSweep?.(clock.monotonic() - started);
  }

  async function decideAll(): Promise<void> {
    try {
      while ((await inTurn(() => decideDue(context, DECIDE_LIMIT))) === DECIDE_LIMIT);
    } catch (error) {
      if (isGatewayError(error, 'UNAVAILABLE')) throw error;
      log.error({ error }, 'held incidents cannot be decided together');
      options.onError?.(error);
      await decideOneByOne();
    }
  }

  /** What one incident breaks is put off, so that it does not stop the others. */
  async function decideOneByOne(): Promise<void> {
    for (let left = DECIDE_LIMIT; left > 0; left--) {
      try {
        if ((await inTurn(() => decideDue(context, 1))) === 0) return;
      } catch (error) {
        if (isGatewayError(error, 'UNAVAILABLE')) throw error;
        await inTurn(() => postponeFirst(context, POISON_MS));
      }
    }
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
