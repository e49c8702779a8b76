import type { Clock } from '../../../../adapters/adapter.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';

/** Addresses remembered at most; beyond that the window ends early for everybody's old counts. */
const CAPACITY = 10_000;

/**
 * Bounds what strangers may ask: so many tries an address and so many in all within a window.
 * Throws TOO_MANY_REQUESTS with `retryAfter`.
 */
export function createPublicGate(options: {
  readonly clock: Clock;
  readonly perAddress: number;
  readonly inAll: number;
  readonly windowMs: number;
}): (address: string) => void {
  let began = Number.NEGATIVE_INFINITY;
  let total = 0;
  const counts = new Map<string, number>();
  return (address) => {
    const now = options.clock.monotonic();
    if (now - began >= options.windowMs) {
      began = now;
      total = 0;
      counts.clear();
    }
    const here = (counts.get(address) ?? 0) + 1;
    const refused = here > options.perAddress || total >= options.inAll || (here === 1 && counts.size >= CAPACITY);
    if (refused) {
      const seconds = Math.max(1, Math.ceil((began + options.windowMs - now) / 1_000));
      throw new GatewayError('TOO_MANY_REQUESTS', bilingual('vendor.tooMany', { seconds }), {
        extra: { retryAfter: seconds },
      });
    }
    // Only what was let through counts in all, so one address alone never closes the gate for the others.
    total += 1;
    counts.set(address, here);
  };
}
