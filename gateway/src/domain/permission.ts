import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';

/** Roles a person or program can have; `system` is the gateway itself and is never given to anyone. */
export const ROLES = ['admin', 'dispatcher', 'maintainer', 'vendor', 'viewer'] as const;
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
  'settings',
  'tickets',
  'incidents',
  'maintenanceWindows',
  'quarantine',
  'notifications',
  'reports',
  'audit',
] as const;
export type Resource = (typeof RESOURCES)[number];

/** `decide` approves, rejects and retires; `operate` acts on the outside world (probe, command, live view). */
export const ACTIONS = ['read', 'create', 'update', 'remove', 'decide', 'operate', 'export'] as const;
export type Action = (typeof ACTIONS)[number];

type Rights = Readonly<Partial<Record<Resource, readonly Action[]>>>;

const READ = ['read'] as const;
const WRITE = ['read', 'create', 'update', 'remove'] as const;

/** role × resource × action. What is not here is refused. */
export const ROLE_RIGHTS: Readonly<Record<Exclude<Role, 'system' | 'admin'>, Rights>> = {
  dispatcher: {
    devices: ['read', 'update', 'export'],
    deviceTypes: READ,
    telemetry: READ,
    commands: ['read', 'operate'],
    cameras: ['read', 'operate', 'export'],
    viewings: READ,
    sites: WRITE,
    orgs: READ,
    modules: READ,
    vendors: READ,
    maintenanceUnits: READ,
    rosters: WRITE,
    tickets: ['read', 'create', 'update', 'decide', 'export'],
    incidents: ['read', 'update'],
    maintenanceWindows: WRITE,
    quarantine: ['read', 'operate'],
    notifications: READ,
    reports: ['read', 'export'],
    settings: READ,
  },
  maintainer: {
    devices: READ,
    deviceTypes: READ,
    telemetry: READ,
    cameras: ['read', 'operate'],
    sites: READ,
    orgs: READ,
    modules: READ,
    maintenanceUnits: READ,
    tickets: ['read', 'update'],
    incidents: READ,
    maintenanceWindows: ['read', 'create'],
  },
  vendor: {
    devices: ['read', 'create', 'update'],
    deviceTypes: ['read', 'create'],
    telemetry: READ,
    sites: READ,
    modules: READ,
    quarantine: ['read', 'operate'],
  },
  viewer: {
    devices: READ,
    deviceTypes: READ,
    telemetry: READ,
    cameras: READ,
    sites: READ,
    orgs: READ,
    modules: READ,
    maintenanceUnits: READ,
    tickets: READ,
    incidents: READ,
    maintenanceWindows: READ,
    reports: READ,
  },
};

export function can(role: Role, resource: Resource, action: Action): boolean {
  if (role === 'admin' || role === 'system') return true;
  return ROLE_RIGHTS[role][resource]?.includes(action) ?? false;
}

/** Throws FORBIDDEN (or PASSWORD_CHANGE_REQUIRED) unless the actor's role has the right. */
export function requireRight(
  actor: { readonly role: Role; readonly mustChangePassword?: boolean },
  resource: Resource,
  action: Action,
): void {
  if (actor.mustChangePassword) throw new GatewayError('PASSWORD_CHANGE_REQUIRED');
  if (can(actor.role, resource, action)) return;
  throw new GatewayError('FORBIDDEN', bilingual('access.forbidden', { role: actor.role, resource, action }));
}
