import type { Notice } from '../domain/notice.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

/** Statements about incidents somebody knows of. Times are epoch milliseconds. */
export function createIncidentAcknowledgements() {
  return {
    /** Writes or renews it; false when the incident is not open. */
    async acknowledgeIncident(
      tx: Tx,
      one: { incidentId: string; at: number; by: string; byName: string; note: string | null; until: number },
    ): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `insert into incident_acknowledgement (incident_id, at, by, by_name, note, until)
         select i.id, ${at('$2')}, $3, $4, $5, ${at('$6')} from incident i where i.id = $1 and i.state = 'open'
         on conflict (incident_id) do update set at = excluded.at, by = excluded.by, by_name = excluded.by_name,
           note = excluded.note, until = excluded.until, told_at = null`,
        [one.incidentId, one.at, one.by, one.byName, one.note, one.until],
      );
      return rowCount > 0;
    },

    /** Takes those whose time is over while the incident is open, each once, with the last firing told of it. */
    async acknowledgedOver(tx: Tx, now: number, limit: number): Promise<Notice[]> {
      const { rows } = await sql(tx).query<{ notice: Notice | null }>(
        `with due as (
           select a.incident_id from incident_acknowledgement a
           where a.told_at is null and a.until <= ${at('$1')} order by a.until limit $2::int for update skip locked),
         taken as (update incident_acknowledgement a set told_at = ${at('$1')} from due
           where a.incident_id = due.incident_id returning a.incident_id)
         select (select n.notice from notice_trace n where n.event = 'firing'
             and (n.incident_id = i.id or n.ticket_id in (select t.id from ticket t where t.incident_id = i.id))
             order by n.at desc limit 1) as notice
         from taken join incident i on i.id = taken.incident_id and i.state = 'open'`,
        [now, limit],
      );
      return rows.flatMap(({ notice }) => notice ?? []);
    },
  };
}
