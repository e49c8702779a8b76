import Type from 'typebox';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams, List, Strict } from '../schema.ts';
import { ShiftInput, ShiftPatch, ShiftView } from '../schemas/roster.ts';

export const rosterRoutes = ({ services: { rosters } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/rosters',
    access: 'rosters:read',
    operationId: 'listShifts',
    tag: 'organisation',
    summary: 'Duty roster: who is asked first for a module and an organisation',
    query: Strict({
      orgId: Type.Optional(Type.String({ maxLength: 64 })),
      module: Type.Optional(Type.String({ maxLength: 64 })),
    }),
    ok: Type.Object({ items: List(ShiftView) }),
    handler: async ({ caller, query }) => ({ items: await rosters.list(caller, query) }),
  }),
  route({
    method: 'POST',
    url: '/rosters',
    access: 'rosters:create',
    operationId: 'createShift',
    tag: 'organisation',
    summary: 'Add a shift',
    body: ShiftInput,
    status: 201,
    ok: ShiftView,
    problems: ['CONFLICT'],
    handler: ({ caller, body }) => rosters.create(caller, body),
  }),
  route({
    method: 'PATCH',
    url: '/rosters/:id',
    access: 'rosters:update',
    operationId: 'updateShift',
    tag: 'organisation',
    summary: 'Change a shift',
    params: IdParams,
    body: ShiftPatch,
    ok: ShiftView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => rosters.update(caller, params.id, body),
  }),
  route({
    method: 'DELETE',
    url: '/rosters/:id',
    access: 'rosters:remove',
    operationId: 'deleteShift',
    tag: 'organisation',
    summary: 'Remove a shift',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await rosters.remove(caller, params.id);
      return undefined;
    },
  }),
];
