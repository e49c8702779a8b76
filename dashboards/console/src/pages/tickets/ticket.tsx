import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Tabs } from 'antd';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { NotifiedWhy } from '../../parts/notified-why.tsx';
import { Page } from '../../parts/page.tsx';
import { ticketDevices, ticketTitle } from '../../parts/ticket-clock.tsx';
import type { Ticket as Shown } from './actions.ts';
import { Devices } from './devices.tsx';
import { Evidence } from './evidence.tsx';
import { Facts } from './facts.tsx';
import { History } from './history.tsx';
import { Next } from './next.tsx';
import { Parties } from './parties.tsx';
import { Requests } from './requests.tsx';
import { StageRail } from './stage-rail.tsx';
import './tickets.css';

/** One ticket: where it stands, what may be done now, what proves it, and how it came here. */
export default function Ticket() {
  const { id = '' } = useParams({ strict: false });
  const ticket = useQuery({
    queryKey: ['tickets', id],
    queryFn: () => body(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })),
    refetchInterval: 30_000,
  });
  return <Loaded query={ticket}>{(data) => <Whole ticket={data} />}</Loaded>;
}

/** Number, problem and the device when it is one; a group's title names what failed. */
const ticketHeading = (ticket: Shown) =>
  [`${ticket.no} ${ticketTitle(ticket)}`, ...(ticket.deviceCount === 1 ? [ticketDevices(ticket)] : [])].join(' · ');

function Whole({ ticket }: { ticket: Shown }) {
  const may = useMay();
  const [filters, change] = useFilters();
  const tabs = [
    {
      key: 'work',
      label: t('ticket.tab.work'),
      children: (
        <div className="ticket-halves">
          <div className="ticket-half">
            <Evidence ticket={ticket} />
            <History ticket={ticket} />
          </div>
          <div className="ticket-half">
            <Facts ticket={ticket} />
            <Requests ticket={ticket} />
            <Parties ticket={ticket} />
            <Devices ticket={ticket} />
          </div>
        </div>
      ),
    },
    ...(may('notifications', 'read')
      ? [
          {
            key: 'notified',
            label: t('ticket.tab.notified'),
            children: <NotifiedWhy ticketId={ticket.id} />,
          },
        ]
      : []),
  ];
  return (
    <Page
      title={ticketHeading(ticket)}
      guide="tickets"
      actions={
        <Link to="/tickets/$id/print" params={{ id: ticket.id }}>
          <Button tabIndex={-1}>{t('ticket.print')}</Button>
        </Link>
      }
    >
      <StageRail ticket={ticket} />
      <Next ticket={ticket} />
      <Tabs
        activeKey={filters.tab ?? 'work'}
        onChange={(tab) => change({ tab: tab === 'work' ? undefined : tab })}
        items={tabs}
      />
    </Page>
  );
}
