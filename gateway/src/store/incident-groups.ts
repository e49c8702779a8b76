import type { DeviceKey } from '../domain/device.ts';
import type { GroupKey, GroupKind } from '../domain/grouping.ts';
import type { Nows } from '../domain/health-rows.ts';
import type { Severity } from '../domain/reading.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { KEYED, type KeyedKind, membersSql } from './incident-group-keys.ts';
import { toJson } from './storable.ts';

/** Whoever decides incidents holds this for his transaction; any number that nobody else uses. */
const TURN = 7_411_201_618;

interface Group {
  readonly id: string;
  readonly key: string;
  readonly fault: string;
  readonly reason: string;
  readonly cause: string;
  readonly severity: Severity;
  readonly openedAt: number;
  readonly path: string;
  readonly notified: boolean;
  readonly suppressed: readonly string[];
  readonly evidence: readonly Readonly<Record<string, unknown>>[];
}

interface Membership {
  readonly group: string;
  readonly device: DeviceKey;
}

/** Statements of incidents that many devices share. */
export function createGroupStore() {
  return {
    async turn(tx: Tx): Promise<boolean> {
      const { rows } = await sql(tx).query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1::bigint) as mine', [
        TURN,
      ]);
      return rows[0]?.mine ?? false;
    },

    async silent(tx: Tx, since: number) {
      const columns = `i.id as incident, i.device, i.path, i.reason, i.state, i.last_at as at, i.suppressed, d.site_id as "siteId",
        d.org_id as "orgId", d.vendor_id as "vendorId", d.labels ->> 'powerFeed' as feed, d.labels ->> 'uplink' as uplink,
        exists (select 1 from health_fact f where f.device = i.device and f.name in ('link', 'probe') and f.state = 'bad'
          and f.turning is not null) as "returning"`;
      const { rows } = await sql(tx).query<{
        incident: string;
        device: DeviceKey;
        path: string;
        reason: string;
        state: 'held' | 'open';
        at: number;
        suppressed: readonly string[];
        siteId: string | null;
        orgId: string | null;
        vendorId: string | null;
        feed: string | null;
        uplink: string | null;
        returning: boolean;
      }>(
        `select ${columns} from incident i join device d on d.key = i.device
           where i.kind = 'device' and i.fault = 'offline' and i.state = 'held'
         union all
         select ${columns} from incident i join device d on d.key = i.device
           where i.kind = 'device' and i.fault = 'offline' and i.state = 'open'
             and i.opened_at > to_timestamp($1::float8 / 1000)
         order by 2`,
        [since],
      );
      return rows;
    },

    async parents(tx: Tx, devices: readonly DeviceKey[]) {
      if (devices.length === 0) return [];
      const { rows } = await sql(tx).query<{
        device: DeviceKey;
        id: string;
        name: string;
        state: 'up' | 'doubtful' | 'down';
        incident: string | null;
        told: boolean;
        suppressed: readonly string[];
      }>(
        `select h.device, d.id, d.name, i.id as incident, coalesce(i.notified, false) as told,
           coalesce(i.suppressed, '{}') as suppressed,
           case when i.id is not null then 'down' when exists (select 1 from health_fact f where f.device = h.device
             and f.name in ('link', 'probe') and f.state = 'suspect') then 'doubtful' else 'up' end as state
         from health h join device d on d.key = h.device
           left join incident i on i.device = h.device and i.fault = 'offline' and i.state in ('held', 'open')
         where h.device = any($1::int[]) and h.state <> 'unknown'`,
        [devices],
      );
      return rows;
    },

    async census(tx: Tx, keys: readonly GroupKey[]) {
      const asked = byKind(keys);
      if (asked.length === 0) return [];
      const { rows } = await sql(tx).query<GroupKey & { alive: number; doubtful: number }>(
        asked
          .map(
            ([kind], index) => `select '${kind}' as kind, ${KEYED[kind].id} as id,
              count(*) filter (where h.state <> 'offline')::int as alive,
              count(*) filter (where h.state <> 'offline' and h.suspect)::int as doubtful
            ${membersSql(kind, index + 1)} join health h on h.device = d.key
            where h.state <> 'unknown' and d.lifecycle in ('trial', 'active', 'suspended') group by 2`,
          )
          .join(' union all '),
        asked.map(([, ids]) => ids),
      );
      return rows;
    },

    async outages(tx: Tx, keys: readonly GroupKey[], until: number, days: number) {
      const asked = byKind(keys);
      if (asked.length === 0) return [];
      const first = asked.length + 1;
      const { rows } = await sql(tx).query<GroupKey & { n: number }>(
        asked
          .map(
            ([kind], index) => `select '${kind}' as kind, ${KEYED[kind].id} as id, count(*)::int as n
            ${membersSql(kind, index + 1)} join health_history y on y.device = d.key
            where y.state = 'offline' and y.at <= to_timestamp($${first}::float8 / 1000)
              and y.at > to_timestamp($${first}::float8 / 1000) - make_interval(days => $${first + 1}::int)
            group by 2, floor(extract(epoch from to_timestamp($${first}::float8 / 1000) - y.at) / 86400)`,
          )
          .join(' union all '),
        [...asked.map(([, ids]) => ids), until, days],
      );
      return rows;
    },

    async population(tx: Tx): Promise<ReadonlyMap<string, number>> {
      const { rows } = await sql(tx).query<{ path: string; n: number }>(
        `select coalesce(s.path, 'mqtt') as path, count(*)::int as n from health h
           join device d on d.key = h.device left join device_seen s on s.device = h.device
         where h.state in ('online', 'flapping', 'stale', 'degraded') and d.lifecycle in ('trial', 'active', 'suspended')
         group by 1`,
      );
      return new Map(rows.map(({ path, n }) => [path, n]));
    },

    async names(tx: Tx, keys: readonly GroupKey[]): Promise<ReadonlyMap<string, string>> {
      const of = (...kinds: GroupKind[]) => keys.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id);
      const { rows } = await sql(tx).query<{ kind: string; id: string; name: string }>(
        `select 'site' as kind, id, name from site where id = any($1::text[])
         union all select 'org', id, name from org where id = any($2::text[])
         union all select 'vendor', id, name from vendor where id = any($3::text[])
         union all select 'vendorLink', id, name from vendor where id = any($4::text[])
         union all select 'parent', id, coalesce(nullif(nickname, ''), name) from device where id = any($5::text[])`,
        [
          [...of('site'), ...of('powerFeed').map((id) => id.slice(0, id.indexOf('/')))],
          of('org'),
          of('vendor'),
          of('vendorLink'),
          of('parent'),
        ],
      );
      return new Map(rows.map(({ kind, id, name }) => [`${kind}:${id}`, name]));
    },

    async live(tx: Tx) {
      const { rows } = await sql(tx).query<
        Group & { readonly bad: number; readonly good: number; readonly parentDown: boolean | null }
      >(
        `select g.id, g.key, g.fault, g.reason, coalesce(g.cause, '') as cause, g.severity, g.opened_at as "openedAt", g.path,
           g.notified, g.suppressed, g.evidence,
           (select count(*)::int from incident_member m where m.incident = g.id and m.state = 'bad') as bad,
           (select count(*)::int from incident_member m where m.incident = g.id and m.state = 'good') as good,
           case when starts_with(g.key, 'parent:') then exists (select 1 from device p join incident x on x.device = p.key
             where p.id = substr(g.key, 8) and x.fault = 'offline' and x.state in ('held', 'open')) end as "parentDown"
         from incident g where g.kind = 'group' and g.state = 'open' order by g.opened_at, g.id`,
      );
      return rows;
    },

    async open(tx: Tx, rows: readonly Group[]): Promise<ReadonlySet<string>> {
      if (rows.length === 0) return new Set();
      const inserted = await sql(tx).query<{ id: string }>(
        `insert into incident (id, kind, key, fault, reason, cause, severity, state, opened_at, path, notified, suppressed,
           evidence, last_at)
         select id, 'group', key, fault, reason, cause, severity, 'open', to_timestamp(opened / 1000), path, notified,
           array(select jsonb_array_elements_text(suppressed::jsonb)), evidence::jsonb, to_timestamp(opened / 1000)
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::text[],
           $9::bool[], $10::text[], $11::text[])
           as n (id, key, fault, reason, cause, severity, opened, path, notified, suppressed, evidence)
         on conflict do nothing returning id`,
        [
          rows.map((row) => row.id),
          rows.map((row) => row.key),
          rows.map((row) => row.fault),
          rows.map((row) => row.reason),
          rows.map((row) => row.cause),
          rows.map((row) => row.severity),
          rows.map((row) => row.openedAt),
          rows.map((row) => row.path),
          rows.map((row) => row.notified),
          rows.map((row) => toJson(row.suppressed)),
          rows.map((row) => toJson(row.evidence)),
        ],
      );
      return new Set(inserted.rows.map((row) => row.id));
    },

    async absorb(tx: Tx, members: readonly Membership[]): Promise<readonly Membership[]> {
      if (members.length === 0) return [];
      const { rows } = await sql(tx).query<Membership>(
        `with wanted as (select * from unnest($1::text[], $2::int[]) as w (grp, device)),
         mine as (
           select i.id, w.grp from incident i join wanted w on w.device = i.device
           where i.kind = 'device' and i.fault = 'offline' and i.state = 'held' order by i.id for update of i skip locked)
         update incident i set state = 'open', decide_at = null, notified = false, suppressed = array['group:' || mine.grp]
         from mine where i.id = mine.id returning mine.grp as "group", i.device`,
        [members.map(({ group }) => group), members.map(({ device }) => device)],
      );
      return rows;
    },

    async retell(tx: Tx, rows: readonly Pick<Group, 'id' | 'cause' | 'evidence'>[]): Promise<void> {
      if (rows.length === 0) return;
      await sql(tx).query(
        `update incident i set cause = n.cause, evidence = n.evidence::jsonb
         from unnest($1::text[], $2::text[], $3::text[]) as n (id, cause, evidence) where i.id = n.id`,
        [rows.map(({ id }) => id), rows.map(({ cause }) => cause), rows.map(({ evidence }) => toJson(evidence))],
      );
    },

    async join(tx: Tx, members: readonly Membership[], at: number): Promise<void> {
      if (members.length === 0) return;
      await sql(tx).query(
        `insert into incident_member as m (incident, device, state, since)
         select distinct w.grp, w.device, 'bad', to_timestamp($3::float8 / 1000) from unnest($1::text[], $2::int[]) as w (grp, device)
         on conflict (incident, device) do update set state = 'bad', since = excluded.since where m.state = 'good'`,
        [members.map(({ group }) => group), members.map(({ device }) => device), at],
      );
    },

    async pending(tx: Tx, before: number): Promise<boolean> {
      const { rows } = await sql(tx).query<{ any: boolean }>(
        `select exists (select 1 from incident where kind = 'group' and state = 'open') or exists (
           select 1 from incident g join incident_member m on m.incident = g.id and m.state = 'bad'
           where g.kind = 'group' and g.state = 'resolved' and g.resolved_at <= to_timestamp($1::float8 / 1000)
             and g.resolved_at > to_timestamp($1::float8 / 1000) - interval '30 days') as any`,
        [before],
      );
      return rows[0]?.any ?? false;
    },

    async members(tx: Tx, groups: readonly string[]): Promise<readonly Membership[]> {
      const { rows } = await sql(tx).query<Membership>(
        'select incident as "group", device from incident_member where incident = any($1::text[]) order by 1, 2',
        [groups],
      );
      return rows;
    },

    async labelled(tx: Tx, keys: readonly GroupKey[]): Promise<readonly DeviceKey[]> {
      const asked = byKind(keys);
      if (asked.length === 0) return [];
      const { rows } = await sql(tx).query<{ key: DeviceKey }>(
        asked.map(([kind], index) => `select d.key ${membersSql(kind, index + 1)}`).join(' union '),
        asked.map(([, ids]) => ids),
      );
      return rows.map(({ key }) => key);
    },

    async resolve(tx: Tx, groups: readonly string[], at: number): Promise<void> {
      if (groups.length === 0) return;
      await sql(tx).query(
        `update incident set state = 'resolved', resolved_at = to_timestamp($2::float8 / 1000), last_at = to_timestamp($2::float8 / 1000)
         where id = any($1::text[]) and kind = 'group' and state = 'open'`,
        [groups, at],
      );
    },

    async leftovers(tx: Tx, before: number, nows: Nows): Promise<number> {
      const { rows } = await sql(tx).query(
        `with mine as (
           select i.id, g.id as grp from incident g
             join incident_member m on m.incident = g.id and m.state = 'bad'
             join incident i on i.device = m.device and i.fault = 'offline' and i.state = 'open'
               and 'group:' || g.id = any(i.suppressed)
           where g.kind = 'group' and g.state = 'resolved' and g.resolved_at <= to_timestamp($1::float8 / 1000)
             and g.resolved_at > to_timestamp($1::float8 / 1000) - interval '30 days'
           order by i.id for update of i skip locked)
         update incident i set state = 'held', suppressed = '{}', decide_at = p.now
         from mine, unnest($2::text[], $3::bigint[]) as p (path, now)
         where i.id = mine.id and p.path = i.path returning i.id`,
        [before, [...nows.keys()], [...nows.values()].map(Math.floor)],
      );
      return rows.length;
    },

    async putOff(tx: Tx, path: string, decideAt: number): Promise<void> {
      await sql(tx).query(
        `update incident set decide_at = greatest(decide_at, $2::bigint)
         where kind = 'device' and fault = 'offline' and state = 'held' and path = $1 and not life_safety`,
        [path, Math.floor(decideAt)],
      );
    },
  };
}

function byKind(keys: readonly GroupKey[]): [KeyedKind, string[]][] {
  const kinds = new Map<KeyedKind, string[]>();
  for (const { kind, id } of keys) {
    if (kind === 'vendorLink') continue;
    const ids = kinds.get(kind);
    if (ids) ids.push(id);
    else kinds.set(kind, [id]);
  }
  return [...kinds];
}
