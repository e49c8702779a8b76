import { useQuery } from '@tanstack/react-query';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Ago } from '../../parts/time.tsx';

type Incident = Answer<'Incident'>;

/** What is wrong now, one line a cause: the devices it took stand behind it. */
export function OpenIncidents() {
  const open = useQuery({
    queryKey: ['incidents', 'open'],
    queryFn: () => body(api.GET('/api/v1/incidents', { params: { query: { state: 'open', limit: 50 } } })),
    refetchInterval: 15_000,
  });
  return (
    <section className="sheet">
      <h2>{t('overview.causes')}</h2>
      <Loaded query={open}>
        {({ items }) => {
          const causes = items.filter(({ suppressed }) => !suppressed.some((by) => String(by).startsWith('group:')));
          if (causes.length === 0) return <Nothing title={t('overview.noIncidents')} />;
          return (
            <ul className="causes">
              {causes.slice(0, 12).map((incident) => (
                <Cause key={incident.id} incident={incident} />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

function Cause({ incident }: { incident: Incident }) {
  const { severity, cause, fault, reason, members, openedAt } = incident;
  return (
    <li>
      <StateMark of="severity" code={severity} bare />
      <span className="cause">
        {cause ?? `${members[0]?.deviceId ?? ''} ${tCode('fault', fault)} · ${tCode('reason', reason)}`}
      </span>
      {members.length > 1 && (
        <span className="quiet">
          {t('overview.members', { n: members.filter(({ state }) => state === 'bad').length, all: members.length })}
        </span>
      )}
      <Ago at={openedAt} />
    </li>
  );
}
