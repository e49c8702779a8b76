import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, useEffect, useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useLiveUpdates, useLostSince } from '../../app/live.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { DARK } from '../../look/tokens.ts';
import { nowIn } from '../../parts/live/zone-clock.ts';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { useTitle } from '../../parts/page.tsx';
import { rateText, toneOfRate } from '../../parts/rates.ts';
import { lengthOf, useNow } from '../../parts/time.tsx';
import { Trend } from '../../parts/trend.tsx';
import { causeWords } from './cause-words.ts';
import { byCause } from './causes.ts';
import { useCounts, useOpenIncidents, useRates, useReadiness, useTrends } from './data.ts';
import { overdueOf, STATES } from './headline.tsx';
import { SIGN } from './self-check.tsx';
import { ASIDE, WAY } from './stages.tsx';
import { LatestNews, StatesByOrg } from './wall-news.tsx';
import { SIZES, type Size, useWallSize } from './wall-size.ts';
import './wall.css';
import { whole } from '../../parts/whole.ts';

const COLOURS = Object.fromEntries(Object.entries(DARK).map(([name, value]) => [`--${name}`, value])) as CSSProperties;

/** 大屏: read from two metres, by nobody's hand. One screen, nothing to scroll, nothing to click but the way out. */
export default function Wall() {
  useLiveUpdates();
  useTitle(t('wall.title'));
  const may = useMay();
  const counts = useCounts();
  const lost = useLostSince();
  const [size, choose] = useWallSize();
  return (
    <main className={`wall wall-${size}`} style={COLOURS} id="content">
      <Head size={size} choose={choose} />
      {lost !== null && <Lost since={lost} />}
      {counts.data && <Top counts={counts.data} />}
      {counts.data && may('tickets', 'read') && <Tickets tickets={counts.data.tickets} />}
      <div className="wall-body">
        <div className="wall-column">
          {may('reports', 'read') && <Rates />}
          <StatesByOrg />
        </div>
        {may('incidents', 'read') && (
          <div className="wall-column">
            <Incidents open={counts.data?.incidents.open} />
            <LatestNews />
          </div>
        )}
      </div>
      <Self />
    </main>
  );
}

function Head({ size, choose }: { size: Size; choose: (size: Size) => void }) {
  const street = useStreet();
  const leave = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
  };
  return (
    <header className="wall-head">
      <h1>{t('wall.of', { street })}</h1>
      <Clock />
      <nav aria-label={t('app.menu')}>
        <fieldset className="wall-sizes" aria-label={t('wall.size')}>
          {SIZES.map((one) => (
            <button key={one} type="button" aria-pressed={one === size} onClick={() => choose(one)}>
              {t(`wall.size.${one}`)}
            </button>
          ))}
        </fieldset>
        <button type="button" onClick={() => void document.documentElement.requestFullscreen()}>
          {t('wall.full')}
        </button>
        <Link to="/" onClick={leave}>
          {t('wall.leave')}
        </Link>
      </nav>
    </header>
  );
}

/** The street this is of: the organisation of that level, else whatever stands highest. */
function useStreet(): string {
  const { data } = useQuery({
    queryKey: ['orgs', 'street'],
    queryFn: () => whole((query) => body(api.GET('/api/v1/orgs', { params: { query } }))),
    staleTime: 3_600_000,
    retry: false,
  });
  const areas = (data ?? []).filter(({ kind }) => kind === 'area');
  const found = areas.find(({ level }) => level === 3) ?? areas.find(({ parentId }) => parentId === null);
  return found?.name ?? t('app.name');
}

/** The gateway's time: the computer behind a wall may stand in any zone. */
function Clock() {
  const zone = useMe().timeZone;
  const [now, setNow] = useState(() => nowIn(zone));
  useEffect(() => {
    const timer = setInterval(() => setNow(nowIn(zone)), 1_000);
    return () => clearInterval(timer);
  }, [zone]);
  const [day, hour] = now.split(' ');
  return (
    <time className="wall-clock">
      <span>{day}</span> <b>{hour}</b>
    </time>
  );
}

/** Old figures on a wall are worse than none. */
function Lost({ since }: { since: number }) {
  const now = useNow();
  return (
    <div className="wall-lost" role="alert">
      <strong>{t('wall.lost')}</strong>
      <span>{t('wall.lostFor', { length: lengthOf(Math.max(0, now - since)) })}</span>
    </div>
  );
}

