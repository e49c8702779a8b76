import { STATES } from './codes.js';
import { h } from './element.js';
import { clock, dayOf, since } from './times.js';

const tag = (state, t, suspect = false) =>
  h('span', { class: `tag ${state}` }, t(`health.${state}`), suspect ? h('em', {}, t('health.suspect')) : null);

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
export function reason(code, t) {
  const [head = '', part] = code.split(':');
  const words = t(`reason.${head}`, {}, t(`fault.${head}`, {}, head));
  return part === undefined ? words : `${words} · ${part}`;
}
