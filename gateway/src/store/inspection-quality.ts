import { QUALITY_WEIGHTS, STUCK_FROM } from '../domain/data-quality.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { QualityBy, QualityRow } from '../domain/inspection-rows.ts';
import type { ReadingsElsewhere } from '../domain/readings-elsewhere.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import type { Language } from '../messages/index.ts';
import { sql } from './database.ts';
import { SUMS_GIVEN, SUMS_HERE, sumColumns } from './metric-sums.ts';
import { createParams, deviceInScope } from './scope.ts';
import { at } from './time.ts';

const EPOCH = "date '1970-01-01'";
const date = (placeholder: string) => `(${EPOCH} + ${placeholder}::int)`;

interface Span {
  readonly from: number;
  readonly to: number;
}
interface TypeFacts {
  readonly type: string;
  readonly interval: number | null;
  readonly sends: boolean;
  readonly use: readonly string[];
}
interface Batch {
  readonly after: DeviceKey;
  readonly limit: number;
}

/** The same as domain/data-quality.ts, so that lists are sorted by the database. */
const share = (part: string, whole: string) =>
  `case when ${whole} > 0 then least(1, (${part})::float8 / (${whole})) end`;
const PARTS: Readonly<Record<keyof typeof QUALITY_WEIGHTS, string>> = {
  gaps: share('n.received', 'n.expected'),
  duplicates: `1 - ${share('n.duplicates', 'n.received + n.duplicates')}`,
  range: `1 - ${share('n.refused', 'n.readings + n.refused')}`,
  stuck: `1 - ${share('n.stuck', 'n.judged')}`,
  skew: `1 - ${share('n.skewed', 'n.readings')}`,
  schema: `1 - ${share('n.unknown', 'n.readings + n.unknown')}`,
};
const weighted = Object.entries(QUALITY_WEIGHTS).map(([name, weight]) => ({
  weight,
  part: `(${PARTS[name as keyof typeof QUALITY_WEIGHTS]})`,
}));
const SCORE = `100 * (${weighted.map(({ weight, part }) => `coalesce(${weight} * ${part}, 0)`).join(' + ')})
  / nullif(${weighted.map(({ weight, part }) => `case when ${part} is null then 0 else ${weight} end`).join(' + ')}, 0)`;

const GROUP = 'vendor_id, module, type, org_id, maintenance_unit_id';
/** What lists show. */
const NUMBERS = [
  ...['expected', 'excused', 'received', 'readings', 'duplicates', 'refused', 'unknown', 'skewed', 'judged', 'stuck'],
] as const;
const COUNTED = [
  ...['expected', 'excused', 'received', 'readings', 'duplicates', 'refused', 'unknown', 'skewed', 'judged', 'stuck'],
  ...['use_of', 'used', 'events', 'views'],
] as const;
/** States of a socket that is taken. */
const TAKEN = ['charging', 'occupied', 'connected'];
/** What tells of the account of a device, not of its data. */
const NO_DATA = "('DUPLICATE', 'UNKNOWN_METRIC', 'ZOMBIE')";

/** Column of the sums, and where its values are named. */
const SUMMED: Readonly<
  Record<Exclude<QualityBy, 'device'>, (language: Language) => readonly [string, string, string]>
> = {
  vendor: () => ['vendor_id', 'v.name', 'left join vendor v on v.id = x.key'],
  module: (language) => [
    'module',
    `m.name_${language === 'en' ? 'en' : 'zh'} as name`,
    'left join module m on m.id = x.key',
  ],
  type: () => ['type', 'null as name', ''],
};

async function activeDevices(tx: Tx, { after, limit }: Batch): Promise<DeviceKey[]> {
  const { rows } = await sql(tx).query<{ key: DeviceKey }>(
    "select key from device where key > $1 and lifecycle = 'active' order by key limit $2",
    [after, limit],
  );
  return rows.map((row) => row.key);
}

