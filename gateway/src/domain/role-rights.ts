import type { Rights, Role } from './permission.ts';

/** Roles whose rights can be shown and changed; an administrator may do everything, always. */
export type OrdinaryRole = Exclude<Role, 'system' | 'admin'>;

const READ = ['read'] as const;
const WRITE = ['read', 'create', 'update', 'remove'] as const;
const ROSTERS = [...WRITE, 'export'] as const;

/** What everybody in the street may look at within their reach. */
const LOOK = {
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
  alarmRules: READ,
  inspections: READ,
} as const satisfies Rights;

/** role × resource × action as shipped; an installation changes it and keeps its changes in the database. */
export const SHIPPED_RIGHTS: Readonly<Record<OrdinaryRole, Rights>> = {
  dispatcher: {
    ...LOOK,
    devices: ['read', 'update', 'export'],
    commands: ['read', 'operate'],
    cameras: ['read', 'operate', 'export'],
    viewings: READ,
    sites: WRITE,
    vendors: READ,
    rosters: ROSTERS,
    tickets: ['read', 'create', 'update', 'decide', 'export'],
    incidents: ['read', 'update'],
    maintenanceWindows: WRITE,
    quarantine: ['read', 'operate'],
    handovers: ['read', 'create', 'decide', 'export'],
    notifications: READ,
    reports: ['read', 'export'],
    inspections: ['read', 'create', 'update', 'decide', 'export'],
    settings: READ,
  },
  lead: {
    ...LOOK,
    devices: ['read', 'create', 'update', 'decide', 'export'],
    deviceTypes: ['read', 'decide'],
    commands: ['read', 'operate'],
    cameras: ['read', 'operate', 'export'],
    viewings: READ,
    sites: WRITE,
    vendors: READ,
    rosters: ROSTERS,
    tickets: ['read', 'create', 'update', 'decide', 'export'],
    incidents: ['read', 'update'],
    maintenanceWindows: ['read', 'create', 'update', 'remove', 'decide'],
    alarmRules: WRITE,
    quarantine: ['read', 'operate'],
    handovers: ['read', 'create', 'decide', 'export'],
    reports: ['read', 'export'],
    inspections: ['read', 'create', 'update', 'decide', 'export'],
  },
  cooperating: {
    ...LOOK,
    cameras: ['read', 'operate'],
    tickets: ['read', 'create', 'update'],
    maintenanceWindows: ['read', 'create'],
    handovers: ['read', 'create'],
    reports: READ,
    inspections: ['read', 'update'],
  },
  committee: {
    ...LOOK,
    tickets: ['read', 'create', 'update'],
    reports: READ,
    inspections: ['read', 'update', 'export'],
  },
  maintainer: {
    ...LOOK,
    cameras: ['read', 'operate'],
    tickets: ['read', 'update'],
    maintenanceWindows: ['read', 'create'],
    handovers: ['read', 'decide'],
    reports: READ,
  },
  vendor: {
    devices: ['read', 'create', 'update'],
    deviceTypes: ['read', 'create', 'update'],
    telemetry: READ,
    commands: ['read', 'operate'],
    sites: READ,
    modules: READ,
    vendors: READ,
    quarantine: ['read', 'operate'],
  },
  viewer: { ...LOOK, reports: READ },
  auditor: {
    audit: ['read', 'export'],
    viewings: READ,
    users: READ,
    roles: ['read', 'export'],
    settings: READ,
    vendors: READ,
    handovers: READ,
    orgs: READ,
    modules: READ,
    reports: ['read', 'export'],
  },
};

/** The rights a role ships with. */
export function shippedRights(role: Role): Rights | 'all' {
  return role === 'admin' || role === 'system' ? 'all' : SHIPPED_RIGHTS[role];
}
