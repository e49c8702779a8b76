import { describe, expect, it } from 'vitest';
import { ACTIONS, type Action, RESOURCES, type Resource, type Rights } from './permission.ts';
import { changesFromShipped, effectiveRights, grantable, ORDINARY_ROLES, rightsOf } from './rights-table.ts';
import { SHIPPED_RIGHTS } from './role-rights.ts';

const pairs = RESOURCES.flatMap((resource) => ACTIONS.map((action): [Resource, Action] => [resource, action]));

describe('the table role × resource × action', () => {
  it('ships nothing that cannot be given', () => {
    const wrong = ORDINARY_ROLES.flatMap((role) =>
      pairs
        .filter(([resource, action]) => (SHIPPED_RIGHTS[role] as Rights)[resource]?.includes(action))
        .filter(([resource, action]) => !grantable(role, resource, action))
        .map(([resource, action]) => `${role} ${resource}:${action}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lets nobody but the administrator make people, rights, settings or evidence', () => {
    for (const role of ORDINARY_ROLES) {
      for (const resource of ['users', 'roles', 'settings', 'audit', 'viewings', 'notifications'] as const) {
        for (const action of ['create', 'update', 'remove', 'decide', 'operate'] as const) {
          expect(grantable(role, resource, action), `${role} ${resource}:${action}`).toBe(false);
        }
      }
    }
  });

  it('gives an auditor and a viewer no write, a vendor no decision and nothing of the house', () => {
    const given = (role: (typeof ORDINARY_ROLES)[number]) => pairs.filter(([r, a]) => grantable(role, r, a));
    expect(given('auditor').every(([, action]) => action === 'read' || action === 'export')).toBe(true);
    expect(given('viewer').every(([, action]) => action === 'read' || action === 'export')).toBe(true);
    const vendor = given('vendor').map(([resource, action]) => `${resource}:${action}`);
    for (const never of [
      'devices:decide',
      'users:read',
      'roles:read',
      'audit:read',
      'settings:read',
      'viewings:read',
    ]) {
      expect(vendor).not.toContain(never);
    }
  });

  it('keeps only what differs, and lays it over what ships', () => {
    const wanted: Rights = { ...SHIPPED_RIGHTS.viewer, tickets: [], devices: ['export', 'read'] };
    const changes = changesFromShipped('viewer', wanted);
    expect(changes).toEqual({ devices: ['read', 'export'], tickets: [] });
    const table = effectiveRights({ viewer: changes });
    expect(table.viewer).toEqual({ ...SHIPPED_RIGHTS.viewer, tickets: undefined, devices: ['read', 'export'] });
    expect(table.lead).toEqual(SHIPPED_RIGHTS.lead);
    expect(changesFromShipped('viewer', SHIPPED_RIGHTS.viewer)).toEqual({});
  });

  it('does not honour a right that can no longer be given, wherever it stands', () => {
    const table = effectiveRights({ vendor: { roles: ['update'], devices: ['read', 'decide'] } });
    expect([table.vendor.roles, table.vendor.devices]).toEqual([undefined, ['read']]);
    expect(rightsOf('admin', table)).toBe('all');
  });
});
