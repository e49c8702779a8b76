import type { DeviceKey } from '../domain/device.ts';
import type { DeviceUse, UseAction } from '../domain/inspection-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope } from './scope.ts';
import { at } from './time.ts';

const date = (placeholder: string) => `(date '1970-01-01' + ${placeholder}::int)`;
const SHARE = 'q.used::float8 / nullif(q.use_of, 0)';

/** How much devices are used, and how often they cry wolf. */
export function createUseStore() {
  return {
    async use(
      tx: Tx,
      scope: Scope,
      query: {
        readonly by: 'lowUse' | 'falseAlarm';
        readonly quarter: number;
        readonly module: string | null;
        readonly offset: number;
        readonly limit: number;
      },
    ): Promise<DeviceUse[]> {
      const { by, quarter, module, offset, limit } = query;
      const params = createParams(quarter, module, offset, limit);
      // Only what says whether it is used can be little used: a socket by its state, a camera by being looked at.
      const [condition, order] =
        by === 'lowUse'
          ? [
              `(q.use_of > 0 and ${SHARE} < 0.05 or q.use_of = 0 and q.watched and q.views < 3) and (q.use_of > 0 or d.connection is not null)`,
              `coalesce(${SHARE}, 0), (q.views + q.events), q.device`,
            ]
          : [
              'q.tickets >= 3 and q.false_alarms > 0 and q.false_alarms * 2 >= q.tickets',
              'q.false_alarms::float8 / q.tickets desc, q.false_alarms desc, q.device',
            ];
      const { rows } = await sql(tx).query<DeviceUse>(
        `select d.id as "deviceId", coalesce(d.nickname, d.name) as name, d.module, d.org_id as "orgId", s.name as "siteName", q.days,
           q.views::int as views, q.events::int as events, ${SHARE} as "useShare", q.tickets, q.false_alarms as "falseAlarms",
           q.false_alarms::float8 / nullif(q.tickets, 0) as "falseAlarmRate", case when u.action is not null then
             jsonb_build_object('action', u.action, 'reason', u.reason, 'by', u.by, 'at', (extract(epoch from u.at) * 1000)::float8) end as decision
         from (select q.* from device_quarter q join device d on d.key = q.device
           where q.quarter = ${date('$1')} and ($2::text is null or d.module = $2) and d.lifecycle in ('active', 'suspended')
             and ${condition} and ${deviceInScope(scope, params)} order by ${order} offset $3 limit $4) q
         join device d on d.key = q.device left join site s on s.id = d.site_id
         left join device_use_decision u on u.quarter = q.quarter and u.device = q.device order by ${order}`,
        params.values,
      );
      return rows;
    },

    async decideUse(
      tx: Tx,
      device: DeviceKey,
      row: {
        readonly quarter: number;
        readonly action: UseAction;
        readonly reason: string;
        readonly by: string;
        readonly at: number;
      },
    ): Promise<void> {
      await sql(tx).query(
        `insert into device_use_decision (quarter, device, action, reason, by, at)
         values (${date('$1')}, $2, $3, $4, $5, ${at('$6')})
         on conflict (quarter, device) do update set action = excluded.action, reason = excluded.reason, by = excluded.by, at = excluded.at`,
        [row.quarter, device, row.action, row.reason, row.by, row.at],
      );
    },
  };
}
