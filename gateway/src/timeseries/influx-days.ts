import type { Logger } from '../../../adapters/adapter.ts';
import { type InfluxClient, Refused } from './influx-client.ts';
import { type InfluxDatabase, RAW_POLICY, recordsOf } from './influx-database.ts';
import { metricTag, READING, timeIn } from './influx-lines.ts';
import { dayName, EARLIEST, LATEST } from './sql-days.ts';
import type { RetentionPolicy, TimeSeriesStats } from './timeseries.ts';

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];
/** Of yesterday (UTC). */
const SAMPLED_HOUR = 4;
const COUNTED_BYTES = 64 * 1024 ** 2;

interface Shard {
  readonly id: number;
  /** Days since 1970. */
  readonly from: number;
  readonly to: number;
}

/** Days of readings; InfluxDB keeps them apart as shards, of which a whole one is dropped at no cost. */
export function createInfluxDays(client: InfluxClient, database: InfluxDatabase, log: Logger) {
  const ask = async (statement: string) => (await client.query([statement]))[0] ?? [];

  const shards = async (): Promise<Shard[]> => {
    const policy = await database.policy();
    const found = (await ask('show shards')).flatMap(recordsOf);
    return found
      .filter((shard) => shard.database === client.address.database && shard.retention_policy === policy)
      .map((shard) => ({
        id: Number(shard.id),
        from: Math.floor(Date.parse(String(shard.start_time)) / DAY_MS),
        to: Math.floor(Date.parse(String(shard.end_time)) / DAY_MS),
      }))
      .sort((a, b) => a.from - b.from);
  };

  /** Of a day's first reading; undefined = empty. */
  const oldestDay = async (): Promise<number | undefined> => {
    const [table] = await ask(`select first(receivedAt) from ${await database.readings()}`);
    const time = table?.rows[0]?.[0];
    return time === undefined ? undefined : Math.floor(Number(time) / 1_000 / DAY_MS);
  };

  /** Up to where readings of these metrics are deleted already; what is deleted twice costs the server as much again. */
  const deleted = new Map<string, number>();
  /** Shards of other metrics hold them still, so they go reading by reading. */
  const expire = async (metrics: string, limit: number) => {
    if ((deleted.get(metrics) ?? 0) >= limit) return;
    await ask(`delete from ${READING} where ${metrics} and time < ${limit * DAY_MS * 1_000}u`);
    deleted.set(metrics, limit);
  };

  const dropShards = async (limit: number): Promise<string[]> => {
    const dropped: string[] = [];
    for (const shard of (await shards()).filter(({ to }) => to <= limit)) {
      await ask(`drop shard ${shard.id}`);
      for (let day = shard.from; day < shard.to; day++) dropped.push(dayName(day));
    }
    return dropped;
  };

  const count = async (from: number, to: number): Promise<number> => {
    const [table] = await ask(`select count(receivedAt) from ${await database.readings()} where ${timeIn(from, to)}`);
    return Number(table?.rows[0]?.[1] ?? 0);
  };

  return {
    /** Drops the days that nothing of is wanted any more, and what else the policy does not want; answers the days. */
    async drop(policy: RetentionPolicy, now: number): Promise<string[]> {
      // A policy of the operator's is the operator's to empty; others may write into it.
      if ((await database.policy()) !== RAW_POLICY) return [];
      const before = (days: number) => Math.floor(now / DAY_MS - days);
      const classes = policy.classes ?? [];
      const longest = Math.max(policy.rawDays, ...classes.map(({ rawDays }) => rawDays ?? policy.rawDays));
      const limit = before(longest);
      let dropped: string[] = [];
      try {
        dropped = await dropShards(limit);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // Only an administrator of the server may drop shards.
        log.debug({ error }, 'days are deleted reading by reading');
        const oldest = await oldestDay();
        if (oldest !== undefined && oldest < limit) {
          await expire('metric =~ /./', limit);
          for (let day = oldest; day < limit; day++) dropped.push(dayName(day));
        }
      }
      // The first class that names a metric counts, so each leaves out what those before it name.
      const named: string[] = [];
      for (const { metrics, rawDays } of [...classes, { metrics: ['*'], rawDays: policy.rawDays }]) {
        const own = `metric =~ ${patternOf(metrics)}${named.map((one) => ` and metric !~ ${one}`).join('')}`;
        named.push(patternOf(metrics));
        const days = rawDays ?? policy.rawDays;
        if (days < longest && metrics.length > 0) await expire(own, before(days));
      }
      return dropped;
    },

    async stats(now: number): Promise<TimeSeriesStats> {
      const policy = await database.policy();
      const oldest = await oldestDay();
      let bytes = 0;
      let days = 0;
      try {
        for (const table of await ask("show stats for 'shard'")) {
          if (table.tags.database !== client.address.database || table.tags.retentionPolicy !== policy) continue;
          bytes += Number(recordsOf(table)[0]?.diskBytes ?? 0);
        }
        days = (await shards()).reduce((sum, { from, to }) => sum + to - from, 0);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        log.debug({ error }, 'InfluxDB tells its sizes to administrators only');
        days = oldest === undefined ? 0 : Math.floor(now / DAY_MS) - oldest + 1;
      }
      // Counting all is reading all; of a large store one hour of yesterday speaks for the others.
      const hour = (Math.floor(now / DAY_MS) - 1) * DAY_MS + SAMPLED_HOUR * HOUR_MS;
      const rows =
        bytes > 0 && bytes < COUNTED_BYTES
          ? await count(EARLIEST, LATEST)
          : (await count(hour, hour + HOUR_MS)) * 24 * Math.max(1, days);
      return { rows, bytes, oldestDay: oldest === undefined ? null : dayName(oldest), days };
    },
  };
}

/** `*` at the end stands for any rest. */
function patternOf(metrics: readonly string[]): string {
  const parts = metrics.map((name) => {
    const any = name.endsWith('*');
    // What fits nothing at all also fits series without the tag, which InfluxDB takes for another question.
    if (name === '*') return '.';
    return quoted(metricTag(any ? name.slice(0, -1) : name)) + (any ? '' : '$');
  });
  return `/^(?:${parts.join('|')})/`;
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof Refused ||
    (error as { extra?: { reason?: unknown } } | null)?.extra?.reason === 'TIMESERIES_DENIED'
  );
}
