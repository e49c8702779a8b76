import type { DeviceKey } from '../domain/device.ts';
import type { Reading } from '../domain/reading.ts';
import type { Database } from '../store/database.ts';
import { type Session, sql } from '../store/database.ts';

/** More metrics than this would make the combined number of a (device, metric) pair inexact. */
const METRIC_KEYS = 2 ** 21;

/** Integer keys of metrics and the register of who sends what, cached: a batch with nothing new costs no statement. */
export interface MetricKeys {
  prepare(readings: readonly Reading[]): Promise<void>;
  /** Undefined when `prepare` has not seen the name or PostgreSQL cannot hold it. */
  get(metric: string): number | undefined;
}

export function createMetricKeys(
  db: Database,
  unitOf: (device: DeviceKey, metric: string) => string | undefined,
): MetricKeys {
  const keys = new Map<string, number>();
  const registered = new Set<number>();

  async function allocate(session: Session, names: string[]): Promise<void> {
    // Sorted, so that two processes allocating the same names wait for each other instead of deadlocking.
    names.sort();
    await session.query(
      `insert into metric (name) select n from unnest($1::text[]) n
       where not exists (select from metric where name = n) on conflict (name) do nothing`,
      [names],
    );
    const { rows } = await session.query<{ name: string; key: number }>(
      'select name, key from metric where name = any($1::text[])',
      [names],
    );
    for (const row of rows) keys.set(row.name, row.key);
  }

  async function register(
    session: Session,
    pairs: { device: DeviceKey; metric: string; key: number }[],
  ): Promise<void> {
    await session.query(
      `insert into device_metric (device, metric, unit)
       select d.key, p.metric, p.unit
       from unnest($1::int[], $2::int[], $3::text[]) as p (device, metric, unit) join device d on d.key = p.device
       order by 1, 2
       on conflict (device, metric) do update set unit = excluded.unit
       where device_metric.unit is distinct from excluded.unit`,
      [
        pairs.map((pair) => pair.device),
        pairs.map((pair) => pair.key),
        pairs.map((pair) => unitOf(pair.device, pair.metric) ?? null),
      ],
    );
    for (const pair of pairs) registered.add(pair.device * METRIC_KEYS + pair.key);
  }

  return {
    get: (metric) => keys.get(metric),
    async prepare(readings) {
      const session = sql(db.autocommit);
      const names = new Set<string>();
      for (const { metric } of readings) {
        if (!keys.has(metric) && isStorableText(metric)) names.add(metric);
      }
      if (names.size > 0) await allocate(session, [...names]);

      const pairs = new Map<number, { device: DeviceKey; metric: string; key: number }>();
      for (const { device, metric } of readings) {
        const key = keys.get(metric);
        if (key === undefined || !Number.isInteger(device) || device > 0x7fffffff) continue;
        const pair = device * METRIC_KEYS + key;
        if (!registered.has(pair)) pairs.set(pair, { device, metric, key });
      }
      if (pairs.size > 0) await register(session, [...pairs.values()]);
    },
  };
}

/** PostgreSQL text holds neither NUL nor half a surrogate pair. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
