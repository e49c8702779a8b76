import { useIsFetching, useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { type Address, narrowedBy, queryOf } from './filters.ts';

const STATES = ['offline', 'flapping', 'stale', 'degraded', 'online', 'unknown'] as const;

/** How many are in each state under the other filters; a click shows only them, another all again. */
export function StateCounts({ filters, change }: { filters: Address; change: (more: Address) => void }) {
  const { healthState, suspect, ...others } = narrowedBy(filters);
  // Counting all of a city takes longer than reading a page of it: the list comes first.
  const listing = useIsFetching({ queryKey: ['devices', 'list'] }) > 0;
  const counts = useQuery({
    enabled: !listing,
    queryKey: ['devices', 'counts', others],
    queryFn: () => body(api.GET('/api/v1/devices/counts', { params: { query: queryOf(others, Date.now()) } })),
    placeholderData: (before) => before,
  });
  const chosen = new Set(healthState?.split(',') ?? []);
  const turn = (state: string) => {
    const next = chosen.has(state) ? [...chosen].filter((one) => one !== state) : [...chosen, state];
    change({ healthState: next.join(',') });
  };
  const nobody = chosen.size === 0 && suspect === undefined;
  return (
    <fieldset className="state-counts" aria-label={t('devices.states')}>
      <button
        type="button"
        aria-pressed={nobody}
        onClick={() => change({ healthState: undefined, suspect: undefined })}
      >
        {t('devices.all')} <b>{counts.data?.total ?? '—'}</b>
      </button>
      {STATES.map((state) => (
        <button key={state} type="button" aria-pressed={chosen.has(state)} onClick={() => turn(state)}>
          <StateMark of="health" code={state} /> <b>{counts.data ? (counts.data.byState[state] ?? 0) : '—'}</b>
        </button>
      ))}
      <button
        type="button"
        aria-pressed={suspect === 'true'}
        onClick={() => change({ suspect: suspect === 'true' ? undefined : 'true' })}
      >
        <Mark tone="warning" shape="ring" label={t('devices.suspect')} /> <b>{counts.data?.suspect ?? '—'}</b>
      </button>
    </fieldset>
  );
}
