import type { Interval } from '../domain/availability.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { TicketReader } from '../domain/ticket-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { readHistories } from './report-history.ts';
import { visibility } from './ticket-filters.ts';
import { at } from './time.ts';

/** What the list of devices shows beside each: its last hours, and what is open about it. */
export const heartbeatReads = {
  heartbeats: (tx: Tx, ids: readonly string[], reader: TicketReader, from: number, to: number) =>
    readHistories(tx, from, to, { ids, scope: reader.scope }),

  /** While each was one of many that went away for one cause: from its going until its return. */
  async groupOutages(
    tx: Tx,
    devices: readonly DeviceKey[],
    from: number,
    to: number,
  ): Promise<ReadonlyMap<DeviceKey, readonly Interval[]>> {
    const { rows } = await sql(tx).query<{ device: DeviceKey; from: number; to: number | null }>(
      `select m.device, i.opened_at as "from", case when m.state = 'good' then m.since else i.resolved_at end as "to"
       from incident_member m join incident i on i.id = m.incident
       where m.device = any ($1::int[]) and i.kind = 'group' and i.state <> 'dismissed' and i.opened_at < ${at('$3')}
         and (case when m.state = 'good' then m.since else i.resolved_at end > ${at('$2')}
           or m.state = 'bad' and i.resolved_at is null)
       order by m.device, i.opened_at`,
      [devices, from, to],
    );
    const found = new Map<DeviceKey, Interval[]>();
    for (const row of rows) {
      const list = found.get(row.device) ?? [];
      list.push([Math.round(row.from), row.to === null ? null : Math.round(row.to)]);
      found.set(row.device, list);
    }
    return found;
  },

  /** Open tickets about these devices that the reader may see, the oldest first; drills are none. */
  async openTickets(tx: Tx, devices: readonly DeviceKey[], reader: TicketReader) {
    const params: unknown[] = [devices];
    const { rows } = await sql(tx).query<{ device: DeviceKey; id: string; no: string; stage: string }>(
      `select m.device, t.id, t.no, t.stage from ticket_device m join ticket t on t.id = m.ticket_id
       where m.device = any ($1::int[]) and t.stage not in ('closed', 'falseAlarm', 'cancelled') and not t.drill
         and ${visibility(reader, params)}
       order by t.opened_at, t.id`,
      params,
    );
    return rows;
  },
};
