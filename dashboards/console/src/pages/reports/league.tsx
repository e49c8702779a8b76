import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';
import { RateMark } from '../../parts/rate-mark.tsx';
import { pointsText, rateText } from '../../parts/rates.ts';
import { count } from './figures.ts';
import { type Column, PlainTable } from './plain-table.tsx';
import { qualityColumns } from './ticket-columns.tsx';

type Row = Answer<'RankedRow'>;
export type LeagueBy = 'module' | 'org' | 'vendor' | 'unit' | 'project';

/** A league table: rates beside the period before, and how tickets went; best first. */
export function League({ by, rows }: { by: LeagueBy; rows: readonly Row[] }) {
  return (
    <PlainTable
      label={t(`reports.by.${by}`)}
      columns={columns(by)}
      rows={rows}
      keyOf={({ key, name }) => key ?? `- ${name}`}
    />
  );
}

const columns = (by: LeagueBy): Column<Row>[] => [
  {
    title: t(`reports.by.${by}`),
    cell: ({ rank, name }) => (
      <>
        <b className="report-rank">{rank ?? '—'}</b> {name}
      </>
    ),
  },
  { title: t('reports.onlineRate'), cell: ({ onlineRate }) => <RateMark rate={onlineRate} />, figure: true },
  {
    title: t('reports.col.before'),
    cell: ({ before }) => rateText(before?.onlineRate),
    figure: true,
    rule: t('reports.col.before.rule'),
  },
  {
    title: t('reports.col.change'),
    cell: ({ onlineRate, before }) => pointsText(onlineRate, before?.onlineRate),
    figure: true,
    rule: t('reports.col.change.rule'),
  },
  { title: t('reports.fitRate'), cell: ({ fitRate }) => rateText(fitRate), figure: true },
  { title: t('reports.deviceDays'), cell: ({ deviceDays }) => count(deviceDays), figure: true },
  { title: t('reports.col.opened'), cell: ({ tickets }) => (tickets ? count(tickets.opened) : '—'), figure: true },
  { title: t('reports.col.closed'), cell: ({ tickets }) => (tickets ? count(tickets.closed) : '—'), figure: true },
  ...qualityColumns<Row>(({ tickets }) => tickets),
  {
    title: t('reports.col.overdue'),
    cell: ({ tickets }) => (tickets ? count(tickets.overdue) : '—'),
    figure: true,
    rule: t('reports.now'),
  },
];
