import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, ENGINES, type TestDatabase } from '../../test/support/databases.ts';
import type { DeviceFilter } from '../domain/device-input.ts';
import type { Scope } from '../domain/scope.ts';
import { sql } from './database.ts';
import { mapPoints } from './map-points.ts';

describe.each(ENGINES)('points of the map on %s', (engine) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(engine);
    await sql(database.db.autocommit).script(`
      insert into org (id, kind, level, name) values ('hood', 'area', 5, '一居'), ('other', 'area', 5, '二居');
      insert into vendor (id, name) values ('v', '甲');
      insert into device (id, type, name, org_id, vendor_id, lifecycle, location) values
        ('cam', 'generic/camera', '东门', 'hood', null, 'active', '{"lat": 31.12345678, "lon": 121.5, "crs": "wgs84"}'),
        ('room', 'generic/mqtt', '垃圾房', 'hood', 'v', 'trial', '{"lat": 31.2, "lon": 121.6, "crs": "wgs84"}'),
        ('far', 'generic/camera', '别处', 'other', null, 'active', '{"lat": 31.3, "lon": 121.7, "crs": "wgs84"}'),
        ('gone', 'generic/camera', '已拆', 'hood', null, 'retired', '{"lat": 31.4, "lon": 121.8, "crs": "wgs84"}'),
        ('nowhere', 'generic/camera', '未标', 'hood', null, 'active', null);
      insert into health (device, state, reason, since, suspect)
        select key, 'offline', 'silent', now(), true from device where id in ('cam', 'far')`);
  });
  afterAll(() => database.close());

  const points = (scope: Scope, filter: DeviceFilter = {}, limit = 100) =>
    mapPoints(database.db.autocommit, scope, filter, limit);

  it('are columns in one order, with what no verdict is there for as unknown', async () => {
    expect(await points({ kind: 'orgs', orgIds: ['hood'] })).toEqual({
      ids: ['cam', 'room'],
      names: ['东门', '垃圾房'],
      types: ['generic/camera', 'generic/mqtt'],
      states: ['offline', 'unknown'],
      suspects: [true, false],
      lon: [121.5, 121.6],
      lat: [31.123457, 31.2],
      total: 3,
      unplaced: 1,
    });
  });

  it('are those in reach and no more', async () => {
    expect((await points({ kind: 'all' })).ids).toEqual(['cam', 'room', 'far']);
    expect((await points({ kind: 'vendor', vendorId: 'v' })).ids).toEqual(['room']);
    expect((await points({ kind: 'vendor', vendorId: 'none' })).ids).toEqual([]);
  });

  it('follow the filters of the list; what is gone is shown to those who ask for it', async () => {
    expect((await points({ kind: 'all' }, { lifecycle: ['retired'] })).ids).toEqual(['gone']);
    expect((await points({ kind: 'all' }, { healthState: ['offline'], orgId: 'hood' })).ids).toEqual(['cam']);
    expect((await points({ kind: 'all' }, { q: '东门' })).ids).toEqual(['cam']);
    expect(await points({ kind: 'all' }, {}, 2)).toMatchObject({ ids: ['cam', 'room'], total: 4 });
  });
});
