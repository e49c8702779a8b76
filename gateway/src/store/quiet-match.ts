import type { QuietReach, QuietScope } from '../domain/quiet-rows.ts';
import { deviceInScope, type Params } from './scope.ts';
import { toJson } from './storable.ts';

export interface QuietRule {
  readonly scope: QuietScope;
  readonly reach: QuietReach | null;
}

const COLUMNS = {
  devices: 'd.id',
  sites: 'd.site_id',
  modules: 'd.module',
  vendors: 'd.vendor_id',
  types: 'd.type',
} as const;

/** The condition under which a row of `device d` is one that a rule is about. */
export function quietDevices({ scope, reach }: QuietRule, params: Params): string {
  const conditions = [`d.lifecycle in ('pending', 'trial', 'active', 'suspended')`];
  for (const [list, column] of Object.entries(COLUMNS)) {
    const ids = scope[list as keyof typeof COLUMNS];
    if (ids) conditions.push(`${column} = any (${params.add(ids)}::text[])`);
  }
  if (scope.orgs) conditions.push(`d.org_id = any (array(select org_subtree(${params.add(scope.orgs)}::text[])))`);
  if (scope.labels) conditions.push(`d.labels @> ${params.add(toJson(scope.labels))}::jsonb`);
  if (reach) {
    const { orgIds, moduleIds } = reach;
    conditions.push(deviceInScope({ kind: 'orgs', orgIds, ...(moduleIds ? { moduleIds } : {}) }, params));
  }
  return conditions.join(' and ');
}
