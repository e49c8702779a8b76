import { describe, expect, it } from 'vitest';
import { createReach, type Matrix, type Person } from './duty-matrix.ts';
import type { Role } from './permission.ts';

const MATRIX: Matrix = {
  orgs: [
    { id: 'city', parentId: null, kind: 'area', level: 1 },
    { id: 'street', parentId: 'city', kind: 'area', level: 3 },
    { id: 'other', parentId: 'city', kind: 'area', level: 3 },
    { id: 'hood', parentId: 'street', kind: 'area', level: 5 },
    { id: 'far-hood', parentId: 'other', kind: 'area', level: 5 },
    { id: 'center', parentId: 'street', kind: 'department', level: null },
    { id: 'manage', parentId: 'street', kind: 'department', level: null },
    { id: 'manage-team', parentId: 'manage', kind: 'department', level: null },
    { id: 'far-center', parentId: 'other', kind: 'department', level: null },
    { id: 'residents-committees', parentId: 'street', kind: 'department', level: null },
    { id: 'all-departments', parentId: 'street', kind: 'department', level: null },
    { id: 'fixers', parentId: null, kind: 'maintenance', level: null },
    { id: 'lonely', parentId: null, kind: 'department', level: null },
  ],
  duties: [
    { moduleId: 'video', orgId: 'center', duty: 'lead' },
    { moduleId: 'video', orgId: 'manage', duty: 'cooperate' },
    { moduleId: 'video', orgId: 'residents-committees', duty: 'cooperate' },
    { moduleId: 'garbage', orgId: 'manage', duty: 'lead' },
    { moduleId: 'garbage', orgId: 'hood', duty: 'cooperate' },
    { moduleId: 'twin', orgId: 'all-departments', duty: 'cooperate' },
    { moduleId: 'parking', orgId: 'lonely', duty: 'lead' },
  ],
};
const reach = createReach(MATRIX);
const person = (role: Role, orgId: string | null, over: Partial<Person> = {}): Person => ({
  role,
  orgId,
  vendorId: null,
  scopeOrgIds: null,
  moduleIds: null,
  ...over,
});
const orgs = (orgIds: string[], moduleIds?: string[]) => ({
  kind: 'orgs',
  orgIds,
  ...(moduleIds ? { moduleIds } : {}),
});

describe('reach', () => {
  it.each([
    ['everything', person('admin', 'center'), { kind: 'all' }],
    ['everything, whatever else is said', person('auditor', null, { scopeOrgIds: ['hood'] }), { kind: 'all' }],
    ['everything when nothing is said', person('dispatcher', 'center'), { kind: 'all' }],
    ['what is said', person('dispatcher', null, { scopeOrgIds: ['hood'] }), orgs(['hood'])],
    [
      'the whole tree, some modules',
      person('viewer', null, { moduleIds: ['video'] }),
      orgs(['city', 'fixers', 'lonely'], ['video']),
    ],
    ['the street, what it leads', person('lead', 'center'), orgs(['street'], ['video'])],
    ['what its department leads', person('lead', 'manage-team'), orgs(['street'], ['garbage'])],
    ['nothing without a duty', person('lead', 'far-center'), orgs(['other'], [])],
    ['itself without an area above', person('lead', 'lonely'), orgs(['lonely'], ['parking'])],
    [
      'what it leads or helps with, and what all do',
      person('cooperating', 'manage'),
      orgs(['street'], ['garbage', 'twin', 'video']),
    ],
    ['nothing of another street', person('cooperating', 'far-center'), orgs(['other'], [])],
    ['its own and what all committees do', person('committee', 'hood'), orgs(['hood'], ['garbage', 'video'])],
    ['no module of the neighbour street', person('committee', 'far-hood'), orgs(['far-hood'], [])],
    ['what its unit mends', person('maintainer', 'fixers'), orgs(['fixers'])],
    ['nothing without an organisation', person('maintainer', null), orgs([])],
    ['nothing of an unknown organisation', person('lead', 'gone'), orgs(['gone'], [])],
    ['its own devices', person('vendor', null, { vendorId: 'acme' }), { kind: 'vendor', vendorId: 'acme' }],
    ['places named instead', person('lead', 'center', { scopeOrgIds: ['hood'] }), orgs(['hood'], ['video'])],
    ['no module beyond the matrix', person('lead', 'center', { moduleIds: ['garbage'] }), orgs(['street'], [])],
    ['fewer modules', person('cooperating', 'manage', { moduleIds: ['video'] }), orgs(['street'], ['video'])],
  ])('is %s', (_what, who, scope) => {
    expect(reach(who)).toEqual(scope);
  });

  it('survives a tree that bites its tail', () => {
    const ring = ['a', 'b'].map((id, i) => ({ id, parentId: i ? 'a' : 'b', kind: 'department', level: null }));
    expect(createReach({ orgs: ring, duties: [] })(person('lead', 'a'))).toEqual(orgs(['a'], []));
  });
});
