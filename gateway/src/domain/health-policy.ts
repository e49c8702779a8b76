import type { HealthPolicy } from './device.ts';

/** What a device type says about health, milliseconds; null = the default below. */
export interface TypeHealth {
  readonly interval: number;
  readonly offlineAfter: number;
  readonly hold: number | null;
  readonly recoverAfter: number | null;
  /** The deadline follows the device's own rhythm. */
  readonly learn?: boolean;
  /** False = nobody said how often it speaks: `interval` is a guess until the device has shown it. */
  readonly declared?: boolean;
}

/** The effective policy of one device, milliseconds. */
export interface EffectivePolicy {
  readonly interval: number;
  /** Silence that confirms a device dead. */
  readonly offlineAfter: number;
  /** Silence from which a device is under suspicion. */
  readonly suspectAfter: number;
  /** How long a broken session may stay without a sign of life. */
  readonly hold: number;
  /** How long probes must have failed. */
  readonly probeHold: number;
  /** How long one sign of life must last to count as a return. */
  readonly recoverAfter: number;
}

/** Probes in a row that must fail. */
export const PROBE_FAILURES = 3;
const PROBE_HOLD_MS = 90_000;
const RECOVER_AFTER_MS = 60_000;
const INTERVALS_TO_OFFLINE = 3;
const INTERVALS_TO_SUSPECT = 2;
/** What is learned may be shorter than a guess, but no shorter than this. */
const LEARNED_FLOOR_MS = 180_000;

/** For a device whose type is not loaded: nothing is known of it, so it is judged slowly. */
const UNKNOWN_TYPE: TypeHealth = { interval: 600_000, offlineAfter: 1_800_000, hold: null, recoverAfter: null };

/** The device's own policy wins over its type; a changed interval moves what is counted in intervals. */
export function effectivePolicy(
  known: TypeHealth | undefined,
  device: HealthPolicy | null,
  learned: number | null = null,
): EffectivePolicy {
  const type = known ?? UNKNOWN_TYPE;
  const interval = device?.interval ?? type.interval;
  const byInterval = interval * INTERVALS_TO_OFFLINE;
  const said = device?.offlineAfter ?? (device?.interval === undefined ? type.offlineAfter : byInterval);
  const offlineAfter = learned ?? said;
  const hold = device?.hold ?? type.hold;
  return {
    interval,
    offlineAfter,
    suspectAfter:
      learned === null
        ? Math.min(offlineAfter, interval * INTERVALS_TO_SUSPECT)
        : Math.round((learned * INTERVALS_TO_SUSPECT) / INTERVALS_TO_OFFLINE),
    hold: hold ?? byInterval,
    probeHold: hold ?? PROBE_HOLD_MS,
    recoverAfter: device?.recoverAfter ?? type.recoverAfter ?? RECOVER_AFTER_MS,
  };
}

/** What learning a device's deadline starts from. */
export interface LearningTerms {
  /** Declared interval; null = nobody said. */
  readonly declared: number | null;
  readonly offlineAfter: number;
  /** The shortest deadline of its class. */
  readonly floor: number;
}

/**
 * Null = the deadline is not learned: neither type nor device asks for it, or the device names its own deadline. What the
 * device says of learning wins.
 */
export function learningTerms(known: TypeHealth | undefined, device: HealthPolicy | null): LearningTerms | null {
  const type = known ?? UNKNOWN_TYPE;
  if (!(device?.learn ?? (type.learn === true && device?.offlineAfter === undefined))) return null;
  const { interval, offlineAfter } = effectivePolicy(type, device);
  const declared = device?.interval ?? (type.declared === false ? null : interval);
  return { declared, offlineAfter, floor: declared === null ? LEARNED_FLOOR_MS : offlineAfter };
}
