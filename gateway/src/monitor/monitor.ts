import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { LinkEvidence, MessageEvidence, ProbeEvidence } from '../domain/evidence.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { isGatewayError } from '../errors.ts';
import { repeat, type Task } from '../schedule.ts';
import { createClocks } from './clocks.ts';
import { decideDue, postponeFirst } from './decide.ts';
import { createEventQueue, type EventQueue, type Raised, raise } from './events.ts';
import { createListener } from './evidence.ts';
import { createMemory, type DeviceMemory, nameOf, restore, toSeenRow, watch } from './memory.ts';
import type {
  Directory,
  HealthChange,
  HealthStore,
  IncidentStore,
  MonitorSettings,
  Nows,
  OnDecision,
  SeenRow,
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
const DECIDE_LIMIT = 500;
const SEEN_CHUNK = 5_000;
const LOAD_CHUNK = 5_000;
const URGENT_RETRY_MS = 500;
/** What one device breaks is left alone for this long, so that it does not stop the others. */
const POISON_MS = 60_000;
const DATABASE_DOWN = 'databaseDown';
const DAY_MS = 86_400_000;
/** Events received this long before the last mark may not have reached their incident when the process died. */
const MISSED_MS = 60_000;

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
  const urgentDevices = new Set<DeviceKey>();
  const touched = new Set<DeviceMemory>();
  const events = createEventQueue();
  const lifeSafety = createEventQueue();
  const poison = new Map<DeviceKey, number>();
  const tasks: Task[] = [];
  let urgentTimer: NodeJS.Timeout | undefined;
  let urgentRun: Promise<void> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let sweeping: Promise<void> | undefined;
  let flushing: Promise<void> | undefined;
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
    urgent(device) {
      if (device !== null) urgentDevices.add(device);
      kickUrgent();
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

  async function writeEvents(queue: EventQueue): Promise<void> {
    const batch = queue.take();
    if (batch.length === 0) return;
    await raiseBatch(queue, batch);
  }

  /** As with devices, a batch that fails for its content is halved. */
  async function raiseBatch(queue: EventQueue, batch: readonly Raised[]): Promise<void> {
    try {
      await inTurn(() => raise(context, batch));
    } catch (error) {
      if (isGatewayError(error, 'UNAVAILABLE') || batch.length === 1) {
        for (const event of batch) queue.add(event);
        throw error;
      }
      const half = Math.ceil(batch.length / 2);
      const parts = await Promise.allSettled([
        raiseBatch(queue, batch.slice(0, half)),
        raiseBatch(queue, batch.slice(half)),
      ]);
      for (const part of parts) if (part.status === 'rejected') throw part.reason;
    }
  }

  function kickUrgent(): void {
    if (urgentRun || urgentTimer || stopped) return;
    urgentRun = runUrgent().finally(() => {
      urgentRun = undefined;
      if (lifeSafety.size > 0 || urgentDevices.size > 0) retryUrgent();
    });
  }

  function retryUrgent(): void {
    if (urgentTimer || stopped) return;
    urgentTimer = setTimeout(() => {
      urgentTimer = undefined;
      kickUrgent();
    }, URGENT_RETRY_MS);
  }

  async function runUrgent(): Promise<void> {
    // Lets one observe() finish, so that a burst is one transaction.
    await Promise.resolve();
    const devices = [...urgentDevices];
    try {
      await writeEvents(lifeSafety);
      if (devices.length > 0) {
        await settleAll(devices);
        for (const key of devices) urgentDevices.delete(key);
      }
    } catch (error) {
      log.error(
        { error, waiting: lifeSafety.size + urgentDevices.size },
        'life-safety incidents wait for the database',
      );
      options.onError?.(error);
    }
  }

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
    clocks.tick();
    await urgentRun;
    if (events.size > 0) await writeEvents(events);
    if (lifeSafety.size > 0) await writeEvents(lifeSafety);
    ripen();
    if (dirty.size > 0) await settleAll([...dirty].filter(notPoisoned));
    await sweepDue();
    await decideAll();
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

  async function write(): Promise<void> {
    clocks.tick();
    const devices = [...touched];
    const rows: SeenRow[] = devices.map(toSeenRow);
    const blind = clocks.unsaved();
    for (const device of devices) touched.delete(device);
    try {
      for (let from = 0; from < rows.length; from += SEEN_CHUNK) {
        await transactor.transaction((tx) => store.saveSeen(tx, rows.slice(from, from + SEEN_CHUNK)));
      }
      await transactor.transaction(async (tx) => {
        await store.saveMarks(tx, clocks.marks());
        if (blind.length > 0) await store.saveBlind(tx, blind);
      });
      clocks.saved(blind);
      clocks.clearAll(DATABASE_DOWN);
    } catch (error) {
      for (const device of devices) touched.add(device);
      clocks.obstructAll(DATABASE_DOWN);
      throw error;
    }
  }

  async function flush(): Promise<void> {
    while (flushing) await flushing.catch(() => undefined);
    flushing = write().finally(() => {
      flushing = undefined;
    });
    await flushing;
  }

  async function load(tx: Tx): Promise<void> {
    const marks = await store.marks(tx);
    clocks.restore(marks);
    await store.closeBlind(tx);
    const nows: Nows = new Map([...marks].map(([path, mark]) => [path, mark.observed]));
    await store.forgetSessions(tx, nows);
    for (let after = -1; ; ) {
      const loaded = await store.load(tx, after, LOAD_CHUNK);
      for (const row of loaded) {
        after = row.device;
        if (!row.seen && row.facts.length === 0) continue;
        const path = row.seen?.path ?? row.facts[0]?.path ?? 'mqtt';
        const device = memory.obtain(row.device, path);
        restore(device, row, (name) => clocks.of(name).now());
        if (row.alarms.some((alarm) => alarm.state === 'pending')) pending.add(row.device);
      }
      if (loaded.length < LOAD_CHUNK) break;
    }
    await heal(tx, marks);
  }

  /** Events that were committed by a process that died before it could raise them. */
  async function heal(tx: Tx, marks: ReadonlyMap<string, { wall: number }>): Promise<void> {
    if (marks.size === 0) return;
    const since = Math.min(...[...marks.values()].map((mark) => mark.wall)) - MISSED_MS;
    for (const event of await store.missedEvents(tx, since, 10_000)) {
      if (event.severity === 'info' && !event.lifeSafety) continue;
      const path = memory.get(event.device)?.path ?? 'mqtt';
      (event.lifeSafety ? lifeSafety : events).add({ ...event, late: false, path, count: 1 });
    }
    if (lifeSafety.size > 0) kickUrgent();
  }

  function judgeAgain(device: DeviceKey): void {
    const known = memory.get(device);
    // Freshness windows may have changed: every metric is looked at anew.
    if (known)
      for (let i = 0; i < known.slots.length; i += 2)
        if (nameOf(known.slots[i] ?? 0)) watch(known, known.slots[i] ?? 0);
    dirty.add(device);
  }

  return {
    async start() {
      await load(transactor.autocommit);
      const { sweepEveryMs = 500, flushEveryMs = 2_000 } = settings();
      const onError = (error: unknown) => options.onError?.(error);
      tasks.push(
        repeat({ name: 'monitor.sweep', everyMs: sweepEveryMs, log, onError }, sweep),
        repeat({ name: 'monitor.flush', everyMs: flushEveryMs, log, onError }, flush),
      );
    },
    async stop() {
      if (stopped) return;
      await Promise.all(tasks.map((task) => task.stop()));
      stopped = true;
      clearTimeout(urgentTimer);
      await urgentRun;
      await sweeping?.catch((error: unknown) => log.warn({ error }, 'the last sweep failed'));
      await flush();
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
    flush,
    observedNow(path) {
      clocks.tick();
      return clocks.now(path);
    },
    stats: () => ({ devices: memory.size, dirty: dirty.size, events: events.size, lifeSafety: lifeSafety.size }),
  };
}
