import Type, { type Static, type TObject } from 'typebox';
import type { QuietInput } from '../../domain/quiet-input.ts';
import type { QuietKind } from '../../domain/quiet-rows.ts';
import { text } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { listQuery, page } from '../lists.ts';
import { type Route, route } from '../route.ts';
import { Enum, IdParams, Strict, TimeIn } from '../schema.ts';
import {
  CalendarView,
  DrillFaultsInput,
  DrillFaultsView,
  DrillInput,
  MaintenanceInput,
  QuietEndInput,
  QuietPreviewInput,
  QuietPreviewView,
  QuietTimeView,
  SecurityInput,
  SilenceInput,
  WindowDecisionInput,
  WindowRefusalInput,
} from '../schemas/quiet.ts';
import type { Times } from '../times.ts';

interface Family {
  readonly kind: QuietKind;
  readonly url: string;
  readonly name: string;
  readonly plural: string;
  readonly what: string;
  readonly make: 'create' | 'update' | 'decide';
  readonly body: TObject;
}

const FAMILIES: readonly Family[] = [
  {
    kind: 'maintenance',
    url: '/maintenance-windows',
    name: 'MaintenanceWindow',
    plural: 'MaintenanceWindows',
    what: 'maintenance window (检修窗口)',
    make: 'create',
    body: MaintenanceInput,
  },
  {
    kind: 'silence',
    url: '/silences',
    name: 'Silence',
    plural: 'Silences',
    what: 'silence (静默)',
    make: 'update',
    body: SilenceInput,
  },
  {
    kind: 'security',
    url: '/security-periods',
    name: 'SecurityPeriod',
    plural: 'SecurityPeriods',
    what: 'important-event security (重保)',
    make: 'decide',
    body: SecurityInput,
  },
  {
    kind: 'drill',
    url: '/drills',
    name: 'Drill',
    plural: 'Drills',
    what: 'drill (演练)',
    make: 'decide',
    body: DrillInput,
  },
];

const tag = 'maintenance';
const TIMES = ['startsAt', 'endsAt', 'repeatsUntil'] as const;

/** The body with its times as epoch milliseconds. */
function timed<T>(times: Times, body: Readonly<Record<string, unknown>>): T {
  const out: Record<string, unknown> = { ...body };
  for (const field of TIMES) {
    const value = body[field];
    if (typeof value === 'string' || typeof value === 'number') out[field] = times.parse(value, `/${field}`);
  }
  return out as T;
}

export const quietRoutes = ({ times, services: { quiet } }: RouteContext): readonly Route[] => [
  route({
    method: 'GET',
    url: '/maintenance-windows/calendar',
    access: 'maintenanceWindows:read',
    operationId: 'getMaintenanceCalendar',
    tag,
    summary: 'Every occurrence of maintenance windows, 重保 and drills in a span of at most 92 days',
    query: Strict({ from: TimeIn, to: TimeIn }),
    ok: CalendarView,
    handler: async ({ caller, query }) => ({
      items: await quiet.calendar(caller, {
        from: times.parse(query.from, '/from'),
        to: times.parse(query.to, '/to'),
      }),
    }),
  }),
  ...FAMILIES.flatMap((family) => familyRoutes(family, times, quiet)),
  route({
    method: 'POST',
    url: '/maintenance-windows/:id/approve',
    access: 'maintenanceWindows:decide',
    operationId: 'approveMaintenanceWindow',
    tag,
    summary: 'Approve a proposed maintenance window',
    description: 'From now on it keeps quiet, and its time no longer counts in 在线率. What was before is not excused.',
    params: IdParams,
    body: WindowDecisionInput,
    bodyOptional: true,
    ok: QuietTimeView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => quiet.decide(caller, params.id, { ...body, approve: true }),
  }),
  route({
    method: 'POST',
    url: '/maintenance-windows/:id/refuse',
    access: 'maintenanceWindows:decide',
    operationId: 'refuseMaintenanceWindow',
    tag,
    summary: 'Refuse a proposed maintenance window',
    params: IdParams,
    body: WindowRefusalInput,
    ok: QuietTimeView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => quiet.decide(caller, params.id, { ...body, approve: false }),
  }),
  route({
    method: 'GET',
    url: '/drills/:id/faults',
    access: 'maintenanceWindows:read',
    operationId: 'listDrillFaults',
    tag,
    summary: 'Faults a drill made up, with their tickets',
    params: IdParams,
    ok: DrillFaultsView,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params }) => ({ items: await quiet.drills.faults(caller, params.id) }),
  }),
  route({
    method: 'POST',
    url: '/drills/:id/faults',
    access: 'maintenanceWindows:decide',
    operationId: 'injectDrillFaults',
    tag,
    summary: 'Make up faults of devices in the scope of a drill',
    description: 'Their tickets and notices are marked 演练, are in no figure, and touch no real fault of the device.',
    params: IdParams,
    body: DrillFaultsInput,
    status: 201,
    ok: DrillFaultsView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: async ({ caller, params, body }) => ({ items: await quiet.drills.inject(caller, params.id, body.faults) }),
  }),
];

