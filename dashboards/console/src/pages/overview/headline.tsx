import { Link } from '@tanstack/react-router';
import { Alert } from 'antd';
import { useEffect, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { Figure } from '../../parts/figure.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { exactTime } from '../../parts/time.tsx';

export const STATES = ['offline', 'flapping', 'stale', 'degraded', 'online', 'unknown'] as const;

export const overdueOf = ({ overdueByStage }: Answer<'Overview'>['tickets']): number =>
  Object.values(overdueByStage).reduce((sum, n) => sum + n, 0);

/** Messages that came in per second between the last two answers; null before the second. */
export function useRate({ at, messages }: Answer<'Overview'>): number | null {
  const [seen, setSeen] = useState<{ at: number; received: number; rate: number | null }>();
  const now = Date.parse(at);
  const received = messages?.received;
  useEffect(() => {
    if (received === undefined) return;
    setSeen((before) => {
      if (before === undefined || received < before.received) return { at: now, received, rate: null };
      if (now - before.at < 1_000) return before;
      return { at: now, received, rate: ((received - before.received) * 1_000) / (now - before.at) };
    });
  }, [now, received]);
  return seen?.rate ?? null;
}

/** The numbers that are read from across the room; each leads to what it counts. */
export function Headline({ counts }: { counts: Answer<'Overview'> }) {
  const may = useMay();
  const { devices, tickets, incidents, messages } = counts;
  const online = devices.byState.online ?? 0;
  const overdue = overdueOf(tickets);
  const rate = useRate(counts);
  return (
    <>
      <Notices counts={counts} />
      <div className="figures">
        <Figure
          label={t('overview.online')}
          value={
            <Link to="/devices" search={{ healthState: 'online' }}>
              {online} / {devices.total}
            </Link>
          }
          tone={online === devices.total ? 'good' : 'none'}
          rule={t('overview.online.rule')}
          note={t('overview.online.note')}
        />
        {may('incidents', 'read') && (
          <Figure
            label={t('overview.incidents')}
            value={
              <Link to="/incidents" search={{ state: 'open' }}>
                {incidents.open}
              </Link>
            }
            tone={incidents.open > 0 ? 'bad' : 'good'}
            rule={t('overview.incidents.rule')}
          />
        )}
        {may('tickets', 'read') && (
          <Figure
            label={t('overview.tickets')}
            value={<Link to="/tickets">{tickets.open}</Link>}
            note={
              <Link to="/tickets" search={{ overdue: 'true' }}>
                {t('overview.overdue', { n: overdue })}
              </Link>
            }
            tone={overdue > 0 ? 'warning' : 'none'}
          />
        )}
        {messages && (
          <Figure
            label={t('overview.ingest')}
            value={rate === null ? '…' : t('overview.perSecond', { n: rate.toFixed(rate < 10 ? 1 : 0) })}
            rule={t('overview.stored.rule')}
            note={t('overview.stored', { n: messages.stored.toLocaleString(), waiting: messages.spooled })}
          />
        )}
        {messages && (
          <Figure
            label={t('overview.quarantined')}
            value={<Link to="/quarantine">{messages.quarantined.toLocaleString()}</Link>}
            tone={messages.quarantined > 0 ? 'warning' : 'none'}
            note={t('overview.rejected', { n: messages.rejected.toLocaleString() })}
          />
        )}
      </div>
      <ul className="overview-states" aria-label={t('overview.states')}>
        {STATES.map((state) => (
          <li key={state}>
            <Link to="/devices" search={{ healthState: state }}>
              <StateMark of="health" code={state} /> <b>{devices.byState[state] ?? 0}</b>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What whoever reads the numbers must know first. */
function Notices({ counts: { security } }: { counts: Answer<'Overview'> }) {
  return (
    <>
      {security.map(({ id, name, endsAt }) => (
        <Alert key={id} type="warning" showIcon title={t('overview.security', { name, until: exactTime(endsAt) })} />
      ))}
    </>
  );
}
