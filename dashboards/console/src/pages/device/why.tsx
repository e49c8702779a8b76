import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Collapse } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { probeWords } from '../../parts/probe-words.ts';
import { SuppressedBy } from '../../parts/suppressed-by.tsx';
import { Ago, lengthOf } from '../../parts/time.tsx';
import { useHealth } from './lanes.tsx';
import { useType } from './type.ts';

type Health = Answer<'DeviceHealth'>;
type Fact = NonNullable<Health['facts']['link']>;
type Evidence = Readonly<Record<string, unknown>>;

const SIGN = {
  good: ['good', 'disc'],
  suspect: ['warning', 'ring'],
  bad: ['bad', 'square'],
  unknown: ['none', 'ring'],
} as const;

/** Why the gateway says what it says: last evidence, deadlines, what holds it back, and what comes next. */
export function Why({ device }: { device: Answer<'Device'> }) {
  const health = useHealth(device.id);
  return (
    <section className="sheet">
      <h2>{t(device.health.state === 'offline' ? 'why.offline' : 'why.title')}</h2>
      <Loaded query={health}>{(data) => <Facts device={device} health={data} />}</Loaded>
    </section>
  );
}

function Facts({ device, health }: { device: Answer<'Device'>; health: Health }) {
  const { link, probe, data } = health.facts;
  const { metric } = useType(device.type);
  const metrics = Object.entries(data).sort(([, a], [, b]) => RANK[b.state] - RANK[a.state]);
  const wrong = metrics.filter(([, fact]) => fact.state !== 'good');
  const fine = metrics.length - wrong.length;
  if (!link && !probe && metrics.length === 0)
    return (
      <Nothing
        title={t('why.nothing')}
        next={
          <Link to="." search={{ tab: 'access' }}>
            {t('why.nothing.next')}
          </Link>
        }
      />
    );
  return (
    <div className="why">
      {link && <Signal name={t('why.link')} fact={link} rest={<LinkFacts fact={link} />} />}
      {probe && <Signal name={t('why.probe')} fact={probe} rest={<ProbeFacts fact={probe} />} />}
      {wrong.slice(0, 12).map(([name, fact]) => (
        <Signal key={name} name={metric(name)} fact={fact} rest={<DataFacts fact={fact} />} />
      ))}
      {fine > 0 && (
        <Collapse
          size="small"
          ghost
          items={[
            {
              key: 'fine',
              label: t('why.fine', { n: fine }),
              children: metrics
                .filter(([, fact]) => fact.state === 'good')
                .slice(0, 60)
                .map(([name, fact]) => (
                  <Signal key={name} name={metric(name)} fact={fact} rest={<DataFacts fact={fact} />} />
                )),
            },
          ]}
        />
      )}
      <Flapping health={health} metric={metric} />
      <Told id={device.id} next={nextOf(device, health)} />
    </div>
  );
}

const RANK = { bad: 3, suspect: 2, unknown: 1, good: 0 } as const;

function Signal({ name, fact, rest }: { name: string; fact: Fact; rest: ReactNode }) {
  const [tone, shape] = SIGN[fact.state];
  return (
    <div className="signal">
      <b>{name}</b>
      <span>
        <Mark tone={tone} shape={shape} label={tCode('reason', fact.reason)} />{' '}
        <span className="quiet">
          {t('why.since')} <Ago at={fact.since} />
        </span>
      </span>
      <div className="signal-rest">{rest}</div>
    </div>
  );
}

const evidenceOf = (fact: Fact): Evidence => (typeof fact.evidence === 'object' ? (fact.evidence as Evidence) : {});
const length = (ms: unknown) => (typeof ms === 'number' ? lengthOf(ms) : '—');

function LinkFacts({ fact }: { fact: Fact }) {
  const { lastSeenAt, offlineAfterMs, learned, session, sessionReason } = evidenceOf(fact);
  const rhythm = learned as { medianMs?: number; p99Ms?: number; samples?: number } | undefined;
  return (
    <>
      {typeof session === 'string' && (
        <span>
          {t('why.session')} {tCode('session', session)}
          {typeof sessionReason === 'string' && sessionReason !== '' && ` (${tCode('reason', sessionReason)})`}
        </span>
      )}
      {typeof lastSeenAt === 'string' && (
        <span>
          {t('why.lastSeen')} <Ago at={lastSeenAt} />
        </span>
      )}
      <span>{t('why.offlineAfter', { length: length(offlineAfterMs) })}</span>
      {rhythm && (
        <span>
          {t('why.learned', { median: length(rhythm.medianMs), p99: length(rhythm.p99Ms), n: rhythm.samples ?? 0 })}
        </span>
      )}
      <Countdown fact={fact} />
    </>
  );
}

