import { PIPELINE, SIDE, STATES } from './codes.js';
import { h } from './element.js';

const BUCKETS = ['stored', 'duplicate', 'quarantined', 'rejected', 'spooled'];

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
