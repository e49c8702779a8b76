import type { ConstructionDecision, ConstructionReview } from '../domain/construction.ts';
import type { DeviceKey } from '../domain/device.ts';
import type {
  HandedDevice,
  Handover,
  HandoverQuery,
  HandoverState,
  HandoverWithDevices,
  Step,
} from '../domain/handover.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { newestFirst } from './newest-first.ts';
import { createParams, orgInScope, type Params } from './scope.ts';
import { at } from './time.ts';

const REVIEW = `r.id, r.no, r.at, r.by, r.by_name as "byName", r.org_id as "orgId", r.review,
  (select jsonb_build_object('at', (extract(epoch from c.at) * 1000)::float8, 'by', c.by, 'byName', c.by_name,
      'decision', c.decision, 'opinion', c.opinion) from construction_decision c where c.review_id = r.id) as decided`;

const step = (name: string) => `case when h.${name}_at is null then null else jsonb_build_object(
  'at', extract(epoch from h.${name}_at) * 1000, 'by', h.${name}_by, 'byName', h.${name}_name`;
const HANDOVER = `h.id, h.no, h.kind, h.state, h.from_org_id as "fromOrgId", f.name as "fromOrgName", h.to_org_id as "toOrgId",
  t.name as "toOrgName", h.on_date::text as date, h.note,
  (select count(*)::int from handover_device x where x.handover_id = h.id) as "deviceCount",
  ${step('created')}) end as created, ${step('handed')}) end as handed,
  ${step('decided')}, 'reason', h.decision_reason, 'onBehalf', h.on_behalf) end as decided`;
const HANDOVER_FROM = 'from handover h join org f on f.id = h.from_org_id join org t on t.id = h.to_org_id';

/** Both sides see a handover; nobody else, and no vendor. Whoever has to do with some modules only, if one of them is in it. */
function handoverInScope(scope: Scope, params: Params): string {
  const sides = `(${orgInScope(scope, params, 'h.from_org_id')} or ${orgInScope(scope, params, 'h.to_org_id')})`;
  if (scope.kind !== 'orgs' || !scope.moduleIds) return sides;
  return `(${sides} and exists (select 1 from handover_device x join device d on d.key = x.device
    where x.handover_id = h.id and d.module = any (${params.add(scope.moduleIds)}::text[])))`;
}
/** A review belongs to the organisation that asked; without one to those who see everything. */
const reviewInScope = (scope: Scope, params: Params) => `coalesce(${orgInScope(scope, params, 'r.org_id')}, false)`;

