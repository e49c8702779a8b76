import { h } from './element.js';
import { clock, dayOf } from './times.js';

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
