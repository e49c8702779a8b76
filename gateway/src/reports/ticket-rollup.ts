import type { Clock } from '../../../adapters/adapter.ts';
import type { ReportCalendar } from '../domain/report-period.ts';
import type { Transactor } from '../domain/tx.ts';
import type { AvailabilityStore, TicketFigureStore } from './ports.ts';

/** Today and the days before it are counted ticket by ticket: a closed one may be opened again for a day. */
const COUNTED_DAYS = 3;
/** Days that are summed anew when one of their tickets changed later, and how often that is looked for. */
const LOOK_BACK_DAYS = 40;
const LOOK_EVERY_MS = 30 * 60_000;
/** Longer than any period that may be asked for, and the one before it. */
const KEEP_DAYS = 830;
const LEASE_MS = 10 * 60_000;

export interface TicketRollupDeps {
  readonly store: TicketFigureStore & Pick<AvailabilityStore, 'lease'>;
  readonly transactor: Transactor;
  readonly calendar: ReportCalendar;
  readonly clock: Clock;
  /** Tells this process from others. */
  readonly owner: string;
}

/** Sums tickets by day, days that are over first; every sum can be made again. */
export function createTicketRollup({ store, transactor, calendar, clock, owner }: TicketRollupDeps) {
  let dueAt = 0;
  let summedOn = -1;
  const hold = () => store.lease(transactor.autocommit, 'tickets', owner, clock.now(), clock.now() + LEASE_MS);

  const sumDay = async (day: number, known: string | undefined) => {
    const [from, to] = [calendar.start(day), calendar.start(day + 1)];
    const mark = await store.ticketMark(transactor.autocommit, from, to);
    if (mark === known) return;
    await hold();
    await transactor.transaction((tx) => store.sumTicketDay(tx, { day, from, to, mark }));
  };

  return async (signal?: AbortSignal): Promise<void> => {
    const today = calendar.dayOf(clock.now());
    if (today === summedOn && clock.now() < dueAt) return;
    if (!(await hold())) return;
    const firstAt = await store.firstTicketAt(transactor.autocommit);
    if (firstAt === null) return;
    const first = Math.max(calendar.dayOf(firstAt), today - KEEP_DAYS);
    const last = today - COUNTED_DAYS;
    const marks = new Map(
      (await store.ticketDays(transactor.autocommit, { first, last })).map(({ day, mark }) => [day, mark]),
    );
    for (let day = last; day >= first; day--) {
      signal?.throwIfAborted();
      if (day >= today - LOOK_BACK_DAYS || !marks.has(day)) await sumDay(day, marks.get(day));
    }
    if (today !== summedOn) await store.pruneTicketDays(transactor.autocommit, today - KEEP_DAYS);
    summedOn = today;
    dueAt = clock.now() + LOOK_EVERY_MS;
  };
}
