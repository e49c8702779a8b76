/** Makes an element. Children that are text become text nodes, so nothing a device says is ever read as markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Worst first, as the gateway ranks them. */
export const STATES = ['offline', 'flapping', 'stale', 'degraded', 'unknown', 'online'];
const PIPELINE = ['discovered', 'filed', 'dispatched', 'handling', 'verifying', 'closed'];
const SIDE = ['returned', 'suspended', 'falseAlarm', 'cancelled'];
const BUCKETS = ['stored', 'duplicate', 'quarantined', 'rejected', 'spooled'];

/** `2026-11-23T08:00:05.123+08:00` → `08:00:05`, with the date when it is not today's; the gateway's own zone. */
export function clock(iso, today) {
  if (!iso) return '';
  const [date = '', time = ''] = iso.split('T');
  return date === today ? time.slice(0, 8) : `${date.slice(5)} ${time.slice(0, 5)}`;
}

export function duration(seconds, t) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return t('ago.s', { n: s });
  if (s < 3_600) return t('ago.m', { n: Math.floor(s / 60) });
  return s < 86_400 ? t('ago.h', { n: Math.floor(s / 3_600) }) : t('ago.d', { n: Math.floor(s / 86_400) });
}

const since = (iso, now, t) => (iso ? duration((Date.parse(now) - Date.parse(iso)) / 1_000, t) : '');
const dayOf = (iso) => (iso ?? '').slice(0, 10);
const tag = (state, t, suspect = false) =>
  h('span', { class: `tag ${state}` }, t(`health.${state}`), suspect ? h('em', {}, t('health.suspect')) : null);

export function overview(data, t) {
  const { devices, tickets, incidents, messages } = data;
  const counted = STATES.map((state) => [state, devices.byState[state] ?? 0]);
  const judged = counted.reduce((sum, [, n]) => sum + n, 0);
  return h(
    'section',
    { class: 'overview', 'aria-label': t('overview.devices') },
    h(
      'div',
      { class: 'card wide' },
      h('h2', {}, t('overview.devices'), h('b', { class: 'figure' }, devices.total.toLocaleString())),
      h(
        'div',
        { class: 'share', role: 'img', 'aria-label': counted.map(([s, n]) => `${t(`health.${s}`)} ${n}`).join(', ') },
        counted.filter(([, n]) => n > 0).map(([state, n]) => segment(state, n, judged)),
      ),
      h(
        'ul',
        { class: 'legend' },
        counted.map(([state, n]) =>
          h(
            'li',
            { class: n === 0 ? 'none' : '' },
            h('i', { class: `dot ${state}` }),
            t(`health.${state}`),
            h('b', {}, n),
          ),
        ),
      ),
    ),
    h(
      'div',
      { class: 'card wide' },
      h('h2', {}, t('overview.tickets'), h('b', { class: 'figure' }, tickets.open.toLocaleString())),
      h(
        'ol',
        { class: 'pipeline' },
        PIPELINE.map((stage) => {
          const n = tickets.byStage[stage] ?? 0;
          return h('li', { class: n === 0 ? 'none' : '' }, h('b', {}, n), t(`stage.${stage}`));
        }),
      ),
      h(
        'ul',
        { class: 'legend' },
        SIDE.map((stage) => {
          const n = tickets.byStage[stage] ?? 0;
          return h('li', { class: n === 0 ? 'none' : '' }, t(`stage.${stage}`), h('b', {}, n));
        }),
        h('li', { class: 'end' }, t('overview.incidents'), h('b', {}, incidents.open)),
      ),
    ),
    messages ? messageCard(messages, t) : null,
  );
}

/** Widths come as classes of 1 to 20 parts, because the page's policy forbids style attributes. */
function segment(state, n, total) {
  return h('span', { class: `w${Math.max(1, Math.round((n / total) * 20))} ${state}` });
}

