import type { ProbeResult } from '../../../adapters/adapter.ts';
import type { TargetProbe } from './ports.ts';

/** So many intervals a good DESCRIBE stands at most, so that a short interval also shortens what a handshake cannot see. */
const INTERVALS_PER_DESCRIBE = 10;

interface Known {
  /** Start of the newest good DESCRIBE, monotonic milliseconds; undefined while the last pass was bad. */
  readonly goodAt: number | undefined;
  readonly facts: ProbeResult['facts'];
}

/**
 * Two depths of one probe. L2 (`describe`) proves login, channel and codec; L1 (`tcp`) only that the port answers, at a
 * fraction of the cost to the camera. While the last L2 was good and is young, L1 suffices; after any failure, when somebody
 * waits for the answer, and where several cameras share the port, it is L2.
 */
export function createLevels(options: {
  readonly tcp: TargetProbe;
  readonly describe: TargetProbe;
  /** Milliseconds a good DESCRIBE stands; read at every pass. Default 300,000. */
  readonly l2EveryMs?: () => number;
  /** Milliseconds, never going back. */
  readonly monotonic: () => number;
}): TargetProbe {
  const { tcp, describe, l2EveryMs = () => 300_000, monotonic } = options;
  // By the life of the target's connection: another address or password begins anew.
  const known = new WeakMap<AbortSignal, Known>();

  return async (target, pass) => {
    const startedAt = monotonic();
    const before = known.get(pass.life);
    const stands = Math.min(l2EveryMs(), pass.intervalMs * INTERVALS_PER_DESCRIBE);
    const light = before?.goodAt !== undefined && !pass.thorough && startedAt - before.goodAt < stands;
    const result = await (light ? tcp : describe)(target, pass);
    if (!light) {
      known.set(pass.life, { goodAt: result.ok ? startedAt : undefined, facts: result.facts });
      return result;
    }
    if (!result.ok) {
      known.set(pass.life, { goodAt: undefined, facts: before.facts });
      return result;
    }
    const age = Math.round((startedAt - (before.goodAt ?? startedAt)) / 1000);
    return {
      ...result,
      detail: `${result.detail}, DESCRIBE was good ${age} s ago`,
      ...(before.facts ? { facts: before.facts } : {}),
    };
  };
}
