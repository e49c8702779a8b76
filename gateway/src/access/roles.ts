import type { Clock } from '../../../adapters/adapter.ts';
import type { RoleChange } from '../domain/access-rows.ts';
import { type Actor, actorText } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import { ExportInput, exportEntry, exporterName, exportMark } from '../domain/export-mark.ts';
import { fieldError, parseInput, refuseIf } from '../domain/input.ts';
import type { TimedPage } from '../domain/page.ts';
import {
  ACTIONS,
  type Action,
  RESOURCES,
  type Resource,
  type Rights,
  ROLES,
  type Role,
  requireRight,
} from '../domain/permission.ts';
import {
  changesFromShipped,
  effectiveRights,
  grantable,
  inOrder,
  isOrdinaryRole,
  type RightsChanges,
  RoleResetInput,
  RoleRightsInput,
  rightsOf,
} from '../domain/rights-table.ts';
import { type OrdinaryRole, SHIPPED_RIGHTS } from '../domain/role-rights.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, type MessageKey, text } from '../messages/index.ts';
import { CONTENT_TYPES, type OutSheet, sheetBytes } from '../sheets/write.ts';
import type { ExportFile, ExportQuery } from './ports.ts';

export interface RoleStore {
  changes(tx: Tx): Promise<RightsChanges>;
  lock(tx: Tx, role: string): Promise<void>;
  replace(tx: Tx, role: string, changes: Rights, by: { actor: string; at: number }): Promise<void>;
  history(tx: Tx, query: { limit: number; cursor?: string }): Promise<TimedPage<RoleChange>>;
}

interface Titled<T extends string> {
  readonly id: T;
  readonly name: { readonly zh: string; readonly en: string };
}

/** One role as it is shown. */
export interface RoleView extends Titled<(typeof ROLES)[number]> {
  readonly rights: Readonly<Record<string, readonly Action[]>>;
  /** Only what differs from what ships: all actions that ship on each such resource. */
  readonly shipped: Readonly<Record<string, readonly Action[]>>;
  /** false for the administrator. */
  readonly changeable: boolean;
  /** What the role can never be given. */
  readonly never: Readonly<Record<string, readonly Action[]>>;
}

export interface RightsTable {
  readonly roles: readonly RoleView[];
  readonly resources: readonly Titled<Resource>[];
  readonly actions: readonly Titled<Action>[];
}

/** role × resource × action: shown, changed with a reason, put back, exported. */
export interface Roles {
  /** At start, and every few seconds for other processes' changes. */
  load(): Promise<void>;
  /** From memory: the rights of this moment. */
  rightsOf(role: Role): Rights | 'all';
  table(actor: Actor): Promise<RightsTable>;
  put(actor: Actor, role: string, input: RoleRightsInput): Promise<RoleView>;
  reset(actor: Actor, role: string, input: RoleResetInput): Promise<RoleView>;
  history(actor: Actor, query: { limit?: number; cursor?: string }): Promise<TimedPage<RoleChange>>;
  /** The whole table as a file that says who took it. */
  exportFile(actor: Actor, query: ExportQuery): Promise<ExportFile>;
}

