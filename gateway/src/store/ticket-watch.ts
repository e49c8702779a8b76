import type { DeviceKey } from '../domain/device.ts';
import type { Escalation } from '../domain/escalation.ts';
import type { StoredTicket } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { toJson } from './storable.ts';
import { fromRow, TICKET_COLUMNS, type TicketRow } from './ticket-rows.ts';

const OPEN = "t.stage not in ('closed', 'falseAlarm', 'cancelled')";
const MS = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
const ESCALATION = `ticket_id as "ticketId", round, level, reason, state, org_ids as "orgIds", ${MS('at')} as at,
  decided_by as "decidedBy", ${MS('decided_at')} as "decidedAt", decision_note as "decisionNote"`;

/** What the watchdog reads and writes of tickets. */
export const ticketWatch = {
  /** Open tickets to be looked at now. Locked, skipping locked. */
  async watchable(tx: Tx, now: number, limit: number): Promise<StoredTicket[]> {
    const { rows } = await sql(tx).query<TicketRow>(
      `select ${TICKET_COLUMNS} from ticket t left join ticket_watch w on w.ticket_id = t.id
       where ${OPEN} and (w.ticket_id is null or w.revision <> t.revision
         or w.next_at <= to_timestamp($1::float8 / 1000.0))
       order by t.id limit $2::int for update of t skip locked`,
      [now, limit],
    );
    return rows.map(fromRow);
  },

  async setWatched(
    tx: Tx,
    rows: readonly { readonly ticketId: string; readonly revision: number; readonly nextAt: number | null }[],
  ): Promise<void> {
    if (rows.length === 0) return;
    await sql(tx).query(
      `insert into ticket_watch (ticket_id, revision, next_at)
       select r.id, r.revision, to_timestamp(r.next / 1000.0) from unnest($1::text[], $2::int[], $3::float8[])
         as r (id, revision, next)
       on conflict (ticket_id) do update set revision = excluded.revision, next_at = excluded.next_at`,
      [rows.map((r) => r.ticketId), rows.map((r) => r.revision), rows.map((r) => r.nextAt)],
    );
  },

  /** 协办 of these tickets that have not answered yet. */
  async unanswered(
    tx: Tx,
    ticketIds: readonly string[],
  ): Promise<{ readonly ticketId: string; readonly orgId: string; readonly respondBy: number }[]> {
    if (ticketIds.length === 0) return [];
    const { rows } = await sql(tx).query<{ ticketId: string; orgId: string; respondBy: number }>(
      `select ticket_id as "ticketId", org_id as "orgId", ${MS('respond_by')} as "respondBy" from ticket_party
       where ticket_id = any($1::text[]) and respond_by is not null and acknowledged_at is null order by respond_by, org_id`,
      [ticketIds],
    );
    return rows;
  },

  /** Everything that went up, or waits to, of each of these tickets, oldest first. */
  async escalations(tx: Tx, ticketIds: readonly string[]): Promise<Escalation[]> {
    if (ticketIds.length === 0) return [];
    const { rows } = await sql(tx).query<Escalation>(
      `select ${ESCALATION} from ticket_escalation where ticket_id = any($1::text[])
       order by ticket_id, at, round, level`,
      [ticketIds],
    );
    return rows;
  },

  /** Answers which of these nobody had written yet, as `ticket round level`. */
  async addEscalations(tx: Tx, rows: readonly Escalation[]): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const { rows: made } = await sql(tx).query<{ key: string }>(
      `insert into ticket_escalation (ticket_id, round, level, reason, state, org_ids, at, decided_by, decided_at, decision_note)
       select "ticketId", round, level, reason, state, array(select jsonb_array_elements_text("orgIds")),
         to_timestamp(at / 1000.0), "decidedBy", to_timestamp("decidedAt" / 1000.0), "decisionNote"
       from jsonb_to_recordset($1::jsonb) as r ("ticketId" text, round text, level int, reason text, state text,
         "orgIds" jsonb, at float8, "decidedBy" text, "decidedAt" float8, "decisionNote" text)
       on conflict do nothing returning ticket_id || ' ' || round || ' ' || level as key`,
      [toJson(rows)],
    );
    return new Set(made.map(({ key }) => key));
  },

  /** Decides what waits; answers the decided ones that still waited, as `ticket round level`. */
  async decideEscalations(tx: Tx, rows: readonly Escalation[]): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const { rows: made } = await sql(tx).query<{ key: string }>(
      `update ticket_escalation e set state = r.state, decided_by = r."decidedBy",
         decided_at = to_timestamp(r."decidedAt" / 1000.0), decision_note = r."decisionNote"
       from jsonb_to_recordset($1::jsonb) as r ("ticketId" text, round text, level int, state text,
         "decidedBy" text, "decidedAt" float8, "decisionNote" text)
       where e.ticket_id = r."ticketId" and e.round = r.round and e.level = r.level and e.state = 'pending'
       returning e.ticket_id || ' ' || e.round || ' ' || e.level as key`,
      [toJson(rows)],
    );
    return new Set(made.map(({ key }) => key));
  },

  /** Names of organisations, for the log. */
  async orgNames(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const { rows } = await sql(tx).query<{ id: string; name: string }>(
      'select id, name from org where id = any($1::text[])',
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row.name]));
  },

  /** Whose limits the stored deadlines were reckoned with; locked until the transaction ends. */
  async reckonedWith(tx: Tx): Promise<string> {
    await sql(tx).query("insert into duty_state (name, value) values ('limits', '') on conflict do nothing", []);
    const { rows } = await sql(tx).query<{ value: string }>(
      "select value from duty_state where name = 'limits' for update",
      [],
    );
    return rows[0]?.value ?? '';
  },

  async setReckonedWith(tx: Tx, fingerprint: string): Promise<void> {
    await sql(tx).query("update duty_state set value = $1 where name = 'limits'", [fingerprint]);
  },

  /** Open tickets behind `after`, by id, locked. */
  async openAfter(tx: Tx, after: string, limit: number): Promise<StoredTicket[]> {
    const { rows } = await sql(tx).query<TicketRow>(
      `select ${TICKET_COLUMNS} from ticket t where ${OPEN} and t.id > $1 order by t.id limit $2::int for update of t`,
      [after, limit],
    );
    return rows.map(fromRow);
  },

  /** Deadlines as reckoned anew; these tickets are looked at again. */
  async setDue(tx: Tx, rows: readonly { readonly ticketId: string; readonly dueAt: number | null }[]): Promise<void> {
    if (rows.length === 0) return;
    const ids = rows.map((row) => row.ticketId);
    await sql(tx).query(
      `update ticket set due_at = to_timestamp(r.due / 1000.0) from unnest($1::text[], $2::float8[]) as r (id, due)
       where ticket.id = r.id and ticket.due_at is distinct from to_timestamp(r.due / 1000.0)`,
      [ids, rows.map((row) => row.dueAt)],
    );
    await sql(tx).query('delete from ticket_watch where ticket_id = any($1::text[])', [ids]);
  },

  /**
   * Devices with at least `faults` faults since `since` (openings and re-openings of tickets about the device alone),
   * counted from the end of its last 隐患, unless one is open. No drills, nothing false or void, nothing that was over
   * by itself within `ignoresShorter`.
   */
  async hazards(
    tx: Tx,
    { since, faults, ignoresShorter }: { since: number; faults: number; ignoresShorter: number },
    limit: number,
  ): Promise<HazardRow[]> {
    const { rows } = await sql(tx).query<HazardRow>(
      `select m.device, count(*)::int as count,
         jsonb_agg(jsonb_build_object('ticketId', t.id, 'no', t.no, 'fault', t.fault, 'at', ${MS('h.at')}) order by h.at) as tickets
       from ticket t
       join ticket_device m on m.ticket_id = t.id
       join device d on d.key = m.device and d.lifecycle = 'active'
       join ticket_history h on h.ticket_id = t.id and h.kind = 'transition'
         and h.code in ('discovered', 'recurrence', 'reopened') and h.at >= to_timestamp($1::float8 / 1000.0)
       left join lateral (
         select z.stage, z.stage_since from ticket z
         where z.subject = 'device:' || m.device and z.fault = 'hazard' and z.kind = 'inspection'
         order by z.opened_at desc limit 1) z on true
       where t.kind = 'deviceFault' and t.round_since >= to_timestamp($1::float8 / 1000.0)
         and t.subject = 'device:' || m.device and not t.drill and t.stage not in ('falseAlarm', 'cancelled')
         and not (t.cause = 'selfRecovered' and t.recovered_at < t.round_since + $3::float8 / 1000.0 * interval '1 second')
         and (z.stage is null or (z.stage in ('closed', 'falseAlarm', 'cancelled') and h.at > z.stage_since))
       group by m.device having count(*) >= $2::int order by m.device limit $4::int`,
      [since, faults, ignoresShorter, limit],
    );
    return rows;
  },
};

export interface HazardRow {
  readonly device: DeviceKey;
  readonly count: number;
  readonly tickets: readonly {
    readonly ticketId: string;
    readonly no: string;
    readonly fault: string;
    readonly at: number;
  }[];
}
