import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { type CalendarDay, dateOf, datesOf, weekdayOf } from '../domain/calendar.ts';
import type { Absence, ShiftRecord } from '../domain/duty-rows.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { may, requireRight } from '../domain/permission.ts';
import { createRoster } from '../domain/roster.ts';
import type { Scope } from '../domain/scope.ts';
import type { SettingValues } from '../domain/settings.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { createZone } from '../domain/working-time.ts';
import { GatewayError } from '../errors.ts';
import { type Language, text } from '../messages/index.ts';

export interface DutyStore {
  shifts(tx: Tx, orgIds: readonly string[]): Promise<ShiftRecord[]>;
  responsible(tx: Tx, orgIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  absences(tx: Tx, from: number, to: number): Promise<Absence[]>;
  active(tx: Tx, userIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Names of organisations and people. */
  names(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  rosterable(tx: Tx, scope: Scope, userIds: readonly string[], orgId: string | null): Promise<ReadonlySet<string>>;
  listAbsences(tx: Tx, scope: Scope, filter: { userId?: string; after: number }): Promise<Absence[]>;
  getAbsence(tx: Tx, scope: Scope, id: string): Promise<Absence | undefined>;
  addAbsence(tx: Tx, absence: Absence, by: string, now: number): Promise<void>;
  removeAbsence(tx: Tx, id: string): Promise<void>;
}

export const DUTY_REASONS = [
  'shift',
  'substitute',
  'responsible',
  'responsibleSubstitute',
  'dutyDesk',
  'nobody',
] as const;

/** Who is asked now, and why. */
export interface DutyNow {
  readonly orgId: string;
  readonly module: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly userId: string | null;
  readonly why: (typeof DUTY_REASONS)[number];
  readonly text: string;
  readonly shiftId: string | null;
  /** Whom the person stands in for, first the one of the roster. */
  readonly insteadOf: readonly string[];
}

/** A time with nobody on duty; epoch milliseconds. */
export interface DutyGap {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface DutyRoster {
  now(actor: Actor, query: { orgId: string; module?: string; at?: number }, language: Language): Promise<DutyNow>;
  gaps(
    actor: Actor,
    query: { orgId: string; module?: string; from?: number; to?: number },
    language: Language,
  ): Promise<readonly DutyGap[]>;
  /** Absences that are not over. */
  absences(actor: Actor, filter: { userId?: string }): Promise<readonly Absence[]>;
  addAbsence(actor: Actor, input: Omit<Absence, 'id'>): Promise<Absence>;
  removeAbsence(actor: Actor, id: string): Promise<void>;
}

/** Everybody says when he himself is away. */
function requireOwnOr(actor: Actor, userId: string | undefined, action: 'create' | 'remove'): void {
  const own = actor.kind === 'user' && userId === actor.id && !actor.mustChangePassword && !actor.mustEnrol;
  if (!own) requireRight(actor, 'rosters', action);
}

const DAY = 86_400_000;
const MOST_DAYS = 62;

/** The roster as it comes out once absences, holidays and disabled people are counted in. */
export function createDutyRoster(deps: {
  readonly db: Transactor;
  readonly rosters: DutyStore;
  readonly orgs: { get(tx: Tx, id: string, scope: Scope): Promise<unknown> };
  readonly modules: { get(tx: Tx, id: string): Promise<unknown> };
  readonly settings: () => SettingValues;
  readonly calendar: () => readonly CalendarDay[];
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly zone: string;
}): DutyRoster {
  const { db, rosters, clock } = deps;
  const tx = db.autocommit;

  const requireKnown = async (actor: Actor, { orgId, module }: { orgId: string; module?: string }) => {
    requireRight(actor, 'rosters', 'read');
    if (!(await deps.orgs.get(tx, orgId, actor.scope))) throw new GatewayError('NOT_FOUND');
    if (module !== undefined && !(await deps.modules.get(tx, module)))
      refuseIf([fieldError('/module', 'notFound', 'input.notFound', { value: module })]);
  };

  /** The roster of one organisation over a time. */
  const rosterOf = async (orgIds: readonly string[], from: number, to: number, others: readonly string[] = []) => {
    const shifts = await rosters.shifts(tx, orgIds);
    const absences = await rosters.absences(tx, from, to);
    const people = [
      ...shifts.map(({ userId }) => userId),
      ...absences.flatMap(({ substituteId }) => substituteId ?? []),
      ...others,
    ];
    const active = await rosters.active(tx, [...new Set(people)]);
    const hours = { zone: deps.zone, ...deps.settings().workingHours, ...datesOf(deps.calendar()) };
    return { shifts, roster: createRoster({ shifts, absences, active: (id) => active.has(id), hours }) };
  };

  const nameOf = async (userId: string | undefined) =>
    userId === undefined ? '' : ((await rosters.names(tx, [userId])).get(userId) ?? userId);

  return {
    async now(actor, query, language) {
      await requireKnown(actor, query);
      const { orgId, module = null, at = clock.now() } = query;
      const desk = deps.settings().dutyDesk;
      const orgIds = [...new Set([orgId, desk.orgId])];
      const responsible = await rosters.responsible(tx, orgIds);
      const others = [...responsible.values(), ...(desk.userId === null ? [] : [desk.userId])];
      const { shifts, roster } = await rosterOf(orgIds, at, at + 1, others);
      const answer = async (
        why: DutyNow['why'],
        userId: string | null,
        insteadOf: readonly string[] = [],
        shiftId?: string,
      ): Promise<DutyNow> => ({
        orgId,
        module,
        at,
        userId,
        why,
        text: text(language, `duty.why.${why}`, { who: await nameOf(insteadOf[0]) }),
        shiftId: shiftId ?? null,
        insteadOf,
      });
      const found = roster.onDuty(orgId, module, at);
      if (found) return answer(found.why, found.userId, found.insteadOf, shifts.find((one) => one === found.shift)?.id);
      const person = responsible.get(orgId);
      const there = person === undefined ? undefined : roster.present(person, at);
      if (there)
        return answer(
          there.insteadOf.length > 0 ? 'responsibleSubstitute' : 'responsible',
          there.userId,
          there.insteadOf,
        );
      const head = responsible.get(desk.orgId);
      const atDesk =
        roster.onDuty(desk.orgId, module, at)?.userId ?? (head && roster.present(head, at)?.userId) ?? desk.userId;
      return answer(atDesk === null ? 'nobody' : 'dutyDesk', atDesk);
    },

    async gaps(actor, query, language) {
      await requireKnown(actor, query);
      const { orgId, module = null, from = clock.now() } = query;
      const to = query.to ?? from + 7 * DAY;
      if (to <= from || to - from > MOST_DAYS * DAY)
        refuseIf([fieldError('/to', 'range', 'duty.range', { days: MOST_DAYS })]);
      const { roster } = await rosterOf([orgId], from, to);
      const say = wordsFor(deps.zone, language);
      return roster.gaps(orgId, module, from, to).map((gap) => ({
        ...gap,
        text: text(language, 'duty.gap', { from: say(gap.from), to: say(gap.to, gap.from) }),
      }));
    },

    async absences(actor, filter) {
      // Whoever may not read the roster still reads when he himself is away.
      const own = may(actor, 'rosters', 'read') ? {} : { userId: actor.id };
      return rosters.listAbsences(tx, actor.scope, { ...filter, ...own, after: clock.now() });
    },

    async addAbsence(actor, input) {
      requireOwnOr(actor, input.userId, 'create');
      const { userId, substituteId, from, to } = input;
      if (from >= to) refuseIf([fieldError('/to', 'order', 'duty.order')]);
      if (substituteId === userId) refuseIf([fieldError('/substituteId', 'same', 'duty.sameSubstitute')]);
      const absence = { ...input, id: randomUUID() };
      await db.transaction(async (inner) => {
        const named = { '/userId': userId, '/substituteId': substituteId };
        const ids = Object.values(named).filter((id) => id !== null);
        const known = await rosters.rosterable(inner, actor.scope, ids, null);
        refuseIf(
          Object.entries(named).flatMap(([path, id]) =>
            id === null || known.has(id) ? [] : [fieldError(path, 'notFound', 'duty.person', { value: id })],
          ),
        );
        await rosters.addAbsence(inner, absence, actorText(actor), clock.now());
        await prove(inner, actor, 'create', absence.id, null, absence);
      });
      return absence;
    },

    async removeAbsence(actor, id) {
      await db.transaction(async (inner) => {
        const before = await rosters.getAbsence(inner, actor.scope, id);
        requireOwnOr(actor, before?.userId, 'remove');
        if (!before) throw new GatewayError('NOT_FOUND');
        await rosters.removeAbsence(inner, id);
        await prove(inner, actor, 'remove', id, before, null);
      });
    },
  };

  function prove(inner: Tx, actor: Actor, action: string, id: string, before: unknown, after: unknown) {
    return deps.audit.append(inner, [
      { at: clock.now(), actor, action, resource: 'absences', resourceId: id, before, after },
    ]);
  }
}

const WEEKDAYS = {
  'zh-CN': ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
  en: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
};

/** `2026-11-28 周六 02:00`; only the time for a moment on the day of another. */
function wordsFor(zoneName: string, language: Language) {
  const zone = createZone(zoneName);
  return (at: number, after?: number): string => {
    const day = zone.day(at);
    const minute = zone.minute(at);
    const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    if (after !== undefined && zone.day(after) === day) return time;
    return `${dateOf(day)} ${WEEKDAYS[language][weekdayOf(day) - 1]} ${time}`;
  };
}
