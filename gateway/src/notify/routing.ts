import type { Notice, NoticeEvent } from '../domain/notice.ts';
import type { RuleRecord } from '../domain/notification-rows.ts';
import { SEVERITIES } from '../domain/reading.ts';
import { createZone, type WorkingTime } from '../domain/working-time.ts';

/** Why a rule does not want a notice; the first reason counts. */
export type WhyNot = 'event' | 'stage' | 'level' | 'lifeSafety' | 'fault' | 'severity' | 'module' | 'org' | 'times';

/** What rules are read against beside the notice. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Each organisation with all above it. */
  readonly orgPaths: ReadonlyMap<string, readonly string[]>;
  readonly working: WorkingTime;
  readonly timeZone: string;
}

export interface Route {
  readonly rule: RuleRecord;
  /** The rule is read more widely than it says, because otherwise nobody would be told about life and limb. */
  readonly widened: boolean;
}

/** One route a channel, by the first rule that wants the notice. */
export function routesOf(rules: readonly RuleRecord[], notice: Notice, moment: Moment): Route[] {
  const chosen = rules.filter((rule) => whyNot(rule, notice, moment) === null);
  if (chosen.length > 0 || !mustBeTold(notice)) return oneAChannel(chosen, false);
  // Nobody is better than the wrong hour or the wrong level, but not here.
  const widely = (except: readonly WhyNot[]) => rules.filter((rule) => whyNot(rule, notice, moment, except) === null);
  const atAnyHour = widely(['times']);
  return oneAChannel(atAnyHour.length > 0 ? atAnyHour : widely(['times', 'level']), true);
}

function mustBeTold(notice: Notice): boolean {
  return notice.lifeSafety && notice.event === 'firing' && (notice.level ?? 1) === 1;
}

function oneAChannel(rules: readonly RuleRecord[], widened: boolean): Route[] {
  const byChannel = new Map<string, Route>();
  for (const rule of rules) if (!byChannel.has(rule.channelId)) byChannel.set(rule.channelId, { rule, widened });
  return [...byChannel.values()];
}

export function whyNot(
  rule: RuleRecord,
  notice: Notice,
  moment: Moment,
  except: readonly WhyNot[] = [],
): WhyNot | null {
  const among = (list: readonly string[] | null, value: string | null) =>
    list === null || (value !== null && list.includes(value));
  const path = notice.orgId === null ? [] : [notice.orgId, ...(moment.orgPaths.get(notice.orgId) ?? [])];
  const checks: readonly (readonly [WhyNot, () => boolean])[] = [
    ['event', () => rule.events === null || eventsOf(notice).some((event) => rule.events?.includes(event))],
    [
      'stage',
      () => notice.event !== 'stage' || (notice.stage !== null && (rule.stages?.includes(notice.stage) ?? false)),
    ],
    ['level', () => ofLevel(rule, notice)],
    ['lifeSafety', () => rule.lifeSafety === null || rule.lifeSafety === notice.lifeSafety],
    ['fault', () => among(rule.faults, notice.fault)],
    [
      'severity',
      () => notice.secured === true || SEVERITIES.indexOf(notice.severity) >= SEVERITIES.indexOf(rule.minSeverity),
    ],
    ['module', () => among(rule.modules, notice.module)],
    ['org', () => rule.orgIds === null || rule.orgIds.some((id) => path.includes(id))],
    ['times', () => notice.secured === true || inTime(rule, moment)],
  ];
  return checks.find(([reason, holds]) => !except.includes(reason) && !holds())?.[0] ?? null;
}

/** What went higher because of a missed deadline tells of both. */
function eventsOf({ event, overdue }: Notice): NoticeEvent[] {
  return overdue ? [event, 'overdue'] : [event];
}

/**
 * What was escalated is told to everybody up to its level; what was raised only to the level it was raised to. A mass
 * outage is the leaders' business from its beginning.
 */
function ofLevel(rule: RuleRecord, notice: Notice): boolean {
  if (notice.fault === 'massOutage') return true;
  if (notice.event === 'escalated') return rule.level <= Math.max(2, notice.level ?? 2);
  return rule.level === (notice.level ?? 1);
}

const MINUTE = 60_000;

function inTime({ times }: RuleRecord, { now, working, timeZone }: Moment): boolean {
  if (times === null) return true;
  if ('when' in times) return working.between(now, now + 1) > 0 === (times.when === 'working');
  const zone = createZone(timeZone);
  const day = zone.day(now);
  const minute = Math.floor((now - zone.instant(day, 0)) / MINUTE);
  const from = minuteOf(times.from);
  const to = minuteOf(times.to);
  const on = (which: number) => times.days.includes(((((which + 3) % 7) + 7) % 7) + 1);
  if (from < to) return on(day) && minute >= from && minute < to;
  // Over midnight: the early hours belong to the day before.
  return (on(day) && minute >= from) || (on(day - 1) && minute < to);
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