export function createRoles(deps: {
  readonly db: Transactor;
  readonly roles: RoleStore;
  readonly audit: AuditPort;
  readonly clock: Clock;
  readonly timeZone: string;
}): Roles {
  const { db, clock } = deps;
  let table = effectiveRights({});
  let asked = 0;
  let taken = 0;

  const load = async () => {
    const mine = ++asked;
    const changes = await deps.roles.changes(db.autocommit);
    if (mine < taken) return;
    taken = mine;
    table = effectiveRights(changes);
  };

  const change = async (
    actor: Actor,
    role: OrdinaryRole,
    wanted: Rights,
    action: 'update' | 'reset',
    reason: string,
    seen?: Rights,
  ) => {
    await db.transaction(async (tx) => {
      await deps.roles.lock(tx, role);
      const before = effectiveRights(await deps.roles.changes(tx))[role];
      if (seen && RESOURCES.some((name) => inOrder(before[name]).join() !== inOrder(seen[name]).join()))
        throw new GatewayError('CONFLICT', bilingual('access.role.changed'));
      const at = clock.now();
      await deps.roles.replace(tx, role, changesFromShipped(role, wanted), { actor: actorText(actor), at });
      const moved = RESOURCES.filter((name) => inOrder(before[name]).join() !== inOrder(wanted[name]).join());
      const only = (rights: Rights) => Object.fromEntries(moved.map((name) => [name, inOrder(rights[name])]));
      await deps.audit.append(tx, [
        { at, actor, action, resource: 'roles', resourceId: role, reason, before: only(before), after: only(wanted) },
      ]);
    });
    await load();
    return viewOf(role, table);
  };

  const changeable = (role: string): OrdinaryRole => {
    if (role === 'admin') throw new GatewayError('FORBIDDEN', bilingual('access.role.admin'));
    if (!isOrdinaryRole(role)) throw new GatewayError('NOT_FOUND');
    return role;
  };

  return {
    load,
    rightsOf: (role) => rightsOf(role, table),
    async table(actor) {
      requireRight(actor, 'roles', 'read');
      return {
        roles: ROLES.map((role) => viewOf(role, table)),
        resources: RESOURCES.map((id) => ({ id, name: named(`resource.${id}`) })),
        actions: ACTIONS.map((id) => ({ id, name: named(`action.${id}`) })),
      };
    },
    async put(actor, name, raw) {
      requireRight(actor, 'roles', 'update');
      const role = changeable(name);
      const { rights, before, reason } = parseInput(RoleRightsInput, raw) as RoleRightsInput;
      refuseIf(
        pairsOf(rights)
          .filter(([resource, action]) => !grantable(role, resource, action))
          .map(([resource, action]) =>
            fieldError(`/rights/${resource}`, 'neverGiven', 'access.role.never', {
              role: text('zh-CN', `role.${role}`),
              action,
            }),
          ),
      );
      return change(actor, role, rights, 'update', reason, before);
    },
    async reset(actor, name, raw) {
      requireRight(actor, 'roles', 'update');
      const role = changeable(name);
      const { reason } = parseInput(RoleResetInput, raw);
      return change(actor, role, SHIPPED_RIGHTS[role], 'reset', reason);
    },
    async history(actor, query) {
      requireRight(actor, 'roles', 'read');
      return deps.roles.history(db.autocommit, { ...query, limit: Math.min(query.limit ?? 50, 500) });
    },
    async exportFile(actor, { purpose, format }) {
      requireRight(actor, 'roles', 'export');
      parseInput(ExportInput, { purpose });
      const at = clock.now();
      const rows = exportRows(table);
      const filter = null;
      await deps.audit.append(db.autocommit, [
        exportEntry(actor, { at, resource: 'roles', purpose, filter, rows: rows.length, format }),
      ]);
      const notes = exportMark({ user: exporterName(actor), at, purpose, rows: rows.length }, deps.timeZone);
      const sheet: OutSheet = { name: '权限表', notes, columns: EXPORT_COLUMNS, rows };
      return { bytes: await sheetBytes([sheet], { format }), contentType: CONTENT_TYPES[format] };
    },
  };
}

const zh = (key: MessageKey) => text('zh-CN', key);
const EXPORT_COLUMNS = [
  ...['角色', '角色代码', '资源', '资源代码'],
  ...ACTIONS.map((action) => zh(`action.${action}`)),
  '与出厂不同',
].map((header) => ({ header }));

function exportRows(table: Table): string[][] {
  return ROLES.flatMap((role) => {
    const changed = role === 'admin' ? {} : changesFromShipped(role, table[role]);
    return RESOURCES.map((resource) => {
      const actions = allowed(role, table, resource);
      const names = [zh(`role.${role}`), role, zh(`resource.${resource}`), resource];
      return [
        ...names,
        ...ACTIONS.map((action) => (actions.includes(action) ? '是' : '')),
        resource in changed ? '是' : '',
      ];
    });
  });
}

type Table = Readonly<Record<OrdinaryRole, Rights>>;

function viewOf(role: (typeof ROLES)[number], table: Table): RoleView {
  const byResource = (actionsOf: (resource: Resource) => readonly Action[]) =>
    Object.fromEntries(
      RESOURCES.map((resource) => [resource, actionsOf(resource)] as const).filter(([, actions]) => actions.length > 0),
    );
  const base = {
    id: role,
    name: named(`role.${role}`),
    rights: byResource((resource) => allowed(role, table, resource)),
  };
  if (role === 'admin') return { ...base, shipped: {}, changeable: false, never: {} };
  const differs = Object.keys(changesFromShipped(role, table[role])) as Resource[];
  const shipped: Rights = SHIPPED_RIGHTS[role];
  return {
    ...base,
    shipped: Object.fromEntries(differs.map((resource) => [resource, inOrder(shipped[resource])])),
    changeable: true,
    never: byResource((resource) => ACTIONS.filter((action) => !grantable(role, resource, action))),
  };
}

function allowed(role: (typeof ROLES)[number], table: Table, resource: Resource): readonly Action[] {
  return role === 'admin' ? ACTIONS : inOrder(table[role][resource]);
}

function pairsOf(rights: Rights): [Resource, Action][] {
  return RESOURCES.flatMap((resource) =>
    (rights[resource] ?? []).map((action): [Resource, Action] => [resource, action]),
  );
}

function named(key: `role.${(typeof ROLES)[number]}` | `resource.${Resource}` | `action.${Action}`) {
  return { zh: text('zh-CN', key), en: text('en', key) };
}
