import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, body } from '../api/client.ts';
import { t, tCode } from '../language.ts';
import { exactTime } from './time.tsx';

const LONG = 60_000;

/** What keeps an incident from making a ticket: by whom, until when, and the way there. */
export function SuppressedBy({ reason }: { reason: string }) {
  const [kind = '', id] = reason.split(/:(.*)/s);
  if (id && (kind === 'group' || kind === 'incident')) return <ByIncident id={id} />;
  if (id && (kind === 'maintenance' || kind === 'silence')) return <ByQuiet kind={kind} id={id} />;
  return <span>{tCode('suppressed', kind)}</span>;
}

function ByIncident({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: ['incidents', 'one', id],
    queryFn: () => body(api.GET('/api/v1/incidents/{id}', { params: { path: { id } } })),
    staleTime: LONG,
    retry: false,
  });
  return (
    <span>
      {t('suppressed.group')}{' '}
      <Link to="/incidents/$id" params={{ id }}>
        {data ? (data.cause ?? tCode('reason', data.reason)) : id}
      </Link>
    </span>
  );
}

function ByQuiet({ kind, id }: { kind: 'maintenance' | 'silence'; id: string }) {
  const path = { params: { path: { id } } };
  const { data } = useQuery({
    queryKey: ['lists', kind, id],
    queryFn: () =>
      kind === 'silence'
        ? body(api.GET('/api/v1/silences/{id}', path))
        : body(api.GET('/api/v1/maintenance-windows/{id}', path)),
    staleTime: LONG,
    retry: false,
  });
  return (
    <span>
      {tCode('suppressed', kind)}{' '}
      <Link to="/system/quiet" search={{ tab: kind, id }}>
        {data?.name ?? id}
      </Link>
      {data && <span className="quiet"> {t('suppressed.until', { time: exactTime(data.endsAt).slice(0, 16) })}</span>}
    </span>
  );
}
