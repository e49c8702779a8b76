import Type from 'typebox';
import { ACTIONS, ROLES } from '../../domain/permission.ts';
import { RoleResetInput, RoleRightsInput } from '../../domain/rights-table.ts';
import type { RouteContext } from '../deps.ts';
import { exportQuery, sendFile } from '../files.ts';
import { listQuery, page } from '../lists.ts';
import { route } from '../route.ts';
import { Anything, Dict, Enum, List, Named, Nullable, Strict, TimeOut, Title } from '../schema.ts';

const Text = Type.String();
const ActionsOf = Dict(List(Enum(ACTIONS)));
const RoleView = Named(
  'Role',
  Type.Object({
    id: Enum(ROLES),
    name: Title,
    rights: ActionsOf,
    shipped: { ...ActionsOf, description: 'Where the role differs from what ships: all actions that ship' },
    changeable: Type.Boolean(),
    never: { ...ActionsOf, description: 'What the role can never be given' },
  }),
);
const RoleTable = Type.Object({
  roles: List(RoleView),
  resources: List(Type.Object({ id: Text, name: Title })),
  actions: List(Type.Object({ id: Enum(ACTIONS), name: Title })),
});
const RoleChangeView = Named(
  'RoleChange',
  Type.Object({
    at: TimeOut,
    actorName: Text,
    action: Enum(['update', 'reset']),
    role: Text,
    reason: Nullable(Text),
    before: Anything,
    after: Anything,
  }),
);
const RoleParams = Type.Object({ role: Type.String({ minLength: 1, maxLength: 40 }) });

export const roleRoutes = ({ services: { roles } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/roles',
    access: 'roles:read',
    operationId: 'listRoles',
    tag: 'roles',
    summary: 'The whole table role × resource × action, with what differs from what ships',
    ok: RoleTable,
    handler: ({ caller }) => roles.table(caller) as never,
  }),
  route({
    method: 'GET',
    url: '/roles/history',
    access: 'roles:read',
    operationId: 'listRoleChanges',
    tag: 'roles',
    summary: 'Who changed which right, when and why; newest first',
    query: Strict({ limit: listQuery.limit, cursor: listQuery.cursor }),
    ok: page(RoleChangeView),
    handler: ({ caller, query }) => roles.history(caller, query),
  }),
  route({
    method: 'GET',
    url: '/roles/export',
    access: 'roles:export',
    operationId: 'exportRoles',
    tag: 'roles',
    summary: 'The table as a file that says who took it, when and what for',
    query: Strict(exportQuery),
    ok: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }),
    produces: 'application/octet-stream',
    async handler({ caller, query, reply }) {
      return sendFile(reply, 'roles', query.format, await roles.exportFile(caller, query));
    },
  }),
  route({
    method: 'PUT',
    url: '/roles/:role',
    access: 'roles:update',
    operationId: 'updateRole',
    tag: 'roles',
    summary: 'Give a role exactly these rights; counts at once, for running sessions too',
    params: RoleParams,
    body: RoleRightsInput,
    ok: RoleView,
    problems: ['NOT_FOUND', 'CONFLICT'],
    handler: ({ caller, params, body }) => roles.put(caller, params.role, body as never) as never,
  }),
  route({
    method: 'POST',
    url: '/roles/:role/reset',
    access: 'roles:update',
    operationId: 'resetRole',
    tag: 'roles',
    summary: 'Back to the rights the role ships with',
    params: RoleParams,
    body: RoleResetInput,
    ok: RoleView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => roles.reset(caller, params.role, body) as never,
  }),
];
