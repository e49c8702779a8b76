import Type from 'typebox';
import { ExportPurpose } from '../../domain/export-mark.ts';
import { halfOf } from '../../messages/index.ts';
import type { RouteContext } from '../deps.ts';
import { fileBody, sendFile, TABLE_UPLOAD, TableEncoding, TableFormat } from '../files.ts';
import { route } from '../route.ts';
import { Enum, IdParams, List, Strict } from '../schema.ts';
import { RosterImportView, RosterPersonView, ShiftInput, ShiftPatch, ShiftView } from '../schemas/roster.ts';

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
    method: 'GET',
    url: '/rosters/people',
    access: 'rosters:read',
    operationId: 'listRosterPeople',
    tag: 'organisation',
    summary: 'Who may be put on duty in reach, and whoever is on a roster already; by name, at most 5,000',
    ok: Type.Object({ items: List(RosterPersonView) }),
    handler: async ({ caller }) => ({ items: await rosters.people(caller) }),
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
    method: 'POST',
    url: '/rosters/import',
    access: 'rosters:create',
    operationId: 'importShifts',
    tag: 'organisation',
    summary: 'Add and change shifts from a CSV or XLSX file, all or nothing',
    description:
      'The body is the file itself (at most 16 MiB, 2,000 rows), as `GET /rosters/export` gives it: a row with an id changes that ' +
      'shift, one without adds it, unless there is the same already. Organisations and modules by id or name, people by account, ' +
      'name or id. Answers every error with row, column, rule and remedy; then nothing is written.',
    query: Strict({
      dryRun: Type.Optional(Type.Boolean({ description: 'Only check' })),
      encoding: Type.Optional(Enum(['utf-8', 'gb18030'], { description: 'Of CSV; absent = found out' })),
    }),
    upload: TABLE_UPLOAD,
    ok: RosterImportView,
    problems: ['CONFLICT'],
    async handler({ caller, query: { dryRun = false, encoding }, request, language }) {
      const options = { dryRun, ...(encoding ? { encoding } : {}) };
      const result = await rosters.import(caller, fileBody(request.body), options);
      return {
        ...result,
        errors: result.errors.map((error) => ({ ...error, message: halfOf(error.message, language) })),
      };
    },
  }),
  route({
    method: 'GET',
    url: '/rosters/export',
    access: 'rosters:export',
    operationId: 'exportShifts',
    tag: 'organisation',
    summary: 'The shifts in reach as a table that import takes back; marked and audited',
    query: Strict({
      purpose: ExportPurpose,
      format: Type.Optional(TableFormat),
      encoding: Type.Optional(TableEncoding),
      orgId: Type.Optional(Type.String({ maxLength: 64 })),
      module: Type.Optional(Type.String({ maxLength: 64 })),
    }),
    produces: 'application/octet-stream',
    ok: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }),
    async handler({ caller, query: { format = 'xlsx', encoding = 'utf-8', ...query }, reply }) {
      const file = await rosters.export(caller, { ...query, format, encoding });
      return sendFile(reply, 'rosters', format, file);
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
