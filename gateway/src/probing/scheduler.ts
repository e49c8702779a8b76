import { isDeepStrictEqual } from 'node:util';
import type { ProbeReason, ProbeResult } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import { GatewayError } from '../errors.ts';
import { hashPhase, nextDue } from './cadence.ts';
import { createDispatcher } from './dispatcher.ts';
import { createDueQueue } from './due-queue.ts';
import { createEndpoints } from './endpoints.ts';
import { type Entry, endpointName, gateKeys, newEntry, settle } from './entry.ts';
import { createFlights } from './flight.ts';
import type { ScheduledTarget } from './ports.ts';
import { PROBING_DEFAULTS, type Probing, type ProbingLimits, type ProbingOptions } from './probing.ts';
import { createTargetFeed } from './target-feed.ts';

const MAX_SLEEP_MS = 1_000;

export function createProbing(options: ProbingOptions): Probing {
  const { targets, probe, report, clock, log } = options;
  const limits: ProbingLimits = { ...PROBING_DEFAULTS, ...options };
  const phaseOf = options.phase ?? hashPhase;
  const entries = new Map<DeviceKey, Entry>();
  const unsupported = new Set<DeviceKey>();
  const dueQueue = createDueQueue<Entry>();
  const endpoints = createEndpoints();
  const dispatcher = createDispatcher(limits);
  const flights = createFlights(clock, limits.deadlineMs);
  const stopping = new AbortController();
  const runs = new Set<Promise<void>>();
  const results: Partial<Record<ProbeReason, number>> = {};
  const counts = { started: 0, errors: 0, reportErrors: 0, worstLagMs: 0 };
  let timer: NodeJS.Timeout | undefined;
  // Slots lie on the wall clock, so a restart keeps everybody's place; later clock steps do not move them.
  const origin = clock.now() - clock.monotonic();
  const now = () => origin + clock.monotonic();

  const apply = (found: readonly ScheduledTarget[], keys: readonly DeviceKey[] | undefined) => {
    const present = new Set(found.map((target) => target.deviceKey));
    for (const key of keys ?? [...entries.keys(), ...unsupported]) if (!present.has(key)) forget(key);
    const fresh = found.filter((target) => upsert(target));
    const spread = (fresh.length * 1_000) / limits.firstPerSecond;
    for (const { deviceKey, intervalMs } of fresh) {
      const entry = entries.get(deviceKey);
      if (entry) plan(entry, now() + entry.phase * Math.min(spread, intervalMs));
    }
    arm();
  };

  /** True when the target is new or is to be probed anew because its connection changed. */
  const upsert = (target: ScheduledTarget): boolean => {
    if (!probe[target.connection.protocol]) {
      forget(target.deviceKey);
      unsupported.add(target.deviceKey);
      return false;
    }
    unsupported.delete(target.deviceKey);
    const known = entries.get(target.deviceKey);
    if (known && isDeepStrictEqual(known.target.connection, target.connection)) {
      const sooner = target.intervalMs < known.target.intervalMs;
      endpoints.leave(endpointName(known.target));
      endpoints.enter(endpointName(target));
      known.target = target;
      known.keys = gateKeys(target, limits);
      if (sooner && known.state === 'idle') plan(known, Math.min(known.due, next(known, now())));
      return false;
    }
    const waiters = known?.waiters ?? [];
    if (known) retire(known, 'the connection changed');
    endpoints.enter(endpointName(target));
    entries.set(target.deviceKey, { ...newEntry(target, phaseOf(target.deviceId), limits), waiters });
    return true;
  };

  const retire = (entry: Entry, why: string) => {
    entry.state = 'gone';
    endpoints.leave(endpointName(entry.target));
    entry.waiters = [];
    dueQueue.remove(entry);
    entry.ending.abort(new Error(why));
  };
  const forget = (key: DeviceKey) => {
    unsupported.delete(key);
    const entry = entries.get(key);
    if (!entry) return;
    for (const waiter of entry.waiters) waiter.reject(new GatewayError('NOT_FOUND'));
    retire(entry, 'the target was removed');
    entries.delete(key);
  };

  const next = (entry: Entry, startedAt: number, changedAt = entry.changedAt) => {
    const { intervalMs, retryMs = limits.retryMs, settleMs = limits.settleMs } = entry.target;
    const cadence = { intervalMs, retryMs, settleMs };
    const due = nextDue(cadence, entry.phase, { startedAt, now: now(), changedAt });
    return entry.soon ? Math.min(due, soonest(entry)) : due;
  };
  const soonest = (entry: Entry) => now() + entry.phase * limits.soonMs;
  const plan = (entry: Entry, due: number) => {
    entry.state = 'idle';
    entry.due = due;
    dueQueue.push(entry, due);
  };

  const submit = (entry: Entry, urgent: boolean) => {
    dueQueue.remove(entry);
    entry.state = 'queued';
    entry.ticket += 1;
    const { ticket } = entry;
    dispatcher.submit({
      lane: urgent ? 'urgent' : entry.quick ? 'quick' : 'doubtful',
      keys: entry.keys,
      isStale: () => stopping.signal.aborted || entry.state !== 'queued' || entry.ticket !== ticket,
      run: () => {
        // The place in the pool ends with the probe; recording its result does not hold it.
        const flight = launch(entry);
        const run = flight.recorded.finally(() => runs.delete(run));
        runs.add(run);
        return flight.flown;
      },
    });
  };

  const launch = (entry: Entry): { flown: Promise<void>; recorded: Promise<void> } => {
    const startedAt = now();
    const { target, waiters } = entry;
    const alone = target.parentKey === null && !endpoints.shared(endpointName(target));
    const urgent = waiters.length > 0;
    const why = { urgent, thorough: urgent || entry.soon || !alone };
    entry.state = 'running';
    entry.soon = false;
    entry.waiters = [];
    counts.started += 1;
    counts.worstLagMs = Math.max(counts.worstLagMs, startedAt - entry.due);
    const run = probe[target.connection.protocol];
    const flying = run ? flights.fly(run, target, why, entry.ending.signal) : Promise.reject(new Error('no adapter'));
    return {
      flown: flying.then(
        () => undefined,
        () => undefined,
      ),
      recorded: flying
        .then((result) => record(entry, target, result, startedAt))
        .then(
          (result) => {
            for (const waiter of waiters) waiter.resolve(result);
            goOn(entry, startedAt, entry.changedAt);
          },
          (error: unknown) => {
            if (entry.state === 'running' && !stopping.signal.aborted) {
              counts.errors += 1;
              options.outcome?.({ device: target.deviceKey, ok: false, reason: 'noVerdict', detail: detailOf(error) });
              log.error({ deviceId: target.deviceId, error }, 'probe gave no verdict');
            }
            for (const waiter of waiters) waiter.reject(new GatewayError('UNAVAILABLE', undefined, { cause: error }));
            // No verdict is no news of the device, but no reason to wait a whole interval either.
            goOn(entry, startedAt, startedAt);
          },
        ),
    };
  };

  const record = async (entry: Entry, target: ScheduledTarget, result: ProbeResult, startedAt: number) => {
    stopping.signal.throwIfAborted();
    entry.ending.signal.throwIfAborted();
    settle(entry, result, startedAt, limits);
    results[result.reason] = (results[result.reason] ?? 0) + 1;
    const { ok, reason, detail, rttMs, facts } = result;
    options.outcome?.({ device: target.deviceKey, ok, reason, detail });
    const evidence = {
      device: target.deviceKey,
      path: options.path ?? target.connection.protocol,
      at: clock.now(),
      ok,
      reason,
      detail,
    };
    try {
      await report({ ...evidence, rttMs, ...(facts ? { facts } : {}) });
    } catch (error) {
      counts.reportErrors += 1;
      log.error({ deviceId: target.deviceId, error }, 'probe result could not be reported');
    }
    return result;
  };

  const goOn = (entry: Entry, startedAt: number, changedAt: number | undefined) => {
    if (entry.state !== 'running' || stopping.signal.aborted) return;
    plan(entry, next(entry, startedAt, changedAt));
    if (entry.waiters.length > 0) submit(entry, true);
    arm();
  };

  const tick = () => {
    if (stopping.signal.aborted) return;
    flights.sweep();
    for (const entry of dueQueue.take(now())) submit(entry, false);
  };
  const arm = () => {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    const wait = (dueQueue.next() ?? Number.POSITIVE_INFINITY) - now();
    timer = setTimeout(
      () => {
        tick();
        arm();
      },
      Math.min(Math.max(Math.ceil(wait), 5), MAX_SLEEP_MS),
    );
  };

  const feed = createTargetFeed({ targets, clock, log, reloadMs: limits.reloadMs, apply });

  return {
    start: () => feed.start(),
    tick,
    async stop() {
      stopping.abort(new Error('probing was stopped'));
      clearTimeout(timer);
      await feed.stop();
      for (const entry of entries.values()) {
        for (const waiter of entry.waiters.splice(0)) waiter.reject(new GatewayError('UNAVAILABLE'));
        entry.ending.abort(stopping.signal.reason);
      }
      await Promise.allSettled(runs);
    },
    async probeNow(deviceKey) {
      if (stopping.signal.aborted) throw new GatewayError('UNAVAILABLE');
      apply(await targets.find([deviceKey]), [deviceKey]);
      if (stopping.signal.aborted) throw new GatewayError('UNAVAILABLE');
      if (unsupported.has(deviceKey))
        throw new GatewayError('UNPROCESSABLE', '没有适配器可探测此协议 / no adapter probes this protocol');
      const entry = entries.get(deviceKey);
      if (!entry) throw new GatewayError('NOT_FOUND');
      return new Promise<ProbeResult>((resolve, reject) => {
        entry.waiters.push({ resolve, reject });
        // A probe already running began before the question; its answer may be about the time before a repair.
        if (entry.state !== 'running') submit(entry, true);
      });
    },
    soon(deviceKey) {
      const entry = entries.get(deviceKey);
      if (!entry || entry.soon || stopping.signal.aborted) return;
      entry.soon = true;
      if (entry.state === 'idle') plan(entry, Math.min(entry.due, soonest(entry)));
      arm();
    },
    stats() {
      const { running, queued, waiting } = dispatcher;
      const snapshot = { targets: entries.size, unsupported: unsupported.size, running, queued, waiting };
      const all = { ...snapshot, ...counts, results: { ...results } };
      counts.worstLagMs = 0;
      return all;
    },
  };
}

/** Code and text of what a probe threw, for telling our own shortages. */
function detailOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return `${String(code ?? '')} ${String(message ?? error)}`;
}
