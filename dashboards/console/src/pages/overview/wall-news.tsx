import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { useNames } from '../../parts/names.ts';
import { faultWords } from './cause-words.ts';
import { useNews, useStatesByOrg } from './data.ts';
import { type News, newsOf } from './news.ts';

const LINES = 20;

/** 最新动态: time, what, where. Lines that do not fit whole are not shown. */
export function LatestNews() {
  const { data } = useNews();
  const orgs = useNames('orgs');
  const news = newsOf(data ?? []).slice(0, LINES);
  return (
    <section className="wall-sheet wall-news">
      <h2>{t('wall.news')}</h2>
      {data && news.length === 0 && <p>{t('wall.noNews')}</p>}
      <ul>
        {news.map((one) => (
          <NewsLine key={one.key} news={one} place={orgs.name(one.incident.members[0]?.orgId)} />
        ))}
      </ul>
    </section>
  );
}

function NewsLine({ news: { at, what, incident }, place }: { news: News; place: string }) {
  const { severity, lifeSafety, fault, reason, kind, cause, members } = incident;
  const bad = what === 'came' && (lifeSafety || severity === 'critical');
  const words = kind === 'group' && cause !== null ? cause : faultWords(fault, reason);
  const [first] = members;
  return (
    <li className={bad ? 'critical' : ''}>
      <time className="wall-when" dateTime={at}>
        {at.slice(5, 10)} <b>{at.slice(11, 16)}</b>
      </time>
      {what === 'came' ? (
        <StateMark of="severity" code={severity} bare />
      ) : (
        <Mark tone="good" shape="disc" label={t('wall.over')} bare />
      )}
      <span className="wall-name">{what === 'came' ? words : t('wall.overOf', { what: words })}</span>
      <span className="wall-where">
        {place}{' '}
        {first && members.length === 1 ? (first.name ?? first.deviceId) : t('overview.devices', { n: members.length })}
      </span>
    </li>
  );
}

const WRONG = ['offline', 'flapping', 'stale', 'degraded', 'unknown'] as const;

/** Where it is worst stands first: the most that is offline, then the most that is not well. */
export function StatesByOrg() {
  const { data } = useStatesByOrg();
  const orgs = useNames('orgs');
  const rows = (data?.byOrg ?? []).map(({ orgId, byState }) => {
    const all = Object.values(byState).reduce((sum, n) => sum + n, 0);
    return { key: orgId ?? '', name: orgId === null ? t('wall.noOrg') : orgs.name(orgId), byState, all };
  });
  rows.sort(
    (a, b) =>
      (b.byState.offline ?? 0) - (a.byState.offline ?? 0) ||
      b.all - (b.byState.online ?? 0) - (a.all - (a.byState.online ?? 0)),
  );
  return (
    <section className="wall-sheet wall-orgs">
      <h2>
        {t('wall.byOrg')} <span>{data ? rows.length : ''}</span>
      </h2>
      <ul>
        {rows.slice(0, LINES).map(({ key, name, byState, all }) => (
          <li key={key}>
            <span className="wall-name">{name}</span>
            {WRONG.filter((state) => (byState[state] ?? 0) > 0).map((state) => (
              <span className="wall-count" key={state}>
                <StateMark of="health" code={state} bare />
                <b className={`ink-${state}`}>{byState[state]}</b>
              </span>
            ))}
            <span className="wall-of">
              <b>{byState.online ?? 0}</b>/{all}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
