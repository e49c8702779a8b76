import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { inWords } from './type.ts';

export function useAcceptance(id: string, wanted: boolean) {
  return useQuery({
    queryKey: ['devices', 'acceptance', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/acceptance', { params: { path: { id } } })),
    refetchInterval: 15_000,
    enabled: wanted,
  });
}

/** What a device on trial has shown, and what it still owes. */
export function Trial({ id }: { id: string }) {
  const found = useAcceptance(id, true);
  return (
    <section className="sheet">
      <h2>{t('trial.title')}</h2>
      <Loaded query={found}>
        {({ checks, returned }) => (
          <ul className="device-log">
            {returned && <li>{t('trial.returned', { reason: returned.reason })}</li>}
            {checks.map((check) => (
              <li key={check.name}>
                <Mark
                  tone={check.ok ? 'good' : check.waits ? 'warning' : 'bad'}
                  shape={check.ok ? 'disc' : check.waits ? 'ring' : 'cross'}
                  label={inWords(check.title)}
                />{' '}
                <span className="quiet">
                  {t('trial.check', { wanted: inWords(check.wanted), seen: inWords(check.seen) })}
                </span>
                {!check.ok && check.advice && <p>{inWords(check.advice)}</p>}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}
