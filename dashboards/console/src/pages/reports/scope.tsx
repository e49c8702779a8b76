import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { NamedSelect } from '../../parts/named-select.tsx';

/** What narrows the figures, under the gateway's own names. */
const SCOPE = ['module', 'orgId', 'vendorId', 'maintenanceUnitId', 'project', 'siteId'] as const;
type Name = (typeof SCOPE)[number];

export function useScope(): Partial<Record<Name, string>> {
  const [filters] = useFilters();
  return Object.fromEntries(SCOPE.flatMap((name) => (filters[name] ? [[name, filters[name]]] : [])));
}

const SELECTS = [
  ['module', 'modules'],
  ['orgId', 'orgs'],
  ['vendorId', 'vendors'],
  ['maintenanceUnitId', 'maintenanceUnits'],
  ['siteId', 'sites'],
] as const;

export function ScopeSelects({ only }: { only?: readonly Name[] }) {
  const [filters, change] = useFilters();
  const may = useMay();
  return SELECTS.filter(([name, of]) => (only?.includes(name) ?? true) && may(of, 'read')).map(([name, of]) => (
    <NamedSelect
      key={name}
      of={of}
      className="report-select"
      aria-label={t(`reports.scope.${name}`)}
      placeholder={t(`reports.scope.${name}`)}
      value={filters[name]}
      onChange={(id) => change({ [name]: id })}
    />
  ));
}

/** Which group a way of grouping names, as a filter; null = nothing filters by it. */
export const FILTER_OF = {
  module: 'module',
  org: 'orgId',
  vendor: 'vendorId',
  unit: 'maintenanceUnitId',
  site: 'siteId',
  project: 'project',
} as const;
