import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { nameIn } from '../../parts/ticket-clock.tsx';
import { Ago } from '../../parts/time.tsx';
import type { Ticket } from './actions.ts';

const FIRST = 10;

/** The devices of a ticket and how each one is now; those of a group tick off as they return. */
export function Devices({ ticket }: { ticket: Ticket }) {
  const [limit, setLimit] = useState(FIRST);
  const { deviceIds, deviceCount, id } = ticket;
  const all = useQuery({
    queryKey: ['tickets', id, 'devices', limit],
    queryFn: () => body(api.GET('/api/v1/tickets/{id}/devices', { params: { path: { id }, query: { limit } } })),
    enabled: limit > FIRST,
    placeholderData: (before) => before,
  });
  if (deviceCount === 0) return null;
  const shown = (limit > FIRST ? all.data?.items.map((one) => one.id) : undefined) ?? deviceIds.slice(0, FIRST);
  return (
    <section className="sheet">
      <h2>
        {t('ticket.devices')} <span className="quiet">{deviceCount}</span>
      </h2>
      <ul className="asks">
        {shown.map((device) => (
          <Device key={device} id={device} name={nameIn(ticket)(device)} />
        ))}
      </ul>
      {deviceCount > shown.length && (
        <Button size="small" onClick={() => setLimit(Math.min(500, deviceCount))}>
          {t('ticket.allDevices', { n: deviceCount })}
        </Button>
      )}
    </section>
  );
}

function Device({ id, name }: { id: string; name: string }) {
  const { data } = useQuery({
    queryKey: ['devices', 'state', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}', { params: { path: { id } } })),
    staleTime: 15_000,
    refetchInterval: 30_000,
    retry: false,
  });
  return (
    <li>
      <Link to="/devices/$id" params={{ id }}>
        {data?.name ?? name}
      </Link>{' '}
      {data && <StateMark of="health" code={data.health.state} />} {data && <Ago at={data.health.since} />}
    </li>
  );
}