/** 比对审核单 and 移交单. */
export function createPaperStore() {
  return {
    async addReview(tx: Tx, review: ConstructionReview): Promise<void> {
      await sql(tx).query(
        `insert into construction_review (id, no, at, by, by_name, org_id, review)
         values ($1, $2, ${at('$3')}, $4, $5, $6, $7::jsonb)`,
        [review.id, review.no, review.at, review.by, review.byName, review.orgId, JSON.stringify(review.review)],
      );
    },

    /** False when somebody has decided already. */
    async decideReview(
      tx: Tx,
      id: string,
      { at: when, by, byName, decision, opinion }: ConstructionDecision,
    ): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `insert into construction_decision (review_id, at, by, by_name, decision, opinion)
         values ($1, ${at('$2')}, $3, $4, $5, $6) on conflict do nothing`,
        [id, when, by, byName, decision, opinion],
      );
      return rowCount > 0;
    },

    async review(tx: Tx, id: string, scope: Scope, by: string): Promise<ConstructionReview | undefined> {
      const params = createParams(id, by);
      const { rows } = await sql(tx).query<ConstructionReview>(
        `select ${REVIEW} from construction_review r where r.id = $1 and (r.by = $2 or ${reviewInScope(scope, params)})`,
        params.values,
      );
      return rows[0];
    },

    /** Newest first. */
    async reviews(tx: Tx, query: { limit: number; cursor?: string | undefined }, scope: Scope, by: string) {
      const params = createParams(by);
      const condition = `(r.by = $1 or ${reviewInScope(scope, params)})`;
      return newestFirst<ConstructionReview>(
        tx,
        'from construction_review r',
        REVIEW,
        'r.at',
        condition,
        query,
        params,
      );
    },

    async addHandover(
      tx: Tx,
      handover: Omit<Handover, 'fromOrgName' | 'toOrgName' | 'deviceCount' | 'handed' | 'decided'>,
      devices: readonly { readonly key: DeviceKey; readonly snapshot: HandedDevice }[],
    ): Promise<void> {
      const { created } = handover;
      await sql(tx).query(
        `insert into handover (id, no, kind, state, from_org_id, to_org_id, on_date, note, created_at, created_by, created_name)
         values ($1, $2, $3, $4, $5, $6, $7::date, $8, ${at('$9')}, $10, $11)`,
        [
          handover.id,
          handover.no,
          handover.kind,
          handover.state,
          handover.fromOrgId,
          handover.toOrgId,
          handover.date,
          handover.note,
          created.at,
          created.by,
          created.byName,
        ],
      );
      await sql(tx).query(
        `insert into handover_device (handover_id, device, position, snapshot)
         select $1, n.key, n.position,
           n.snapshot || jsonb_build_object('healthState', coalesce(h.state, n.snapshot ->> 'healthState'))
         from jsonb_to_recordset($2::jsonb) as n (key integer, position integer, snapshot jsonb)
         left join health h on h.device = n.key`,
        [handover.id, JSON.stringify(devices.map((device, position) => ({ ...device, position })))],
      );
    },

    async handover(
      tx: Tx,
      id: string,
      scope: Scope,
      options: { lock?: boolean } = {},
    ): Promise<HandoverWithDevices | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<HandoverWithDevices>(
        `select ${HANDOVER}, (select jsonb_agg(x.snapshot order by x.position) from handover_device x
           where x.handover_id = h.id) as devices
         ${HANDOVER_FROM} where h.id = $1 and ${handoverInScope(scope, params)} ${options.lock ? 'for update of h' : ''}`,
        params.values,
      );
      return rows[0];
    },

    /** Newest first. */
    async handovers(tx: Tx, query: HandoverQuery & { limit: number }, scope: Scope) {
      const params = createParams();
      const parts = [handoverInScope(scope, params)];
      if (query.state !== undefined) parts.push(`h.state = ${params.add(query.state)}`);
      if (query.deviceId !== undefined) {
        parts.push(`h.id in (select x.handover_id from handover_device x join device d on d.key = x.device
          where d.id = ${params.add(query.deviceId)})`);
      }
      return newestFirst<Handover>(tx, HANDOVER_FROM, HANDOVER, 'h.created_at', parts.join(' and '), query, params);
    },

    async moveHandover(
      tx: Tx,
      id: string,
      state: HandoverState,
      by: Step & { readonly reason: string | null; readonly onBehalf: boolean },
    ): Promise<void> {
      const handed = state === 'handed';
      await sql(tx).query(
        handed
          ? `update handover set state = $2, handed_at = ${at('$3')}, handed_by = $4, handed_name = $5 where id = $1`
          : `update handover set state = $2, decided_at = ${at('$3')}, decided_by = $4, decided_name = $5,
               decision_reason = $6, on_behalf = $7 where id = $1`,
        [id, state, by.at, by.by, by.byName, ...(handed ? [] : [by.reason, by.onBehalf])],
      );
    },

    /** Devices that stand in a handover nobody has decided yet. */
    async inOpenHandover(tx: Tx, keys: readonly DeviceKey[]): Promise<ReadonlyMap<DeviceKey, string>> {
      const { rows } = await sql(tx).query<{ device: DeviceKey; no: string }>(
        `select x.device, h.no from handover_device x join handover h on h.id = x.handover_id
         where x.device = any ($1::int[]) and h.state in ('draft', 'handed')`,
        [keys],
      );
      return new Map(rows.map(({ device, no }) => [device, no]));
    },

    /** Which of the organisations lie in the tree under another, itself included. */
    async inTree(tx: Tx, root: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
      const { rows } = await sql(tx).query<{ id: string }>(
        'select id from org_subtree(array[$1::text]) as tree (id) where id = any ($2::text[])',
        [root, ids],
      );
      return new Set(rows.map(({ id }) => id));
    },
  };
}
