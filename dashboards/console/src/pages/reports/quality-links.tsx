import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Figure } from '../../parts/figure.tsx';
import { useFilters } from '../../parts/filters.ts';
import { count } from './figures.ts';

/** What a score of yesterday does not say: faults of data that devices have now, as filters of the list of devices. */
const FAULTS = {
  stale: { healthState: 'stale' },
  neverSeen: { flag: 'neverSeen' },
  clockSkew: { flag: 'clockSkew' },
  plannedButSending: { flag: 'plannedButSending' },
  zombie: { flag: 'zombie' },
} as const;
type Fault = keyof typeof FAULTS;
const NAMES = Object.keys(FAULTS) as Fault[];

export function OtherFaults() {
  const [{ module, vendorId, type }] = useFilters();
  const scope = { ...(module && { module }), ...(vendorId && { vendorId }), ...(type && { type }) };
  const counts = useQueries({
    queries: NAMES.map((name) => ({
      queryKey: ['devices', 'quality', name, scope],
      queryFn: () => body(api.GET('/api/v1/devices', { params: { query: { ...FAULTS[name], ...scope, limit: 1 } } })),
    })),
  });
  return (
    <section aria-label={t('quality.now')}>
      <h2>{t('quality.now')}</h2>
      <div className="figures">
        {NAMES.map((name, place) => {
          const total = counts[place]?.data?.total;
          const shown = total === undefined ? '…' : total === null ? t('list.many') : count(total);
          return (
            <Figure
              key={name}
              label={t(`quality.now.${name}`)}
              rule={t(`quality.now.${name}.rule`)}
              tone={total === 0 || total === undefined ? 'none' : 'warning'}
              value={
                <Link
                  to="/devices"
                  search={{ ...FAULTS[name], ...scope }}
                  aria-label={`${t(`quality.now.${name}`)} ${shown}`}
                >
                  {shown}
                </Link>
              }
            />
          );
        })}
      </div>
    </section>
  );
}
