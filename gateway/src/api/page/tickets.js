import { isOpen, PIPELINE, PRIORITIES } from './codes.js';
import { h } from './element.js';
import { clock, dayOf, duration } from './times.js';

/** Life and limb first, then what is most pressing; within that the newest, as the gateway lists them. What is over comes last. */
function byUrgency(a, b) {
  const rank = (ticket) =>
    isOpen(ticket) ? (ticket.lifeSafety ? 0 : 1 + PRIORITIES.indexOf(ticket.priority)) : PRIORITIES.length + 1;
  return rank(a) - rank(b);
}

/** `names` holds what people call the devices, organisations and colleagues on the screen. */
export function tickets(list, now, opened, names, t) {
  return h(
    'section',
    { class: 'panel tickets' },
    h('h2', {}, t('tickets.title')),
    list.length === 0
      ? h('p', { class: 'empty' }, t('tickets.empty'))
      : h(
          'ul',
          { class: 'cards' },
          list.toSorted(byUrgency).map((ticket) => ticketCard(ticket, now, opened, names, t)),
        ),
  );
}

function ticketCard(ticket, now, opened, names, t) {
  const today = dayOf(now);
  const reached = PIPELINE.indexOf(ticket.stage);
  const details = h(
    'details',
    {
      open: opened.has(ticket.id),
      ontoggle: () => (details.open ? opened.add(ticket.id) : opened.delete(ticket.id)),
    },
    h('summary', {}, t('tickets.history', { n: ticket.history.length })),
    h(
      'ol',
      { class: 'history' },
      ticket.history.map((entry) =>
        h(
          'li',
          {},
          h('time', {}, clock(entry.at, today)),
          h('b', {}, t(`stage.${entry.to}`)),
          h('span', {}, entry.note ?? ''),
          h('small', {}, entry.by === 'system' ? t('tickets.system') : entry.by),
        ),
      ),
    ),
  );
  return h(
    'li',
    { class: `ticket ${ticket.priority}`, 'data-ticket': ticket.no },
    h(
      'div',
      { class: 'head' },
      h('b', {}, t(`fault.${ticket.fault}`, {}, ticket.title ?? ticket.fault)),
      h('span', { class: `priority ${ticket.priority}` }, t(`priority.${ticket.priority}`)),
      h('span', { class: `stage ${ticket.stage}` }, t(`stage.${ticket.stage}`)),
    ),
    h(
      'div',
      { class: 'steps', 'aria-hidden': 'true' },
      PIPELINE.map((_, i) => h('i', { class: reached >= i ? (i === reached ? 'here' : 'done') : '' })),
    ),
    h(
      'p',
      { class: 'quiet' },
      [
        ticket.no,
        ticket.deviceIds
          .slice(0, 3)
          .map((id) => names.get(id) ?? id)
          .join(', '),
        clock(ticket.openedAt, today),
      ]
        .filter(Boolean)
        .join(' · '),
      deadline(ticket, today, t),
    ),
    handler(ticket, names, t),
    details,
  );
}

/** Who has it: the organisation and, once there is one, the person. */
function handler({ handlerOrgId, assigneeId }, names, t) {
  const who = [handlerOrgId, assigneeId].filter(Boolean).map((id) => names.get(id) ?? id);
  return who.length === 0 ? null : h('p', { class: 'quiet' }, t('tickets.with', { who: who.join(' · ') }));
}

function deadline(ticket, today, t) {
  if (ticket.overdueSeconds > 0) {
    return h('strong', { class: 'overdue' }, t('tickets.overdue', { time: duration(ticket.overdueSeconds, t) }));
  }
  return ticket.dueAt && isOpen(ticket) ? h('span', {}, t('tickets.due', { time: clock(ticket.dueAt, today) })) : null;
}
