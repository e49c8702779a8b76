import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { queryOf, VIEWS, type View } from './query.ts';

interface ViewsProps {
  readonly filters: Readonly<Record<string, string | undefined>>;
  readonly choose: (filters: Readonly<Record<string, string | undefined>>) => void;
}

/** Saved views with how many are in each; the one that is open is marked. */
export function Views({ filters, choose }: ViewsProps) {
  const { view: _, page: __, ...own } = filters;
  const now = JSON.stringify(Object.entries(own).sort());
  return (
    <nav className="views" aria-label={t('tickets.views')}>
      {(Object.keys(VIEWS) as View[]).map((view) => {
        const open = JSON.stringify(Object.entries(VIEWS[view]).sort()) === now;
        return (
          <button
            key={view}
            type="button"
            className={open ? 'view open' : 'view'}
            aria-pressed={open}
            onClick={() => choose(open ? {} : VIEWS[view])}
          >
            {tCode('tickets.view', view)} <Count view={view} />
          </button>
        );
      })}
    </nav>
  );
}

function Count({ view }: { view: View }) {
  const { data } = useQuery({
    queryKey: ['tickets', 'count', view],
    queryFn: () => body(api.GET('/api/v1/tickets', { params: { query: { ...queryOf(VIEWS[view]), limit: 1 } } })),
    staleTime: 30_000,
    refetchInterval: 60_000,
  });
  if (!data) return null;
  return <b>{data.total ?? t('tickets.manyShort')}</b>;
}
