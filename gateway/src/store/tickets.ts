import type { DeviceKey } from '../domain/device.ts';
import type { TicketEvidence, TicketRecord, TicketStage } from '../domain/ticket.ts';
import type { LoggedEntry, TicketFilter, TicketReader, TicketSubject } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { closeIncidents } from './incidents.ts';
import { ticketBelongings } from './ticket-belongings.ts';
import { ticketIncidents } from './ticket-incidents.ts';
import {
  fromRow,
  INSERT_COLUMNS,
  INSERT_VALUES,
  jsonParam,
  LIST_COLUMNS,
  RECORDSET,
  TICKET_COLUMNS,
  type TicketRow,
  toRow,
  UPDATE_SET,
} from './ticket-rows.ts';
import { ticketWatch } from './ticket-watch.ts';

const OPEN = "t.stage not in ('closed', 'falseAlarm', 'cancelled')";

/** Tickets and their log. Every write carries all its rows in one statement. */
export function createTicketStore() {
  const select = async (tx: Tx, text: string, params: readonly unknown[], columns = TICKET_COLUMNS) => {
    const { rows } = await sql(tx).query<TicketRow>(`select ${columns} from ${text}`, params);
    return rows.map(fromRow);
  };

  return {
    closeIncidents,
    ...ticketBelongings,
    ...ticketIncidents,
    ...ticketWatch,

    latestOf(tx: Tx, subjects: readonly TicketSubject[]) {
      // One order of locking for everybody: two monitors (an old and a new leader) never wait for each other.
      const keys = [...subjects].sort((a, b) => (a.subject < b.subject ? -1 : 1));
      return select(
        tx,
        `unnest($1::text[], $2::text[], $3::text[]) as k (subject, fault, component) cross join lateral (
           select t.* from ticket t
           where t.subject = k.subject and t.fault = k.fault and t.component = k.component
           order by (${OPEN}) desc, t.opened_at desc, t.id desc limit 1 for update
         ) as t`,
        [keys.map((k) => k.subject), keys.map((k) => k.fault), keys.map((k) => k.component ?? '')],
      );
    },

    ofIncidents: (tx: Tx, incidentIds: readonly string[]) =>
      select(
        tx,
        `ticket t where (t.incident_id = any($1::text[])
           or (t.open_incidents <> '[]' and t.open_incidents ?| $1::text[])) and t.stage not in ('falseAlarm', 'cancelled')
         order by t.subject, t.id for update of t`,
        [incidentIds],
      ),

    async takeNumbers(tx: Tx, day: string, count: number): Promise<number> {
      const { rows } = await sql(tx).query<{ last: number }>(
        `insert into ticket_number as n (day, last) values ($1, $2::int)
         on conflict (day) do update set last = n.last + $2::int returning last`,
        [day, count],
      );
      return (rows[0]?.last ?? count) - count + 1;
    },

    async insert(tx: Tx, tickets: readonly TicketRecord[]) {
      if (tickets.length === 0) return new Set<string>();
      const { rows } = await sql(tx).query<{ id: string }>(
        `with r as materialized (select * from ${RECORDSET}),
         made as (insert into ticket (${INSERT_COLUMNS}) select ${INSERT_VALUES} from r
                  on conflict (subject, fault, component)
                    where subject is not null and stage not in ('closed', 'falseAlarm', 'cancelled') do nothing
                  returning id)
         select id from made`,
        [jsonParam(tickets.map((ticket) => toRow(ticket)))],
      );
      return new Set(rows.map((row) => row.id));
    },

    async addDevices(tx: Tx, members: readonly { ticketId: string; device: DeviceKey }[]): Promise<void> {
      if (members.length === 0) return;
      await sql(tx).query(
        `insert into ticket_device (ticket_id, device) select * from unnest($1::text[], $2::int[]) on conflict do nothing`,
        [members.map((m) => m.ticketId), members.map((m) => m.device)],
      );
    },

    async update(tx: Tx, tickets: readonly { ticket: TicketRecord; expected: number }[]) {
      if (tickets.length === 0) return new Set<string>();
      const { rows } = await sql(tx).query<{ id: string }>(
        `update ticket set ${UPDATE_SET} from ${RECORDSET}
         where ticket.id = r.id and ticket.revision = r.expected returning ticket.id`,
        [jsonParam(tickets.map(({ ticket, expected }) => toRow(ticket, expected)))],
      );
      return new Set(rows.map((row) => row.id));
    },

    async log(tx: Tx, entries: readonly LoggedEntry[]): Promise<void> {
      if (entries.length === 0) return;
      await sql(tx).query(
        `insert into ticket_history (ticket_id, kind, from_stage, to_stage, by, at, note, code, vars, cause)
         select "ticketId", kind, "from", "to", by, to_timestamp(at / 1000.0), note, code, "values", cause
         from jsonb_to_recordset($1::jsonb) as r ("ticketId" text, kind text, "from" text, "to" text, by text, at float8,
              note text, code text, "values" jsonb, cause text)`,
        [jsonParam(entries)],
      );
    },

    async history(tx: Tx, ticketIds: readonly string[]): Promise<LoggedEntry[]> {
      const { rows } = await sql(tx).query<LoggedEntry>(
        `select ticket_id as "ticketId", kind, from_stage as "from", to_stage as "to", by, at, note, code, vars as "values",
                cause
         from ticket_history where ticket_id = any($1::text[]) order by ticket_id, id`,
        [ticketIds],
      );
      return rows;
    },

    async get(tx: Tx, id: string, reader: TicketReader | null, lock: boolean) {
      const params: unknown[] = [id];
      const visible = reader === null ? 'true' : visibility(reader, params);
      const found = await select(
        tx,
        `ticket t where t.id = $1 and ${visible}${lock ? ' for update of t' : ''}`,
        params,
      );
      return found[0];
    },

    list(
      tx: Tx,
      reader: TicketReader,
      filter: TicketFilter,
      page: { limit: number; after: { openedAt: number; id: string } | null; now: number },
    ) {
      const params: unknown[] = [];
      const where = [visibility(reader, params), ...conditions(filter, reader, page.now, params)];
      if (page.after) {
        params.push(page.after.openedAt, page.after.id);
        where.push(`(t.opened_at, t.id) < (to_timestamp($${params.length - 1}::float8 / 1000.0), $${params.length})`);
      }
      params.push(page.limit);
      return select(
        tx,
        `ticket t where ${where.join(' and ')} order by t.opened_at desc, t.id desc limit $${params.length}::int`,
        params,
        LIST_COLUMNS,
      );
    },

    async count(tx: Tx, reader: TicketReader, filter: TicketFilter, now: number, cap: number): Promise<number | null> {
      const params: unknown[] = [];
      const where = [visibility(reader, params), ...conditions(filter, reader, now, params)];
      params.push(cap + 1);
      const { rows } = await sql(tx).query<{ n: number }>(
        `select count(*)::int as n from (select 1 from ticket t where ${where.join(' and ')} limit $${params.length}::int) c`,
        params,
      );
      const n = rows[0]?.n ?? 0;
      return n > cap ? null : n;
    },

    async addEvidence(tx: Tx, id: string, evidence: readonly TicketEvidence[]): Promise<void> {
      await sql(tx).query('update ticket set evidence = evidence || $2::jsonb where id = $1', [
        id,
        jsonParam(evidence),
      ]);
    },

    recovered: (tx: Tx, until: number, after: string, limit: number) =>
      select(
        tx,
        `ticket t where t.id > $3 and not t.firing and t.kind <> 'event' and t.recovered_at <= to_timestamp($1::float8 / 1000.0)
           and (t.stage = 'verifying' or (t.stage in ('discovered', 'filed', 'returned') and t.accepted_at is null))
         order by t.id limit $2::int for update of t skip locked`,
        [until, limit, after],
      ),

    resumable: (tx: Tx, now: number, limit: number) =>
      select(
        tx,
        `ticket t where t.stage = 'suspended' and t.suspended_until <= to_timestamp($1::float8 / 1000.0)
         order by t.id limit $2::int for update of t skip locked`,
        [now, limit],
      ),

    async markOverdue(tx: Tx, now: number, limit: number) {
      const { rows } = await sql(tx).query<{ id: string }>(
        `with late as (
           select id from ticket where due_at < to_timestamp($1::float8 / 1000.0)
             and overdue_marked is distinct from due_at order by due_at limit $2::int for update skip locked)
         update ticket set overdue_marked = ticket.due_at from late where ticket.id = late.id returning ticket.id`,
        [now, limit],
      );
      return rows.length === 0 ? [] : select(tx, 'ticket t where t.id = any($1::text[])', [rows.map((row) => row.id)]);
    },

    openOfDevices: (tx: Tx, devices: readonly DeviceKey[]) =>
      select(
        tx,
        `ticket t where ${OPEN}
           and exists (select 1 from ticket_device m where m.ticket_id = t.id and m.device = any($1::int[]))
           and not exists (select 1 from ticket_device m join device d on d.key = m.device
                           where m.ticket_id = t.id and d.lifecycle <> 'retired' and m.device <> all($1::int[]))
         order by t.subject, t.id for update of t`,
        [devices],
      ),

    openDrills: (tx: Tx, ids: readonly string[]) =>
      select(
        tx,
        `ticket t where t.drill and ${OPEN} and t.id = any($1::text[]) order by t.subject, t.id for update of t`,
        [ids],
      ),

    async countByStage(tx: Tx): Promise<Partial<Record<TicketStage, number>>> {
      const { rows } = await sql(tx).query<{ stage: TicketStage; n: number }>(
        'select stage, count(*)::int as n from ticket group by stage',
      );
      return Object.fromEntries(rows.map((row) => [row.stage, row.n]));
    },
  };
}

