import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, actorText, SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { type CalendarDay, dateOf, isDate, missingYear, parseCalendar, SHIPPED_CALENDAR } from '../domain/calendar.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { requireRight } from '../domain/permission.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { createZone } from '../domain/working-time.ts';
import { type Language, text } from '../messages/index.ts';

export interface CalendarStore {
  days(tx: Tx): Promise<CalendarDay[]>;
  put(tx: Tx, days: readonly CalendarDay[], by: string, now: number, keep?: boolean): Promise<void>;
  remove(tx: Tx, dates: readonly string[]): Promise<CalendarDay[]>;
  removeYears(tx: Tx, years: readonly number[]): Promise<void>;
  state(tx: Tx, name: string): Promise<string | undefined>;
  setState(tx: Tx, name: string, value: string): Promise<void>;
}

/** A year with what is known of it. */
export interface CalendarYear {
  readonly year: number;
  readonly days: readonly CalendarDay[];
  /** False as long as no holiday of it is entered: week days alone decide then. */
  readonly known: boolean;
  /** What whoever relies on it must know; null = nothing. */
  readonly warning: string | null;
}

export interface CalendarChange {
  /** `日期,类型,名称` or `date,kind,name`. */
  readonly csv?: string;
  readonly days?: readonly CalendarDay[];
  /** Dates that become ordinary again. */
  readonly remove?: readonly string[];
  /** Whether the years named lose what they held before. */
  readonly replaceYears?: boolean;
}

/** Holidays and make-up days (法定节假日、调休上班), kept in memory for whoever counts working time. */
export interface Calendar {
  /** At start: enters shipped years that were never entered here, and reads. */
  load(tx: Tx): Promise<void>;
  /** Other processes' changes. */
  refresh(tx: Tx): Promise<void>;
  /** The same array as long as nothing changed. */
  current(): readonly CalendarDay[];
  year(actor: Actor, year: number, language: Language): Promise<CalendarYear>;
  /** All of it or nothing. */
  change(actor: Actor, input: CalendarChange): Promise<{ entered: number; removed: number; years: readonly number[] }>;
}

const SHIPPED = 'calendar';
const MOST_DAYS = 2_000;

export function createCalendar(deps: {
  readonly db: Transactor;
  readonly calendar: CalendarStore;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly timeZone: string;
  /** For `/readyz`. */
  readonly readiness?: { set(part: string, state: 'ready' | 'degraded', reason: string, detail?: string): void };
}): Calendar {
  const { db, calendar, clock } = deps;
  let days: readonly CalendarDay[] = [];
  const zone = createZone(deps.timeZone);
  /** Limits and duty of a year without holidays are counted by week days alone: somebody must know. */
  const tell = () => {
    const missing = missingYear(days, dateOf(zone.day(clock.now())));
    if (missing === null) deps.readiness?.set('calendar', 'ready', 'ok');
    else deps.readiness?.set('calendar', 'degraded', 'HOLIDAYS_MISSING', String(missing));
  };

  const refresh = async (tx: Tx) => {
    const read = await calendar.days(tx);
    if (JSON.stringify(read) !== JSON.stringify(days)) days = read;
    tell();
  };
  const prove = (tx: Tx, actor: Actor, action: string, id: string | null, before: unknown, after: unknown) =>
    deps.audit.append(tx, [{ at: clock.now(), actor, action, resource: 'calendar', resourceId: id, before, after }]);

  return {
    refresh,
    current: () => days,

    async load(tx) {
      await db.transaction(async (inner) => {
        const known = new Set((await calendar.state(inner, SHIPPED))?.split(',') ?? []);
        const fresh = SHIPPED_CALENDAR.filter(({ date }) => !known.has(date.slice(0, 4)));
        if (fresh.length === 0) return;
        const years = [...new Set([...known, ...fresh.map(({ date }) => date.slice(0, 4))])].sort();
        await calendar.put(inner, fresh, 'system', clock.now(), true);
        await calendar.setState(inner, SHIPPED, years.join(','));
        await prove(inner, SYSTEM, 'seed', null, null, { days: fresh.length, years });
      });
      await refresh(tx);
    },

    async year(actor, year, language) {
      requireRight(actor, 'tickets', 'read');
      const ofYear = (await calendar.days(db.autocommit)).filter(({ date }) => Number(date.slice(0, 4)) === year);
      const known = ofYear.some(({ kind }) => kind === 'holiday');
      return { year, days: ofYear, known, warning: known ? null : text(language, 'calendar.unknownYear', { year }) };
    },

    async change(actor, input) {
      requireRight(actor, 'settings', 'update');
      const entered = entries(input);
      const remove = input.remove ?? [];
      refuseIf(
        remove.flatMap((date, index) => (isDate(date) ? [] : [fieldError(`/remove/${index}`, 'date', 'input.date')])),
      );
      const years = [
        ...new Set([...entered.map(({ date }) => date), ...remove].map((date) => Number(date.slice(0, 4)))),
      ];
      const changed = await db.transaction(async (tx) => {
        const inYears = ({ date }: CalendarDay) => years.includes(Number(date.slice(0, 4)));
        const before = (await calendar.days(tx)).filter(inYears);
        if (input.replaceYears) await calendar.removeYears(tx, years);
        const removed = remove.length === 0 ? [] : await calendar.remove(tx, remove);
        await calendar.put(tx, entered, actorText(actor), clock.now());
        const after = (await calendar.days(tx)).filter(inYears);
        await prove(tx, actor, 'update', null, { days: before }, { days: after });
        return { entered: entered.length, removed: removed.length, years: years.sort() };
      });
      await refresh(db.autocommit);
      return changed;
    },
  };
}

/** The days of an import; everything wrong is named by line or place. */
function entries({ csv, days, remove }: CalendarChange): readonly CalendarDay[] {
  if (csv !== undefined && days !== undefined) refuseIf([fieldError('/csv', 'oneOf', 'calendar.oneOf')]);
  if (csv !== undefined) {
    const read = parseCalendar(csv);
    refuseIf(
      read.wrong.map(({ line, field, value }) =>
        fieldError(`/csv/${line}`, field, `calendar.csv.${field}`, { line, value: value.slice(0, 60) }),
      ),
    );
    if (read.days.length === 0 || read.days.length > MOST_DAYS)
      refuseIf([fieldError('/csv', 'days', 'calendar.count', { most: MOST_DAYS })]);
    return read.days;
  }
  const given = days ?? [];
  const seen = new Set<string>();
  refuseIf(
    given.flatMap(({ date }, index) => {
      if (!isDate(date)) return [fieldError(`/days/${index}/date`, 'date', 'input.date')];
      if (seen.has(date))
        return [
          fieldError(`/days/${index}/date`, 'repeated', 'calendar.csv.repeated', { line: index + 1, value: date }),
        ];
      seen.add(date);
      return [];
    }),
  );
  if (given.length === 0 && !remove?.length)
    refuseIf([fieldError('/days', 'days', 'calendar.count', { most: MOST_DAYS })]);
  return given;
}
