import type { TargetProbe } from './ports.ts';
import type { RefusedLogins } from './refused-logins.ts';

/** So many intervals a good DESCRIBE stands at most, so that a short interval also shortens what a handshake cannot see. */
const INTERVALS_PER_DESCRIBE = 10;

/**
 * Two depths of one probe. L2 (`describe`) proves login, channel and codec; L1 (`tcp`) only that the port answers, at a
 * fraction of the cost to the camera. While the last L2 was good and is young, L1 suffices; after any failure, when somebody
 * waits for the answer, and where several cameras share the port, it is L2. A login that was refused is not tried again
 * while that stands, unless somebody waits: until then L1 tells whether there is worse.
 */
export function createLevels(options: {
  readonly tcp: TargetProbe;
  readonly describe: TargetProbe;
  /** Milliseconds a good DESCRIBE stands; read at every pass. Default 300,000. */
  readonly l2EveryMs?: () => number;
  readonly refusals?: RefusedLogins;
  /** Milliseconds, never going back. */
  readonly monotonic: () => number;
}): TargetProbe {
  const { tcp, describe, l2EveryMs = () => 300_000, refusals, monotonic } = options;
  // Start of the newest good DESCRIBE, by the life of the target's connection: another address or password begins anew.
  const goodAt = new WeakMap<AbortSignal, number>();

  return async (target, pass) => {
    const startedAt = monotonic();
    const before = goodAt.get(pass.life);
    const stands = Math.min(l2EveryMs(), pass.intervalMs * INTERVALS_PER_DESCRIBE);
    refusals?.pace(pass.deviceKey, stands);
    const refused = pass.urgent ? undefined : refusals?.standing(pass.deviceKey, target.connection);
    if (refused) {
      const knocked = await tcp(target, pass);
      if (!knocked.ok) return knocked;
      const detail = `${refused.detail}; tried again in ${Math.ceil(refused.waitMs / 1000)} s: cameras lock accounts`;
      return { ok: false, reason: 'wrongPassword', detail, rttMs: knocked.rttMs };
    }
    const light = before !== undefined && !pass.thorough && startedAt - before < stands;
    const result = await (light ? tcp : describe)(target, pass);
    if (result.reason === 'wrongPassword') refusals?.refused(pass.deviceKey, target.connection, result.detail);
    else if (!light && result.ok) refusals?.accepted(pass.deviceKey);
    if (!result.ok) goodAt.delete(pass.life);
    else if (!light) goodAt.set(pass.life, startedAt);
    if (!result.ok || !light) return result;
    // What the camera said of itself is not told again: somebody may count how often it says so.
    const age = Math.round((startedAt - before) / 1000);
    return { ...result, detail: `${result.detail}, DESCRIBE was good ${age} s ago` };
  };
}
