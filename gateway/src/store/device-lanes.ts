import type { DeviceKey } from '../domain/device.ts';
import type { HealthState } from '../domain/health.ts';
import type { TicketStage } from '../domain/ticket.ts';
import type { TicketReader } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { readHistories } from './report-history.ts';
import { visibility } from './ticket-filters.ts';
import { at } from './time.ts';

export interface LanesQuery {
  readonly from: number;
  readonly to: number;
  /** Whether the reader may see incidents. */
  readonly incidents: boolean;
  /** Whose tickets; null = none. */
  readonly reader: TicketReader | null;
}

interface HealthSpan {
  readonly from: number;
  readonly to: number;
  readonly state: HealthState;
  readonly reason: string;
}

interface IncidentSpan {
  readonly id: string;
  readonly kind: 'device' | 'group';
  readonly fault: string;
  readonly component: string | null;
  readonly reason: string;
  readonly from: number;
  readonly to: number | null;
  readonly suppressed: readonly string[];
  /** Stale incidents name the metrics in their evidence. */
  readonly metrics: readonly string[];
}

interface TicketSpan {
  readonly id: string;
  readonly no: string;
  readonly stage: TicketStage;
  readonly from: number;
  readonly to: number | null;
}

/** More than fit on any screen side by side; also what one statement answers at most. */
const MOST = 2_000;

/** What held for a device from when to when, side by side. Oldest first; open ends are null. */
export async function deviceLanes(tx: Tx, device: { readonly key: DeviceKey; readonly id: string }, query: LanesQuery) {
  const { from, to } = query;
  const [history] = await readHistories(tx, from, to, { id: device.id, scope: { kind: 'all' } });
  const incidents = query.incidents ? await incidentSpans(tx, device.key, from, to) : [];
  const tickets = query.reader ? await ticketSpans(tx, device.key, query.reader, from, to) : [];
  const spans = history ? healthSpans(history, from, to) : [];
  const health = legible(spans, (to - from) / MOST);
  return { health, coarse: health.length < spans.length, incidents, tickets, blind: history?.blind ?? [] };
}

interface History {
  readonly createdAt: number;
  readonly state: HealthState;
  readonly reason: string;
  readonly changes: readonly { readonly at: number; readonly state: HealthState; readonly reason: string }[];
}

function healthSpans({ createdAt, state, reason, changes }: History, from: number, to: number): HealthSpan[] {
  const turns = [{ at: Math.max(from, createdAt), state, reason }, ...changes];
  return turns
    .map((turn, i) => ({ from: turn.at, to: turns[i + 1]?.at ?? to, state: turn.state, reason: turn.reason }))
    .filter((span) => span.to > span.from);
}

const WORST: readonly HealthState[] = ['offline', 'flapping', 'stale', 'degraded', 'unknown', 'online'];

/** Spans too short to be drawn are joined to their neighbour as the worse of both: a fault never disappears. */
function legible(spans: readonly HealthSpan[], leastMs: number): HealthSpan[] {
  if (spans.length <= MOST) return [...spans];
  const found: HealthSpan[] = [];
  for (const span of spans) {
    const last = found.at(-1);
    if (!last || (last.to - last.from >= leastMs && span.to - span.from >= leastMs)) {
      found.push(span);
      continue;
    }
    const { state, reason } = WORST.indexOf(span.state) < WORST.indexOf(last.state) ? span : last;
    found[found.length - 1] = { from: last.from, to: span.to, state, reason };
  }
  return found;
}

/** A group holds a device until it is back, the device's own until it is resolved. */
async function incidentSpans(tx: Tx, device: DeviceKey, from: number, to: number): Promise<IncidentSpan[]> {
  const { rows } = await sql(tx).query<IncidentSpan>(
    `select * from (
       select i.id, i.kind, i.fault, nullif(i.component, '') as component, i.reason, i.suppressed,
         i.opened_at as "from", case when m.state = 'good' then m.since else i.resolved_at end as "to",
         case when i.fault = 'stale' then array(select jsonb_array_elements_text(e -> 'metrics')
           from jsonb_array_elements(i.evidence) e where jsonb_typeof(e -> 'metrics') = 'array') else '{}' end as metrics
       from incident i left join incident_member m on i.kind = 'group' and m.incident = i.id and m.device = $1
       where (i.device = $1 or i.id in (select g.incident from incident_member g where g.device = $1))
         and i.state <> 'held' and i.opened_at < ${at('$3')}
     ) s where "to" is null or "to" > ${at('$2')} order by "from" desc, id desc limit ${MOST}`,
    [device, from, to],
  );
  return rows.reverse();
}

async function ticketSpans(
  tx: Tx,
  device: DeviceKey,
  reader: TicketReader,
  from: number,
  to: number,
): Promise<TicketSpan[]> {
  const params: unknown[] = [device, from, to];
  const { rows } = await sql(tx).query<TicketSpan>(
    `select * from (
       select t.id, t.no, h.to_stage as stage, h.at as "from",
         lead(h.at) over (partition by t.id order by h.at, h.id) as "to"
       from ticket_device m join ticket t on t.id = m.ticket_id
         join ticket_history h on h.ticket_id = t.id and h.kind = 'transition'
       where m.device = $1 and h.at < ${at('$3')} and ${visibility(reader, params)}
     ) s where ("to" is null or ("to" > ${at('$2')} and "to" > "from"))
       and stage not in ('closed', 'falseAlarm', 'cancelled')
     order by "from" desc, id desc limit ${MOST}`,
    params,
  );
  return rows.reverse();
}
