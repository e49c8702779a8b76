import { type Static, Type } from 'typebox';
import { ACTIONS, type Action, RESOURCES, type Resource, type Rights, ROLES, type Role } from './permission.ts';
import { type OrdinaryRole, SHIPPED_RIGHTS } from './role-rights.ts';

/** Roles whose rights can be changed. */
export const ORDINARY_ROLES = ROLES.filter((role): role is OrdinaryRole => role !== 'admin');

export const isOrdinaryRole = (role: string): role is OrdinaryRole => Object.hasOwn(SHIPPED_RIGHTS, role);

/** What an installation changed: of a role, all actions on each resource named; an empty list takes all away. */
export type RightsChanges = Readonly<Partial<Record<OrdinaryRole, Rights>>>;

const Reason = Type.String({ minLength: 2, maxLength: 200 });

const RightsInput = Type.Object(
  Object.fromEntries(
    RESOURCES.map((resource) => [
      resource,
      Type.Optional(Type.Array(Type.Enum([...ACTIONS]), { maxItems: ACTIONS.length })),
    ]),
  ),
  { additionalProperties: false },
);

/**
 * Body of `PUT /roles/{role}`: all rights of the role; a resource not named has none. `before` are the rights the change
 * starts from: refused when somebody changed them meanwhile.
 */
export const RoleRightsInput = Type.Object(
  { rights: RightsInput, before: Type.Optional(RightsInput), reason: Reason },
  { additionalProperties: false },
);
export type RoleRightsInput = { readonly rights: Rights; readonly before?: Rights; readonly reason: string };

/** Body of `POST /roles/{role}/reset`. */
export const RoleResetInput = Type.Object({ reason: Reason }, { additionalProperties: false });
export type RoleResetInput = Static<typeof RoleResetInput>;

const WRITES = ['create', 'update', 'remove', 'decide', 'operate'] as const;

/**
 * Rights that keep the table itself honest and are nobody's but the administrator's, however the table is changed:
 * who may make people and rights, change the system, send its messages out of the house, or write into the evidence.
 */
const ADMIN_ONLY: Rights = {
  users: WRITES,
  roles: WRITES,
  settings: WRITES,
  notifications: WRITES,
  audit: WRITES,
  viewings: WRITES,
};

/** People and what they did: the administrator's, and an auditor's to read. */
const PEOPLE: Rights = { users: ACTIONS, roles: ACTIONS, audit: ACTIONS };

/** What is not cut to organisations is no matter of those who see a part of the street. */
const EVERYTHING_SEEN: Rights = { ...PEOPLE, settings: ACTIONS, notifications: ACTIONS };

/** Further rights that a role can never have. */
const NEVER: Readonly<Partial<Record<OrdinaryRole, Rights>>> = {
  dispatcher: PEOPLE,
  lead: EVERYTHING_SEEN,
  cooperating: EVERYTHING_SEEN,
  committee: EVERYTHING_SEEN,
  maintainer: EVERYTHING_SEEN,
  // A vendor is a stranger in the house: neither its people and rules nor a decision on its own devices are its matter.
  vendor: {
    ...Object.fromEntries(RESOURCES.map((resource) => [resource, ['decide']])),
    ...EVERYTHING_SEEN,
    viewings: ACTIONS,
    orgs: WRITES,
    modules: WRITES,
    vendors: WRITES,
    maintenanceUnits: WRITES,
    rosters: ACTIONS,
    reports: ACTIONS,
    incidents: ['decide', ...WRITES],
  },
  viewer: { ...Object.fromEntries(RESOURCES.map((resource) => [resource, WRITES])), ...EVERYTHING_SEEN },
  // Whoever checks the others' work does none of it.
  auditor: Object.fromEntries(RESOURCES.map((resource) => [resource, WRITES])),
};

/** Whether a role may be given a right at all. */
export function grantable(role: OrdinaryRole, resource: Resource, action: Action): boolean {
  const forbidden = [ADMIN_ONLY[resource], NEVER[role]?.[resource]];
  return !forbidden.some((actions) => actions?.includes(action));
}

/** The rights of every role: what ships, with the changes laid over it. Rights that can no longer be given are left out. */
export function effectiveRights(changes: RightsChanges): Readonly<Record<OrdinaryRole, Rights>> {
  // fromEntries forgets which keys there are: all ordinary roles.
  return Object.fromEntries(
    ORDINARY_ROLES.map((role) => {
      const merged = { ...SHIPPED_RIGHTS[role], ...changes[role] };
      const entries = Object.entries(merged) as [Resource, readonly Action[]][];
      return [
        role,
        Object.fromEntries(
          entries
            .map(
              ([resource, actions]) =>
                [resource, actions.filter((action) => grantable(role, resource, action))] as const,
            )
            .filter(([, actions]) => actions.length > 0),
        ),
      ];
    }),
  ) as unknown as Record<OrdinaryRole, Rights>;
}

/** What has to be remembered so that a role has exactly these rights: the resources on which it differs from what ships. */
export function changesFromShipped(role: OrdinaryRole, wanted: Rights): Rights {
  const shipped: Rights = SHIPPED_RIGHTS[role];
  return Object.fromEntries(
    RESOURCES.filter((resource) => !sameActions(shipped[resource], wanted[resource])).map((resource) => [
      resource,
      inOrder(wanted[resource]),
    ]),
  );
}

export function inOrder(actions: readonly Action[] = []): Action[] {
  return ACTIONS.filter((action) => actions.includes(action));
}

function sameActions(a: readonly Action[] = [], b: readonly Action[] = []): boolean {
  return inOrder(a).join() === inOrder(b).join();
}

/** The rights of whoever has this role. */
export function rightsOf(role: Role, table: Readonly<Record<OrdinaryRole, Rights>>): Rights | 'all' {
  return role === 'admin' || role === 'system' ? 'all' : table[role];
}
