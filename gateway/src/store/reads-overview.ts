import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope } from './scope.ts';
import { at } from './time.ts';

interface CountRow {
  readonly what: 'state' | 'lifecycle' | 'stage' | 'overdue' | 'incident' | 'heard';
  readonly name: string;
  readonly n: number;
}

const NOT_JUDGED = ['pending', 'retired', 'rejected'];
const ENDED = ['closed', 'falseAlarm', 'cancelled'];

/** How long ago a device was last heard of, in the words of the API. */
const heard = (now: string) => `case
  when s.seen_at > ${now} - interval '5 minutes' then 'minutes5'
  when s.seen_at > ${now} - interval '1 hour' then 'hour'
  when s.seen_at > ${now} - interval '1 day' then 'day' else 'older' end`;

/**
 * Of everything, each table is counted by itself, from its index where it has one: joining every device with its health
 * takes three times as long. The few devices that are not judged are taken away again.
 */
const everything = (now: string) => `
  with judged as (
    select h.state, count(*)::int as n from health h group by 1
    union all
    select h.state, -count(*)::int from device d join health h on h.device = d.key
      where d.lifecycle in ('pending', 'retired', 'rejected') group by 1)
  select 'state' as what, state as name, sum(n)::int as n from judged group by 2
  union all select 'lifecycle', d.lifecycle, count(*)::int from device d group by 2
  union all select 'stage', t.stage, count(*)::int from ticket t where not t.drill group by 2
  union all select 'overdue', t.stage, count(*)::int from ticket t where not t.drill and t.due_at < ${now} group by 2
  union all select 'heard', name, sum(n)::int from (
    select ${heard(now)} as name, count(*)::int as n from device_seen s where s.seen_at is not null group by 1
    union all
    select ${heard(now)}, -count(*)::int from device d join device_seen s on s.device = d.key
      where s.seen_at is not null and d.lifecycle in ('pending', 'retired', 'rejected') group by 1) h group by 2
  union all select 'incident', 'open', count(*)::int from incident i where i.state = 'open'`;

const within = (mine: string, now: string) => `
  with mine as materialized (${mine})
  select 'state' as what, h.state as name, count(*)::int as n from mine join health h on h.device = mine.key
    where mine.lifecycle not in ('pending', 'retired', 'rejected') group by 2
  union all select 'lifecycle', lifecycle, count(*)::int from mine group by 2
  union all select 'stage', t.stage, count(*)::int from ticket t where not t.drill
    and t.id in (select m.ticket_id from ticket_device m join mine on mine.key = m.device) group by 2
  union all select 'overdue', t.stage, count(*)::int from ticket t where not t.drill and t.due_at < ${now}
    and t.id in (select m.ticket_id from ticket_device m join mine on mine.key = m.device) group by 2
  union all select 'heard', ${heard(now)}, count(*)::int from mine join device_seen s on s.device = mine.key
    where s.seen_at is not null and mine.lifecycle not in ('pending', 'retired', 'rejected') group by 2
  union all select 'incident', 'open', count(*)::int from incident i join mine on mine.key = i.device
    where i.state = 'open'`;

/** Counts of what the scope sees. Health states count only devices that are judged; one never heard of is `unknown`. */
export async function overview(tx: Tx, scope: Scope, now: number) {
  const params = createParams();
  const moment = at(params.add(now));
  const { rows } = await sql(tx).query<CountRow>(
    scope.kind === 'all'
      ? everything(moment)
      : within(`select d.key, d.lifecycle from device d where ${deviceInScope(scope, params)}`, moment),
    params.values,
  );
  const of = (what: CountRow['what'], except: readonly string[] = []) =>
    rows.filter((row) => row.what === what && row.n > 0 && !except.includes(row.name));
  const byName = (found: readonly CountRow[]) => Object.fromEntries(found.map((row) => [row.name, row.n]));
  const sum = (found: readonly CountRow[]) => found.reduce((total, row) => total + row.n, 0);
  const known = of('state', ['unknown']);
  const judged = sum(of('lifecycle', NOT_JUDGED));
  const unknown = judged - sum(known);
  const never = judged - sum(of('heard'));
  return {
    devices: {
      total: sum(of('lifecycle')),
      byState: { ...byName(known), ...(unknown > 0 && { unknown }) },
      byLifecycle: byName(of('lifecycle')),
      heard: { ...byName(of('heard')), ...(never > 0 && { never }) },
    },
    tickets: {
      open: sum(of('stage', ENDED)),
      byStage: byName(of('stage')),
      overdueByStage: byName(of('overdue', ENDED)),
    },
    incidents: { open: sum(of('incident')) },
  };
}
