import type { DeviceKey } from '../domain/device.ts';
import type { HealthChange, HealthRow, MissedEvent } from '../domain/health-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { toJson } from './storable.ts';

/** The verdict on each device, its history, and events no incident has taken in. */
export function createHealthVerdictStore() {
  return {
    async lock(tx: Tx, devices: readonly DeviceKey[], now: number): Promise<ReadonlyMap<DeviceKey, HealthRow>> {
      await sql(tx).query(
        `insert into health (device, state, reason, since)
         select d.key, 'unknown', 'neverSeen', to_timestamp($2::float8 / 1000) from device d
         where d.key = any($1::int[]) and not exists (select 1 from health h where h.device = d.key)
         order by d.key on conflict do nothing`,
        [devices, now],
      );
      const { rows } = await sql(tx).query<HealthRow>(
        `select device, state, reason, since, suspect, flags from health where device = any($1::int[])
         order by device for update`,
        [devices],
      );
      return new Map(rows.map((row) => [row.device, row]));
    },

    async saveHealth(tx: Tx, rows: readonly HealthRow[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `update health h set state = n.s, reason = n.r, since = to_timestamp(n.i / 1000), suspect = n.u,
           flags = array(select jsonb_array_elements_text(n.f::jsonb))
         from unnest($1::int[], $2::text[], $3::text[], $4::float8[], $5::bool[], $6::text[]) as n (d, s, r, i, u, f)
         where h.device = n.d`,
        [
          rows.map((row) => row.device),
          rows.map((row) => row.state),
          rows.map((row) => row.reason),
          rows.map((row) => row.since),
          rows.map((row) => row.suspect),
          rows.map((row) => toJson(row.flags)),
        ],
      );
    },

    async addHistory(tx: Tx, changes: readonly HealthChange[]): Promise<void> {
      if (changes.length === 0) return;
      await sql(tx).query(
        `insert into health_history (device, at, was, state, reason)
         select d, to_timestamp(a / 1000), w, s, r
         from unnest($1::int[], $2::float8[], $3::text[], $4::text[], $5::text[]) as n (d, a, w, s, r)`,
        [
          changes.map((change) => change.device),
          changes.map((change) => change.at),
          changes.map((change) => change.was),
          changes.map((change) => change.state),
          changes.map((change) => change.reason),
        ],
      );
    },

    async missedEvents(tx: Tx, since: number, limit: number) {
      const { rows } = await sql(tx).query<MissedEvent>(
        `select e.device, e.code, e.component, e.time, e.received_at as "receivedAt", e.severity,
           e.life_safety as "lifeSafety", e.data
         from device_event e
         where e.received_at > to_timestamp($1::float8 / 1000) and not exists (
           select 1 from incident i where i.device = e.device and i.fault = e.code and i.component = e.component
             and i.last_at >= e.received_at)
         order by e.id limit $2`,
        [since, limit],
      );
      return rows;
    },
  };
}
