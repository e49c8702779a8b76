import type { exchange as zh } from '../zh-CN/exchange.ts';

export const exchange = {
  'exchange.set.devices': 'Device archive',
  'exchange.set.cameras': 'Camera catalogue',
  'exchange.set.states': 'Device states',
  'exchange.set.tickets': 'Tickets',
  'exchange.set.incidents': 'Emergencies',
  'exchange.wholeReach':
    'Data exchange is about the whole street; an account with a limited reach cannot do this, ask an administrator',
  'exchange.noPeer': 'There is no such platform; register it under “Platforms” first',
  'exchange.secretAgain': 'With another address or another way to sign in, the secret has to be given again',
  'exchange.notShared':
    'This data set is not shared and cannot be subscribed; change its sharing under “Published” first',
  'exchange.period': 'The period is from 10 seconds to 31 days, written 30s, 5m, 2h or 1d',
  'exchange.wrongState': 'The subscription is not in a state for this any more; reload and try again',
  'exchange.secondPerson': 'Conditional sharing is approved by somebody other than who asked for it',
  'exchange.failingTitle': 'Data exchange fails: {peer} · {dataSet}',
  'exchange.failingText': '{backlog} items wait; last result: {error}. See System › Data exchange › Status',
  'exchange.overdueTitle': 'Data exchange is overdue: {peer} · {dataSet}',
  'exchange.overdueText':
    'Not brought up to date for two periods, {backlog} items wait. See System › Data exchange › Status',
  'exchange.overTitle': 'Data exchange works again: {peer} · {dataSet}',
  'exchange.overText': '{backlog} items wait',
  'fault.exchangeFailing': 'Data exchange fails',
} satisfies Record<keyof typeof zh, string>;
