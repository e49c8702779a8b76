import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { rateText } from '../../parts/rates.ts';
import { count, lengthText } from './figures.ts';
import type { Column } from './plain-table.tsx';

export const TICKETS_BY = ['module', 'org', 'vendor', 'unit', 'project', 'site', 'kind', 'fault', 'priority'] as const;
export type TicketsBy = (typeof TICKETS_BY)[number];
export type TicketRow = Answer<'TicketsReport'>['items'][number];
type Figures = Answer<'TicketFigures'>;

/** Which filter of the list of tickets names such a group. */
const FILTER: Partial<Record<TicketsBy, string>> = {
  module: 'module',
  org: 'orgId',
  site: 'siteId',
  kind: 'kind',
  fault: 'fault',
  priority: 'priority',
};
const FAMILY: Partial<Record<TicketsBy, string>> = { kind: 'ticketKind', fault: 'fault', priority: 'priority' };

/** The gateway names faults only where the type does; the console has words for all. */
function nameOf({ key, name }: TicketRow, by: TicketsBy): string {
  const family = FAMILY[by];
  if (!family || key === null) return name;
  const words = tCode(family, key);
  return words === key ? name : words;
}

/** A figure of what is open leads to the same tickets. */
export const OPEN_STAGES = 'discovered,filed,dispatched,handling,verifying,returned,suspended';

function Open({ row, by, overdue }: { row: TicketRow; by: TicketsBy; overdue?: boolean }) {
  const may = useMay();
  const filter = FILTER[by];
  const n = overdue ? row.overdue : row.open;
  if (n === 0 || row.key === null || !filter || !may('tickets', 'read')) return count(n);
  return (
    <Link
      to="/tickets"
      search={{ view: 'list', stage: OPEN_STAGES, [filter]: row.key, ...(overdue && { overdue: 'true' }) }}
      aria-label={t(overdue ? 'reports.toOverdue' : 'reports.toOpen', { name: nameOf(row, by), n })}
    >
      {count(n)}
    </Link>
  );
}

export const ticketColumns = (by: TicketsBy): Column<TicketRow>[] => [
  { title: t(`reports.by.${by}`), cell: (row) => nameOf(row, by) },
  { title: t('reports.col.opened'), cell: ({ opened }) => count(opened), figure: true },
  { title: t('reports.col.closed'), cell: ({ closed }) => count(closed), figure: true },
  { title: t('reports.col.open'), cell: (row) => <Open row={row} by={by} />, figure: true, rule: t('reports.now') },
  {
    title: t('reports.col.overdue'),
    cell: (row) => <Open row={row} by={by} overdue />,
    figure: true,
    rule: t('reports.now'),
  },
  ...qualityColumns<TicketRow>((row) => row),
  { title: t('reports.col.falseAlarms'), cell: ({ falseAlarms }) => count(falseAlarms), figure: true },
  { title: t('reports.col.cancelled'), cell: ({ cancelled }) => count(cancelled), figure: true },
];

/** Durations and shares of tickets; also of vendors and units in their league. */
export const qualityColumns = <Row,>(of: (row: Row) => Figures | TicketRow | null): Column<Row>[] => [
  {
    title: t('reports.col.mttr'),
    cell: (row) => lengthText(of(row)?.mttrMs ?? null),
    figure: true,
    rule: t('reports.col.mttr.rule'),
  },
  { title: t('reports.col.median'), cell: (row) => lengthText(of(row)?.mttrMedianMs ?? null), figure: true },
  {
    title: t('reports.col.onTime'),
    cell: (row) => rateText(of(row)?.onTimeRate),
    figure: true,
    rule: t('reports.col.onTime.rule'),
  },
  {
    title: t('reports.col.reopen'),
    cell: (row) => rateText(of(row)?.reopenRate),
    figure: true,
    rule: t('reports.col.reopen.rule'),
  },
  {
    title: t('reports.col.falseAlarmRate'),
    cell: (row) => rateText(of(row)?.falseAlarmRate),
    figure: true,
    rule: t('reports.col.falseAlarmRate.rule'),
  },
  {
    title: t('reports.col.selfRecovery'),
    cell: (row) => rateText(of(row)?.selfRecoveryShare),
    figure: true,
    rule: t('reports.col.selfRecovery.rule'),
  },
];
