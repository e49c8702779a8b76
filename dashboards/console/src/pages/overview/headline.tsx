import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Figure } from '../../parts/figure.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { exactTime } from '../../parts/time.tsx';

const STATES = ['offline', 'flapping', 'stale', 'degraded', 'online', 'unknown'] as const;

/** The numbers that are read from across the room. */
export function Headline({ counts }: { counts: Answer<'Overview'> }) {
  const { devices, tickets, incidents, messages, judgement, security } = counts;
  const online = devices.byState.online ?? 0;
  const overdue = useQuery({
    queryKey: ['tickets', 'overdue-count'],
    queryFn: () => body(api.GET('/api/v1/tickets', { params: { query: { overdue: true, limit: 1 } } })),
    retry: false,
  });
  const halted = judgement.paths[0];
  return (
    <>
      {halted && (
        <Alert
          type="error"
          showIcon
          title={t(`judgement.${halted.state}`, { time: exactTime(halted.since).slice(11) })}
        />
      )}
      {security.map(({ id, name, endsAt }) => (
        <Alert key={id} type="warning" showIcon title={t('overview.security', { name, until: exactTime(endsAt) })} />
      ))}
      <div className="figures">
        <Figure
          label={t('overview.online')}
          value={`${online} / ${devices.total}`}
          tone={online === devices.total ? 'good' : 'none'}
          rule={t('overview.online.rule')}
          note={t('overview.online.note')}
        />
        <Figure
          label={t('overview.incidents')}
          value={<Link to="/">{incidents.open}</Link>}
          tone={incidents.open > 0 ? 'bad' : 'good'}
        />
        <Figure
          label={t('overview.tickets')}
          value={tickets.open}
          note={overdue.data && t('overview.overdue', { n: overdue.data.total ?? '10000+' })}
          tone={(overdue.data?.total ?? 0) > 0 ? 'warning' : 'none'}
        />
        {messages && (
          <Figure
            label={t('overview.stored')}
            value={messages.stored.toLocaleString()}
            rule={t('overview.stored.rule')}
            note={t('overview.waiting', { n: messages.spooled })}
          />
        )}
        {messages && (
          <Figure
            label={t('overview.quarantined')}
            value={messages.quarantined.toLocaleString()}
            tone={messages.quarantined > 0 ? 'warning' : 'none'}
          />
        )}
      </div>
      <ul className="overview-states" aria-label={tCode('overview', 'states')}>
        {STATES.map((state) => (
          <li key={state}>
            <StateMark of="health" code={state} /> <b>{devices.byState[state] ?? 0}</b>
          </li>
        ))}
      </ul>
    </>
  );
}
