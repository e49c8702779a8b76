import type { DeviceKey } from '../domain/device.ts';
import type { DueIncident, IncidentRow } from '../domain/health-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createGroupStore } from './incident-groups.ts';
import { toJson } from './storable.ts';

const COLUMNS = `i.id, i.kind, i.key, i.device, i.fault, i.component, i.reason, i.severity, i.life_safety as "lifeSafety",
  i.late, i.state, i.opened_at as "openedAt", i.path, i.decide_at as "decideAt", i.resolved_at as "resolvedAt",
  i.notified, i.suppressed, i.advice, i.evidence, i.occurrences, i.last_at as "lastAt"`;

/** Statements of incidents for the monitor. */
export function createIncidentStore() {
  return {
    groups: createGroupStore(),

    async ofDevices(tx: Tx, devices: readonly DeviceKey[], since: number): Promise<readonly IncidentRow[]> {
      const { rows } = await sql(tx).query<IncidentRow>(
        `select ${COLUMNS} from incident i where i.device = any($1::int[])
           and (i.state in ('held', 'open')
             or (i.state = 'resolved' and i.notified and i.resolved_at > to_timestamp($2::float8 / 1000)))
         order by i.opened_at desc, i.id desc for update`,
        [devices, since],
      );
      return rows;
    },

    async insert(tx: Tx, rows: readonly IncidentRow[]): Promise<ReadonlySet<string>> {
      if (rows.length === 0) return new Set();
      const inserted = await sql(tx).query<{ id: string }>(
        `insert into incident (id, kind, key, device, fault, component, reason, severity, life_safety, late, state,
           opened_at, path, decide_at, notified, suppressed, advice, evidence, occurrences, last_at)
         select id, kind, key, device, fault, component, reason, severity, life_safety, late, state,
           to_timestamp(opened / 1000), path, decide_at, notified, array(select jsonb_array_elements_text(suppressed::jsonb)),
           advice::jsonb, evidence::jsonb, occurrences, to_timestamp(last / 1000)
         from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
           $9::bool[], $10::bool[], $11::text[], $12::float8[], $13::text[], $14::bigint[], $15::bool[], $16::text[],
           $17::text[], $18::text[], $19::int[], $20::float8[])
           as n (id, kind, key, device, fault, component, reason, severity, life_safety, late, state, opened, path,
             decide_at, notified, suppressed, advice, evidence, occurrences, last)
         on conflict do nothing returning id`,
        [
          rows.map((row) => row.id),
          rows.map((row) => row.kind),
          rows.map((row) => row.key),
          rows.map((row) => row.device),
          rows.map((row) => row.fault),
          rows.map((row) => row.component),
          rows.map((row) => row.reason),
          rows.map((row) => row.severity),
          rows.map((row) => row.lifeSafety),
          rows.map((row) => row.late),
          rows.map((row) => row.state),
          rows.map((row) => row.openedAt),
          rows.map((row) => row.path),
          rows.map((row) => row.decideAt),
          rows.map((row) => row.notified),
          rows.map((row) => toJson(row.suppressed)),
          rows.map((row) => (row.advice ? toJson(row.advice) : null)),
          rows.map((row) => toJson(row.evidence)),
          rows.map((row) => row.occurrences),
          rows.map((row) => row.lastAt),
        ],
      );
      const ids = inserted.rows.map((row) => row.id);
      await sql(tx).query(
        `insert into incident_member (incident, device, state, since)
         select id, device, 'bad', opened_at from incident where id = any($1::text[])`,
        [ids],
      );
      return new Set(ids);
    },

    async update(tx: Tx, rows: readonly IncidentRow[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `update incident i set reason = n.reason, severity = n.severity, state = n.state, decide_at = n.decide_at,
           resolved_at = to_timestamp(n.resolved / 1000), notified = n.notified,
           suppressed = array(select jsonb_array_elements_text(n.suppressed::jsonb)), evidence = n.evidence::jsonb,
           occurrences = n.occurrences, last_at = to_timestamp(n.last / 1000)
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::float8[], $7::bool[], $8::text[],
           $9::text[], $10::int[], $11::float8[])
           as n (id, reason, severity, state, decide_at, resolved, notified, suppressed, evidence, occurrences, last)
         where i.id = n.id`,
        [
          rows.map((row) => row.id),
          rows.map((row) => row.reason),
          rows.map((row) => row.severity),
          rows.map((row) => row.state),
          rows.map((row) => row.decideAt),
          rows.map((row) => row.resolvedAt),
          rows.map((row) => row.notified),
          rows.map((row) => toJson(row.suppressed)),
          rows.map((row) => toJson(row.evidence)),
          rows.map((row) => row.occurrences),
          rows.map((row) => row.lastAt),
        ],
      );
      await sql(tx).query(
        `update incident_member m set state = case when i.resolved_at is null then 'bad' else 'good' end,
           since = coalesce(i.resolved_at, i.last_at)
         from incident i where i.id = m.incident and i.id = any($1::text[])
           and (m.state = 'good') <> (i.resolved_at is not null)`,
        [rows.map((row) => row.id)],
      );
      // A member ticks itself off the groups that spoke for it.
      await sql(tx).query(
        `update incident_member m set state = 'good', since = i.resolved_at
         from incident i, incident g where i.id = any($1::text[]) and i.kind = 'device' and i.fault = 'offline'
           and i.resolved_at is not null and m.device = i.device and m.state = 'bad'
           and g.id = m.incident and g.kind = 'group'`,
        [rows.filter((row) => row.fault === 'offline' && row.resolvedAt !== null).map((row) => row.id)],
      );
    },

    async due(tx: Tx, nows: ReadonlyMap<string, number>, limit: number): Promise<readonly DueIncident[]> {
      const { rows } = await sql(tx).query<DueIncident>(
        `select ${COLUMNS}, case
             when i.fault = 'offline' then exists (select 1 from health_fact f where f.device = i.device
               and f.name in ('link', 'probe') and f.state = 'bad' and f.turning is not null)
             when i.fault = 'stale' then exists (select 1 from health_fact f where f.device = i.device
               and (f.name = 'link' and f.state in ('suspect', 'bad')
                 or starts_with(f.name, 'data:') and f.state = 'bad' and f.turning is not null))
             else false end as wait
         from incident i join unnest($1::text[], $2::bigint[]) as p (path, now) on p.path = i.path
         where i.state = 'held' and i.decide_at <= p.now
         order by i.decide_at limit $3 for update of i skip locked`,
        [[...nows.keys()], [...nows.values()].map(Math.floor), limit],
      );
      return rows;
    },
  };
}

/**
 * Ends the incidents of a ticket that was closed. One whose alarm is still up goes on and ends with its alarm, unless it is
 * about life and limb: that one ends, so that the alarm raises it anew. Answers the devices that have to be judged again.
 */
export async function closeIncidents(tx: Tx, ids: readonly string[], at: number): Promise<readonly DeviceKey[]> {
  const { rows } = await sql(tx).query<{ device: DeviceKey }>(
    `with ended as (
       update incident i set state = 'resolved', decide_at = null, resolved_at = to_timestamp($2::float8 / 1000)
       where i.id = any($1::text[]) and i.state in ('held', 'open')
         and (i.life_safety or not exists (
           select 1 from alarm_state a where a.device = i.device and a.code = i.fault and a.state = 'active'))
       returning i.id, i.device),
     members as (
       update incident_member m set state = 'good', since = to_timestamp($2::float8 / 1000)
       from ended e where e.id = m.incident)
     select distinct device from ended where device is not null`,
    [ids, at],
  );
  return rows.map((row) => row.device);
}
