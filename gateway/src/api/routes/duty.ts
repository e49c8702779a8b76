import Type from 'typebox';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams, List } from '../schema.ts';
import {
  AbsenceBody,
  AbsenceQuery,
  AbsenceView,
  CalendarBody,
  CalendarChangedView,
  CalendarQuery,
  CalendarView,
  DutyQuery,
  DutyView,
  EscalationBody,
  GapQuery,
  GapView,
} from '../schemas/duty.ts';
import { TicketParams, TicketView } from '../schemas/ticket.ts';

const tag = 'organisation';

/** Working calendar, who is on duty, absences, and decisions about what goes higher. */
export const dutyRoutes = ({ services: { calendar, dutyRoster, tickets }, times, clock }: RouteContext) => [
  route({
    method: 'GET',
    url: '/calendar',
    access: 'tickets:read',
    operationId: 'getCalendar',
    tag,
    summary: 'Holidays (法定节假日) and make-up days (调休上班) of a year, this one unless named',
    query: CalendarQuery,
    ok: CalendarView,
    handler: ({ caller, query: { year }, language }) =>
      calendar.year(caller, year ?? Number(times.iso(clock.now()).slice(0, 4)), language),
  }),
  route({
    method: 'PUT',
    url: '/calendar',
    access: 'settings:update',
    operationId: 'changeCalendar',
    tag,
    summary: 'Enter and remove days of the calendar, from CSV or one by one: all of it or nothing',
    description: 'Deadlines of open tickets are reckoned anew within a minute.',
    body: CalendarBody,
    ok: CalendarChangedView,
    handler({ caller, body: { days, ...rest } }) {
      const entered = days?.map((day) => ({ ...day, name: day.name ?? null }));
      return calendar.change(caller, entered ? { ...rest, days: entered } : rest);
    },
  }),
  route({
    method: 'GET',
    url: '/rosters/now',
    access: 'rosters:read',
    operationId: 'getOnDuty',
    tag,
    summary: 'Who is on duty for an organisation and a module, and why',
    query: DutyQuery,
    ok: DutyView,
    problems: ['NOT_FOUND'],
    handler({ caller, query: { at, ...query }, language }) {
      return dutyRoster.now(caller, at === undefined ? query : { ...query, at: times.parse(at, '/at') }, language);
    },
  }),
  route({
    method: 'GET',
    url: '/rosters/gaps',
    access: 'rosters:read',
    operationId: 'listDutyGaps',
    tag,
    summary: 'Times in which nobody is on duty, the coming seven days unless named',
    query: GapQuery,
    ok: Type.Object({ items: List(GapView) }),
    problems: ['NOT_FOUND'],
    async handler({ caller, query: { from, to, ...query }, language }) {
      const range = {
        ...(from === undefined ? {} : { from: times.parse(from, '/from') }),
        ...(to === undefined ? {} : { to: times.parse(to, '/to') }),
      };
      return { items: await dutyRoster.gaps(caller, { ...query, ...range }, language) };
    },
  }),
  route({
    method: 'GET',
    url: '/rosters/absences',
    access: 'login',
    operationId: 'listAbsences',
    tag,
    summary:
      'Absences (请假) that are not over, with who stands in (替班); only one’s own without the right to rosters',
    query: AbsenceQuery,
    ok: Type.Object({ items: List(AbsenceView) }),
    handler: async ({ caller, query }) => ({ items: await dutyRoster.absences(caller, query) }),
  }),
  route({
    method: 'POST',
    url: '/rosters/absences',
    access: 'login',
    operationId: 'addAbsence',
    tag,
    summary: 'Somebody is away; tickets go to the substitute meanwhile. Everybody may enter his own absence',
    body: AbsenceBody,
    status: 201,
    ok: AbsenceView,
    handler: ({ caller, body: { from, to, substituteId = null, reason = null, userId } }) =>
      dutyRoster.addAbsence(caller, {
        userId,
        substituteId,
        reason,
        from: times.parse(from, '/from'),
        to: times.parse(to, '/to'),
      }),
  }),
  route({
    method: 'DELETE',
    url: '/rosters/absences/:id',
    access: 'login',
    operationId: 'deleteAbsence',
    tag,
    summary: 'Somebody is back before time, or an absence was entered wrongly',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await dutyRoster.removeAbsence(caller, params.id);
      return undefined;
    },
  }),
  route({
    method: 'POST',
    url: '/tickets/:id/escalations',
    access: 'tickets:decide',
    operationId: 'escalateTicket',
    tag: 'tickets',
    summary: 'Decide whether a late ticket goes to 城运中心 or 分管领导 (视情), or take it there before its time',
    params: TicketParams,
    body: EscalationBody,
    status: 201,
    ok: TicketView,
    problems: ['NOT_FOUND', 'TRANSITION_NOT_ALLOWED', 'CONFLICT'],
    handler: ({ caller, params, body, language }) => tickets.escalate(caller, params.id, body, language),
  }),
];
