import type { Clock, Logger, ProbeResult } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import { repeat, type Task } from '../schedule.ts';
import { createCpuBudget } from './cpu-budget.ts';
import type { ProbeTargets, ReportProbe, ScheduledTarget, TargetProbe } from './ports.ts';
import type { ProbingStats } from './probing.ts';
import { createProbing } from './scheduler.ts';

/** Durations in milliseconds; read anew whenever they are needed. */
export interface PicturePace {
  /** Between two checks of a camera whose picture is as it was. */
  readonly everyMs: number;
  /** Between checks while a change waits for its confirmation. */
  readonly confirmMs: number;
  /** Share of one core that checks may use, 0–1 and above. */
  readonly cpuShare: number;
}

/** What one look at a picture came to. */
export interface PictureLook {
  /** False also while a finding is unconfirmed. */
  readonly ok: boolean;
  /** A fault of the picture or why there was none; `ok` when all is well. */
  readonly reason: string;
  readonly detail: string;
  /** Milliseconds of the whole look. */
  readonly rttMs: number;
}

export interface PictureRoundsOptions {
  /** The cameras; their intervals are replaced by the pace. */
  readonly targets: ProbeTargets;
  /** Looks at one picture and judges it. `ok: false` asks for a confirmation soon; throws for trouble of our own. */
  readonly check: (device: DeviceKey, signal: AbortSignal) => Promise<PictureLook>;
  /** Whether its probes get a good answer; one that does not is not looked at. Absent = all are. */
  readonly answers?: (device: DeviceKey) => boolean;
  readonly pace: () => PicturePace;
  /** Processor time of ended check processes in milliseconds, see the supervisor's `stats().cpuMs.check`. */
  readonly spentCpuMs: () => number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Results, for metrics; the check itself tells the monitor. */
  readonly report?: ReportProbe;
  /** Checks at once. Default 4. */
  readonly maxConcurrent?: number;
  /** Milliseconds one check may take once it has begun. Default 60,000. */
  readonly checkMs?: number;
  /** Place of a device in its interval; absent = a hash of its id. */
  readonly phase?: (deviceId: string) => number;
}

export interface PictureRounds {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The picture of a camera is checked within seconds, budget permitting; asking again moves nothing. */
  soon(device: DeviceKey): void;
  /** Checks at once, ahead of all that wait. Throws like `probeNow`. */
  checkNow(device: DeviceKey): Promise<ProbeResult>;
  stats(): ProbingStats & { readonly held: number; readonly balanceMs: number };
  /** Starts what is due; for tests that move the clock by hand. */
  tick(): void;
}

/** A check that waits this long for processor time is given up; its camera comes again in its next round. */
const PATIENCE_MS = 15 * 60_000;
/** What its probes say of it is enough; once they are good again it is looked at within seconds. */
const NOT_LOOKED_AT: ProbeResult = { ok: true, reason: 'ok', detail: 'its probes get no good answer', rttMs: 0 };
const PACE_LOOK_MS = 2_000;
/** A change is confirmed by the second look; two more show that it stays. */
const CONFIRMATIONS = 3;

/** Picture checks of all cameras in slow rounds: evenly spread, bounded in number and in processor time. */
export function createPictureRounds(options: PictureRoundsOptions): PictureRounds {
  const { targets, check, pace, clock, log, checkMs = 60_000 } = options;
  const budget = createCpuBudget({ spentMs: options.spentCpuMs, share: () => pace().cpuShare, clock });
  const listeners = new Set<(keys: readonly DeviceKey[]) => void>();
  let known: readonly DeviceKey[] = [];
  let watching: Task | undefined;

  const paced = (found: readonly ScheduledTarget[]): ScheduledTarget[] => {
    const { everyMs, confirmMs } = pace();
    const cadence = { intervalMs: everyMs, retryMs: confirmMs, settleMs: CONFIRMATIONS * confirmMs };
    return found.map((target) => ({ ...target, ...cadence }));
  };
  const pacedTargets: ProbeTargets = {
    async list() {
      const found = await targets.list();
      known = found.map(({ deviceKey }) => deviceKey);
      return paced(found);
    },
    find: async (keys) => paced(await targets.find(keys)),
    onChange(listener) {
      listeners.add(listener);
      const unsubscribe = targets.onChange(listener);
      return () => {
        listeners.delete(listener);
        unsubscribe();
      };
    },
  };

  const look: TargetProbe = async (_target, { deviceKey, signal: ending, urgent }) => {
    if (!urgent && options.answers && !options.answers(deviceKey)) return NOT_LOOKED_AT;
    // A person does not wait for what the rounds have used up; what this check uses is taken off as well.
    if (!urgent) await budget.room(ending);
    const own = new AbortController();
    const onEnd = () => own.abort(ending.reason);
    ending.addEventListener('abort', onEnd, { once: true });
    const timer = setTimeout(() => own.abort(new Error(`the check took more than ${checkMs} ms`)), checkMs);
    try {
      const { ok, reason, detail, rttMs } = await check(deviceKey, own.signal);
      return { ok, reason: ok ? 'ok' : 'serverError', detail: ok ? detail : `${reason}: ${detail}`, rttMs };
    } finally {
      clearTimeout(timer);
      ending.removeEventListener('abort', onEnd);
    }
  };

  const probing = createProbing({
    targets: pacedTargets,
    probe: { rtsp: look, onvif: look },
    report: options.report ?? (() => undefined),
    clock,
    log,
    deadlineMs: PATIENCE_MS,
    maxConcurrent: options.maxConcurrent ?? 4,
    doubtfulShare: 1,
    urgentExtra: 2,
    // Recorders have few sessions, and a check opens one.
    perHost: 1,
    perParent: 1,
    // After a start everybody keeps the place in the round instead of all coming at once.
    firstPerSecond: 1,
    ...(options.phase ? { phase: options.phase } : {}),
  });

  return {
    async start() {
      let before = pace();
      await probing.start();
      watching = repeat({ name: 'picture pace', everyMs: PACE_LOOK_MS, log }, async () => {
        const now = pace();
        const same = now.everyMs === before.everyMs && now.confirmMs === before.confirmMs;
        before = now;
        if (!same) for (const listener of listeners) listener(known);
      });
    },
    async stop() {
      await watching?.stop();
      await probing.stop();
      budget.stop();
    },
    soon: (device) => probing.soon(device),
    checkNow: (device) => probing.probeNow(device),
    stats: () => ({ ...probing.stats(), held: budget.waiting, balanceMs: budget.balanceMs }),
    tick() {
      budget.look();
      probing.tick();
    },
  };
}
