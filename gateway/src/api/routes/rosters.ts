import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import { fieldError } from '../../domain/input.ts';
import { GatewayError, isGatewayError } from '../../errors.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams, List, Strict } from '../schema.ts';
import { ShiftInput, ShiftPatch, ShiftView } from '../schemas/roster.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

export const rosterRoutes = ({ services: { db, organisations, rosters } }: RouteContext) => {
  const one = async (id: string) => {
    const found = (await rosters.listShifts(db.autocommit)).find((shift) => shift.id === id);
    if (!found) throw new GatewayError('NOT_FOUND');
    return found;
  };
  /** What a shift names must exist where the caller can see it. */
  const check = async (caller: Actor, body: { orgId?: string; module?: string | null }) => {
    const named = [
      ['/orgId', body.orgId, organisations.orgs],
      ['/module', body.module, organisations.modules],
    ] as const;
    for (const [path, id, family] of named) {
      if (id === undefined || id === null) continue;
      await family.get(caller, id).catch((error: unknown) => {
        if (!isGatewayError(error, 'NOT_FOUND')) throw error;
        const found = fieldError(path, 'notFound', 'input.notFound', { value: id });
        throw new GatewayError('INVALID_INPUT', found.message, { errors: [found], cause: error });
      });
    }
  };
  return [
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
      handler: async ({ query }) => ({ items: await rosters.listShifts(db.autocommit, query) }),
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
      async handler({ caller, body }) {
        await check(caller, body);
        const shift = {
          id: randomUUID(),
          module: null,
          days: EVERY_DAY,
          fromMinute: 0,
          toMinute: 1440,
          validFrom: null,
          validTo: null,
          position: 0,
          ...body,
        };
        await rosters.putShift(db.autocommit, shift);
        return shift;
      },
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
      async handler({ caller, params, body }) {
        await check(caller, body);
        const shift = { ...(await one(params.id)), ...body };
        await rosters.putShift(db.autocommit, shift);
        return shift;
      },
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
      async handler({ params }) {
        if (!(await rosters.removeShift(db.autocommit, params.id))) throw new GatewayError('NOT_FOUND');
        return undefined;
      },
    }),
  ];
};
