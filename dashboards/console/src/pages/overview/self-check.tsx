import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';

const SIGN = { ready: ['good', 'disc'], degraded: ['warning', 'triangle'], down: ['bad', 'square'] } as const;

/** The gateway about itself, part by part. */
export function SelfCheck() {
  const ready = useQuery({
    queryKey: ['readyz'],
    queryFn: () => body(api.GET('/readyz')),
    refetchInterval: 15_000,
  });
  return (
    <section className="sheet">
      <h2>{t('overview.self')}</h2>
      <Loaded query={ready}>
        {({ parts }) => (
          <ul className="self">
            {parts.map(({ name, state, reason, detail }) => (
              <li key={name} title={detail ?? reason}>
                <Mark tone={SIGN[state][0]} shape={SIGN[state][1]} label={tCode('self', name)} />
                {state !== 'ready' && <span className="quiet"> {detail ?? reason}</span>}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