/** What devices delivered, by day and quarter. */
export function createQualityStore(elsewhere?: ReadingsElsewhere) {
  return {
    async blind(tx: Tx, { from, to }: Span): Promise<[number, number | null][]> {
      const { rows } = await sql(tx).query<{ from: number; to: number | null }>(
        `select b.from_at as "from", b.to_at as "to" from blind_interval b
         where b.path = 'mqtt' and b.from_at < ${at('$2')} and coalesce(b.to_at, ${at('$2')}) > ${at('$1')} order by b.from_at`,
        [from, to],
      );
      return rows.map((row) => [row.from, row.to]);
    },

    activeDevices,

    async rollDay(
      tx: Tx,
      day: number,
      span: Span & { readonly blindMs: number; readonly excusedMs: ReadonlyMap<DeviceKey, number> },
      types: readonly TypeFacts[],
      { after, limit }: Batch,
    ): Promise<DeviceKey | undefined> {
      const uses = types.flatMap(({ type, use }) => use.map((pattern) => ({ type, pattern })));
      const sums = await elsewhere?.sums(tx, await activeDevices(tx, { after, limit }), span, TAKEN);
      const { rows } = await sql(tx).query<{ device: DeviceKey }>(
        `with t as (select * from unnest($6::text[], $7::float8[], $8::bool[]) as t (type, every, sends)),
         u as (select * from unnest($9::text[], $10::text[]) as u (type, pattern)),
         d as materialized (select d.key, d.type, d.created_at, d.health_policy, d.connection is not null as asked from device d
           where d.key > $11 and d.lifecycle = 'active' order by d.key limit $12),
         r as (${sums ? SUMS_GIVEN : SUMS_HERE}),
         m as (select r.device, max(r.n) as received, sum(r.n) as readings, sum(r.skewed) as skewed,
             count(*) filter (where r.nums >= ${STUCK_FROM}) as judged,
             count(*) filter (where r.nums >= ${STUCK_FROM} and r.lo = r.hi and r.lo <> 0) as stuck,
             sum(r.texts) filter (where x.use) as use_of, sum(r.taken) filter (where x.use) as used
           from r join d on d.key = r.device join metric k on k.key = r.metric
           cross join lateral (select exists (select from u where u.type = d.type and k.name like u.pattern) as use) x
           group by r.device),
         c as (select i.device, sum(i.count) filter (where i.code = 'DUPLICATE') as duplicates,
             sum(i.count) filter (where i.code = 'UNKNOWN_METRIC') as unknown,
             sum(i.count) filter (where i.code not in ${NO_DATA}) as refused
           from ingest_count i where i.hour >= ${at('$2')} and i.hour < ${at('$3')} and i.device = any (array(select key from d))
           group by i.device),
         e as (select v.device, count(*) as events from device_event v
           where v.time >= ${at('$2')} and v.time < ${at('$3')} and v.device = any (array(select key from d)) group by v.device),
         w as (select v.device, count(*) as views from viewing v
           where v.started_at >= ${at('$2')} and v.started_at < ${at('$3')} and v.device = any (array(select key from d)) group by v.device),
         x as (select * from unnest($13::int[], $14::float8[]) as x (device, ms)),
         s as (select d.key, greatest(0, extract(epoch from ${at('$3')} - greatest(${at('$2')}, d.created_at))::float8 * 1000 - $4) as heard,
             coalesce((d.health_policy ->> 'interval')::float8, t.every, l.median) as every
           from d join t on t.type = d.type and t.sends left join learned_deadline l on l.device = d.key
           -- Whoever is asked (a camera) owes no messages until it sends some.
           where not d.asked or d.key = any (array(select device from m))),
         n as (select d.key as device, floor(greatest(0, s.heard - coalesce(x.ms, 0)) / s.every)::int as expected,
             coalesce(floor(s.heard / s.every) - floor(greatest(0, s.heard - coalesce(x.ms, 0)) / s.every), 0)::int as excused,
             coalesce(m.received, 0)::int as received, coalesce(m.readings, 0)::int as readings,
             coalesce(c.duplicates, 0)::int as duplicates, coalesce(c.refused, 0)::int as refused, coalesce(c.unknown, 0)::int as unknown,
             coalesce(m.skewed, 0)::int as skewed, coalesce(m.judged, 0)::int as judged, coalesce(m.stuck, 0)::int as stuck,
             coalesce(m.use_of, 0)::int as use_of, coalesce(m.used, 0)::int as used, coalesce(e.events, 0)::int as events,
             coalesce(w.views, 0)::int as views
           from d left join s on s.key = d.key left join x on x.device = d.key left join m on m.device = d.key
           left join c on c.device = d.key left join e on e.device = d.key left join w on w.device = d.key)
         insert into device_day (day, device, ${COUNTED.join(', ')}, score)
         select ${date('$1')}, n.device, ${COUNTED.map((name) => `n.${name}`).join(', ')}, ${SCORE} from n where $5
         on conflict (day, device) do update set ${COUNTED.map((name) => `${name} = excluded.${name}`).join(', ')}, score = excluded.score
         returning device`,
        [
          ...[day, span.from, span.to, span.blindMs, span.to > span.from],
          types.map(({ type }) => type),
          types.map(({ interval }) => interval),
          types.map(({ sends }) => sends),
          uses.map(({ type }) => type),
          uses.map(({ pattern }) => pattern),
          ...[after, limit],
          [...span.excusedMs.keys()],
          [...span.excusedMs.values()],
          ...(sums ? sumColumns(sums) : [TAKEN]),
        ],
      );
      return rows.length < limit ? undefined : Math.max(...rows.map((row) => row.device));
    },

    /** Sums of a day anew from its devices. */
    async sumDay(tx: Tx, day: number): Promise<void> {
      await sql(tx).query(`delete from device_day_sum where day = ${date('$1')}`, [day]);
      await sql(tx).query(
        `insert into device_day_sum (day, ${GROUP}, devices, judgeable, score, ${NUMBERS.join(', ')})
         select q.day, ${GROUP.replaceAll(/(\w+)/g, 'd.$1')}, count(*), count(q.score), coalesce(sum(q.score), 0), ${NUMBERS.map((name) => `sum(q.${name})`).join(', ')}
         from device_day q join device d on d.key = q.device where q.day = ${date('$1')} group by q.day, ${GROUP.replaceAll(/(\w+)/g, 'd.$1')}`,
        [day],
      );
    },

    /** Sums of the quarter anew from its days and its tickets. */
    async rollQuarter(
      tx: Tx,
      { first, next }: { readonly first: number; readonly next: number },
      { from, to }: Span,
      { after, limit }: Batch,
    ): Promise<DeviceKey | undefined> {
      const { rows } = await sql(tx).query<{ device: DeviceKey }>(
        `with d as materialized (select key, connection is not null as watched from device where key > $5 and lifecycle in ('active', 'suspended') order by key limit $6),
         s as (select x.device, count(*)::int as days, sum(x.use_of) as use_of, sum(x.used) as used, sum(x.events) as events,
             sum(x.views) as views from device_day x
           where x.day >= ${date('$1')} and x.day < ${date('$2')} and x.device = any (array(select key from d)) group by x.device),
         k as (select m.device, count(*)::int as tickets, (count(*) filter (where t.stage = 'falseAlarm'))::int as wolf
           from ticket_device m join ticket t on t.id = m.ticket_id
           where m.device = any (array(select key from d)) and t.opened_at >= ${at('$3')} and t.opened_at < ${at('$4')}
             and not t.drill and t.kind <> 'inspection' group by m.device)
         insert into device_quarter (quarter, device, days, use_of, used, events, views, tickets, false_alarms, watched)
         select ${date('$1')}, d.key, coalesce(s.days, 0), coalesce(s.use_of, 0), coalesce(s.used, 0), coalesce(s.events, 0),
           coalesce(s.views, 0), coalesce(k.tickets, 0), coalesce(k.wolf, 0), d.watched
         from d left join s on s.device = d.key left join k on k.device = d.key
         on conflict (quarter, device) do update set days = excluded.days, use_of = excluded.use_of, used = excluded.used,
           events = excluded.events, views = excluded.views, tickets = excluded.tickets, false_alarms = excluded.false_alarms, watched = excluded.watched
         returning device`,
        [first, next, from, to, after, limit],
      );
      return rows.length < limit ? undefined : Math.max(...rows.map((row) => row.device));
    },

    async pruneDays(tx: Tx, before: number): Promise<void> {
      await sql(tx).query(`delete from device_day where day < ${date('$1')}`, [before]);
      await sql(tx).query(`delete from device_day_sum where day < ${date('$1')}`, [before]);
      await sql(tx).query(`delete from inspection_run where day < ${date('$1')}`, [before]);
      await sql(tx).query(`delete from ingest_count where hour < ${date('$1')}`, [before]);
    },

    async claimRun(
      tx: Tx,
      name: string,
      day: number,
      owner: string,
      { now, until, least }: { readonly now: number; readonly until: number; readonly least: number },
    ): Promise<boolean> {
      const { rows } = await sql(tx).query(
        `insert into inspection_run as r (name, day, owner, until) values ($1, ${date('$2')}, $3, ${at('$5')})
         on conflict (name, day) do update set owner = $3, until = ${at('$5')}
           where (r.through is null or r.through < ${at('$6')}) and (r.owner = $3 or r.until <= ${at('$4')})
         returning name`,
        [name, day, owner, now, until, least],
      );
      return rows.length > 0;
    },

    async finishRun(tx: Tx, name: string, day: number, through: number): Promise<void> {
      await sql(tx).query(
        `update inspection_run set through = ${at('$3')}, until = ${at('$3')} where name = $1 and day = ${date('$2')}`,
        [name, day, through],
      );
    },

    async newestDay(tx: Tx): Promise<{ day: number; through: number } | undefined> {
      const { rows } = await sql(tx).query<{ day: number; through: number }>(
        `select day - ${EPOCH} as day, through from inspection_run where name = 'quality' and through is not null
         order by through >= (day + 1)::timestamptz - interval '14 hours' desc, day desc limit 1`,
      );
      return rows[0];
    },

    async runOf(tx: Tx, name: string, day: number): Promise<number | null> {
      const { rows } = await sql(tx).query<{ through: number | null }>(
        `select through from inspection_run where name = $1 and day = ${date('$2')}`,
        [name, day],
      );
      return rows[0]?.through ?? null;
    },

    /** Worst first; what cannot be judged last. */
    async quality(
      tx: Tx,
      scope: Scope,
      query: {
        readonly by: QualityBy;
        readonly language: Language;
        readonly day: number;
        readonly vendorId: string | null;
        readonly module: string | null;
        readonly type: string | null;
        readonly offset: number;
        readonly limit: number;
      },
    ): Promise<QualityRow[]> {
      const { by, language, day, vendorId, module, type, offset, limit } = query;
      const params = createParams(day, offset, limit);
      const wanted = { vendor_id: vendorId, module, type };
      const conditions = (row: string) =>
        [
          deviceInScope(scope, params, row),
          ...Object.entries(wanted).flatMap(([name, value]) =>
            value === null ? [] : [`${row}.${name} = ${params.add(value)}`],
          ),
        ].join(' and ');
      const [column, name, join] = SUMMED[by === 'device' ? 'vendor' : by](language);
      const text =
        by === 'device'
          ? `select d.id as key, coalesce(d.nickname, d.name) as name, q.score, 1 as devices, ${NUMBERS.map((name) => `q.${name}`).join(', ')}
             from device_day q join device d on d.key = q.device where q.day = ${date('$1')} and ${conditions('d')}
             order by q.score, q.device offset $2 limit $3`
          : `select x.*, ${name} from (
               select s.${column} as key, sum(s.score) / nullif(sum(s.judgeable), 0) as score, sum(s.devices)::int as devices,
                 ${NUMBERS.map((name) => `sum(s.${name})::float8 as ${name}`).join(', ')}
               from device_day_sum s where s.day = ${date('$1')} and ${conditions('s')} group by s.${column}) x
             ${join} order by x.score, x.key offset $2 limit $3`;
      const { rows } = await sql(tx).query<QualityRow>(text, params.values);
      return rows;
    },
  };
}
