import type { DeviceKey } from '../domain/device.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';

/** A retired device that still sends, and who is responsible for it. */
export interface StrayRow {
  readonly key: DeviceKey;
  readonly id: string;
  readonly vendor: string | null;
  readonly count: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What the registry finds by itself: devices that are gone for good, and devices that should be silent. */
export function createDeviceFindingStore() {
  return {
    /**
     * Marks devices that were offline for too long, blind time taken off, and takes the mark from those that came back. A
     * device that somebody kept is marked again once its time is over.
     */
    async markCandidates(
      tx: Tx,
      {
        now,
        defaultMs,
        byType,
      }: { readonly now: number; readonly defaultMs: number; readonly byType: ReadonlyMap<string, number> },
    ): Promise<{ readonly marked: number; readonly cleared: number }> {
      const { rows: cleared } = await sql(tx).query(
        `delete from retirement_candidate c using device d left join health h on h.device = d.key
         where d.key = c.device and (coalesce(h.state, 'unknown') <> 'offline' or d.lifecycle not in ('active', 'suspended'))
         returning c.device`,
      );
      await sql(tx).query(
        `update retirement_candidate set postponed_until = null
         where postponed_until <= to_timestamp($1::float8 / 1000)`,
        [now],
      );
      const { rows: marked } = await sql(tx).query(
        `with t as (select to_timestamp($1::float8 / 1000) as now),
         gone as (
           select d.key, h.since, coalesce((d.health_policy ->> 'retirementCandidateAfter')::float8, k.after, $2::float8) as after
           from health h join device d on d.key = h.device
             left join unnest($3::text[], $4::float8[]) as k (type, after) on k.type = d.type
           where h.state = 'offline' and d.lifecycle in ('active', 'suspended')
             and not exists (select 1 from retirement_candidate c where c.device = d.key)),
         long as (
           select g.*, (select f.path from health_fact f where f.device = g.key and f.name in ('link', 'probe')
             and f.state = 'bad' order by f.name limit 1) as path
           from gone g cross join t where g.since <= t.now - make_interval(secs => g.after / 1000))
         insert into retirement_candidate (device, offline_since, flagged_at)
         select l.key, l.since, t.now from long l cross join t
         where l.since <= t.now - make_interval(secs => l.after / 1000) - coalesce((
           select sum(least(coalesce(b.to_at, t.now), t.now) - greatest(b.from_at, l.since)) from blind_interval b
           where b.path = l.path and b.from_at < t.now and coalesce(b.to_at, t.now) > l.since), interval '0')
         order by l.key on conflict do nothing returning device`,
        [now, defaultMs, [...byType.keys()], [...byType.values()]],
      );
      return { marked: marked.length, cleared: cleared.length };
    },

    /** Keeps a marked device until then; false = it is not marked. */
    async keepCandidate(
      tx: Tx,
      device: DeviceKey,
      kept: { readonly until: number; readonly by: string; readonly reason: string },
    ): Promise<boolean> {
      const { rows } = await sql(tx).query(
        `update retirement_candidate set postponed_until = to_timestamp($2::float8 / 1000), decided_by = $3, reason = $4
         where device = $1 and postponed_until is null returning device`,
        [device, kept.until, kept.by, kept.reason],
      );
      return rows.length > 0;
    },

    async isCandidate(tx: Tx, device: DeviceKey): Promise<boolean> {
      const { rows } = await sql(tx).query(
        'select 1 as yes from retirement_candidate where device = $1 and postponed_until is null',
        [device],
      );
      return rows.length > 0;
    },

    /** Retired devices that sent since `askAgainMs` after their last ticket, locked; what another gateway holds is left out. */
    async strays(tx: Tx, askAgainMs: number, limit: number): Promise<readonly StrayRow[]> {
      const { rows } = await sql(tx).query<StrayRow>(
        `select d.key, d.id, coalesce(v.name, d.vendor_id) as vendor, d.zombie_count::float8 as count,
           (extract(epoch from d.zombie_at) * 1000)::float8 as at
         from device d left join vendor v on v.id = d.vendor_id
         where d.zombie_at is not null and d.lifecycle = 'retired' and not exists (
           select 1 from stray_ticket s where s.device = d.key
             and s.filed_at > d.zombie_at - make_interval(secs => $1::float8 / 1000))
         order by d.key limit $2 for update of d skip locked`,
        [askAgainMs, limit],
      );
      return rows;
    },

    async saveStrayTickets(
      tx: Tx,
      rows: readonly { readonly device: DeviceKey; readonly ticketId: string }[],
      at: number,
    ): Promise<void> {
      await sql(tx).query(
        `insert into stray_ticket (device, ticket_id, filed_at)
         select d, t, to_timestamp($3::float8 / 1000) from unnest($1::int[], $2::text[]) as n (d, t)
         on conflict (device) do update set ticket_id = excluded.ticket_id, filed_at = excluded.filed_at`,
        [rows.map(({ device }) => device), rows.map(({ ticketId }) => ticketId), at],
      );
    },
  };
}