/**
 * Scope as SQL; a ticket also shows to who handles it, and to a department named in the scope by itself when it leads the
 * ticket's module. A street in the scope is a place: what its departments lead elsewhere is not in it.
 */
function visibility(reader: TicketReader, params: unknown[]): string {
  const { scope } = reader;
  if (scope.kind === 'all') return 'true';
  params.push(reader.userId);
  const mine = `t.assignee_id = $${params.length}`;
  if (scope.kind === 'vendor') {
    params.push(scope.vendorId);
    // Asked once, not for every ticket: what is rare is else so dear to the planner that it compiles the statement first.
    return `(${mine} or t.id in (select m.ticket_id from ticket_device m join device d on d.key = m.device
      where d.vendor_id = $${params.length}))`;
  }
  params.push(scope.orgIds);
  const scoped = `$${params.length}`;
  const orgs = `(with recursive sub (id) as (
      select o.id from org o where o.id = any(${scoped}::text[])
      union select o.id from org o join sub on o.parent_id = sub.id) select id from sub)`;
  const led = `(select m.module_id from module_org m where m.duty = 'lead' and m.org_id = any(${scoped}::text[]))`;
  const place = `(t.org_id in ${orgs} or t.handler_org_id in ${orgs} or t.module in ${led})`;
  // 协办 and 关注 see what they were asked about, whatever its module.
  const asked = `t.id in (select p.ticket_id from ticket_party p where p.org_id in ${orgs})`;
  if (!scope.moduleIds) return `(${mine} or ${asked} or ${place})`;
  params.push(scope.moduleIds);
  return `(${mine} or ${asked} or (${place} and t.module = any($${params.length}::text[])))`;
}

