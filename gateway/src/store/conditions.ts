import type { DeviceKey } from '../domain/device.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { at } from './time.ts';

/** The monitor's verdict as a ticket needs it: reachable, fresh and not under suspicion. Unknown devices are left out. */
export async function deviceConditions(
  tx: Tx,
  devices: readonly DeviceKey[],
): Promise<{ device: DeviceKey; good: boolean; detail: unknown }[]> {
  const { rows } = await sql(tx).query<{ device: DeviceKey; good: boolean; detail: unknown }>(
    `select h.device, h.state in ('online', 'degraded') and not h.suspect as good,
       jsonb_build_object('state', h.state, 'reason', h.reason, 'suspect', h.suspect, 'since', h.since,
         'facts', (select jsonb_object_agg(f.name, f.state) from health_fact f where f.device = h.device)) as detail
     from health h where h.device = any ($1::int[]) and h.state <> 'unknown'`,
    [devices],
  );
  return rows;
}

/**
 * Alarms of cameras, up since before `before` (epoch ms), that their finder does not hold (any more): a crash came between
 * the two. The finders tell the other way round by themselves, at their next look.
 */
export async function unheldConditions(
  tx: Tx,
  codes: { readonly pictures: readonly string[]; readonly watches: readonly string[] },
  before: number,
): Promise<{ device: DeviceKey; code: string; path: string }[]> {
  const { rows } = await sql(tx).query<{ device: DeviceKey; code: string; path: string }>(
    `select a.device, a.code, a.path from alarm_state a
     where a.state = 'active' and a.component = '' and a.since < ${at('$3')} and (
       a.code = any ($1::text[]) and not exists (select from diagnosis_state d
         where d.device = a.device and d.code = a.code and d.state = 'confirmed')
       or a.code = any ($2::text[]) and not exists (select from camera c
         where c.device = a.device and (c.watch -> a.code ->> 'active')::boolean))`,
    [codes.pictures, codes.watches, before],
  );
  return rows;
}

/** Judged devices by state, for the metrics. */
export async function countByState(tx: Tx): Promise<Record<string, number>> {
  const { rows } = await sql(tx).query<{ state: string; count: number }>(
    `select coalesce(h.state, 'unknown') as state, count(*)::int as count
     from device d left join health h on h.device = d.key
     where d.lifecycle in ('trial', 'active', 'suspended') group by 1`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Incidents that are open now. */
export async function countOpenIncidents(tx: Tx): Promise<number> {
  const { rows } = await sql(tx).query<{ count: number }>(
    `select count(*)::int as count from incident where state = 'open'`,
  );
  return rows[0]?.count ?? 0;
}
