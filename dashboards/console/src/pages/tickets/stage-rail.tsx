import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { lateHours, pauseReason, TicketClock } from '../../parts/ticket-clock.tsx';
import { exactTime } from '../../parts/time.tsx';
import type { Stage, Ticket } from './actions.ts';

const WAY: readonly Stage[] = ['discovered', 'filed', 'dispatched', 'handling', 'verifying', 'closed'];

/** Where a ticket stands on the legal way, since when, and what its clock says. */
export function StageRail({ ticket }: { ticket: Ticket }) {
  const {
    stage,
    priority,
    stageSince,
    dueAt,
    overdueSeconds,
    history,
    lifeSafety,
    drill,
    firing,
    kind,
    suspendedUntil,
  } = ticket;
  const aside = !WAY.includes(stage);
  const at = aside ? WAY.indexOf(lastOnWay(ticket)) : WAY.indexOf(stage);
  const reached = (one: Stage) => history.findLast(({ to, from }) => to === one && from !== one)?.at;
  return (
    <section className="sheet rail">
      <ol>
        {WAY.map((one, place) => {
          const since = place <= at ? reached(one) : undefined;
          return (
            <li
              key={one}
              className={place < at ? (since ? 'done' : 'skipped') : place === at && !aside ? 'here' : ''}
              aria-current={one === stage ? 'step' : undefined}
            >
              <b>{tCode('stage', one)}</b>
              <span>{since ? exactTime(since).slice(5, 16) : ''}</span>
            </li>
          );
        })}
      </ol>
      <div className="rail-now">
        <StateMark of="priority" code={priority} />
        <StateMark of="stage" code={stage} />
        <TicketClock ticket={ticket} />
        {dueAt && <span>{t('ticket.due', { time: exactTime(dueAt).slice(0, 16) })}</span>}
        {overdueSeconds > 0 && stage === 'suspended' && (
          <span>{t('clock.late', { hours: lateHours(overdueSeconds) })}</span>
        )}
        <span className="quiet">{t('ticket.since', { time: exactTime(stageSince).slice(0, 16) })}</span>
        {lifeSafety && <Mark tone="bad" shape="square" label={t('incidents.lifeSafety')} />}
        {drill && <Mark tone="odd" shape="ring" label={t('ticket.drill')} />}
        {kind !== 'manual' && (
          <Mark
            tone={firing ? 'bad' : 'good'}
            shape={firing ? 'square' : 'disc'}
            label={t(firing ? 'ticket.firing' : 'ticket.calm')}
          />
        )}
      </div>
      {stage === 'suspended' && (
        <p>
          {t('ticket.pausedWhy', {
            since: exactTime(stageSince).slice(0, 16),
            until: suspendedUntil ? exactTime(suspendedUntil).slice(0, 16) : '—',
            reason: pauseReason(ticket),
          })}
        </p>
      )}
    </section>
  );
}

function lastOnWay({ history }: Ticket): Stage {
  return history.findLast(({ to }) => WAY.includes(to))?.to ?? 'discovered';
}
