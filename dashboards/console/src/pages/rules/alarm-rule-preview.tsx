import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { exactTime } from '../../parts/time.tsx';
import { overridesOf, placeOf, type RuleDraft } from './alarm-rule-form.tsx';

interface AlarmRulePreviewProps {
  readonly draft: RuleDraft | undefined;
  readonly pair: boolean;
  /** Of an alarm that the device type does not have. */
  readonly fresh: boolean;
}

/** Which devices a rule is about, and when it would have been up in the last 24 hours: asked anew while it is written. */
export function AlarmRulePreview({ draft, pair, fresh }: AlarmRulePreviewProps) {
  const place = draft && placeOf(draft);
  const said = draft && overridesOf(draft);
  // An alarm the type does not know needs a name and a severity, which change nothing of when it is up.
  const { severity, title } = said ?? {};
  const named = fresh && place && { severity: severity ?? 'info', title: title ?? { zh: place.code, en: place.code } };
  // A rule that says nothing is none.
  const whole = said && (fresh ? said.when !== null : Object.values(said).some((value) => value !== null));
  const asked = useDeferredValue(place && whole ? JSON.stringify({ ...place, ...said, ...named }) : '');
  const preview = useQuery({
    queryKey: ['rule-preview', asked],
    queryFn: () => body(api.POST('/api/v1/alarm-rules/preview', { body: JSON.parse(asked) })),
    enabled: asked !== '' && !pair,
    placeholderData: (before) => before,
    retry: false,
  });
  return (
    <section className="sheet" aria-live="polite">
      <h2>{t('alarmRules.preview')}</h2>
      {pair ? (
        <p className="quiet">{t('alarmRules.pair.what')}</p>
      ) : asked === '' ? (
        <p className="quiet">{t('alarmRules.preview.empty')}</p>
      ) : (
        <Loaded query={preview}>
          {({ total, devices, from, to, partial }) => {
            const fired = devices.reduce((sum, one) => sum + one.fired.length, 0);
            return (
              <>
                <p>
                  <b className="big-number">{total}</b> {t('quiet.devices')}
                  {' · '}
                  <b className="big-number">{fired}</b> {t('alarmRules.fired')}
                </p>
                <p className="quiet">
                  {exactTime(from).slice(0, 16)} – {exactTime(to).slice(0, 16)}
                  {partial && ` · ${t('alarmRules.partial')}`}
                </p>
                <ul className="preview-list">
                  {devices.map(({ id, name, fired: times }) => (
                    <li key={id}>
                      {name} <span className="quiet">{id}</span>
                      {times.map(({ from: began, to: ended }) => (
                        <div key={began} className="fired">
                          {exactTime(began).slice(5, 16)} –{' '}
                          {ended ? exactTime(ended).slice(5, 16) : t('alarmRules.still')}
                        </div>
                      ))}
                    </li>
                  ))}
                </ul>
              </>
            );
          }}
        </Loaded>
      )}
    </section>
  );
}
