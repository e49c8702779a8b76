import { Link } from '@tanstack/react-router';
import { language, t } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { lengthOf } from '../../parts/time.tsx';
import type { Alarm, Metric, TypeEntry, Words } from './definition.ts';

const say = (words: Words): string => (language() === 'en' ? words.en : words.zh);
const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** A length as files write it (`5m`), in the reader's words. */
const length = (written: string): string => {
  const [, n, unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(written) ?? [];
  return n === undefined ? written : lengthOf(Number(n) * (MS[unit] ?? 0));
};
const dash = (text: string) => text || <span className="quiet">—</span>;

/** A type's name, how it speaks, and what it was written after. */
export function TypeHead({ entry, module }: { entry: TypeEntry; module: string }) {
  const { id, title, adapter, source, interval, offlineAfter, learns, builtIn } = entry;
  return (
    <>
      <h2 className="dictionary-head">
        <Link to="/types/$id" params={{ id }}>
          {title.zh}
        </Link>
        <span lang="en" className="dictionary-name">
          {title.en}
        </span>
        <code className="quiet dictionary-id">{id}</code>
      </h2>
      <p className="quiet dictionary-facts">
        {[
          module,
          adapter.toUpperCase(),
          t(builtIn ? 'dictionary.builtIn' : 'dictionary.own'),
          learns && t('dictionary.learns'),
          interval && t('dictionary.interval', { length: length(interval) }),
          offlineAfter && t('dictionary.offlineAfter', { length: length(offlineAfter) }),
        ]
          .filter(Boolean)
          .join(' · ')}
        {source && (
          <>
            <br />
            {t('dictionary.source')}
            <span lang="en">{source}</span>
          </>
        )}
      </p>
    </>
  );
}

export function Metrics({ of }: { of: readonly Metric[] }) {
  return (
    <table className="dictionary metrics">
      <thead>
        <tr>
          <th scope="col">{t('dictionary.zh')}</th>
          <th scope="col">{t('dictionary.en')}</th>
          <th scope="col">{t('dictionary.metric')}</th>
          <th scope="col">{t('dictionary.kind')}</th>
          <th scope="col">{t('dictionary.unit')}</th>
          <th scope="col" className="number">
            {t('dictionary.range')}
          </th>
          <th scope="col" className="number">
            {t('dictionary.fresh')}
          </th>
          <th scope="col">{t('dictionary.thresholds')}</th>
        </tr>
      </thead>
      <tbody>
        {of.map((metric) => (
          <tr key={metric.code}>
            <th scope="row">
              {metric.zh}
              {metric.required && <span className="needed">{t('dictionary.required')}</span>}
            </th>
            <td lang="en">{metric.en}</td>
            <td>
              <code>{metric.code}</code>
            </td>
            <td>
              {t(`dictionary.kind.${metric.kind}`)}
              {metric.values.length > 0 && (
                <div className="quiet">
                  {metric.values.map(([value, words]) => `${value} ${say(words)}`).join(t('dictionary.comma'))}
                </div>
              )}
            </td>
            <td>{dash(metric.unit)}</td>
            <td className="number">{dash(metric.range)}</td>
            <td className="number">{dash(length(metric.fresh))}</td>
            <td>
              {metric.alarms.length === 0
                ? dash('')
                : metric.alarms.map((alarm) => (
                    <div key={alarm.code}>
                      <StateMark of="severity" code={alarm.severity} bare /> {language() === 'en' ? alarm.en : alarm.zh}{' '}
                      <code>{alarm.when}</code>
                    </div>
                  ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Alarms({ of }: { of: readonly Alarm[] }) {
  return (
    <table className="dictionary alarms">
      <thead>
        <tr>
          <th scope="col">{t('dictionary.zh')}</th>
          <th scope="col">{t('dictionary.en')}</th>
          <th scope="col">{t('dictionary.code')}</th>
          <th scope="col">{t('dictionary.severity')}</th>
          <th scope="col">{t('dictionary.when')}</th>
          <th scope="col" className="number">
            {t('dictionary.hold')}
          </th>
          <th scope="col">{t('dictionary.clear')}</th>
          <th scope="col">{t('dictionary.advice')}</th>
        </tr>
      </thead>
      <tbody>
        {of.map((alarm) => (
          <tr key={`${alarm.code} ${alarm.when ?? ''}`}>
            <th scope="row">
              {alarm.zh}
              {alarm.lifeSafety && <span className="needed">{t('dictionary.lifeSafety')}</span>}
            </th>
            <td lang="en">{alarm.en}</td>
            <td>
              <code>{alarm.code}</code>
            </td>
            <td>{alarm.severity ? <StateMark of="severity" code={alarm.severity} /> : dash('')}</td>
            <td>{alarm.when === null ? t('dictionary.reported') : <code>{alarm.when}</code>}</td>
            <td className="number">{dash(length(alarm.hold))}</td>
            <td>{alarm.clear ? <code>{alarm.clear}</code> : dash('')}</td>
            <td>{dash(alarm.advice ? say(alarm.advice) : '')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
