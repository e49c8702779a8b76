import { expect, it } from 'vitest';
import { changesOf, dangersOf, differs } from './role-rights.ts';

it('marks what a role has more and less than as it ships, and nothing where it is as it ships', () => {
  const role = { rights: { devices: ['read', 'export'], sites: ['read'] }, shipped: { devices: ['read', 'update'] } };
  expect(differs(role, 'devices')).toEqual({ given: ['export'], taken: ['update'] });
  expect(differs(role, 'sites')).toEqual({ given: [], taken: [] });
  expect(differs({ rights: {}, shipped: { audit: ['read'] } }, 'audit')).toEqual({ given: [], taken: ['read'] });
});

it('tells two tables apart', () => {
  expect(changesOf({ devices: ['read'] }, { devices: [], sites: ['read'] })).toEqual({
    given: ['sites.read'],
    taken: ['devices.read'],
  });
});

it('says what nobody could do any more', () => {
  expect(dangersOf('maintainer', { tickets: ['read'] })).toEqual([{ danger: 'repair', resources: [] }]);
  expect(dangersOf('viewer', { devices: ['export'] })).toEqual([{ danger: 'blind', resources: ['devices'] }]);
  expect(dangersOf('viewer', { devices: [] })).toEqual([{ danger: 'nothing', resources: [] }]);
  expect(dangersOf('maintainer', { tickets: ['read', 'update'] })).toEqual([]);
});
