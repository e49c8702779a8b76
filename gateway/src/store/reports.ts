import type { DailyItem, DailySection, ReportKind, ReportRow } from '../domain/report-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createAvailabilityStore } from './report-availability.ts';
import { readDailyItems } from './report-daily.ts';
import { createTicketFigureStore } from './report-tickets.ts';
import { createParams, type Params } from './scope.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

const date = (placeholder: string) => `(date '1970-01-01' + ${placeholder}::int)`;
const HEAD = `kind, period - date '1970-01-01' as period, last - date '1970-01-01' as last, made_at as "madeAt", title`;
const NAMES = {
  module: 'select id, name_zh as zh, name_en as en from module',
  org: 'select id, name as zh, name as en from org',
  vendor: 'select id, name as zh, name as en from vendor',
  site: 'select id, name as zh, name as en from site',
} as const;

/** Reports as they were made, and what they are made from. */
export function createReportStore() {
  return {
    ...createAvailabilityStore(),
    ...createTicketFigureStore(),
    dailyItems: readDailyItems,

    async claim(tx: Tx, row: Pick<ReportRow, 'kind' | 'period' | 'last' | 'madeAt'>): Promise<boolean> {
      // A second gateway waits here for the first one's commit, and then finds it done.
      const { rowCount } = await sql(tx).query(
        `insert into report (kind, period, last, made_at, title, text, content)
         values ($1, ${date('$2')}, ${date('$3')}, ${at('$4')}, '{}', '{}', '{}') on conflict do nothing`,
        [row.kind, row.period, row.last, row.madeAt],
      );
      return rowCount > 0;
    },

    async finish(tx: Tx, row: ReportRow, items: readonly DailyItem[]): Promise<void> {
      await sql(tx).query(
        `update report set title = $3::jsonb, text = $4::jsonb, content = $5::jsonb where kind = $1 and period = ${date('$2')}`,
        [row.kind, row.period, toJson(row.title), toJson(row.text), toJson(row.content)],
      );
      if (items.length === 0) return;
      await sql(tx).query(
        `insert into report_item (period, section, position, module, org_id, vendor_id, maintenance_unit_id, handler_org_id, content)
         select ${date('$1')}, section, row_number() over (partition by section order by n), module, "orgId", "vendorId",
           "maintenanceUnitId", "handlerOrgId", content
         from rows from (jsonb_to_recordset($2::jsonb) as (section text, module text, "orgId" text, "vendorId" text,
           "maintenanceUnitId" text, "handlerOrgId" text, content jsonb)) with ordinality
           as i (section, module, "orgId", "vendorId", "maintenanceUnitId", "handlerOrgId", content, n)`,
        [row.period, toJson(items)],
      );
    },

    async made(tx: Tx, kind: ReportKind, period: number): Promise<boolean> {
      const { rowCount } = await sql(tx).query(`select from report where kind = $1 and period = ${date('$2')}`, [
        kind,
        period,
      ]);
      return rowCount > 0;
    },

    async find(tx: Tx, kind: ReportKind, period: number): Promise<ReportRow | undefined> {
      const { rows } = await sql(tx).query<ReportRow>(
        `select ${HEAD}, text, content from report where kind = $1 and period = ${date('$2')}`,
        [kind, period],
      );
      return rows[0];
    },

    async list(tx: Tx, kind: ReportKind | null, page: { readonly before: number | null; readonly limit: number }) {
      const { rows } = await sql(tx).query<Pick<ReportRow, 'kind' | 'period' | 'last' | 'madeAt' | 'title'>>(
        `select ${HEAD} from report where ($1::text is null or kind = $1) and ($2::float8 is null or made_at < ${at('$2')})
         order by made_at desc, kind limit $3`,
        [kind, page.before, page.limit],
      );
      return rows;
    },

    async items(
      tx: Tx,
      scope: Scope,
      period: number,
      section: DailyItem['section'],
      page: { readonly after: number; readonly limit: number },
    ) {
      const params = createParams();
      const { rows } = await sql(tx).query<DailyItem & { position: number }>(
        `select i.section, i.position, i.module, i.org_id as "orgId", i.vendor_id as "vendorId",
           i.maintenance_unit_id as "maintenanceUnitId", i.handler_org_id as "handlerOrgId", i.content
         from report_item i
         where i.period = ${date(params.add(period))} and i.section = ${params.add(section)}
           and i.position > ${params.add(page.after)} and ${itemInScope(scope, params)}
         order by i.position limit ${params.add(page.limit)}`,
        params.values,
      );
      return rows;
    },

    async inReach(tx: Tx, scope: Scope, items: readonly DailyItem[]): Promise<readonly DailyItem[]> {
      if (scope.kind === 'all' || items.length === 0) return items;
      const params = createParams(
        toJson(
          items.map(({ content: _, section: __, module, orgId, vendorId, maintenanceUnitId, handlerOrgId }) => ({
            module,
            org_id: orgId,
            vendor_id: vendorId,
            maintenance_unit_id: maintenanceUnitId,
            handler_org_id: handlerOrgId,
          })),
        ),
      );
      const { rows } = await sql(tx).query<{ n: number }>(
        `select i.n::int as n from rows from (jsonb_to_recordset($1::jsonb) as (module text, org_id text, vendor_id text,
           maintenance_unit_id text, handler_org_id text)) with ordinality
           as i (module, org_id, vendor_id, maintenance_unit_id, handler_org_id, n)
         where ${itemInScope(scope, params)} order by i.n`,
        params.values,
      );
      return rows.flatMap(({ n }) => items[n - 1] ?? []);
    },

    async itemCounts(tx: Tx, scope: Scope, period: number): Promise<Partial<Record<DailySection, number>>> {
      const params = createParams();
      const { rows } = await sql(tx).query<{ section: DailySection; n: number }>(
        `select i.section, count(*)::int as n from report_item i
         where i.period = ${date(params.add(period))} and i.section <> 'totals' and ${itemInScope(scope, params)}
         group by i.section`,
        params.values,
      );
      return Object.fromEntries(rows.map(({ section, n }) => [section, n]));
    },

    async names(tx: Tx, of: keyof typeof NAMES, ids: readonly string[]) {
      const { rows } = await sql(tx).query<{ id: string; zh: string; en: string }>(
        `${NAMES[of]} where id = any ($1::text[])`,
        [ids],
      );
      return new Map(rows.map(({ id, zh, en }) => [id, { zh, en }]));
    },
  };
}

/** A line as it stood when the report was made: by device, and of a ticket by who handles it. */
function itemInScope(scope: Scope, params: Params): string {
  if (scope.kind === 'all') return 'true';
  if (scope.kind === 'vendor') return `i.vendor_id = ${params.add(scope.vendorId)}`;
  const roots = params.add(scope.orgIds);
  const tree = `array(select org_subtree(${roots}::text[]))`;
  const place = `(i.org_id = any (${tree}) or i.maintenance_unit_id = any (${tree}) or i.handler_org_id = any (${tree}))`;
  return scope.moduleIds ? `(${place} and i.module = any (${params.add(scope.moduleIds)}::text[]))` : place;
}
