import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * How many audit entries a call has left so far, whatever stage wrote them: whoever answers the call can see that a
 * write went by unproven.
 */
const trails = new AsyncLocalStorage<{ entries: number }>();

/** Runs `work` with a count of its own. */
export function withAuditTrail<T>(trail: { entries: number }, work: () => T): T {
  return trails.run(trail, work);
}

/** Called where entries are written. */
export function countAuditEntries(entries: number): void {
  const trail = trails.getStore();
  if (trail) trail.entries += entries;
}
