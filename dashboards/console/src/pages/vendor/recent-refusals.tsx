import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Ago } from '../../parts/time.tsx';
import { say } from './words.ts';

/** Why messages were refused, most frequent first. */
export function RecentRefusals({ own }: { own: boolean }) {
  const reasons = useQuery({
    queryKey: ['quarantine', 'reasons'],
    queryFn: () => body(api.GET('/api/v1/quarantine/reasons')),
  });
  return (
    <section className="sheet">
      <h2>{t(own ? 'refusals.title' : 'refusals.titleAll')}</h2>
      <Loaded query={reasons}>
        {({ items }) =>
          items.length === 0 ? (
            <Mark tone="good" shape="disc" label={t('refusals.none')} />
          ) : (
            <ul className="refusals">
              {items.slice(0, 6).map(({ code, title, remedy, count, waiting, newestAt }) => (
                <li key={code}>
                  <Link to="/quarantine" search={{ code }}>
                    <b>{title ? say(title) : tCode('refused', code)}</b>
                  </Link>{' '}
                  {t('refusals.count', { n: count, waiting })} <Ago at={newestAt} />
                  {remedy && <p className="quiet">{say(remedy)}</p>}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
