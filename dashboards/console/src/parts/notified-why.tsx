import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Alert, Input } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../api/client.ts';
import { t, tCode } from '../language.ts';
import { Loaded } from './loaded.tsx';
import { Mark } from './mark.tsx';
import { Nothing } from './nothing.tsx';
import { SuppressedBy } from './suppressed-by.tsx';
import { Ago, exactTime } from './time.tsx';
import './notified-why.css';

type Notice = Answer<'NotificationAnalysis'>['notices'][number];
type Rule = Notice['rules'][number];
type Sent = Notice['sent'][number];

/** Why somebody was told of a ticket or an incident, or why nobody was: each notice through the whole chain of rules. */
export function NotifiedWhy(subject: { ticketId: string } | { incidentId: string }) {
  const analysis = useQuery({
    queryKey: ['notifications', 'analyse', subject],
    queryFn: () => body(api.GET('/api/v1/notifications/analyse', { params: { query: subject } })),
  });
  return (
    <Loaded query={analysis}>
      {({ neverRaised, quiet, notices }) => (
        <div className="why">
          {quiet
            .filter(({ reasons }) => reasons.length > 0)
            .map(({ incidentId, reasons }) => (
              <Alert
                key={incidentId}
                type="info"
                showIcon
                title={t('why.quiet')}
                description={reasons.map((reason) => (
                  <div key={reason}>
                    <SuppressedBy reason={reason} />
                  </div>
                ))}
              />
            ))}
          {notices.length === 0 ? (
            <Nothing
              title={t(neverRaised ? 'why.neverRaised' : 'why.noNotices')}
              next={
                <Link to="/system/notifications" search={{ tab: 'rules' }}>
                  {t('why.toRules')}
                </Link>
              }
            />
          ) : (
            notices.map((notice) => <OneNotice key={notice.key} notice={notice} />)
          )}
        </div>
      )}
    </Loaded>
  );
}

/** The same for a ticket or an incident that somebody names: by its number or its id. */
export function AnalyseNotices() {
  const [asked, setAsked] = useState('');
  const found = useQuery({
    queryKey: ['tickets', 'to-analyse', asked],
    queryFn: () => body(api.GET('/api/v1/tickets', { params: { query: { q: asked, limit: 1 } } })),
    enabled: asked !== '',
  });
  return (
    <div className="why">
      <Input.Search
        className="why-asked"
        placeholder={t('why.subject')}
        aria-label={t('why.subject')}
        onSearch={(text) => setAsked(text.trim())}
      />
      {asked !== '' && (
        <Loaded query={found}>
          {({ items: [ticket] }) =>
            ticket ? <NotifiedWhy ticketId={ticket.id} /> : <NotifiedWhy incidentId={asked} />
          }
        </Loaded>
      )}
    </div>
  );
}

function OneNotice({ notice }: { notice: Notice }) {
  const { title, event, at, rules, sent, lifeSafety } = notice;
  return (
    <section className="why-notice">
      <h3>
        {title} <span className="quiet">{tCode('noticeEvent', event)}</span> <Ago at={at} />
        {lifeSafety && <Mark tone="bad" shape="square" label={t('incidents.lifeSafety')} />}
      </h3>
      {rules.length === 0 && <p className="quiet">{t('why.noRules')}</p>}
      <ol className="why-rules">
        {rules.map((rule) => (
          <OneRule key={rule.ruleId} rule={rule} sent={sent.filter(({ channelId }) => channelId === rule.channelId)} />
        ))}
      </ol>
    </section>
  );
}

function OneRule({ rule, sent }: { rule: Rule; sent: readonly Sent[] }) {
  const { matched, why, channelName, channelId } = rule;
  return (
    <li className={matched ? 'matched' : 'unmatched'}>
      <Mark
        tone={matched ? 'good' : 'none'}
        shape={matched ? 'disc' : 'cross'}
        label={t(matched ? 'why.matched' : 'why.unmatched')}
      />
      <b>{channelName ?? channelId}</b>
      {why !== null && <span>{tCode('why', why)}</span>}
      {matched && sent.map((one) => <OneSending key={one.id} sent={one} />)}
    </li>
  );
}

const SENT = {
  sent: ['good', 'disc'],
  pending: ['warning', 'ring'],
  dead: ['bad', 'cross'],
  skipped: ['none', 'bar'],
} as const;

function OneSending({ sent }: { sent: Sent }) {
  const { state, sentAt, attempts, detail, acknowledgedAt, acknowledgedBy, nextAt } = sent;
  const [tone, shape] = SENT[state];
  return (
    <span className="why-sent">
      <Mark tone={tone} shape={shape} label={tCode('sending', state)} />
      {sentAt && <time dateTime={sentAt}>{exactTime(sentAt)}</time>}
      {attempts > 1 && <span className="quiet">{t('why.attempts', { n: attempts })}</span>}
      {state === 'pending' && nextAt && <span className="quiet">{t('why.next', { time: exactTime(nextAt) })}</span>}
      {detail && state !== 'sent' && <span className="quiet">{detail}</span>}
      {acknowledgedAt && (
        <span>{t('why.acknowledged', { who: acknowledgedBy ?? '', time: exactTime(acknowledgedAt) })}</span>
      )}
    </span>
  );
}
