import { parseMetricKeeping } from '../domain/metric-keeping.ts';
import type { DataPath } from './data-path.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

/** What is old enough to go, hourly. */
export function createUpkeep({ store, clock }: Foundation, { registry, access, settings }: Identity, path: DataPath) {
  return async (signal?: AbortSignal): Promise<void> => {
    const { rawDays, hourlyDays, dailyDays, metricKeeping } = settings.current();
    await access.sessions.purge();
    await registry.vendorPart.upkeep();
    await store.idempotency.purge(clock.now());
    await registry.retirement.sweep();
    await store.ingest.boundQuarantine(store.db.autocommit, settings.current().quarantineRows);
    // Last: readings may live in a server that is away.
    const kept = path.readings.retention({
      rawDays,
      hourlyDays,
      dailyDays,
      classes: parseMetricKeeping(metricKeeping),
    });
    // Compressing a large day takes minutes, and whoever stops or no longer leads cannot wait: closing the database ends it.
    await (signal && store.db.patient ? unlessEnded(kept, signal) : kept);
  };
}

/** As soon as either is over. */
async function unlessEnded(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
