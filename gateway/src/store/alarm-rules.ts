import type { AlarmRuleRow } from '../domain/alarm-rule.ts';
import type { DeviceKey } from '../domain/device.ts';
import type { Page } from '../domain/page.ts';
import type { Scope } from '../domain/scope.ts';
import type { Tx } from '../domain/tx.ts';
import { sql } from './database.ts';
import { newestFirst } from './newest-first.ts';
import { createParams, deviceInScope, orgInScope, type Params } from './scope.ts';
import { toJson } from './storable.ts';
import { at } from './time.ts';

const ROW = `r.id, r.scope, r.scope_id as "scopeId", r.device_type as "deviceType", r.code, r.enabled, r.title,
  r.when_text as "when", r.clear_text as "clear", r.for_ms as "forMs", r.severity, r.advice, r.life_safety as "lifeSafety",
  r.pair, r.safety_approved as "safetyApproved", r.modules, r.reason, r.created_by as "createdBy",
  r.created_at as "createdAt", r.updated_by as "updatedBy", r.updated_at as "updatedAt"`;

export interface AlarmRuleFilter {
  readonly deviceType?: string;
  readonly code?: string;
  readonly scope?: AlarmRuleRow['scope'];
  readonly scopeId?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Rules people made of alarms and events. */
export function createAlarmRuleStore() {
  return {
    async all(tx: Tx, limit: number): Promise<AlarmRuleRow[]> {
      const { rows } = await sql(tx).query<AlarmRuleRow>(
        `select ${ROW} from alarm_rule r order by r.created_at desc, r.id limit $1`,
        [limit],
      );
      return rows;
    },

    /** Changes whenever a rule does. */
    async mark(tx: Tx): Promise<string> {
      const { rows } = await sql(tx).query<{ mark: string }>(
        `select count(*) || ':' || coalesce(sum(hashtextextended(r.id || '/' || r.updated_at, 0)), 0) as mark from alarm_rule r`,
      );
      return rows[0]?.mark ?? '';
    },

    /** Organisations with all above them, themselves included; empty for no rule of an organisation. */
    async above(tx: Tx, roots: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
      const below = new Map<string, Set<string>>();
      if (roots.length === 0) return below;
      const { rows } = await sql(tx).query<{ root: string; member: string }>(
        `select r.root, t.member from unnest($1::text[]) as r (root)
         cross join lateral org_subtree(array[r.root]) as t (member)`,
        [roots],
      );
      for (const { root, member } of rows) below.set(member, (below.get(member) ?? new Set()).add(root));
      return below;
    },

    async get(tx: Tx, id: string, scope: Scope, lock: boolean): Promise<AlarmRuleRow | undefined> {
      const params = createParams(id);
      const { rows } = await sql(tx).query<AlarmRuleRow>(
        `select ${ROW} from alarm_rule r where r.id = $1 and ${visible(scope, params)} ${lock ? 'for update of r' : ''}`,
        params.values,
      );
      return rows[0];
    },

    async list(tx: Tx, filter: AlarmRuleFilter, scope: Scope): Promise<Page<AlarmRuleRow>> {
      const { limit = 50 } = filter;
      const params = createParams();
      const conditions = [visible(scope, params)];
      const equal = (column: string, value: string | undefined) => {
        if (value !== undefined) conditions.push(`r.${column} = ${params.add(value)}`);
      };
      equal('device_type', filter.deviceType);
      equal('code', filter.code);
      equal('scope', filter.scope);
      equal('scope_id', filter.scopeId);
      return newestFirst<AlarmRuleRow>(
        tx,
        'from alarm_rule r',
        ROW,
        'r.created_at',
        conditions.join(' and '),
        { limit, cursor: filter.cursor },
        params,
      );
    },

    /** false = there is another rule of the same code in the same place. */
    async insert(tx: Tx, row: AlarmRuleRow, orgId: string | null): Promise<boolean> {
      const { rowCount } = await sql(tx).query(
        `insert into alarm_rule (id, scope, scope_id, device_type, code, enabled, title, when_text, clear_text, for_ms,
           severity, advice, life_safety, pair, safety_approved, modules, reason, created_by, created_at, updated_by,
           updated_at, org_id)
         values ($1, $2, $3, $4, $5, $6::boolean, $7::jsonb, $8, $9, $10::bigint, $11, $12::jsonb, $13::boolean,
           $14::jsonb, $15::boolean, $16::text[], $17, $18, ${at('$19')}, $20, ${at('$21')}, $22)
         on conflict (scope, scope_id, device_type, code) do nothing`,
        [...columns(row), orgId],
      );
      return rowCount === 1;
    },

    async update(tx: Tx, row: AlarmRuleRow): Promise<void> {
      await sql(tx).query(
        `update alarm_rule set enabled = $2::boolean, title = $3::jsonb, when_text = $4, clear_text = $5,
           for_ms = $6::bigint, severity = $7, advice = $8::jsonb, pair = $9::jsonb, safety_approved = $10::boolean,
           reason = $11, updated_by = $12, updated_at = ${at('$13')} where id = $1`,
        [
          row.id,
          row.enabled,
          row.title && toJson(row.title),
          row.when,
          row.clear,
          row.forMs,
          row.severity,
          row.advice && toJson(row.advice),
          row.pair && toJson(row.pair),
          row.safetyApproved,
          row.reason,
          row.updatedBy,
          row.updatedAt,
        ],
      );
    },

    async remove(tx: Tx, id: string): Promise<void> {
      await sql(tx).query('delete from alarm_rule where id = $1', [id]);
    },

    /** Whose the place of a rule is; undefined = it is unknown or out of sight. */
    async place(
      tx: Tx,
      kind: 'device' | 'site' | 'org' | 'module',
      id: string,
      scope: Scope,
    ): Promise<
      { readonly orgId: string | null; readonly type: string | null; readonly module: string | null } | undefined
    > {
      const params = createParams(id);
      const statements = {
        device: () =>
          `select d.org_id as "orgId", d.type, d.module from device d where d.id = $1 and ${deviceInScope(scope, params)}`,
        site: () =>
          `select s.org_id as "orgId", null as type, null as module from site s where s.id = $1 and ${orgInScope(scope, params, 's.org_id')}`,
        org: () =>
          `select o.id as "orgId", null as type, null as module from org o where o.id = $1 and ${orgInScope(scope, params, 'o.id')}`,
        module: () => `select null as "orgId", null as type, m.id as module from module m where m.id = $1`,
      };
      const { rows } = await sql(tx).query<{ orgId: string | null; type: string | null; module: string | null }>(
        statements[kind](),
        params.values,
      );
      return rows[0];
    },

    /** Devices a rule is about, of those one sees. */
    async matched(
      tx: Tx,
      rule: Pick<AlarmRuleRow, 'scope' | 'scopeId' | 'deviceType' | 'modules'>,
      scope: Scope,
      limit: number,
    ): Promise<{
      readonly total: number;
      readonly devices: readonly { readonly key: DeviceKey; readonly id: string; readonly name: string }[];
    }> {
      const params = createParams(rule.deviceType);
      const conditions = [
        'd.type = $1',
        "d.lifecycle in ('trial', 'active', 'suspended')",
        deviceInScope(scope, params),
      ];
      if (rule.modules) conditions.push(`d.module = any (${params.add(rule.modules)}::text[])`);
      if (rule.scope === 'device') conditions.push(`d.id = ${params.add(rule.scopeId)}`);
      if (rule.scope === 'site') conditions.push(`d.site_id = ${params.add(rule.scopeId)}`);
      if (rule.scope === 'module') conditions.push(`d.module = ${params.add(rule.scopeId)}`);
      if (rule.scope === 'org')
        conditions.push(`d.org_id = any (array(select org_subtree(array[${params.add(rule.scopeId)}])))`);
      const from = `from device d where ${conditions.join(' and ')}`;
      const counted = await sql(tx).query<{ n: number }>(`select count(*)::int as n ${from}`, params.values);
      const { rows } = await sql(tx).query<{ key: DeviceKey; id: string; name: string }>(
        `select d.key, d.id, d.name ${from} order by d.id limit ${params.add(limit)}`,
        params.values,
      );
      return { total: counted.rows[0]?.n ?? 0, devices: rows };
    },

    /** Events of these devices in a span, oldest first. */
    async events(tx: Tx, devices: readonly DeviceKey[], from: number, to: number, limit: number) {
      const { rows } = await sql(tx).query<{ device: DeviceKey; code: string; at: number }>(
        `select e.device, e.code, e.received_at as at from device_event e
         where e.device = any ($1::int[]) and e.received_at >= ${at('$2')} and e.received_at < ${at('$3')}
         order by e.received_at limit $4`,
        [devices, from, to, limit],
      );
      return rows;
    },
  };
}

function columns(row: AlarmRuleRow): unknown[] {
  return [
    row.id,
    row.scope,
    row.scopeId,
    row.deviceType,
    row.code,
    row.enabled,
    row.title && toJson(row.title),
    row.when,
    row.clear,
    row.forMs,
    row.severity,
    row.advice && toJson(row.advice),
    row.lifeSafety,
    row.pair && toJson(row.pair),
    row.safetyApproved,
    row.modules,
    row.reason,
    row.createdBy,
    row.createdAt,
    row.updatedBy,
    row.updatedAt,
  ];
}

/** Rules of the whole street are seen by all who may see rules; others by whose organisation it is. */
function visible(scope: Scope, params: Params): string {
  if (scope.kind === 'all') return 'true';
  if (scope.kind === 'vendor') return 'false';
  const modules = scope.moduleIds
    ? ` and (r.modules is null or r.modules && ${params.add(scope.moduleIds)}::text[])`
    : '';
  return `((r.org_id is null or ${orgInScope(scope, params, 'r.org_id')})${modules})`;
}
