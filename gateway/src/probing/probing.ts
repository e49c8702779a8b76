import type { Clock, Logger, ProbeReason, ProbeResult } from '../../../adapters/adapter.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Outcome } from './own-side.ts';
import type { PoolLimits } from './pool.ts';
import type { ProbeTargets, ReportProbe, TargetProbe } from './ports.ts';

/** Milliseconds and counts; what is absent takes {@link PROBING_DEFAULTS}. */
export interface ProbingLimits extends PoolLimits {
  /** Budget of one probe. */
  readonly deadlineMs: number;
  readonly perHost: number;
  readonly perParent: number;
  /** Cadence while a change of verdict is unconfirmed. 31 s: the fourth probe of an outage lies just behind 90 s. */
  readonly retryMs: number;
  /** How long after a change of verdict that cadence lasts. */
  readonly settleMs: number;
  /** New targets get their first probe at this rate a second, at the latest within their interval. */
  readonly firstPerSecond: number;
  /** A device that is to be looked at soon is within this many milliseconds, at its own place among others. */
  readonly soonMs: number;
  /** All targets are read anew this often, so that a lost notification heals. */
  readonly reloadMs: number;
}

/** 512 places: a dead camera holds one for the whole deadline, and 75 % of them carry 76 dead cameras a second. */
export const PROBING_DEFAULTS: ProbingLimits = {
  deadlineMs: 5_000,
  maxConcurrent: 512,
  doubtfulShare: 0.75,
  urgentExtra: 16,
  perHost: 2,
  perParent: 2,
  retryMs: 31_000,
  settleMs: 125_000,
  firstPerSecond: 200,
  soonMs: 5_000,
  reloadMs: 300_000,
};

export interface ProbingOptions extends Partial<ProbingLimits> {
  readonly targets: ProbeTargets;
  /** By `connection.protocol`; a target whose protocol is missing here is counted, not probed. */
  readonly probe: Readonly<Record<string, TargetProbe>>;
  readonly report: ReportProbe;
  /** Told of every probe before its evidence, also of one that gave no verdict; must not throw. */
  readonly outcome?: (outcome: Outcome) => void;
  /** Ingest path of the evidence, whose observed clock judges it; absent = the protocol. */
  readonly path?: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Place of a device in its interval, 0 ≤ phase < 1; absent = a hash of its id. */
  readonly phase?: (deviceId: string) => number;
}

export interface Probing {
  /** Reads the targets and begins; rejects when they cannot be read. */
  start(): Promise<void>;
  /** Ends everything in flight; once resolved nothing is reported any more. */
  stop(): Promise<void>;
  /**
   * Probes a device at once with its connection as it is now, and reports the evidence before it resolves.
   * Throws NOT_FOUND (not to be probed), UNPROCESSABLE (no adapter for its protocol), UNAVAILABLE (no verdict, or stopped).
   */
  probeNow(deviceKey: DeviceKey): Promise<ProbeResult>;
  /**
   * The next probe of a device comes within seconds, thoroughly, in its usual lane; asking again moves nothing. One that is
   * running now is followed by another. Unknown devices are ignored.
   */
  soon(deviceKey: DeviceKey): void;
  stats(): ProbingStats;
  /** Starts what is due. The own timer calls it; tests that move the clock by hand do, too. */
  tick(): void;
}

export interface ProbingStats {
  readonly targets: number;
  /** Targets no adapter speaks the protocol of. */
  readonly unsupported: number;
  readonly running: number;
  /** Due, waiting for a place in the pool. */
  readonly queued: number;
  /** Due, waiting for their host or parent. */
  readonly waiting: number;
  readonly started: number;
  /** Finished probes by reason, `ok` among them. */
  readonly results: Readonly<Partial<Record<ProbeReason, number>>>;
  /** Probes that gave no verdict (trouble of our own). */
  readonly errors: number;
  readonly reportErrors: number;
  /** Greatest delay between due and start in milliseconds since the previous call of `stats()`. */
  readonly worstLagMs: number;
}
