import { Link } from '@tanstack/react-router';
import { t } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { nameIn, pauseReason, TicketClock, ticketDevices, ticketTitle } from '../../parts/ticket-clock.tsx';
import type { Ticket } from './actions.ts';

/** A ticket on the board: which, what, where, by when, and who has it. */
export function Card({ ticket }: { ticket: Ticket }) {
  const { id, no, priority, stage, lifeSafety, drill, superviseCount, assigneeId, handlerOrgId } = ticket;
  const name = nameIn(ticket);
  const reason = stage === 'suspended' ? pauseReason(ticket) : '';
  return (
    <Link to="/tickets/$id" params={{ id }} className={`ticket-card priority-${priority}`}>
      <span className="ticket-card-head">
        <StateMark of="priority" code={priority} />
        <span className="quiet">{no}</span>
      </span>
      <b>{ticketTitle(ticket)}</b>
      <span className="ticket-card-device">{ticketDevices(ticket)}</span>
      <span className="ticket-card-flags">
        {lifeSafety && <Mark tone="bad" shape="square" label={t('incidents.lifeSafety')} />}
        {superviseCount > 0 && (
          <Mark tone="odd" shape="diamond" label={t('ticket.supervised', { n: superviseCount })} />
        )}
        {drill && <Mark tone="none" shape="ring" label={t('ticket.drill')} />}
      </span>
      <TicketClock ticket={ticket} />
      {reason && <span className="quiet clip">{reason}</span>}
      <span className="quiet clip">{assigneeId ? name(assigneeId) : name(handlerOrgId)}</span>
    </Link>
  );
}
