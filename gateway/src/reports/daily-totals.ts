import type { DailyItem } from '../domain/report-rows.ts';

/** Devices in service by verdict. */
export interface DailyTotals {
  readonly total: number;
  readonly online: number;
  readonly offline: number;
  readonly degraded: number;
  readonly neverSeen: number;
  readonly suspended: number;
}

/** Sums of the lines that hold totals; the others are passed over. */
export function addTotals(items: readonly DailyItem[]): DailyTotals {
  const sum = (pick: keyof DailyTotals) =>
    items.reduce((all, { section, content }) => all + (section === 'totals' ? (content[pick] ?? 0) : 0), 0);
  return {
    total: sum('total'),
    online: sum('online'),
    offline: sum('offline'),
    degraded: sum('degraded'),
    neverSeen: sum('neverSeen'),
    suspended: sum('suspended'),
  };
}
