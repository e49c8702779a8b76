import type { TargetProbe } from './ports.ts';

/** So many intervals a good DESCRIBE stands at most, so that a short interval also shortens what a handshake cannot see. */
const INTERVALS_PER_DESCRIBE = 10;

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
  // Start of the newest good DESCRIBE, by the life of the target's connection: another address or password begins anew.
  const goodAt = new WeakMap<AbortSignal, number>();

  return async (target, pass) => {
    const startedAt = monotonic();
    const before = goodAt.get(pass.life);
    const stands = Math.min(l2EveryMs(), pass.intervalMs * INTERVALS_PER_DESCRIBE);
    const light = before !== undefined && !pass.thorough && startedAt - before < stands;
    const result = await (light ? tcp : describe)(target, pass);
    if (!result.ok) goodAt.delete(pass.life);
    else if (!light) goodAt.set(pass.life, startedAt);
    if (!result.ok || !light) return result;
    // What the camera said of itself is not told again: somebody may count how often it says so.
    const age = Math.round((startedAt - before) / 1000);
    return { ...result, detail: `${result.detail}, DESCRIBE was good ${age} s ago` };
  };
}
