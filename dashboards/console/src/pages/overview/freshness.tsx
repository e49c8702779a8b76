import type { Answer } from '../../api/client.ts';
import { t } from '../../language.ts';

const AGES = ['minutes5', 'hour', 'day', 'older', 'never'] as const;
const TONE = { minutes5: 'good', hour: 'none', day: 'warning', older: 'bad', never: 'odd' } as const;

/** How fresh the data is: devices by when they were last heard of, as one bar and in numbers. */
export function Freshness({ heard }: { heard: Answer<'Overview'>['devices']['heard'] }) {
  const all = AGES.reduce((sum, age) => sum + (heard[age] ?? 0), 0);
  if (all === 0) return null;
  return (
    <section className="sheet">
      <h2>{t('overview.freshness')}</h2>
      <div className="fresh-bar" aria-hidden="true">
        {AGES.map((age) => (
          <span key={age} className={`fill-${TONE[age]}`} style={{ flexGrow: heard[age] ?? 0 }} />
        ))}
      </div>
      <ul className="fresh">
        {AGES.map((age) => (
          <li key={age}>
            <i className={`fill-${TONE[age]}`} aria-hidden="true" />
            {t(`overview.heard.${age}`)} <b>{heard[age] ?? 0}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}
