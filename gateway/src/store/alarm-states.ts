import type { DeviceKey } from '../domain/device.ts';
import type { AlarmRow } from '../domain/health-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { alarmWatches } from './alarm-watches.ts';
import { sql } from './database.ts';
import { toJson } from './storable.ts';

/** Columns of an alarm `a`. */
export const ALARM = 'a.device, a.code, a.component, a.state, a.since, a.path, a.deadline, a.evidence';

/** Alarms that are waiting for their hold or are up. */
export function createAlarmStateStore() {
  return {
    ...alarmWatches,

    async alarms(tx: Tx, devices: readonly DeviceKey[]): Promise<readonly AlarmRow[]> {
      const { rows } = await sql(tx).query<AlarmRow>(
        `select ${ALARM} from alarm_state a where a.device = any($1::int[])`,
        [devices],
      );
      return rows;
    },

    async saveAlarms(tx: Tx, rows: readonly AlarmRow[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `insert into alarm_state (device, code, component, state, since, path, deadline, evidence)
         select d, c, m, s, to_timestamp(i / 1000), p, l, e::jsonb
         from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::text[], $7::bigint[], $8::text[])
           as n (d, c, m, s, i, p, l, e)
         on conflict (device, code, component) do update set state = excluded.state, since = excluded.since,
           path = excluded.path, deadline = excluded.deadline, evidence = excluded.evidence`,
        [
          rows.map((row) => row.device),
          rows.map((row) => row.code),
          rows.map((row) => row.component),
          rows.map((row) => row.state),
          rows.map((row) => row.since),
          rows.map((row) => row.path),
          rows.map((row) => row.deadline),
          rows.map((row) => toJson(row.evidence)),
        ],
      );
    },

    async dropAlarms(tx: Tx, rows: readonly { device: DeviceKey; code: string; component: string }[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `delete from alarm_state a using unnest($1::int[], $2::text[], $3::text[]) as n (d, c, m)
         where a.device = n.d and a.code = n.c and a.component = n.m`,
        [rows.map((row) => row.device), rows.map((row) => row.code), rows.map((row) => row.component)],
      );
    },
  };
}