function familyRoutes(
  { kind, url, name, plural, what, make, body }: Family,
  times: Times,
  quiet: RouteContext['services']['quiet'],
): readonly Route[] {
  return [
    route({
      method: 'GET',
      url,
      access: 'maintenanceWindows:read',
      operationId: `list${plural}`,
      tag,
      summary: `List: ${what}, newest first`,
      query: Strict({
        limit: listQuery.limit,
        cursor: listQuery.cursor,
        going: Type.Optional(Type.Boolean({ description: 'Only those that are not over' })),
        state: Type.Optional(Enum(['proposed', 'approved', 'refused'])),
      }),
      ok: page(QuietTimeView),
      handler: ({ caller, query }) => quiet.list(caller, kind, query),
    }),
    route({
      method: 'POST',
      url,
      access: `maintenanceWindows:${make}`,
      operationId: `create${name}`,
      tag,
      summary: `Create: ${what}`,
      body,
      status: 201,
      ok: QuietTimeView,
      problems: ['CONFLICT'],
      handler: async ({ caller, body: input, language }) => {
        const made = await quiet.create(caller, kind, timed<QuietInput>(times, input));
        const holdsBack = kind === 'silence' || kind === 'maintenance';
        return holdsBack ? { ...made, remark: text(language, 'quiet.neverLifeSafety') } : made;
      },
    }),
    route({
      method: 'POST',
      url: `${url}/preview`,
      access: 'maintenanceWindows:read',
      operationId: `preview${name}`,
      tag,
      summary: `Which devices it would be about, and when: ${what}`,
      body: QuietPreviewInput,
      ok: QuietPreviewView,
      handler: ({ caller, body: input }) =>
        quiet.preview(caller, kind, timed<Static<typeof QuietPreviewInput> & QuietInput>(times, input)),
    }),
    route({
      method: 'GET',
      url: `${url}/:id`,
      access: 'maintenanceWindows:read',
      operationId: `get${name}`,
      tag,
      summary: `Read: ${what}`,
      params: IdParams,
      ok: QuietTimeView,
      problems: ['NOT_FOUND'],
      handler: ({ caller, params }) => quiet.get(caller, kind, params.id),
    }),
    route({
      method: 'POST',
      url: `${url}/:id/end`,
      access: `maintenanceWindows:${make}`,
      operationId: `end${name}`,
      tag,
      summary: `End it now, or before it began: ${what}`,
      params: IdParams,
      body: QuietEndInput,
      ok: QuietTimeView,
      problems: ['NOT_FOUND', 'CONFLICT'],
      handler: ({ caller, params, body: input }) => quiet.end(caller, kind, params.id, input.reason),
    }),
  ];
}
