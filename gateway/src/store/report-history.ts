import type { DeviceHistory, Interval } from '../domain/availability.ts';
import type { DeviceKey, Lifecycle } from '../domain/device.ts';
import type { HealthState } from '../domain/health.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope } from './scope.ts';
import { at } from './time.ts';

/** Which devices: a run of keys, or some by their public ids as far as the reader may see them. */
export type HistoryOf =
  | { readonly after: DeviceKey; readonly limit: number }
  | { readonly id: string; readonly scope: Scope }
  | { readonly ids: readonly string[]; readonly scope: Scope };

export type StoredHistory = Omit<DeviceHistory, 'maintenance'> & { readonly device: DeviceKey; readonly id: string };

interface StartRow {
  device: DeviceKey;
  id: string;
  createdAt: number;
  path: string;
  lifecycle: Lifecycle;
  state: HealthState;
  reason: string | null;
}

/**
 * What is on record of devices between two moments, straight from the raw rows: verdicts, turns of life, blindness of
 * the path each is heard over. Four statements, whatever the number of devices.
 */
export async function readHistories(tx: Tx, from: number, to: number, of: HistoryOf): Promise<StoredHistory[]> {
  const starts = await readStarts(tx, from, to, of);
  if (starts.length === 0) return [];
  const keys = starts.map((row) => row.device);
  const [low, high] = [keys[0] ?? 0, keys.at(-1) ?? 0];
  // Neighbours are read as one stretch of the index; what is strewn over it is named.
  const strewn = 'ids' in of;
  const these = strewn ? 'device = any ($1::int[]) and $2::int is null' : 'device between $1 and $2';
  const bounds = strewn ? [keys, null, from, to] : [low, high, from, to];
  const { rows: changes } = await sql(tx).query<{ device: DeviceKey; at: number; state: HealthState; reason: string }>(
    `select device, at, state, reason from health_history
     where ${these} and at > ${at('$3')} and at < ${at('$4')} order by device, at, id`,
    bounds,
  );
  const { rows: turns } = await sql(tx).query<{ device: DeviceKey; at: number; lifecycle: Lifecycle }>(
    `select device, at, after ->> 'lifecycle' as lifecycle from device_history
     where ${these} and at > ${at('$3')} and at < ${at('$4')} and after ->> 'lifecycle' is not null
     order by device, at, id`,
    bounds,
  );
  const blind = await readBlind(tx, from, to);
  // Whole milliseconds, so that what a period is cut into adds up to it.
  const whole = <T extends { at: number }>(rows: T[]) => rows.map((row) => ({ ...row, at: Math.round(row.at) }));
  const changesOf = Map.groupBy(whole(changes), (row) => row.device);
  const turnsOf = Map.groupBy(whole(turns), (row) => row.device);
  return starts.map((row) => ({
    device: row.device,
    id: row.id,
    createdAt: Math.round(row.createdAt),
    lifecycle: row.lifecycle,
    turns: turnsOf.get(row.device) ?? [],
    state: row.state,
    reason: row.reason ?? '',
    changes: changesOf.get(row.device) ?? [],
    blind: blind.get(row.path) ?? [],
  }));
}

/**
 * How each device stood at `from`: by the newest row until then; where there is none, by what the first row after says it
 * had been before; where nothing was ever written, as it stands now.
 */
async function readStarts(tx: Tx, from: number, to: number, of: HistoryOf): Promise<StartRow[]> {
  const params = createParams();
  const start = at(params.add(from));
  const wanted =
    'ids' in of
      ? `d.id = any (${params.add(of.ids)}::text[]) and ${deviceInScope(of.scope, params)} order by d.key`
      : 'id' in of
        ? `d.id = ${params.add(of.id)} and ${deviceInScope(of.scope, params)}`
        : `d.key > ${params.add(of.after)} and d.created_at < ${at(params.add(to))}
         order by d.key limit ${params.add(of.limit)}`;
  const { rows } = await sql(tx).query<StartRow>(
    `select d.key as device, d.id, d.created_at as "createdAt",
       coalesce(s.path, (select f.path from health_fact f where f.device = d.key order by f.name limit 1), 'mqtt') as path,
       coalesce(lp.was, ln.was, d.lifecycle) as lifecycle,
       coalesce(p.state, n.was, h.state, 'unknown') as state,
       case when p.state is not null then p.reason when n.was is null then h.reason end as reason
     from device d
     left join health h on h.device = d.key
     left join device_seen s on s.device = d.key
     left join lateral (select state, reason from health_history v where v.device = d.key and v.at <= ${start}
       order by v.at desc, v.id desc limit 1) p on true
     left join lateral (select was from health_history v where v.device = d.key and v.at > ${start} and p.state is null
       order by v.at, v.id limit 1) n on true
     left join lateral (select after ->> 'lifecycle' as was from device_history v
       where v.device = d.key and v.at <= ${start} and v.after ->> 'lifecycle' is not null
       order by v.at desc, v.id desc limit 1) lp on true
     left join lateral (select coalesce(before ->> 'lifecycle', after ->> 'lifecycle') as was from device_history v
       where v.device = d.key and v.at > ${start} and v.after ->> 'lifecycle' is not null and lp.was is null
       order by v.at, v.id limit 1) ln on true
     where ${wanted}`,
    params.values,
  );
  return rows;
}

async function readBlind(tx: Tx, from: number, to: number): Promise<ReadonlyMap<string, Interval[]>> {
  const { rows } = await sql(tx).query<{ path: string; from: number; to: number | null }>(
    `select path, from_at as "from", to_at as "to" from blind_interval
     where from_at < ${at('$2')} and (to_at is null or to_at > ${at('$1')}) order by path, from_at`,
    [from, to],
  );
  const found = new Map<string, Interval[]>();
  for (const row of rows) {
    const list = found.get(row.path) ?? [];
    list.push([Math.round(row.from), row.to === null ? null : Math.round(row.to)]);
    found.set(row.path, list);
  }
  return found;
}

/** Changes whenever something was added to what a day is computed from. */
export async function historyMark(tx: Tx, from: number, to: number): Promise<string> {
  const { rows } = await sql(tx).query<{ mark: string }>(
    `select concat_ws('/',
       (select concat_ws(':', count(*), max(id)) from health_history where at >= ${at('$1')} and at < ${at('$2')}),
       (select concat_ws(':', count(*), max(id)) from device_history where at >= ${at('$1')} and at < ${at('$2')}
          and after ->> 'lifecycle' is not null),
       (select concat_ws(':', count(*), round(sum(extract(epoch from
            least(to_at, ${at('$2')}) - greatest(from_at, ${at('$1')})))::numeric, 3))
          from blind_interval where from_at < ${at('$2')} and (to_at is null or to_at > ${at('$1')}))) as mark`,
    [from, to],
  );
  return rows[0]?.mark ?? '';
}
