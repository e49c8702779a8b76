import type { DeviceKey } from '../domain/device.ts';
import type { TimeRange } from '../domain/page.ts';
import type { Tx } from '../domain/tx.ts';
import { changeMarks } from './change-marks.ts';
import { sql } from './database.ts';
import { deviceLanes } from './device-lanes.ts';
import { mapPoints } from './map-points.ts';
import { heartbeatReads } from './reads-heartbeat.ts';
import { createIncidentReads } from './reads-incident.ts';
import { overview } from './reads-overview.ts';
import { pageOf, rangeCondition } from './reads-page.ts';
import { createQuarantineReads } from './reads-quarantine.ts';
import { createParams } from './scope.ts';

/** Read statements behind the API: what several families wrote, cut to what the reader may see. */
export function createReadStore() {
  return {
    ...deviceReads,
    lanes: deviceLanes,
    ...heartbeatReads,
    ...createQuarantineReads(),
    ...createIncidentReads(),
    overview,
    changeMarks,
    mapPoints,
  };
}

interface FactRow {
  readonly name: string;
  readonly state: 'unknown' | 'good' | 'suspect' | 'bad';
  readonly reason: string;
  readonly evidence: unknown;
  readonly since: number;
  readonly deadline: number | null;
  /** Observed time of its path. */
  readonly observed: number | null;
}

interface EventRow {
  readonly id: number;
  readonly code: string;
  readonly component: string | null;
  readonly time: number;
  readonly receivedAt: number;
  readonly severity: 'info' | 'minor' | 'major' | 'critical';
  readonly lifeSafety: boolean;
  readonly data: unknown;
}

interface TimelineRow {
  readonly id: string;
  readonly at: number;
  readonly kind: 'lifecycle' | 'health' | 'event' | 'incident' | 'ticket';
  readonly what: string;
  readonly by: string | null;
  readonly reason: string | null;
  readonly detail: unknown;
}

const deviceReads = {
  /** Deadlines stand in observed time; here they are shown as the wall time they would have if nothing blinds us. */
  async facts(tx: Tx, device: DeviceKey): Promise<FactRow[]> {
    const { rows } = await sql(tx).query<FactRow>(
      `select f.name, f.state, f.reason, f.evidence, f.since, o.observed::float8 as observed,
         (extract(epoch from o.wall) * 1000 + f.deadline - o.observed)::float8 as deadline
       from health_fact f left join observed_clock o on o.path = f.path
       where f.device = $1 order by f.name`,
      [device],
    );
    return rows;
  },

  async events(tx: Tx, device: DeviceKey, query: TimeRange) {
    const limit = query.limit ?? 100;
    const params = createParams(device);
    const condition = rangeCondition(query, 'e.time', ['e.id', 'number'], params);
    const { rows } = await sql(tx).query<EventRow>(
      `select e.id, e.code, nullif(e.component, '') as component, e.time, e.received_at as "receivedAt", e.severity,
         e.life_safety as "lifeSafety", e.data
       from device_event e where e.device = $1 and ${condition}
       order by e.time desc, e.id desc limit ${params.add(limit + 1)}`,
      params.values,
    );
    return pageOf(rows, limit, (row) => [row.time, row.id]);
  },

  /** `kinds` = what the reader has a right to; the notes of a ticket are not every reader's. */
  async timeline(tx: Tx, device: DeviceKey, query: TimeRange & { readonly kinds: readonly string[] }) {
    const limit = query.limit ?? 100;
    const params = createParams(device, query.kinds);
    const condition = rangeCondition(query, 'l.at', ['l.id', 'string'], params);
    const { rows } = await sql(tx).query<TimelineRow>(
      `select * from (
         select 'l' || id as id, at, 'lifecycle' as kind, what, by, reason,
           jsonb_build_object('before', before, 'after', after) as detail
         from device_history where device = $1
         union all
         select 'h' || id, at, 'health', state, null, reason, jsonb_build_object('was', was)
         from health_history where device = $1
         union all
         select 'e' || id, time, 'event', code, null, severity, jsonb_build_object('component', component, 'data', data)
         from device_event where device = $1
         union all
         select 'i' || id, opened_at, 'incident', fault, null, reason,
           jsonb_build_object('incidentId', id, 'state', state, 'component', component)
         from incident where device = $1
         union all
         select 't' || h.id, h.at, 'ticket', h.to_stage, h.by, h.note,
           jsonb_build_object('ticketId', t.id, 'no', t.no, 'from', h.from_stage)
         from ticket_device m join ticket t on t.id = m.ticket_id join ticket_history h on h.ticket_id = t.id
         where m.device = $1 and h.kind = 'transition'
       ) as l where l.kind = any ($2::text[]) and ${condition}
       order by l.at desc, l.id desc limit ${params.add(limit + 1)}`,
      params.values,
    );
    return pageOf(rows, limit, (row) => [row.at, row.id]);
  },
};
