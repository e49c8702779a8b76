import type { DeviceKey } from '../domain/device.ts';
import type { QuietedIncident } from '../domain/quiet-rows.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { toJson } from './storable.ts';

/** Incidents that something kept quiet. */
export function createQuietedStore() {
  return {
    async quieted(tx: Tx, reason: string): Promise<QuietedIncident[]> {
      const { rows } = await sql(tx).query<QuietedIncident>(
        `with mine as (
           select i.id from incident i where i.state in ('held', 'open') and i.suppressed <> '{}' and i.suppressed @> array[$1]::text[]
           order by i.id for update of i)
         select i.id, i.kind, i.device, i.fault, i.severity, i.opened_at as "openedAt", i.suppressed,
           exists (select from ticket t where t.stage not in ('closed', 'falseAlarm', 'cancelled')
             and (t.incident_id = i.id or (t.open_incidents <> '[]' and t.open_incidents @> to_jsonb(i.id)))) as "hasTicket",
           array(select m.device from incident_member m where m.incident = i.id and m.state = 'bad' order by 1) as members
         from incident i join mine on mine.id = i.id where i.state = 'open' order by i.id`,
        [reason],
      );
      return rows;
    },

    async quietedDevices(tx: Tx, reason: string): Promise<DeviceKey[]> {
      const { rows } = await sql(tx).query<{ device: DeviceKey }>(
        `select distinct i.device from incident i where i.state in ('held', 'open') and i.suppressed <> '{}'
           and i.suppressed @> array[$1]::text[] and i.device is not null order by 1`,
        [reason],
      );
      return rows.map(({ device }) => device);
    },

    async quietedNames(tx: Tx, reason: string) {
      const { rows } = await sql(tx).query<{
        id: string;
        name: string;
        module: string | null;
        orgId: string | null;
      }>(
        `select d.id, d.name, d.module, d.org_id as "orgId" from device d where d.key in (
           select i.device from incident i where i.state in ('held', 'open') and i.suppressed <> '{}'
             and i.suppressed @> array[$1]::text[]) order by d.id`,
        [reason],
      );
      return rows;
    },

    async retell(
      tx: Tx,
      rows: readonly {
        readonly id: string;
        readonly suppressed: readonly string[];
        readonly notified: boolean | null;
      }[],
    ): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `update incident i set suppressed = array(select jsonb_array_elements_text(n.suppressed::jsonb)),
           notified = coalesce(n.notified, i.notified)
         from unnest($1::text[], $2::text[], $3::bool[]) as n (id, suppressed, notified) where i.id = n.id`,
        [
          rows.map(({ id }) => id),
          rows.map(({ suppressed }) => toJson(suppressed)),
          rows.map(({ notified }) => notified),
        ],
      );
    },
  };
}
