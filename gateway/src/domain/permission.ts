import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';

/**
 * Roles a person or program can have: administrator (城运中心), duty desk, lead department (牵头部门), cooperating department
 * (配合部门), residents' committee (居民区), maintenance unit (维保单位), vendor, viewer, auditor. `system` is the gateway
 * itself and is never given to anyone.
 */
export const ROLES = [
  'admin',
  'dispatcher',
  'lead',
  'cooperating',
  'committee',
  'maintainer',
  'vendor',
  'viewer',
  'auditor',
] as const;
export type Role = (typeof ROLES)[number] | 'system';

export const RESOURCES = [
  'devices',
  'deviceTypes',
  'telemetry',
  'commands',
  'cameras',
  'viewings',
  'sites',
  'orgs',
  'modules',
  'vendors',
  'maintenanceUnits',
  'rosters',
  'users',
  'roles',
  'handovers',
  'settings',
  'tickets',
  'incidents',
  'maintenanceWindows',
  'alarmRules',
  'quarantine',
  'notifications',
  'reports',
  'inspections',
  'audit',
] as const;
export type Resource = (typeof RESOURCES)[number];

/** `decide` approves, rejects and retires; `operate` acts on the outside world (probe, command, live view). */
export const ACTIONS = ['read', 'create', 'update', 'remove', 'decide', 'operate', 'export'] as const;
export type Action = (typeof ACTIONS)[number];

/** Resources × actions. What is not here is refused. */
export type Rights = Readonly<Partial<Record<Resource, readonly Action[]>>>;

/** Who may what: an actor's own rights, or everything (an administrator, the gateway itself). */
export interface Entitled {
  readonly role: Role;
  readonly rights: Rights | 'all';
}

export function may(actor: Entitled, resource: Resource, action: Action): boolean {
  return actor.rights === 'all' || (actor.rights[resource]?.includes(action) ?? false);
}

/** Throws FORBIDDEN (or PASSWORD_CHANGE_REQUIRED) unless the actor has the right. */
export function requireRight(
  actor: Entitled & { readonly mustChangePassword?: boolean; readonly mustEnrol?: boolean },
  resource: Resource,
  action: Action,
): void {
  if (actor.mustChangePassword) throw new GatewayError('PASSWORD_CHANGE_REQUIRED');
  if (actor.mustEnrol) throw new GatewayError('SECOND_FACTOR_ENROLMENT_REQUIRED');
  if (may(actor, resource, action)) return;
  throw new GatewayError('FORBIDDEN', bilingual('access.forbidden', { role: actor.role, resource, action }), {
    extra: { right: `${resource}:${action}` },
  });
}
