import type { Answer } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { exactTime } from '../../parts/time.tsx';
import { unitOf } from '../../parts/units.ts';
import { say } from './words.ts';

type Result = Answer<'DecodeResult'>;
type Item = Result['items'][number];
type Refusal = Result['refused'][number];

/** What would become of a message: stored readings with units, what is refused with field and remedy, events, unknown names. */
export function Decoded({ result, expected = [] }: { result: Result; expected?: readonly string[] }) {
  const { accepted, refused, items } = result;
  return (
    <div className="decoded">
      <p className="decoded-verdict">
        {accepted && items.some((item) => item.refused.length > 0) ? (
          <Mark tone="warning" shape="triangle" label={t('decoded.partly')} />
        ) : accepted ? (
          <Mark tone="good" shape="disc" label={t('decoded.accepted')} />
        ) : (
          <Mark tone="bad" shape="cross" label={t('decoded.refused')} />
        )}
      </p>
      {items.length === 0 && <Refusals refused={refused} />}
      {numbered(items).map(([number, item]) => (
        <OneItem key={number} item={item} number={items.length > 1 ? number : null} expected={expected} />
      ))}
    </div>
  );
}

const numbered = (items: readonly Item[]) => items.map((item, index) => [index + 1, item] as const);

interface OneItemProps {
  readonly item: Item;
  readonly number: number | null;
  readonly expected: readonly string[];
}

function OneItem({ item, number, expected }: OneItemProps) {
  const { identity, device, time, msgId, claim, readings, events, alarms, unknown, refused } = item;
  const spokenOf = new Set([...readings.map(({ metric }) => metric), ...refused.map(({ path }) => path)]);
  const missing = expected.filter((name) => !spokenOf.has(name));
  return (
    <section>
      {number !== null && <h3>{t('decoded.item', { n: number })}</h3>}
      <dl className="two decoded-facts">
        <dt>{t('decoded.device')}</dt>
        <dd>
          {identity ? `${tCode('decoded.match', identity.match)} ${identity.value}` : t('decoded.noIdentity')}
          {device && (
            <>
              {' → '}
              {device.id} <StateMark of="lifecycle" code={device.lifecycle} />
            </>
          )}
          {identity && !device && <span className="quiet"> · {t('decoded.noDevice')}</span>}
        </dd>
        <dt>{t('decoded.time')}</dt>
        <dd>
          {exactTime(time.stored)}
          <span className="quiet">
            {' '}
            {time.device === null ? t('decoded.time.received') : t('decoded.time.given', { given: String(time.given) })}
          </span>
          {time.skew && <Mark tone="warning" shape="triangle" label={t('decoded.time.skew')} />}
        </dd>
        {msgId && (
          <>
            <dt>{t('decoded.msgId')}</dt>
            <dd>
              <code>{msgId}</code>
            </dd>
          </>
        )}
        {claim && (
          <>
            <dt>{t('decoded.claim')}</dt>
            <dd>
              <StateMark of="health" code={claim} />
            </dd>
          </>
        )}
      </dl>
      <Refusals refused={refused} />
      {readings.length > 0 && (
        <table className="readings">
          <caption>{t('decoded.readings', { n: readings.length })}</caption>
          <tbody>
            {readings.map(({ metric, value, unit, title }) => (
              <tr key={metric}>
                <th scope="row">{title ? say(title) : metric}</th>
                <td>
                  <code>{metric}</code>
                </td>
                <td className="number">
                  {typeof value === 'boolean' ? tCode('decoded', String(value)) : String(value)} {unitOf(unit)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {events.map(({ code, component, severity }) => (
        <p key={`${code}${component ?? ''}`}>
          <StateMark of="severity" code={severity} /> {t('decoded.event')} <code>{code}</code> {component}
        </p>
      ))}
      {alarms.map(({ code, title, severity }) => (
        <p key={code}>
          <StateMark of="severity" code={severity} /> {t('decoded.alarm', { title: say(title) })}
        </p>
      ))}
      {missing.length > 0 && <Names label={t('decoded.missing')} names={missing} />}
      {unknown.length > 0 && <Names label={t('decoded.unknown')} names={unknown} />}
    </section>
  );
}

function Names({ label, names }: { label: string; names: readonly string[] }) {
  return (
    <p className="decoded-names">
      <span className="quiet">{label}</span>
      {names.map((name) => (
        <code key={name}>{name}</code>
      ))}
    </p>
  );
}

export function Refusals({ refused }: { refused: readonly Refusal[] }) {
  return refused.map(({ code, path, told, title, remedy }) => (
    <Refused key={`${code}${path ?? ''}${told.en}`} title={say(title)} detail={say(told)} remedy={say(remedy)} />
  ));
}

interface RefusedProps {
  readonly title: string;
  readonly detail?: string | null;
  readonly remedy?: string | null;
}

/** One refusal: what is wrong, of which field, and what to do about it. */
export function Refused({ title, detail, remedy }: RefusedProps) {
  return (
    <div className="refused">
      <Mark tone="bad" shape="cross" label={title} />
      {detail && <p className="refused-detail">{detail}</p>}
      {remedy && (
        <p>
          <span className="quiet">{t('decoded.remedy')}</span> {remedy}
        </p>
      )}
    </div>
  );
}
