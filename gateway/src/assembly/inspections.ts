import { createInspections } from '../inspection/inspection.ts';
import type { Care } from './care.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';

export type InspectionPart = ReturnType<typeof createInspectionPart>;

/** Daily inspections, the monthly count, hot spots, use and data quality. */
export function createInspectionPart(
  { config, log, clock, types, store, db }: Foundation,
  { settings }: Identity,
  { quiet, tickets }: Pick<Care, 'quiet' | 'tickets'>,
) {
  return createInspections({
    store: store.inspections,
    transactor: db,
    audit: store.audit,
    file: tickets.file,
    maintenance: quiet.excused,
    types: () =>
      types.list().map(({ id, title, health, metrics }) => ({
        type: id,
        title,
        interval: health.declared === false ? null : health.interval,
        sends: metrics.size > 0,
        use: [...metrics.values()].flatMap(({ name, values }) =>
          values && 'charging' in values ? [name.replaceAll('*', '%')] : [],
        ),
      })),
    timeZone: config.timeZone,
    clock,
    log,
    settings: settings.current,
  });
}
