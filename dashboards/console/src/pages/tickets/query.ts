import type { paths } from '../../api/schema.d.ts';

export type TicketQuery = NonNullable<paths['/api/v1/tickets']['get']['parameters']['query']>;

const TEXTS = [
  'q',
  'stage',
  'fault',
  'orgId',
  'incidentId',
  'deviceId',
  'siteId',
  'module',
  'assigneeId',
  'dueWithin',
  'cause',
  'faultType',
] as const;
const FLAGS = ['overdue', 'mine', 'drill', 'supervised', 'returned'] as const;
const KINDS = ['deviceFault', 'event', 'inspection', 'manual'] as const;
const PRIORITIES = ['normal', 'urgent', 'critical'] as const;
const PENDING = ['extension', 'suspension', 'escalation'] as const;
export const CHOICES = { kind: KINDS, priority: PRIORITIES, pending: PENDING } as const;

/** All that narrows the list or the board. */
export const FILTERS = [...TEXTS, ...FLAGS, 'kind', 'priority', 'pending'] as const;

/** What the address says, as the gateway asks it; what it does not know is left out. */
export function queryOf(filters: Readonly<Record<string, string | undefined>>): TicketQuery {
  const query: Record<string, string | boolean> = {};
  for (const name of TEXTS) if (filters[name]) query[name] = filters[name];
  for (const name of FLAGS)
    if (filters[name] === 'true' || filters[name] === 'false') query[name] = filters[name] === 'true';
  for (const [name, known] of Object.entries(CHOICES)) {
    const value = filters[name];
    if (value !== undefined && known.some((one) => one === value)) query[name] = value;
  }
  return query;
}

/** The same as an address writes it. */
export const textsOf = (query: TicketQuery): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));

/** What people look for many times a day. */
export const VIEWS = {
  open: { stage: 'discovered,filed,dispatched,handling,verifying,returned,suspended' },
  mine: { mine: 'true', stage: 'dispatched,handling,verifying,suspended' },
  toDispatch: { stage: 'discovered,filed,returned' },
  toVerify: { stage: 'verifying' },
  overdue: { overdue: 'true' },
  dueSoon: { dueWithin: '2h' },
  suspensions: { pending: 'suspension' },
  extensions: { pending: 'extension' },
  escalations: { pending: 'escalation' },
  supervised: { supervised: 'true', stage: 'discovered,filed,dispatched,handling,verifying,returned,suspended' },
} as const satisfies Record<string, Readonly<Record<string, string>>>;
export type View = keyof typeof VIEWS;