function messageCard(messages, t) {
  return h(
    'div',
    { class: 'card' },
    h(
      'h2',
      {},
      t('overview.messages'),
      h('b', { class: 'figure' }, (messages.received + messages.recovered).toLocaleString()),
    ),
    h(
      'ul',
      { class: 'figures' },
      BUCKETS.map((bucket) =>
        h(
          'li',
          { class: messages[bucket] === 0 ? 'none' : '' },
          t(`messages.${bucket}`),
          h('b', {}, messages[bucket].toLocaleString()),
        ),
      ),
    ),
  );
}

export function devices(list, total, now, filter, t, choose) {
  const today = dayOf(now);
  const hidden = total === null ? 0 : total - list.length;
  return h(
    'section',
    { class: 'panel devices' },
    h('h2', {}, t('devices.title')),
    h(
      'div',
      { class: 'chips' },
      ['', ...STATES].map((state) =>
        h(
          'button',
          { type: 'button', 'aria-pressed': String(filter === state), onclick: () => choose(state) },
          state === '' ? t('devices.all') : t(`health.${state}`),
        ),
      ),
    ),
    list.length === 0
      ? h('p', { class: 'empty' }, t('devices.empty'))
      : h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ['state', 'name', 'reason', 'since', 'seen'].map((c) => h('th', { scope: 'col' }, t(`devices.${c}`))),
            ),
          ),
          h(
            'tbody',
            {},
            list.map((device) => deviceRow(device, now, today, t)),
          ),
        ),
    hidden > 0 ? h('p', { class: 'quiet' }, t('devices.more', { n: hidden })) : null,
  );
}

function deviceRow(device, now, today, t) {
  const { health } = device;
  return h(
    'tr',
    { 'data-device': device.id },
    h('td', {}, tag(health.state, t, health.suspect)),
    h(
      'td',
      { class: 'name' },
      device.nickname ?? device.name,
      h('small', {}, `${device.id} · ${t('type', {}, device.type)}`),
    ),
    h('td', {}, reason(health.reason, t)),
    h('td', { class: 'time' }, clock(health.since, today), h('small', {}, since(health.since, now, t))),
    h('td', { class: 'time' }, device.lastSeenAt ? clock(device.lastSeenAt, today) : t('devices.never')),
  );
}

/** A code with a part, `data:totalPower`, keeps the part beside the words. */
function reason(code, t) {
  const [head = '', part] = code.split(':');
  const words = t(`reason.${head}`, {}, head);
  return part === undefined ? words : `${words} · ${part}`;
}

const PRIORITIES = ['critical', 'urgent', 'normal'];

/** Life and limb first, then what is most pressing; within that the newest, as the gateway lists them. What is over comes last. */
function byUrgency(a, b) {
  const rank = (ticket) =>
    reachedOpen(ticket) ? (ticket.lifeSafety ? 0 : 1 + PRIORITIES.indexOf(ticket.priority)) : PRIORITIES.length + 1;
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
  return ticket.dueAt && reachedOpen(ticket)
    ? h('span', {}, t('tickets.due', { time: clock(ticket.dueAt, today) }))
    : null;
}

const reachedOpen = (ticket) => !['closed', 'falseAlarm', 'cancelled'].includes(ticket.stage);

export function quarantine(list, now, t) {
  const today = dayOf(now);
  return h(
    'section',
    { class: 'panel quarantine' },
    h('h2', {}, t('quarantine.title'), h('small', {}, t('quarantine.hint'))),
    list.length === 0
      ? h('p', { class: 'empty' }, t('quarantine.empty'))
      : h(
          'ul',
          { class: 'refused' },
          list.map((row) =>
            h(
              'li',
              {},
              h(
                'div',
                { class: 'head' },
                h('time', {}, clock(row.receivedAt, today)),
                h('b', {}, row.deviceId ?? row.principal),
                h('span', { class: 'why', title: row.code }, t(`refused.${row.code}`, {}, row.code)),
              ),
              h('p', {}, row.detail),
              h('p', { class: 'quiet' }, row.topic),
              h('code', { class: 'payload' }, row.payload.slice(0, 300)),
            ),
          ),
        ),
  );
}

/** A section the account has no right to, or that could not be read. */
export function notice(title, words) {
  return h('section', { class: 'panel' }, h('h2', {}, title), h('p', { class: 'empty' }, words));
}
