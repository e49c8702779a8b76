import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { useNames } from '../../parts/names.ts';
import { ServerTable } from '../../parts/server-table.tsx';
import { nameIn, TicketClock, ticketDevices, ticketTitle } from '../../parts/ticket-clock.tsx';
import { Ago } from '../../parts/time.tsx';
import type { Ticket } from './actions.ts';
import { Bulk } from './bulk.tsx';
import type { TicketQuery } from './query.ts';

interface ListProps {
  readonly query: TicketQuery;
  readonly clear: () => void;
}

export function List({ query, clear }: ListProps) {
  const may = useMay();
  const modules = useNames('modules');
  const sites = useNames('sites');
  const [chosen, setChosen] = useState<readonly Ticket[]>([]);
  const columns = [
    {
      title: t('tickets.no'),
      key: 'no',
      render: (_: unknown, { id, no }: Ticket) => (
        <Link to="/tickets/$id" params={{ id }}>
          {no}
        </Link>
      ),
    },
    {
      title: t('tickets.priority'),
      key: 'priority',
      render: (_: unknown, { priority }: Ticket) => <StateMark of="priority" code={priority} />,
    },
    {
      title: t('tickets.stage'),
      key: 'stage',
      render: (_: unknown, { stage }: Ticket) => <StateMark of="stage" code={stage} />,
    },
    { title: t('tickets.what'), key: 'what', render: (_: unknown, ticket: Ticket) => ticketTitle(ticket) },
    {
      title: t('tickets.device'),
      key: 'device',
      render: (_: unknown, ticket: Ticket) => <span className="clip wide">{ticketDevices(ticket)}</span>,
    },
    { title: t('tickets.site'), key: 'site', render: (_: unknown, { siteId }: Ticket) => sites.name(siteId) },
    { title: t('tickets.module'), key: 'module', render: (_: unknown, { module }: Ticket) => modules.name(module) },
    {
      title: t('tickets.clock'),
      key: 'clock',
      render: (_: unknown, ticket: Ticket) => <TicketClock ticket={ticket} />,
    },
    {
      title: t('tickets.who'),
      key: 'who',
      render: (_: unknown, ticket: Ticket) => (
        <span className="clip wide">{nameIn(ticket)(ticket.assigneeId ?? ticket.handlerOrgId)}</span>
      ),
    },
    { title: t('tickets.opened'), key: 'opened', render: (_: unknown, { openedAt }: Ticket) => <Ago at={openedAt} /> },
    { title: t('tickets.kind'), key: 'kind', render: (_: unknown, { kind }: Ticket) => tCode('ticketKind', kind) },
  ];
  return (
    <>
      {chosen.length > 0 && <Bulk tickets={chosen} done={() => setChosen([])} />}
      <ServerTable<Ticket>
        of={['tickets', 'list', query]}
        read={(page) => body(api.GET('/api/v1/tickets', { params: { query: { ...query, ...page } } }))}
        rowKey="id"
        columns={columns}
        empty={{ title: t('tickets.none'), next: <Button onClick={clear}>{t('list.clear')}</Button> }}
        rowClassName={({ overdueSeconds }) => (overdueSeconds > 0 ? 'overdue' : '')}
        {...(may('tickets', 'update') && {
          selected: {
            keys: chosen.map(({ id }) => id),
            choose: (_: readonly string[], rows: readonly Ticket[]) => setChosen(rows.filter(Boolean)),
          },
        })}
      />
    </>
  );
}