function Top({ counts: { devices, tickets, incidents } }: { counts: Answer<'Overview'> }) {
  const may = useMay();
  const overdue = overdueOf(tickets);
  return (
    <section className="wall-top" aria-label={t('overview.states')}>
      <Big label={t('overview.online')} value={`${devices.byState.online ?? 0}/${devices.total}`} />
      {STATES.filter((state) => state !== 'online').map((state) => (
        <div className="wall-big" key={state}>
          <b className={`ink-${(devices.byState[state] ?? 0) > 0 ? state : 'none'}`}>{devices.byState[state] ?? 0}</b>
          <StateMark of="health" code={state} />
        </div>
      ))}
      {may('incidents', 'read') && (
        <Big label={t('overview.incidents')} value={incidents.open} bad={incidents.open > 0} />
      )}
      {may('tickets', 'read') && <Big label={t('wall.overdue')} value={overdue} bad={overdue > 0} />}
    </section>
  );
}

function Big({ label, value, bad = false }: { label: string; value: string | number; bad?: boolean }) {
  return (
    <div className="wall-big">
      <b className={bad ? 'ink-offline' : ''}>{value}</b>
      <span>{label}</span>
    </div>
  );
}

function Rates() {
  const rates = useRates('module').data;
  const trends = useTrends('module').data;
  return (
    <section className="wall-sheet">
      <h2>
        {t('wall.rates')} <span>{rates && rateText(rates.total.onlineRate)}</span>
      </h2>
      {rates?.items.length === 0 && <p>{t('overview.noFigures')}</p>}
      <ul className="wall-rates">
        {rates?.items.slice(0, 7).map((row) => (
          <li key={row.key ?? ''}>
            <span className="wall-name">{row.name}</span>
            {trends && (
              <Trend
                from={trends.from}
                to={trends.to}
                label={t('overview.trend')}
                points={(trends.items.find(({ key }) => key === row.key)?.days ?? []).map(({ day, onlineRate }) => ({
                  day,
                  rate: onlineRate,
                }))}
              />
            )}
            <b className={`ink-rate-${toneOfRate(row.onlineRate)}`}>{rateText(row.onlineRate)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What is worst first: whoever looks up sees what somebody must go to, then the newest. `total` counts what its causes hold. */
function Incidents({ open: total }: { open: number | undefined }) {
  const open = useOpenIncidents().data;
  const causes = byCause(open?.items ?? []);
  const now = useNow();
  return (
    <section className="wall-sheet">
      <h2>
        {t('overview.incidents')}
        {causes.length > 0 && <small>{t('wall.causes', { n: causes.length })}</small>}
        <span>{total}</span>
      </h2>
      {open && causes.length === 0 && <p>{t('overview.noIncidents')}</p>}
      <ul className="wall-causes">
        {causes.map((cause) => (
          <li key={cause.key} className={cause.severity === 'critical' || cause.lifeSafety ? 'critical' : ''}>
            <StateMark of="severity" code={cause.severity} bare />
            <span className="wall-name">
              {causeWords(cause)}{' '}
              <small>
                {cause.devices
                  .slice(0, 2)
                  .map(({ name }) => name)
                  .join(t('wall.and'))}
              </small>
            </span>
            <span>{t('overview.devices', { n: cause.devices.length })}</span>
            <time>{lengthOf(now - Date.parse(cause.since))}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tickets({ tickets: { byStage, overdueByStage, open } }: { tickets: Answer<'Overview'>['tickets'] }) {
  return (
    <section className="wall-tickets">
      <h2>
        {t('overview.tickets')} <span>{open}</span>
      </h2>
      <ul>
        {[...WAY, ...ASIDE].map((stage) => (
          <li key={stage}>
            <StateMark of="stage" code={stage} />
            <b>{byStage[stage] ?? 0}</b>
            {(overdueByStage[stage] ?? 0) > 0 && (
              <small>{t('overview.overdue', { n: overdueByStage[stage] ?? 0 })}</small>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Self() {
  const parts = useReadiness().data?.parts ?? [];
  return (
    <footer className="wall-self">
      <span>{t('overview.self')}</span>
      {parts.map(({ name, state, reason }) => (
        <Mark
          key={name}
          tone={SIGN[state][0]}
          shape={SIGN[state][1]}
          label={[tCode('self', name), state === 'ready' ? '' : tCode('trouble', reason)].filter(Boolean).join(' · ')}
        />
      ))}
    </footer>
  );
}
