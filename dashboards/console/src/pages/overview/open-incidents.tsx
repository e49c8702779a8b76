import { Link } from '@tanstack/react-router';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Ago } from '../../parts/time.tsx';
import { causeWords } from './cause-words.ts';
import { byCause, type Cause } from './causes.ts';
import { useOpenIncidents } from './data.ts';

const SHOWN = 10;
const NAMED = 3;

/** What is wrong now, one line a cause: the devices it took stand behind it. */
export function OpenIncidents() {
  const open = useOpenIncidents();
  return (
    <section className="sheet">
      <h2>
        {t('overview.causes')}
        <Link className="more" to="/incidents" search={{ state: 'open' }}>
          {t('overview.toIncidents')}
        </Link>
      </h2>
      <Loaded query={open}>
        {({ items }) => {
          const causes = byCause(items);
          if (causes.length === 0) return <Nothing title={t('overview.noIncidents')} />;
          return (
            <ul className="causes">
              {causes.slice(0, SHOWN).map((cause) => (
                <CauseLine key={cause.key} cause={cause} />
              ))}
              {causes.length > SHOWN && (
                <li className="quiet">{t('overview.moreCauses', { n: causes.length - SHOWN })}</li>
              )}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

function CauseLine({ cause }: { cause: Cause }) {
  const { severity, incidents, devices, since } = cause;
  const [first] = incidents;
  const words = causeWords(cause);
  return (
    <li>
      <StateMark of="severity" code={severity} bare />
      <div className="cause">
        {incidents.length === 1 && first ? (
          <Link to="/incidents/$id" params={{ id: first.id }}>
            {words}
          </Link>
        ) : (
          <Link to="/incidents" search={{ state: 'open', fault: cause.fault }}>
            {words}
          </Link>
        )}
        <span className="cause-devices">
          {incidents.slice(0, NAMED).map(({ id, members }) => (
            <Link key={id} to="/incidents/$id" params={{ id }}>
              {members[0]?.name ?? members[0]?.deviceId}
            </Link>
          ))}
          {devices.length > Math.min(NAMED, incidents.length) && '…'}
        </span>
      </div>
      <span className="cause-count">{t('overview.devices', { n: devices.length })}</span>
      <Ago at={since} />
    </li>
  );
}
