import type { DeviceKey } from '../domain/device.ts';
import type { TicketEvidence, TicketRecord, TicketStage } from '../domain/ticket.ts';
import type { LoggedEntry, TicketFilter, TicketReader, TicketSubject } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { closeIncidents } from './incidents.ts';
import { ticketBelongings } from './ticket-belongings.ts';
import { conditions, visibility } from './ticket-filters.ts';
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
