import { useQueryClient } from '@tanstack/react-query';
import { type Answer, api } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Mark } from '../../parts/mark.tsx';
import { nameIn } from '../../parts/ticket-clock.tsx';
import { exactTime } from '../../parts/time.tsx';
import type { Ticket } from './actions.ts';

type Ask = Answer<'TicketAsk'>;
const SIGN = { pending: ['warning', 'ring'], approved: ['good', 'disc'], refused: ['bad', 'cross'] } as const;
const STEP = {
  pending: ['warning', 'ring'],
  done: ['bad', 'triangle'],
  confirmed: ['bad', 'triangle'],
  declined: ['none', 'cross'],
} as const;

/** Requests for more time and for a pause, with who decided what; and how high the ticket has gone. */
export function Requests({ ticket }: { ticket: Ticket }) {
  const { extensions, suspensions, escalations, supervisions } = ticket;
  const name = nameIn(ticket);
  if (extensions.length + suspensions.length + escalations.length + supervisions.length === 0) return null;
  return (
    <section className="sheet">
      <h2>{t('ticket.requests')}</h2>
      <ul className="asks">
        {suspensions.map((ask) => (
          <OneAsk key={`s${ask.n}`} ask={ask} what={t('ask.suspension')} ticket={ticket} />
        ))}
        {extensions.map((ask) => (
          <OneAsk key={`e${ask.n}`} ask={ask} what={t('ask.extension')} ticket={ticket} />
        ))}
        {escalations.map(({ round, level, reason, state, at, orgIds, decidedAt, decidedBy, decisionNote }) => (
          <li key={`${round}${level}`}>
            <Mark tone={STEP[state][0]} shape={STEP[state][1]} label={t('escalation.level', { level })} />{' '}
            {/* Begun and decided at once: somebody took it there before its time. */}
            {decidedAt === at ? t('act.raise') : tCode('reason', reason)} · {exactTime(at).slice(0, 16)}
            <div className="quiet">
              {tCode('escalation', state)} · {orgIds.map(name).join('、')}
              {decidedBy && ` · ${name(decidedBy)}`}
              {decisionNote && ` · ${decisionNote}`}
            </div>
            {state === 'pending' && <DecideStep ticket={ticket} />}
          </li>
        ))}
        {supervisions.map(({ at, by, text }) => (
          <li key={at}>
            <Mark tone="odd" shape="diamond" label={t('act.supervise')} /> {text}
            <div className="quiet">
              {name(by)} · {exactTime(at).slice(0, 16)}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function OneAsk({ ask, what, ticket }: { ask: Ask; what: string; ticket: Ticket }) {
  const me = useMe();
  const queries = useQueryClient();
  const name = nameIn(ticket);
  const { n, state, reason, until, by, at, decidedBy, decisionNote } = ask;
  const decides = state === 'pending' && ticket.duties?.includes('approver') && by !== me.id;
  const decide = (approve: boolean) => async (note: string) => {
    await api.POST('/api/v1/tickets/{id}/requests/{n}/decision', {
      params: { path: { id: ticket.id, n: String(n) } },
      body: { approve, ...(note && { note }) },
    });
    await queries.invalidateQueries({ queryKey: ['tickets'] });
  };
  return (
    <li>
      <Mark tone={SIGN[state][0]} shape={SIGN[state][1]} label={`${what} · ${tCode('ask.state', state)}`} />{' '}
      {t('ask.until', { time: exactTime(until).slice(0, 16) })}
      <div>{reason}</div>
      <div className="quiet">
        {name(by)} · {exactTime(at).slice(0, 16)}
        {decidedBy && ` · ${t('ask.decidedBy', { who: name(decidedBy) })}`}
        {decisionNote && ` · ${decisionNote}`}
      </div>
      {decides && (
        <div className="buttons">
          <ConfirmButton
            size="small"
            type="primary"
            title={t('ask.approve')}
            consequence={t('ask.approve.told')}
            act={decide(true)}
          >
            {t('ask.approve')}
          </ConfirmButton>
          <ConfirmButton
            size="small"
            danger
            reason
            title={t('ask.refuse')}
            consequence={t('ask.refuse.told')}
            act={decide(false)}
          >
            {t('ask.refuse')}
          </ConfirmButton>
        </div>
      )}
      {state === 'pending' && by === me.id && <div className="quiet">{t('ask.own')}</div>}
    </li>
  );
}

/** 视情: whether it goes higher is for a person to say. */
function DecideStep({ ticket }: { ticket: Ticket }) {
  const queries = useQueryClient();
  if (!ticket.duties?.some((duty) => duty === 'dispatcher' || duty === 'approver')) return null;
  const decide = (decision: 'confirm' | 'decline') => async (reason: string) => {
    await api.POST('/api/v1/tickets/{id}/escalations', {
      params: { path: { id: ticket.id } },
      body: { decision, reason },
    });
    await queries.invalidateQueries({ queryKey: ['tickets'] });
  };
  return (
    <div className="buttons">
      <ConfirmButton
        size="small"
        reason
        title={t('escalation.confirm')}
        consequence={t('act.raise.told')}
        act={decide('confirm')}
      >
        {t('escalation.confirm')}
      </ConfirmButton>
      <ConfirmButton
        size="small"
        reason
        title={t('escalation.decline')}
        consequence={t('escalation.decline.told')}
        act={decide('decline')}
      >
        {t('escalation.decline')}
      </ConfirmButton>
    </div>
  );
}
