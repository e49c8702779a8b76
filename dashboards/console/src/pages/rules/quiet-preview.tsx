import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { exactTime } from '../../parts/time.tsx';
import { inputOf, type QuietDraft } from './quiet-form.tsx';
import { QUIET, type QuietKind } from './quiet-kinds.ts';

/** Which devices it would be about, and when: asked anew while the form is filled in. */
export function QuietPreview({ kind, draft }: { kind: QuietKind; draft: QuietDraft | undefined }) {
  const zone = useMe().timeZone;
  const { scope, startsAt, endsAt, repeats, repeatsUntil } = draft ? inputOf(kind, draft, zone) : {};
  // Faults alone name no device.
  const empty = !scope || Object.keys(scope).every((name) => name === 'faults');
  const asked = useDeferredValue(
    empty
      ? ''
      : JSON.stringify({
          scope,
          ...(startsAt && endsAt && { startsAt, endsAt, ...(repeats && repeatsUntil && { repeats, repeatsUntil }) }),
        }),
  );
  const preview = useQuery({
    queryKey: ['quiet-preview', kind, asked],
    queryFn: () => QUIET[kind].preview(JSON.parse(asked)),
    enabled: asked !== '',
    placeholderData: (before) => before,
    retry: false,
  });
  return (
    <section className="sheet" aria-live="polite">
      <h2>{t('quiet.preview')}</h2>
      {asked === '' ? (
        <p className="quiet">{t('quiet.preview.empty')}</p>
      ) : (
        <Loaded query={preview}>
          {({ total, devices, occurrences }) => (
            <>
              <p>
                <b className="big-number">{total}</b> {t('quiet.devices')}
              </p>
              <ul className="preview-list">
                {devices.map(({ id, name }) => (
                  <li key={id}>
                    {name} <span className="quiet">{id}</span>
                  </li>
                ))}
              </ul>
              {devices.length < total && <p className="quiet">{t('quiet.more', { n: total })}</p>}
              {occurrences.length > 0 && (
                <>
                  <h3>{t('quiet.occurrences', { n: occurrences.length })}</h3>
                  <ul className="preview-list">
                    {occurrences.slice(0, 20).map(({ from, to }) => (
                      <li key={from}>
                        {exactTime(from).slice(0, 16)} – {exactTime(to).slice(5, 16)}
                      </li>
                    ))}
                  </ul>
                </>
              )}
            </>
          )}
        </Loaded>
      )}
    </section>
  );
}
