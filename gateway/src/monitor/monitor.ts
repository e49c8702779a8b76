import type { DeviceBrief, DeviceKey } from '../domain/device.ts';
import { repeat, type Task } from '../schedule.ts';
import { createAlarms } from './alarms.ts';
import { createSettler } from './chunks.ts';
import { createClocks } from './clocks.ts';
import type { SettleContext } from './context.ts';
import { decideAll } from './decide.ts';
import { createUrgentLane, writeEvents } from './event-writer.ts';
import { createEventQueue } from './events.ts';
import { createListener } from './evidence.ts';
import { endGroups } from './grouping/endings.ts';
import { createOutages } from './grouping/outages.ts';
import { createOwnPaths } from './grouping/own-path.ts';
import { restoreGrouping } from './grouping/restore.ts';
import { createVendorLinks } from './grouping/vendor-links.ts';
import type { Monitor, MonitorOptions } from './interface.ts';
import { createLearner } from './learning.ts';
import { createMemory, type DeviceMemory, watch } from './memory.ts';
import { createPairs } from './pairs.ts';
import { createPersistence } from './persistence.ts';
import { statusOf } from './status.ts';
import { ripen, sortDue } from './sweep.ts';

export type { Monitor, MonitorOptions } from './interface.ts';

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
  const remembered = new Set<DeviceMemory>();
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
  const mayLearn = options.mayLearn ?? notUnderMaintenance;
  const outages = createOutages({ groups: options.groups, directory });
  const learner = createLearner({
    memory,
    clocks,
    directory,
    types: options.types,
    store,
    transactor,
    audit: options.audit,
    wall: () => clock.now(),
    mayLearn: (device, since) => mayLearn(device) && !outages.since(device, since),
  });
  const rules = { memory, directory, types: options.types, dirty, pending, wall: () => clock.now() };
  const pairs = createPairs({ ...rules, now: (path) => clocks.now(path) });
  const alarms = createAlarms({
    ...rules,
    clocks,
    remembered,
    urgent: (device) => lane.add(device),
    touched: pairs.touched,
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
    alarms,
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
    remembered,
    directory,
    types: options.types,
    restored: alarms.restored,
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
    pairs,
    vendorLinks,
    outages,
    groupHoldMs: () => settings().groupHoldMs,
    holdMs: (device) => Math.round(settings().groupHoldMs / (options.pace?.(device) ?? 1)),
    massShare: () => settings().massShare ?? MASS_SHARE,
    leftoverAfterMs: () => settings().leftoverAfterMs ?? LEFTOVER_AFTER_MS,
    relapseMs: settings().relapseMs ?? DAY_MS,
    vendorMuted: options.vendorMuted ?? (() => false),
  };

  const settler = createSettler({
    context,
    inTurn,
    dirty,
    clock,
    log,
    onChange: options.onChange,
    onError: options.onError,
  });
  const { settleAll, notPoisoned } = settler;

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
    alarms.wake();
    for (const key of await inTurn(() => learner.study())) dirty.add(key);
    if (dirty.size > 0) await settleAll([...dirty].filter(notPoisoned));
    await sweepDue();
    pairs.run();
    if (dirty.size > 0) await settleAll([...dirty].filter(notPoisoned));
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
      await restoreGrouping(context);
      await learner.load();
      pairs.all();
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
    status: () => statusOf(ownPaths.frozen(), clocks.blind(), persistence.trouble(), settler.trouble()),
    pathUp: (path) => clocks.clear(path),
    pathDown: (path, reason) => clocks.obstruct(path, reason),
    sweep,
    deviceAdded(device) {
      // A device nobody has heard is no fault: its first evidence makes its facts. A key in use again starts anew.
      memory.forget(device);
    },
    lifecycleChanged: judgeAgain,
    rulesChanged() {
      alarms.rulesChanged();
      pairs.all();
    },
    flush: persistence.flush,
    observedNow(path) {
      clocks.tick();
      return clocks.now(path);
    },
    stats: () => ({ devices: memory.size, dirty: dirty.size, events: events.size, lifeSafety: lifeSafety.size }),
  };
}
