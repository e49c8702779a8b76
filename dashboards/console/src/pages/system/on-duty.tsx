import { useQueries } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { useRosterPeople } from './lists.ts';
import { useParties } from './shift-thing.tsx';

/** More organisations than this have to be chosen one by one. */
const AT_MOST = 24;
const MINUTE = 60_000;

/** Whom the gateway would ask now, and when in the coming week it would find nobody. */
export function OnDuty({ orgIds }: { orgIds: readonly string[] }) {
  const parties = useParties();
  const people = useRosterPeople();
  const asked = orgIds.slice(0, AT_MOST);
  const now = useQueries({
    queries: asked.map((orgId) => ({
      queryKey: ['lists', 'rosters', 'now', orgId],
      queryFn: () => body(api.GET('/api/v1/rosters/now', { params: { query: { orgId } } })),
      refetchInterval: MINUTE,
    })),
  });
  const gaps = useQueries({
    queries: asked.map((orgId) => ({
      queryKey: ['lists', 'rosters', 'gaps', orgId],
      queryFn: () => body(api.GET('/api/v1/rosters/gaps', { params: { query: { orgId } } })),
    })),
  });
  if (asked.length === 0) return null;
  return (
    <section className="sheet">
      <h2>{t('rosters.now')}</h2>
      <ul className="on-duty">
        {asked.map((orgId, i) => {
          const one = now[i]?.data;
          const open = gaps[i]?.data?.items ?? [];
          return (
            <li key={orgId}>
              <span className="quiet">{parties.find(({ id }) => id === orgId)?.name ?? orgId}</span>
              {one && (
                <Mark
                  tone={one.userId === null ? 'bad' : one.why === 'shift' ? 'good' : 'warning'}
                  shape={one.userId === null ? 'square' : one.why === 'shift' ? 'disc' : 'triangle'}
                  label={one.userId === null ? t('rosters.nobody') : people.name(one.userId)}
                />
              )}
              {one && <span className="quiet">{tCode('dutyWhy', one.why)}</span>}
              {open.length > 0 && (
                <details>
                  <summary>
                    <Mark tone="warning" shape="triangle" label={t('rosters.gaps', { n: open.length })} />
                  </summary>
                  <ul>
                    {open.map(({ from, text }) => (
                      <li key={from}>{text}</li>
                    ))}
                  </ul>
                </details>
              )}
            </li>
          );
        })}
      </ul>
      {orgIds.length > AT_MOST && <p className="quiet">{t('rosters.more', { n: orgIds.length - AT_MOST })}</p>}
    </section>
  );
}
