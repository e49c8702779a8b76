import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Alert, Tabs } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { NotifiedWhy } from '../../parts/notified-why.tsx';
import { Page } from '../../parts/page.tsx';
import { proofPicture, proofWords } from '../../parts/proof-words.ts';
import { SuppressedBy } from '../../parts/suppressed-by.tsx';
import { nameIn, TicketClock, ticketTitle } from '../../parts/ticket-clock.tsx';
import { exactTime, lengthOf, useNow } from '../../parts/time.tsx';
import { Timeline, type TimelineEntry } from '../../parts/timeline.tsx';
import { Acts } from './acts.tsx';
import { Members } from './members.tsx';
import { SeenTo } from './seen-to.tsx';
import { incidentTitle, problemWords } from './words.ts';
import './incidents.css';

type Shown = Answer<'Incident'>;

/** One incident: what is wrong, what proves it, whom it took, and who was told. */
export default function Incident() {
  const { id = '' } = useParams({ strict: false });
  const incident = useQuery({
    queryKey: ['incidents', id],
    queryFn: () => body(api.GET('/api/v1/incidents/{id}', { params: { path: { id } } })),
    refetchInterval: 30_000,
  });
  return <Loaded query={incident}>{(data) => <Whole incident={data} />}</Loaded>;
}

function Whole({ incident }: { incident: Shown }) {
  const may = useMay();
  const [filters, change] = useFilters();
  const tabs = [
    { key: 'facts', label: t('incidents.tab.facts'), children: <Facts incident={incident} /> },
    ...(may('notifications', 'read')
      ? [{ key: 'notified', label: t('ticket.tab.notified'), children: <NotifiedWhy incidentId={incident.id} /> }]
      : []),
  ];
  return (
    <Page title={incidentTitle(incident)} guide="alarm-rules" actions={<Acts incident={incident} />}>
      {incident.suppressed.map((reason) => (
        <Alert
          key={String(reason)}
          type="info"
          showIcon
          title={
            <>
              {t('incidents.suppressedBy')} <SuppressedBy reason={String(reason)} />
            </>
          }
        />
      ))}
      <Tabs
        activeKey={filters.tab ?? 'facts'}
        onChange={(tab) => change({ tab: tab === 'facts' ? undefined : tab })}
        items={tabs}
      />
    </Page>
  );
}

function Facts({ incident }: { incident: Shown }) {
  const now = useNow();
  const { severity, state, openedAt, resolvedAt, lifeSafety, kind, members } = incident;
  const back = members.filter((one) => one.state !== 'bad').length;
  return (
    <div className="columns">
      <section className="sheet">
        <h2>{t('incidents.facts')}</h2>
        <dl className="two">
          <dt>{t('incidents.severity')}</dt>
          <dd>
            <StateMark of="severity" code={severity} />{' '}
            {lifeSafety && <Mark tone="bad" shape="square" label={t('incidents.lifeSafety')} />}
          </dd>
          <dt>{t('incidents.state')}</dt>
          <dd>
            {tCode('incident', state)}
            <SeenTo incident={incident} />
          </dd>
          <dt>{t('incidents.kind')}</dt>
          <dd>{tCode('incidentKind', kind)}</dd>
          <dt>{t('incidents.problem')}</dt>
          <dd>{problemWords(incident)}</dd>
          <dt>{t('incidents.time')}</dt>
          <dd>{exactTime(openedAt)}</dd>
          <dt>{t('incidents.recovered')}</dt>
          <dd>{resolvedAt ? exactTime(resolvedAt) : '—'}</dd>
          <dt>{t('incidents.length')}</dt>
          <dd>{lengthOf((resolvedAt ? Date.parse(resolvedAt) : now) - Date.parse(openedAt))}</dd>
        </dl>
        <h2>{t('incidents.tickets')}</h2>
        <Tickets incident={incident} />
      </section>
      <section className="sheet">
        <h2>
          {t('incidents.members')}{' '}
          <span className="quiet">{t('incidents.back', { n: back, all: members.length })}</span>
        </h2>
        <Members members={members} />
      </section>
      <section className="sheet">
        <h2>{t('incidents.course')}</h2>
        <Timeline entries={courseOf(incident)} />
        <h2>{t('incidents.evidence')}</h2>
        <Evidence incident={incident} />
      </section>
    </div>
  );
}

/** Beginning, who came back when, end. */
function courseOf({ openedAt, resolvedAt, members, kind }: Shown): TimelineEntry[] {
  const entries: TimelineEntry[] = [{ at: openedAt, by: null, what: t('incidents.began') }];
  if (kind === 'group')
    for (const { since, state, name, deviceId } of members)
      entries.push({
        at: since,
        by: null,
        what: t(state === 'bad' ? 'incidents.fell' : 'incidents.returned', { name: name ?? deviceId }),
      });
  if (resolvedAt) entries.push({ at: resolvedAt, by: null, what: t('incidents.ended') });
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(0, 60);
}

function Evidence({ incident }: { incident: Shown }) {
  const device = incident.members[0]?.deviceId;
  const proofs = incident.evidence.map((one) => ({
    words: proofWords(one, incident.openedAt),
    picture: proofPicture(one),
  }));
  const said = proofs.filter(({ words, picture }) => words.length > 0 || picture !== null);
  if (said.length === 0) return <p className="quiet">{t('incidents.noEvidence')}</p>;
  return (
    <ul className="proofs">
      {said.map(({ words, picture }) => (
        <li key={`${words.join()}${picture ?? ''}`}>
          {words.map((line) => (
            <div key={line}>{line}</div>
          ))}
          {picture !== null && device && (
            <img src={`/api/v1/cameras/${device}/pictures/${picture}.jpg`} alt={t('incidents.picture')} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Tickets({ incident }: { incident: Shown }) {
  const may = useMay();
  const { id, suppressed } = incident;
  const found = useQuery({
    queryKey: ['tickets', 'of-incident', id],
    queryFn: () => body(api.GET('/api/v1/tickets', { params: { query: { incidentId: id, limit: 20 } } })),
    enabled: may('tickets', 'read'),
  });
  return (
    <Loaded query={found}>
      {({ items }) =>
        items.length === 0 ? (
          <Nothing title={t(suppressed.length > 0 ? 'incidents.noTicketSuppressed' : 'incidents.noTicket')} />
        ) : (
          <ul className="proofs">
            {items.map((ticket) => (
              <li key={ticket.id}>
                <Link to="/tickets/$id" params={{ id: ticket.id }}>
                  {ticket.no} {ticketTitle(ticket)}
                </Link>{' '}
                <StateMark of="stage" code={ticket.stage} /> <TicketClock ticket={ticket} />{' '}
                <span className="quiet">{nameIn(ticket)(ticket.assigneeId ?? ticket.handlerOrgId)}</span>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}
