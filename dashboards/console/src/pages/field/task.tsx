import { Link, useParams } from '@tanstack/react-router';
import { Skeleton } from 'antd';
import { useEffect } from 'react';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { StateMark } from '../../parts/marks.tsx';
import { Page } from '../../parts/page.tsx';
import { stageAfter } from '../../parts/queue/entry.ts';
import { useFieldQueue } from '../../parts/queue/field-queue.ts';
import { useKeptSession, useSessionAgain } from '../../parts/queue/kept.ts';
import { keepShell } from '../../parts/queue/offline-shell.ts';
import { Unsent, UnsentBar } from '../../parts/queue/unsent.tsx';
import { useNow } from '../../parts/time.tsx';
import { Offline } from './offline.tsx';
import { Pictures } from './pictures.tsx';
import { PlainLine } from './plain-line.tsx';
import { useCodes, useDevice, useTicket } from './questions.ts';
import { Recheck } from './recheck.tsx';
import { TaskBar } from './task-bar.tsx';
import { Place, Steps, What } from './task-parts.tsx';
import { dueWords, faultWords } from './ticket-facts.ts';
import './field.css';

/** One ticket in the hand of who repairs: what, why, where, and the next step under the thumb. */
export default function Task() {
  const { id } = useParams({ strict: false }) as { id: string };
  const me = useMe();
  const now = useNow();
  useKeptSession(me);
  useEffect(keepShell, []);
  const { read, error, offline, again } = useTicket(me.id, id);
  useSessionAgain(offline);
  const ticket = read?.value;
  const first = ticket?.deviceIds[0];
  const device = useDevice(me.id, first).read?.value;
  useCodes(me.id, ticket?.module ?? null);
  const { entries } = useFieldQueue();
  const own = entries.filter(({ subject }) => subject === id);
  if (error !== undefined) return <Offline error={error} again={again} />;
  if (ticket === undefined) return <Skeleton active />;
  const stage = stageAfter(ticket.stage, own);
  const due = dueWords(ticket, now);
  return (
    <Page
      title={[faultWords(ticket), device?.nickname ?? device?.name].filter(Boolean).join(' · ')}
      actions={<Link to="/field">{t('field.title')}</Link>}
    >
      <div className="field">
        <UnsentBar offline={offline} />
        <PlainLine />
        <div className="field-line">
          <StateMark of="stage" code={stage} />
          <StateMark of="priority" code={ticket.priority} />
          <span className="quiet">{ticket.no}</span>
          <b className={due.late ? 'field-late' : ''}>{due.text}</b>
        </div>
        {own.some(({ refused }) => refused !== null) && (
          <ul className="unsent sheet">
            {own
              .filter(({ refused }) => refused !== null)
              .map((entry) => (
                <Unsent key={entry.id} entry={entry} />
              ))}
          </ul>
        )}
        <What ticket={ticket} device={device} offline={offline} />
        {first && (
          <section className="sheet">
            <h2>{t('field.recheck')}</h2>
            <Recheck device={first} fault={ticket.fault} />
          </section>
        )}
        <Place ticket={ticket} device={device} owner={me.id} />
        <Pictures ticket={ticket} stage={stage} entries={own} />
        <Steps ticket={ticket} />
        <TaskBar ticket={ticket} stage={stage} place={device?.location ?? null} />
      </div>
    </Page>
  );
}
