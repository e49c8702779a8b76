import { Link } from '@tanstack/react-router';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { Ago } from '../../parts/time.tsx';
import { type Item, reasonOf } from './daily-text.ts';
import type { Column } from './plain-table.tsx';

const OF_TICKETS = 'overdueTickets';
const OF_INSPECTIONS = 'missedInspections';

const place = ({ content: { siteName } }: Item) => siteName ?? '—';
const org = ({ content: { orgName } }: Item) => orgName ?? '—';
const unit = ({ content: { unitName } }: Item) => unitName ?? '—';

function Device({ item: { content } }: { item: Item }) {
  const { deviceId, name } = content;
  if (!deviceId) return name ?? '—';
  return (
    <Link to="/devices/$id" params={{ id: deviceId }}>
      {name ?? deviceId}
    </Link>
  );
}

function Ticket({ no }: { no: string | undefined }) {
  const may = useMay();
  if (!no) return '—';
  return may('tickets', 'read') ? (
    <Link to="/tickets" search={{ view: 'list', q: no }}>
      {no}
    </Link>
  ) : (
    no
  );
}

function Task({ item: { content } }: { item: Item }) {
  const may = useMay();
  const name = content.task ?? content.name ?? '—';
  return may('inspections', 'read') ? <Link to="/inspections">{name}</Link> : name;
}

/** Columns of a list of the daily report; each line leads to what it is about. */
export function columnsOf(section: string): Column<Item>[] {
  const where = [
    { title: t('reports.col.site'), cell: place },
    { title: t('reports.col.org'), cell: org },
  ];
  if (section === OF_TICKETS)
    return [
      { title: t('reports.col.ticket'), cell: ({ content }) => <Ticket no={content.ticketNo} /> },
      { title: t('reports.col.device'), cell: (item) => <Device item={item} /> },
      { title: t('reports.col.fault'), cell: reasonOf },
      { title: t('reports.col.stage'), cell: ({ content: { stage } }) => (stage ? tCode('stage', stage) : '—') },
      { title: t('reports.col.due'), cell: ({ content: { dueAt } }) => <Ago at={dueAt} /> },
      ...where,
      { title: t('reports.col.handler'), cell: unit },
    ];
  if (section === OF_INSPECTIONS)
    return [
      { title: t('reports.col.task'), cell: (item) => <Task item={item} /> },
      ...where,
      { title: t('reports.col.handler'), cell: unit },
    ];
  return [
    { title: t('reports.col.device'), cell: (item) => <Device item={item} /> },
    { title: t('reports.col.reason'), cell: (item) => reasonOf(item) || '—' },
    { title: t('reports.col.since'), cell: ({ content: { since } }) => <Ago at={since} /> },
    ...(section === 'recovered'
      ? [{ title: t('reports.col.until'), cell: ({ content: { until } }: Item) => <Ago at={until} /> }]
      : []),
    ...where,
    { title: t('reports.col.unit'), cell: unit },
  ];
}

export const keyOf = ({ content: { deviceId, ticketNo, task, name, since } }: Item): string =>
  `${deviceId ?? ''}${ticketNo ?? ''}${task ?? ''}${name ?? ''}${since ?? ''}`;