const EQUALS = {
  priority: 't.priority',
  cause: 't.cause',
  faultType: 't.fault_type',
  kind: 't.kind',
  fault: 't.fault',
  orgId: 't.org_id',
  siteId: 't.site_id',
  module: 't.module',
  assigneeId: 't.assignee_id',
  incidentId: 't.incident_id',
} as const satisfies Partial<Record<keyof TicketFilter, string>>;

function conditions(filter: TicketFilter, reader: TicketReader, now: number, params: unknown[]): string[] {
  const where: string[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  for (const [field, column] of Object.entries(EQUALS)) {
    const value = filter[field as keyof typeof EQUALS];
    const asked = field === 'assigneeId' && value === 'me' ? reader.userId : value;
    if (asked !== undefined) where.push(`${column} = ${bind(asked)}`);
  }
  if (filter.stage !== undefined) where.push(`t.stage = any(${bind(filter.stage)}::text[])`);
  if (filter.deviceId !== undefined)
    where.push(`exists (select 1 from ticket_device m join device d on d.key = m.device
      where m.ticket_id = t.id and d.id = ${bind(filter.deviceId)})`);
  // Written out, not bound: what is rare has an index of its own.
  if (filter.drill !== undefined) where.push(filter.drill ? 't.drill' : 'not t.drill');
  if (filter.supervised !== undefined) where.push(`t.supervise_count ${filter.supervised ? '> 0' : '= 0'}`);
  if (filter.returned !== undefined) where.push(`t.return_count ${filter.returned ? '> 0' : '= 0'}`);
  if (filter.mine) {
    const me = bind(reader.userId);
    where.push(`(t.assignee_id = ${me} or t.opened_by = ${me})`);
  }
  if (filter.pending === 'escalation')
    where.push("t.id in (select e.ticket_id from ticket_escalation e where e.state = 'pending')");
  else if (filter.pending !== undefined)
    where.push(`t.id in (select r.ticket_id from ticket_request r
      where r.state = 'pending' and r.kind = ${bind(filter.pending)})`);
  if (filter.dueWithin !== undefined)
    where.push(`t.due_at >= to_timestamp(${bind(now)}::float8 / 1000.0)
      and t.due_at <= to_timestamp(${bind(now + filter.dueWithin)}::float8 / 1000.0)`);
  if (filter.overdue !== undefined)
    where.push(
      `(coalesce(t.due_at < to_timestamp(${bind(now)}::float8 / 1000.0), false)) = ${bind(filter.overdue)}::boolean`,
    );
  if (filter.q !== undefined && filter.q !== '') {
    const word = bind(filter.q);
    where.push(
      `(strpos(lower(t.no), lower(${word}::text)) > 0 or strpos(lower(coalesce(t.title, '')), lower(${word}::text)) > 0)`,
    );
  }
  return where;
}
