import type { DeviceKey } from '../domain/device.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** Incidents as tickets take them over. */
export const ticketIncidents = {
  /**
   * Faults of these devices a group speaks for, or that wait to be judged, are from now on told of by a ticket of their
   * own: their end will be announced, and a group that goes on no longer waits for them. One that somebody else is deciding
   * just now is left to them.
   */
  async takeIncidents(
    tx: Tx,
    devices: readonly DeviceKey[],
    { fault, component }: { readonly fault: string; readonly component: string | null },
  ): Promise<string[]> {
    const { rows } = await sql(tx).query<{ id: string }>(
      `with mine as (
         select i.id, i.device, i.suppressed from incident i
         where i.kind = 'device' and i.device = any($1::int[]) and i.fault = $2 and i.component = $3 and not i.notified
           and (i.state = 'held' or i.state = 'open' and exists (
             select from unnest(i.suppressed) as s (reason) where s.reason like 'group:%'))
         order by i.id for update of i skip locked),
       left_group as (
         delete from incident_member m using mine, incident g
         where m.device = mine.device and g.id = m.incident and g.state = 'open' and 'group:' || g.id = any(mine.suppressed))
       update incident i set state = 'open', decide_at = null, notified = true, suppressed = '{}'
       from mine where i.id = mine.id returning i.id`,
      [devices, fault, component ?? ''],
    );
    return rows.map(({ id }) => id).sort();
  },
};
