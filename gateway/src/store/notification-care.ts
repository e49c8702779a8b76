import type { Notice } from '../domain/notice.ts';
import type { OutboxRow, TracedNotice } from '../domain/notification-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { OUTBOX_COLUMNS } from './outbox.ts';
import { jsonParam } from './ticket-rows.ts';

const at = (n: number) => `to_timestamp($${n}::float8 / 1000.0)`;

/** A firing about life and limb nobody has answered: neither acknowledged nor over. */
const UNANSWERED = `o.life_safety and o.event = 'firing' and o.acknowledged_at is null and o.state <> 'skipped'
  and not exists (select 1 from outbox r where r.subject = o.subject and r.event = 'resolved' and r.id > o.id)
  and not exists (select 1 from ticket t where t.id = o.subject and t.stage in ('closed', 'falseAlarm', 'cancelled'))`;

/** What keeps notices about life and limb alive, and the memory of every notice. */
export function createNotificationCareStore() {
  return {
    /** Answers how many are said once more; a dead letter too, for a key may have been mended. */
    async repeatDue(tx: Tx, now: number, limit: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `update outbox u set state = 'pending', repeated = u.repeated + 1, attempts = 0, next_at = ${at(1)}, lease_until = null,
           lease_owner = null
         where u.id in (
           select o.id from outbox o where ${UNANSWERED} and o.state in ('sent', 'dead') and o.repeat_every_ms is not null
             and coalesce(greatest(o.sent_at, o.next_at), o.next_at) + o.repeat_every_ms * interval '1 millisecond' <= ${at(1)}
             and not exists (select 1 from outbox n where n.subject = o.subject and n.channel_id = o.channel_id
               and n.event = 'firing' and n.level = o.level and n.id > o.id)
           order by o.id limit $2::int for update skip locked)`,
        [now, limit],
      );
      return rowCount;
    },

    /** Marks and answers what was first said before `said` and has not been answered, each once. */
    async raiseDue(tx: Tx, said: number, now: number, limit: number, since: number | null = null): Promise<Notice[]> {
      const { rows } = await sql(tx).query<{ notice: Notice }>(
        `with due as (
           select o.id from outbox o where ${UNANSWERED} and o.level < 3 and (o.raised_at is null or o.raised_at < ${at(4)} and not exists (
               select 1 from outbox h where h.subject = o.subject and h.event = 'firing' and h.id > o.id and h.level > o.level)) and o.created_at <= ${at(1)}
           order by o.id limit $3::int for update skip locked),
         marked as (update outbox o set raised_at = ${at(2)} from due where o.id = due.id returning o.id, o.key, o.notice)
         select notice from (select distinct on (key) id, notice from marked order by key, id) as once order by id`,
        [said, now, limit, since],
      );
      return rows.map(({ notice }) => notice);
    },

    /** The latest word about each thing of life and limb that lasts and nobody answered, with the channels that were given it. */
    async unanswered(tx: Tx, before: number, limit: number) {
      const { rows } = await sql(tx).query<{ notice: Notice; at: number; told: string[] }>(
        `select n.notice, n.at, array(select distinct o.channel_id from outbox o
             where o.subject = n.subject and o.event = 'firing' and o.created_at >= n.at) as told
         from (select distinct on (subject) subject, notice, at from notice_trace
               where life_safety and event = 'firing' and coalesce((notice ->> 'level')::int, 1) = 1
                 and notice ->> 'unheard' is null order by subject, at desc) n
         where n.at < ${at(1)}
           and not exists (select 1 from notice_trace r where r.event = 'resolved' and r.at >= n.at and r.subject = n.subject
             and (r.ticket_id = n.notice ->> 'ticketId' or r.incident_id = n.notice ->> 'incidentId'))
           and not exists (select 1 from ticket t where t.id = n.subject and t.stage in ('closed', 'falseAlarm', 'cancelled'))
           and not exists (select 1 from outbox o where o.subject = n.subject and o.life_safety and o.event = 'firing'
             and o.acknowledged_at >= n.at)
         order by n.at desc limit $2::int`,
        [before, limit],
      );
      return rows;
    },

    async trace(tx: Tx, traced: readonly TracedNotice[]): Promise<void> {
      await sql(tx).query(
        `insert into notice_trace (key, subject, ticket_id, incident_id, event, life_safety, notice, at, channels)
         select t.notice->>'key', t.notice->>'subject', t.notice->>'ticketId', t.notice->>'incidentId', t.notice->>'event',
           (t.notice->>'lifeSafety')::boolean, t.notice, to_timestamp(t.at / 1000.0), t.channels
         from jsonb_to_recordset($1::jsonb) as t (notice jsonb, at float8, channels int)
         on conflict (key) do nothing`,
        [jsonParam(traced)],
      );
    },

    async forget(tx: Tx, before: number, limit: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `delete from notice_trace where key in (select key from notice_trace where at < ${at(1)} order by at limit $2::int)`,
        [before, limit],
      );
      return rowCount;
    },

    async traced(tx: Tx, of: { ticketId?: string; incidentId?: string }, limit: number): Promise<TracedNotice[]> {
      const { rows } = await sql(tx).query<TracedNotice>(
        `select notice, at, channels from notice_trace
         where ticket_id = $1::text or incident_id = $2::text order by at, key limit $3::int`,
        [of.ticketId ?? null, of.incidentId ?? null, limit],
      );
      return rows;
    },

    async ofSubjects(tx: Tx, subjects: readonly string[], limit: number): Promise<OutboxRow[]> {
      const { rows } = await sql(tx).query<OutboxRow>(
        `select ${OUTBOX_COLUMNS} from outbox o where o.subject = any($1::text[]) order by o.id limit $2::int`,
        [subjects, limit],
      );
      return rows;
    },

    /** Answers how many rows were waiting for it. */
    async acknowledge(tx: Tx, subjects: readonly string[], by: string, now: number): Promise<number> {
      const { rowCount } = await sql(tx).query(
        `update outbox o set acknowledged_at = ${at(3)}, acknowledged_by = $2,
           -- A repetition on its way is taken back; the first word still goes out.
           state = case when o.state = 'pending' and o.repeated > 0 and o.lease_owner is null and o.sent_at is not null
             then 'sent' else o.state end
         where o.subject = any($1::text[]) and o.life_safety and o.event = 'firing' and o.acknowledged_at is null`,
        [subjects, by, now],
      );
      return rowCount;
    },

    /** Who acknowledged first, if anybody did since the last firing; and whether there is anything to acknowledge. */
    async answer(tx: Tx, subjects: readonly string[]) {
      const { rows } = await sql(tx).query<{
        open: number;
        at: number | null;
        by: string | null;
        notice: Notice | null;
      }>(
        `select count(*) filter (where acknowledged_at is null)::int as open, max(acknowledged_at) as at,
           (array_agg(acknowledged_by order by acknowledged_at desc) filter (where acknowledged_at is not null))[1] as by,
           (array_agg(notice order by id desc))[1] as notice
         from outbox where subject = any($1::text[]) and life_safety and event = 'firing'`,
        [subjects],
      );
      return rows[0] ?? { open: 0, at: null, by: null, notice: null };
    },

    /** Subjects under which notices of a ticket or an incident were raised. */
    async subjectsOf(tx: Tx, of: { ticketId?: string; incidentId?: string }): Promise<string[]> {
      const { rows } = await sql(tx).query<{ subject: string }>(
        `select distinct subject from notice_trace where ticket_id = $1 or incident_id = $2`,
        [of.ticketId ?? null, of.incidentId ?? null],
      );
      return rows.map(({ subject }) => subject);
    },

    /** Why the incidents made no ticket, as the monitor wrote it down. */
    async quietReasons(tx: Tx, of: { ticketId?: string; incidentId?: string }) {
      const { rows } = await sql(tx).query<{ incidentId: string; state: string; suppressed: string[] }>(
        `select i.id as "incidentId", i.state, i.suppressed from incident i
         where i.id = $2 or i.id = (select t.incident_id from ticket t where t.id = $1)`,
        [of.ticketId ?? null, of.incidentId ?? null],
      );
      return rows;
    },

    /** How people can be called out by name: their number, mail address and 企业微信 account. */
    async contacts(tx: Tx, userIds: readonly string[]) {
      const { rows } = await sql(tx).query<{
        userId: string;
        username: string;
        phone: string | null;
        email: string | null;
        wecom: string | null;
      }>(
        `select u.id as "userId", u.username, u.phone, u.email,
           (select coalesce(i.subject, i.value) from identity i where i.user_id = u.id and i.provider = 'wecom'
            order by i.linked_at desc nulls last limit 1) as wecom
         from app_user u where u.id = any($1::text[]) and u.disabled_at is null`,
        [userIds],
      );
      return rows;
    },

    /** A line in the ticket's log; nothing when there is no such ticket. */
    async noteTicket(tx: Tx, note: { ticketId: string; by: string; at: number; code: string; values: object }) {
      await sql(tx).query(
        `insert into ticket_history (ticket_id, kind, from_stage, to_stage, by, at, note, code, vars, cause)
         select t.id, 'comment', t.stage, t.stage, $2, ${at(3)}, null, $4, $5::jsonb, null from ticket t where t.id = $1`,
        [note.ticketId, note.by, note.at, note.code, jsonParam(note.values)],
      );
    },
  };
}
