import type {
  Campaign,
  CampaignAnswer,
  CampaignFind,
  CampaignItem,
  CampaignResult,
  CampaignSheet,
  SheetState,
} from '../domain/inspection-rows.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { createParams, deviceInScope, orgInScope, type Params } from './scope.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

const EPOCH = "date '1970-01-01'";
const date = (placeholder: string) => `(${EPOCH} + ${placeholder}::int)`;
const ROW = `c.id, c.month - ${EPOCH} as month, c.name, c.filter, c.due_at as "dueAt", c.started_at as "startedAt",
  c.started_by as "startedBy", c.unplaced, c.sealed_at as "sealedAt", c.sealed_by as "sealedBy", c.seal_note as "sealNote"`;
const ITEM = `i.n, i.org_id as "orgId", i.device_id as "deviceId", i.name, i.type, i.module, i.place, i.site_id as "siteId", i.result,
  i.wrong, i.note, i.photo, i.lat, i.lon, i.by, i.at, i.ticket_id as "ticketId"`;
const count = (name: string, result: string) => `count(*) filter (where i.result = '${result}')::int as ${name}`;

/** The monthly count (排摸) of residents' committees. */
export function createCampaignStore() {
  return {
    /** The campaign, its sheets and its list as it is now; undefined when one of that month and name is there. */
    async startCampaign(
      tx: Tx,
      row: Pick<Campaign, 'id' | 'month' | 'name' | 'filter' | 'dueAt' | 'startedAt' | 'startedBy'>,
      scope: Scope,
    ): Promise<number | undefined> {
      const made = await sql(tx).query(
        `insert into campaign (id, month, name, filter, due_at, started_at, started_by, unplaced)
         values ($1, ${date('$2')}, $3, $4::jsonb, ${at('$5')}, ${at('$6')}, $7, 0) on conflict (month, name) do nothing returning id`,
        [row.id, row.month, row.name, toJson(row.filter), row.dueAt, row.startedAt, row.startedBy],
      );
      if (made.rows.length === 0) return undefined;
      const sheets = createParams(row.id);
      await sql(tx).query(
        `insert into campaign_sheet (campaign_id, org_id, org_name)
         select $1, o.id, o.name from org o where o.kind = 'area' and o.level = 5 and ${orgInScope(scope, sheets, 'o.id')}`,
        sheets.values,
      );
      const params = createParams(row.id);
      const conditions = [
        "d.lifecycle in ('trial', 'active', 'suspended')",
        deviceInScope(scope, params),
        ...(row.filter.modules ? [`d.module = any (${params.add(row.filter.modules)}::text[])`] : []),
        ...(row.filter.types ? [`d.type = any (${params.add(row.filter.types)}::text[])`] : []),
      ].join(' and ');
      const listed = await sql(tx).query(
        `insert into campaign_item (campaign_id, n, org_id, device_id, name, type, module, place, site_id)
         select $1, row_number() over (order by s.org_name, s.org_id, t.name, d.id), s.org_id, d.id, coalesce(d.nickname, d.name),
           d.type, d.module, coalesce(t.name, d.location ->> 'address'), d.site_id
         from device d join campaign_sheet s on s.campaign_id = $1 and s.org_id = d.org_id
         left join site t on t.id = d.site_id where ${conditions} returning n`,
        params.values,
      );
      await sql(tx).query(
        `update campaign set unplaced = (select count(*) from device d where ${conditions} and not exists (
           select from campaign_sheet s where s.campaign_id = $1 and s.org_id = d.org_id)) where id = $1`,
        params.values,
      );
      return listed.rows.length;
    },

    async campaigns(
      tx: Tx,
      scope: Scope,
      page: { readonly offset: number; readonly limit: number },
    ): Promise<Campaign[]> {
      const params = createParams(page.limit, page.offset);
      const { rows } = await sql(tx).query<Campaign>(
        `select ${ROW} from campaign c where ${visible(scope, params)} order by c.month desc, c.name, c.id limit $1 offset $2`,
        params.values,
      );
      return rows;
    },

    async campaign(tx: Tx, scope: Scope, id: string, lock: boolean): Promise<Campaign | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<Campaign>(
        `select ${ROW} from campaign c where c.id = $1 and ${visible(scope, params)} ${lock ? 'for update of c' : ''}`,
        params.values,
      );
      return rows[0];
    },

    async sheets(tx: Tx, scope: Scope, id: string, orgId: string | null): Promise<CampaignSheet[]> {
      const params = createParams(id, orgId);
      const { rows } = await sql(tx).query<CampaignSheet>(
        `select s.org_id as "orgId", s.org_name as "orgName", s.state, count(i.device_id)::int as expected,
           ${count('confirmed', 'confirmed')}, ${count('wrong', 'wrong')}, ${count('added', 'new')}, ${count('removed', 'removed')},
           (count(i.n) - count(i.result))::int as unanswered, s.submitted_at as "submittedAt", s.submitted_by as "submittedBy",
           s.submitted_name as "submittedName", s.signed_at as "signedAt", s.signed_by as "signedBy", s.signed_name as "signedName",
           s.returned_reason as "returnedReason",
           (select coalesce(jsonb_agg(jsonb_build_object('id', u.id, 'name', u.display_name) order by u.display_name, u.id), '[]')
            from app_user u where u.id in (select f.by from campaign_item f
              where f.campaign_id = s.campaign_id and f.org_id = s.org_id)) as "filledBy"
         from campaign_sheet s left join campaign_item i on i.campaign_id = s.campaign_id and i.org_id = s.org_id
           ${ofModules(scope, params)}
         where s.campaign_id = $1 and ($2::text is null or s.org_id = $2) and ${orgInScope(scope, params, 's.org_id')}
         group by s.campaign_id, s.org_id order by s.org_name, s.org_id`,
        params.values,
      );
      return rows;
    },

    async campaignItems(
      tx: Tx,
      scope: Scope,
      id: string,
      query: {
        readonly orgId: string | null;
        readonly result: CampaignResult | 'unanswered' | null;
        readonly after: number;
        readonly limit: number;
      },
    ): Promise<CampaignItem[]> {
      const params = createParams(id, query.orgId, query.after, query.limit, query.result);
      const { rows } = await sql(tx).query<CampaignItem>(
        `select ${ITEM} from campaign_item i where i.campaign_id = $1 and ($2::text is null or i.org_id = $2) and i.n > $3
           and ($5::text is null or coalesce(i.result, 'unanswered') = $5)
           and ${orgInScope(scope, params, 'i.org_id')} ${ofModules(scope, params)} order by i.n limit $4`,
        params.values,
      );
      return rows;
    },

    /** Names of the people who answered and sealed, and numbers of the tickets that came of it, by id. */
    async campaignNames(tx: Tx, id: string): Promise<ReadonlyMap<string, string>> {
      const { rows } = await sql(tx).query<{ id: string; name: string }>(
        `select u.id, u.display_name as name from app_user u where u.id in
           (select i.by from campaign_item i where i.campaign_id = $1 union select c.sealed_by from campaign c where c.id = $1)
         union all
         select t.id, t.no from campaign_item i join ticket t on t.id = i.ticket_id where i.campaign_id = $1`,
        [id],
      );
      return new Map(rows.map((row) => [row.id, row.name]));
    },

    /** Answers how many of the items were there to be answered. */
    async answerItems(
      tx: Tx,
      scope: Scope,
      id: string,
      orgId: string,
      answers: readonly CampaignAnswer[],
      by: string,
      now: number,
    ): Promise<number> {
      const pick = <K extends keyof CampaignAnswer>(field: K) => answers.map((answer) => answer[field] ?? null);
      const params = createParams(
        ...[id, orgId, by, now, pick('n'), pick('result'), pick('wrong'), pick('note'), pick('photo')],
        ...[pick('lat'), pick('lon')],
      );
      const { rows } = await sql(tx).query(
        `update campaign_item i set result = a.result, wrong = a.wrong, note = a.note, photo = a.photo, lat = a.lat, lon = a.lon,
           by = $3, at = ${at('$4')}
         from unnest($5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::float8[], $11::float8[])
           as a (n, result, wrong, note, photo, lat, lon)
         where i.campaign_id = $1 and i.org_id = $2 and i.n = a.n and i.device_id is not null ${ofModules(scope, params)}
         returning i.n`,
        params.values,
      );
      return rows.length;
    },

    /** The campaign's row must be locked. */
    async addFind(tx: Tx, id: string, orgId: string, find: CampaignFind, by: string, now: number): Promise<number> {
      const { rows } = await sql(tx).query<{ n: number }>(
        `insert into campaign_item (campaign_id, n, org_id, name, place, module, result, note, photo, lat, lon, by, at)
         select $1, coalesce(max(i.n), 0) + 1, $2, $3, $4,
           (select case when jsonb_array_length(c.filter -> 'modules') = 1 then c.filter -> 'modules' ->> 0 end from campaign c where c.id = $1),
           'new', $5, $6, $7, $8, $9, ${at('$10')}
         from campaign_item i where i.campaign_id = $1 returning n`,
        [
          id,
          orgId,
          find.name,
          find.place,
          find.note ?? null,
          find.photo ?? null,
          find.lat ?? null,
          find.lon ?? null,
          by,
          now,
        ],
      );
      return rows[0]?.n ?? 0;
    },

    async removeFind(tx: Tx, id: string, orgId: string, n: number): Promise<boolean> {
      const { rows } = await sql(tx).query(
        'delete from campaign_item where campaign_id = $1 and org_id = $2 and n = $3 and device_id is null and ticket_id is null returning n',
        [id, orgId, n],
      );
      return rows.length > 0;
    },

    /** Whether this person answered anything of the sheet. */
    async filledIn(tx: Tx, id: string, orgId: string, by: string): Promise<boolean> {
      const { rows } = await sql(tx).query(
        'select from campaign_item where campaign_id = $1 and org_id = $2 and by = $3 limit 1',
        [id, orgId, by],
      );
      return rows.length > 0;
    },

    async moveSheet(
      tx: Tx,
      id: string,
      orgId: string,
      to: {
        readonly state: SheetState;
        readonly by: string;
        readonly name: string;
        readonly now: number;
        readonly reason?: string;
      },
    ): Promise<void> {
      const { state, by, name, now, reason = null } = to;
      const set = {
        open: 'submitted_at = null, submitted_by = null, submitted_name = null, returned_reason = $6',
        submitted: `submitted_at = ${at('$5')}, submitted_by = $3, submitted_name = $4, returned_reason = $6`,
        countersigned: `signed_at = ${at('$5')}, signed_by = $3, signed_name = $4, returned_reason = $6`,
      }[state];
      await sql(tx).query(
        `with said as (select $3::text, $4::text, $5::float8)
         update campaign_sheet set state = $7, ${set} where campaign_id = $1 and org_id = $2`,
        [id, orgId, by, name, now, reason, state],
      );
    },

    /** Differences without a ticket, with the devices they are about. */
    async differences(tx: Tx, id: string, orgId: string): Promise<(CampaignItem & { device: number | null })[]> {
      const { rows } = await sql(tx).query<CampaignItem & { device: number | null }>(
        `select ${ITEM}, d.key as device from campaign_item i left join device d on d.id = i.device_id
         where i.campaign_id = $1 and i.org_id = $2 and i.result in ('wrong', 'new', 'removed') and i.ticket_id is null
         order by i.n`,
        [id, orgId],
      );
      return rows;
    },

    async noteTickets(
      tx: Tx,
      id: string,
      filed: readonly { readonly n: number; readonly ticketId: string }[],
    ): Promise<void> {
      await sql(tx).query(
        `update campaign_item i set ticket_id = f.ticket from unnest($2::int[], $3::text[]) as f (n, ticket)
         where i.campaign_id = $1 and i.n = f.n`,
        [id, filed.map(({ n }) => n), filed.map(({ ticketId }) => ticketId)],
      );
    },

    async seal(tx: Tx, id: string, by: string, note: string | null, now: number): Promise<void> {
      await sql(tx).query(`update campaign set sealed_at = ${at('$3')}, sealed_by = $2, seal_note = $4 where id = $1`, [
        id,
        by,
        now,
        note,
      ]);
    },
  };
}

function ofModules(scope: Scope, params: Params): string {
  return scope.kind === 'orgs' && scope.moduleIds
    ? `and (i.module is null or i.module = any (${params.add(scope.moduleIds)}::text[]))`
    : '';
}

function visible(scope: Scope, params: Params): string {
  return scope.kind === 'all'
    ? 'true'
    : `exists (select from campaign_sheet s where s.campaign_id = c.id and ${orgInScope(scope, params, 's.org_id')})`;
}