function ProbeFacts({ fact }: { fact: Fact }) {
  const { detail, probedAt, failures } = evidenceOf(fact);
  return (
    <>
      {typeof detail === 'string' && detail !== '' && <span>{probeWords(detail)}</span>}
      {typeof probedAt === 'string' && (
        <span>
          {t('why.probedAt')} <Ago at={probedAt} />
        </span>
      )}
      {typeof failures === 'number' && failures > 0 && <span>{t('why.failures', { n: failures })}</span>}
      <Countdown fact={fact} />
    </>
  );
}

function DataFacts({ fact }: { fact: Fact }) {
  const { valueAt, freshWithin } = evidenceOf(fact);
  return (
    <>
      {typeof valueAt === 'string' && (
        <span>
          {t('why.valueAt')} <Ago at={valueAt} />
        </span>
      )}
      <span>{t('why.freshWithin', { length: length(freshWithin) })}</span>
      <Countdown fact={fact} />
    </>
  );
}

/** Until when the next sign must come; counts down while it is looked at. */
function Countdown({ fact }: { fact: Fact }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  if (!fact.deadline) return null;
  const left = Date.parse(fact.deadline) - now;
  return <b>{left > 0 ? t(`why.left.${fact.state}`, { length: lengthOf(left) }) : t('why.left.due')}</b>;
}

function Flapping({ health, metric }: { health: Health; metric: (name: string) => string }) {
  const rows = [
    ...(health.flapping.flips > 0 ? [{ name: t('why.flapping'), ...health.flapping }] : []),
    ...health.unsteady.map((one) => ({ ...one, name: faultName(one.fault, metric) })),
  ];
  if (rows.length === 0) return null;
  return (
    <div className="signal">
      <b>{t('why.unsteady')}</b>
      <ul>
        {rows.map(({ name, score, active, flips, startsAt, endsAt }) => (
          <li key={name}>
            {name} <b>{score.toFixed(1)}</b>{' '}
            <span className="quiet">
              {t(active ? 'why.score.active' : 'why.score', { flips, start: startsAt, end: endsAt })}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function faultName(fault: string, metric: (name: string) => string): string {
  const [kind = '', name = ''] = fault.split(/:(.*)/s);
  return kind === 'data' ? metric(name) : tCode('fault', name);
}

/** Open incidents of the device: as one of many, and what keeps them from making a ticket. */
function Told({ id, next }: { id: string; next: string }) {
  const may = useMay();
  const open = useQuery({
    queryKey: ['incidents', 'of', id],
    queryFn: () =>
      body(api.GET('/api/v1/incidents', { params: { query: { deviceId: id, state: 'open', limit: 20 } } })),
    enabled: may('incidents', 'read'),
  });
  return (
    <>
      {open.data?.items.map((incident) => (
        <div key={incident.id} className="signal">
          <b>{t(incident.kind === 'group' ? 'why.group' : 'why.incident')}</b>
          <span>
            <Link to="/incidents/$id" params={{ id: incident.id }}>
              {incident.cause ?? tCode('fault', incident.fault)}
            </Link>{' '}
            <span className="quiet">
              {incident.kind === 'group' &&
                `${t('why.members', {
                  n: incident.members.filter(({ state }) => state === 'bad').length,
                  all: incident.members.length,
                })} · `}
              <Ago at={incident.openedAt} />
            </span>
          </span>
          {incident.suppressed.length > 0 && (
            <div className="signal-rest">
              {incident.suppressed.map((reason) => (
                <SuppressedBy key={String(reason)} reason={String(reason)} />
              ))}
            </div>
          )}
        </div>
      ))}
      <div className="signal next">
        <b>{t('why.then')}</b>
        <span>{next}</span>
      </div>
    </>
  );
}

/** What the gateway does next, in words. */
function nextOf({ lifecycle }: Answer<'Device'>, { state, suspect, facts, flapping }: Health): string {
  if (lifecycle === 'pending' || lifecycle === 'retired' || lifecycle === 'rejected') return t('why.next.notJudged');
  if (suspect) return t('why.next.confirm');
  if (state === 'flapping' || flapping.active) return t('why.next.flapping');
  if (state === 'offline') return t(facts.probe ? 'why.next.probe' : 'why.next.wait');
  if (state === 'stale') return t('why.next.stale');
  if (lifecycle === 'active') return t('why.next.watch');
  return t('why.next.noTicket');
}
