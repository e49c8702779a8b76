import type { overview as words } from '../zh-CN/overview.ts';

export const overview: Readonly<Record<keyof typeof words, string>> = {
  'overview.title': 'Overview',
  'overview.online': 'Devices online',
  'overview.online.rule':
    'Devices whose state is online now ÷ all registered; the availability below is counted over observed time',
  'overview.online.note': 'right now',
  'overview.incidents': 'Open incidents',
  'overview.tickets': 'Open tickets',
  'overview.overdue': '{n} overdue',
  'overview.stored': 'Messages stored',
  'overview.stored.rule':
    'Since the first start: received + recovered = stored + duplicate + rejected + quarantined + waiting',
  'overview.waiting': '{n} waiting',
  'overview.quarantined': 'Quarantined',
  'overview.states': 'Device states',
  'overview.stages': 'Tickets by stage',
  'overview.availability': 'Availability',
  'overview.by.module': 'Module',
  'overview.by.org': 'Committee',
  'overview.by.vendor': 'Vendor',
  'overview.by.unit': 'Maintenance unit',
  'overview.period': '{from} to {to}',
  'overview.total': 'total',
  'overview.rule': 'how it is counted ⓘ',
  'overview.noFigures': 'No figures yet: they appear a day after devices are in service',
  'overview.fit': 'fit {rate}',
  'overview.causes': 'Open incidents by cause',
  'overview.noIncidents': 'Nothing is wrong now',
  'overview.members': '{n}/{all} devices',
  'overview.self': 'Self-check',
  'overview.security': 'Heightened watch: {name}, until {until}',
  'judgement.frozen':
    'Many devices fell silent because our own part of their path is broken. Since {time} nobody is judged; states are those from before.',
  'judgement.blind':
    'Since {time} nothing can be heard from devices and nobody is judged; states are those from before.',
};
