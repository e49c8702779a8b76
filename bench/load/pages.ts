import type { Actor } from '../../gateway/src/domain/actor.ts';
import type { TicketFilter } from '../../gateway/src/domain/ticket-rows.ts';
import type { Reports } from '../../gateway/src/reports/reports.ts';
import type { Database } from '../../gateway/src/store/database.ts';
import { createDeviceStore } from '../../gateway/src/store/devices.ts';
import { createOutboxStore } from '../../gateway/src/store/outbox.ts';
import { createQuietStore } from '../../gateway/src/store/quiet.ts';
import { createReadStore } from '../../gateway/src/store/reads.ts';
import { createTicketStore } from '../../gateway/src/store/tickets.ts';

/** Name and how it is read. */
export type Page = readonly [string, () => Promise<unknown>];
type Readers = Readonly<Record<'all' | 'street' | 'vendor', Actor>>;

const TICKET_FILTERS: Readonly<Record<string, TicketFilter>> = {
  'newest first': {},
  'of one stage': { stage: ['handling'] },
  overdue: { overdue: true },
  'urgent ones': { priority: 'urgent' },
  'of a module': { module: 'm3' },
  'of a cause': { cause: 'repaired' },
  supervised: { supervised: true },
  'given back': { returned: true },
  'asking for more time': { pending: 'extension' },
  mine: { mine: true },
  'of a device': { deviceId: 'd77' },
  'with a word all have': { q: '离线' },
  'with a word none has': { q: '水泵' },
};

/** The lists, each as its route reads it: a page of 50 and the total. */
export function listPages(db: Database, readers: Readers, now: number): Page[] {
  const tx = db.autocommit;
  const reads = createReadStore();
  const devices = createDeviceStore();
  const tickets = createTicketStore();
  const outbox = createOutboxStore();
  const quiet = createQuietStore();
  const ticketPage = async (who: Actor, filter: TicketFilter) => {
    const reader = { scope: who.scope, userId: who.id };
    const [found] = await Promise.all([
      tickets.list(tx, reader, filter, { limit: 51, after: null, now }),
      tickets.count(tx, reader, filter, now, 10_000),
    ]);
    await tickets.history(
      tx,
      found.map(({ ticket }) => ticket.id),
    );
  };
  return Object.entries(readers).flatMap(([name, who]): Page[] => [
    [`overview (${name})`, () => reads.overview(tx, who.scope)],
    [`devices (${name})`, () => devices.list(tx, { limit: 50 }, who.scope)],
    ...Object.entries(TICKET_FILTERS).map(
      ([what, filter]): Page => [`tickets ${what} (${name})`, () => ticketPage(who, filter)],
    ),
    [`incidents (${name})`, () => reads.incidents(tx, who.scope, {})],
    [`incidents that are open (${name})`, () => reads.incidents(tx, who.scope, { state: 'open' })],
    [`incidents of a device (${name})`, () => reads.incidents(tx, who.scope, { deviceId: 'd77' })],
    [`notifications (${name})`, () => outbox.list(tx, { limit: 50 }, who.scope)],
    [`notifications that failed (${name})`, () => outbox.list(tx, { limit: 50, state: 'dead' }, who.scope)],
    [`maintenance windows (${name})`, () => quiet.list(tx, 'maintenance', { now }, who.scope, who.id)],
    [`silences that go on (${name})`, () => quiet.list(tx, 'silence', { now, going: true }, who.scope, who.id)],
  ]);
}

export function reportPages(reports: Reports, { all, street, vendor }: Readers): Page[] {
  const month = { from: '2026-10-25', to: '2026-11-23' };
  const pages: Page[] = [
    ['reports/daily', () => reports.daily(all, {}, 'zh-CN')],
    ['reports/daily of a street', () => reports.daily(street, {}, 'zh-CN')],
    ['reports/daily/items', () => reports.dailySection(street, { section: 'newOffline' })],
    ['reports/availability/devices', () => reports.deviceAvailability(all, 'd77', {}, 'zh-CN')],
    ['reports/availability/trend', () => reports.trend(all, { months: 12, filter: {} }, 'zh-CN')],
    ['reports/ranking by vendor', () => reports.ranking(all, { ...month, by: 'vendor' }, 'zh-CN')],
    ['reports/ranking by org', () => reports.ranking(all, { ...month, by: 'org' }, 'zh-CN')],
    ['reports/periodic monthly', () => reports.periodic(all, { kind: 'monthly', period: '2026-11' }, 'zh-CN')],
    [
      'reports/availability of a street',
      () => reports.availability(street, { ...month, by: 'site', filter: {} }, 'zh-CN'),
    ],
    [
      'reports/availability of a vendor',
      () => reports.availability(vendor, { ...month, by: 'site', filter: {} }, 'zh-CN'),
    ],
    ['reports/tickets of a street', () => reports.tickets(street, { ...month, by: 'org', filter: {} }, 'zh-CN')],
    ['reports/tickets of a vendor', () => reports.tickets(vendor, { ...month, by: 'org', filter: {} }, 'zh-CN')],
  ];
  for (const by of ['module', 'org', 'vendor', 'unit', 'project', 'site'] as const) {
    pages.push(
      [`reports/availability by ${by}`, () => reports.availability(all, { ...month, by, filter: {} }, 'zh-CN')],
      [`reports/tickets by ${by}`, () => reports.tickets(all, { ...month, by, filter: {} }, 'zh-CN')],
    );
  }
  return pages;
}
