import { createDayKinds, type DayKind, dateOf, weekdayOf } from './calendar.ts';
import type { Absence, Shift, ShiftDays } from './duty-rows.ts';
import { createZone, type WorkingHours } from './working-time.ts';

/** How often one who stands in may be stood in for. */
export const MOST_SUBSTITUTES = 3;

/** Who is asked, and why. */
export interface OnDuty {
  readonly userId: string;
  readonly why: 'shift' | 'substitute';
  /** The shift that names the person, or the person replaced. */
  readonly shift: Shift;
  /** Whom the person stands in for, first the one of the roster. */
  readonly insteadOf: readonly string[];
}

export interface Roster {
  /** The person on duty; undefined when no shift covers the moment or everybody of those that do is away. */
  onDuty(orgId: string, module: string | null, at: number): OnDuty | undefined;
  /** Who is there instead of a person, or the person; undefined = away without a substitute, or no longer active. */
  present(userId: string, at: number): { readonly userId: string; readonly insteadOf: readonly string[] } | undefined;
  /** Times of [from, to) in which nobody is on duty. */
  gaps(orgId: string, module: string | null, from: number, to: number): { from: number; to: number }[];
}

export interface RosterFacts {
  /** In the order in which they are asked. */
  readonly shifts: readonly Shift[];
  readonly absences: readonly Absence[];
  /** Whether somebody may work: exists and is not disabled. */
  readonly active: (userId: string) => boolean;
  readonly hours: WorkingHours;
}

const MINUTE = 60_000;
/** What says most about the day goes first. */
const RANK: Readonly<Record<ShiftDays, number>> = { holidays: 0, makeUpDays: 0, workdays: 1, restDays: 1, always: 2 };

/**
 * A shift for the module beats one for every module, one for holidays or make-up days beats one for working or rest
 * days, and that one for week days; then the order of the roster decides. Who is away is replaced by the substitute;
 * without one the next shift is asked.
 */
export function createRoster({ shifts, absences, active, hours }: RosterFacts): Roster {
  const zone = createZone(hours.zone);
  const kindOf = createDayKinds(hours);
  const rank = (shift: Shift) => (shift.module === null ? 10 : 0) + RANK[shift.on ?? 'always'];
  const ordered = new Map<string, Shift[]>();
  for (const shift of shifts) ordered.set(shift.orgId, [...(ordered.get(shift.orgId) ?? []), shift]);
  for (const list of ordered.values()) list.sort((a, b) => rank(a) - rank(b));

  const startsOn = (shift: Shift, day: number): boolean => {
    const date = dateOf(day);
    return (
      onDay(shift, kindOf(day), weekdayOf(day)) &&
      (shift.validFrom === null || shift.validFrom <= date) &&
      (shift.validTo === null || date <= shift.validTo)
    );
  };
  const covers = (shift: Shift, at: number): boolean => {
    const day = zone.day(at);
    const minute = zone.minute(at);
    const { fromMinute, toMinute } = shift;
    if (fromMinute < toMinute) return minute >= fromMinute && minute < toMinute && startsOn(shift, day);
    // Over midnight: the evening of the day it starts, or the morning after.
    return (minute >= fromMinute && startsOn(shift, day)) || (minute < toMinute && startsOn(shift, day - 1));
  };
  const awayAt = (userId: string, at: number) =>
    absences.find((one) => one.userId === userId && one.from <= at && at < one.to);

  const present: Roster['present'] = (userId, at) => {
    const insteadOf: string[] = [];
    for (let person = userId; ; ) {
      const away = awayAt(person, at);
      if (!away && active(person)) return { userId: person, insteadOf };
      const next = away?.substituteId ?? null;
      insteadOf.push(person);
      if (next === null || insteadOf.includes(next) || insteadOf.length > MOST_SUBSTITUTES) return undefined;
      person = next;
    }
  };

  const onDuty: Roster['onDuty'] = (orgId, module, at) => {
    for (const shift of ordered.get(orgId) ?? []) {
      if ((shift.module !== null && shift.module !== module) || !covers(shift, at)) continue;
      const there = present(shift.userId, at);
      if (there) return { ...there, why: there.insteadOf.length > 0 ? 'substitute' : 'shift', shift };
    }
    return undefined;
  };

  return {
    onDuty,
    present,
    gaps(orgId, module, from, to) {
      const edges = new Set([from, to]);
      const edge = (at: number) => {
        if (at > from && at < to) edges.add(at);
      };
      for (const { from: start, to: end } of absences) [start, end].forEach(edge);
      const minutes = new Set([0, ...(ordered.get(orgId) ?? []).flatMap((s) => [s.fromMinute, s.toMinute])]);
      for (let day = zone.day(from); day <= zone.day(to); day++)
        for (const minute of minutes) edge(zone.instant(day, minute));
      const found: { from: number; to: number }[] = [];
      const times = [...edges].sort((a, b) => a - b);
      for (const [index, start] of times.entries()) {
        const end = times[index + 1];
        if (end === undefined || onDuty(orgId, module, start)) continue;
        const last = found.at(-1);
        if (last?.to === start) last.to = end;
        else found.push({ from: start, to: end });
      }
      return found;
    },
  };
}

/** Minutes of a gap, for words such as "Sat 02:00–06:00". */
export function minutesOf({ from, to }: { readonly from: number; readonly to: number }): number {
  return Math.round((to - from) / MINUTE);
}

function onDay(shift: Shift, kind: DayKind, weekday: number): boolean {
  switch (shift.on ?? 'always') {
    case 'always':
      return shift.days.includes(weekday);
    case 'workdays':
      return kind === 'workday' || kind === 'makeUp';
    case 'restDays':
      return kind === 'weekend' || kind === 'holiday';
    case 'holidays':
      return kind === 'holiday';
    case 'makeUpDays':
      return kind === 'makeUp';
  }
}
