import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import {
  bearing,
  distance,
  fromWgs84,
  gcj02ToWgs84,
  locationIn,
  looksLikeGcj02,
  looksSwapped,
  toWgs84,
  wgs84ToGcj02,
} from './geo.ts';
import { composeNationalCode, nationalCodeFault, parseNationalCode, streetOf } from './national-code.ts';
import { may, RESOURCES } from './permission.ts';
import { type OrdinaryRole, SHIPPED_RIGHTS, shippedRights } from './role-rights.ts';
import { isGrantable, matchesFilter } from './topic-filter.ts';

describe('coordinates', () => {
  it('agrees with the published GCJ-02 vectors', () => {
    const { lat, lon } = wgs84ToGcj02({ lat: 40, lon: 120 });
    expect(lon).toBeCloseTo(120.00567568355486, 12);
    expect(lat).toBeCloseTo(40.0013047896019, 12);
    const street = wgs84ToGcj02({ lat: 31.14, lon: 121.51 });
    expect(street.lon).toBeCloseTo(121.514387561, 9);
    expect(street.lat).toBeCloseTo(31.137906051, 9);
  });

  it('comes back to where it was, within a tenth of a millimetre', () => {
    for (let lat = 1; lat < 55; lat += 6) {
      for (let lon = 73; lon < 137; lon += 7) {
        const back = gcj02ToWgs84(wgs84ToGcj02({ lat, lon }));
        expect(Math.max(Math.abs(back.lat - lat), Math.abs(back.lon - lon))).toBeLessThan(1e-9);
      }
    }
  });

  it('leaves other systems and places outside of China alone', () => {
    expect(toWgs84({ lat: 31, lon: 121 }, 'cgcs2000')).toEqual({ lat: 31, lon: 121 });
    expect(wgs84ToGcj02({ lat: 48.8, lon: 2.3 })).toEqual({ lat: 48.8, lon: 2.3 });
  });
});

describe('places', () => {
  const street = { lat: 31.14, lon: 121.51 };

  it('gives the published vector exactly', () => {
    expect(wgs84ToGcj02({ lat: 40, lon: 120 })).toEqual({ lat: 40.0013047896019, lon: 120.00567568355486 });
  });

  it('answers a place in the system it was entered in digit by digit', () => {
    const source = { ...fromWgs84(street, 'gcj02'), crs: 'gcj02' } as const;
    const location = { ...toWgs84(source, 'gcj02'), crs: 'wgs84', address: '东明路', source } as const;
    expect(locationIn(location, 'gcj02')).toMatchObject({ ...source, address: '东明路' });
    expect(locationIn({ ...street, crs: 'wgs84' }, 'cgcs2000')).toEqual({ ...street, crs: 'cgcs2000' });
    expect(locationIn(null, 'gcj02')).toBeNull();
  });

  it('measures distance and bearing', () => {
    expect(distance(street, { lat: 31.141, lon: 121.51 })).toBeCloseTo(111.2, 1);
    expect(distance(street, street)).toBe(0);
    expect(bearing(street, { lat: 31.141, lon: 121.51 })).toBeCloseTo(0, 6);
    expect(bearing(street, { lat: 31.14, lon: 121.52 })).toBeCloseTo(90, 1);
    expect(bearing(street, { lat: 31.13, lon: 121.51 })).toBeCloseTo(180, 6);
  });

  it('notices exchanged coordinates and a system that was not said', () => {
    expect(looksSwapped({ lat: 121.51, lon: 31.14 })).toBe(true);
    expect(looksSwapped({ lat: 87.6, lon: 43.8 })).toBe(true);
    expect(looksSwapped(street)).toBe(false);
    expect(looksSwapped({ lat: 51.5, lon: -0.1 })).toBe(false);
    expect(looksLikeGcj02(wgs84ToGcj02(street), street, 300)).toBe(true);
    expect(looksLikeGcj02(street, street, 300)).toBe(false);
    expect(looksLikeGcj02({ lat: 31.2, lon: 121.6 }, street, 300)).toBe(false);
  });
});

describe('national codes', () => {
  it('come apart and together', () => {
    const code = '31011500081326000001';
    expect(parseNationalCode(code)).toEqual({
      code,
      province: '31',
      city: '01',
      district: '15',
      unit: '00',
      region8: '31011500',
      industry: '08',
      industryName: { zh: '城市管理接入', en: 'City management' },
      type: '132',
      typeName: { zh: '网络摄像机', en: 'Network camera' },
      network: '6',
      networkName: { zh: '政务外网', en: 'Government network' },
      serial: 1,
    });
    expect(parseNationalCode('1')).toBe('length');
    const parts = { region8: '31011500', industry: '08', type: '132', network: '6', serial: 1 };
    expect(composeNationalCode(parts)).toBe(code);
    for (const bad of [
      { region8: '310115' },
      { industry: '8' },
      { type: '110' },
      { serial: 0 },
      { serial: 1_000_000 },
    ]) {
      expect(() => composeNationalCode({ ...parts, ...bad })).toThrow(RangeError);
    }
  });

  it('know the street in a division code', () => {
    expect(streetOf('310115015000')).toBe('310115015');
    expect(streetOf('310115015')).toBe('310115015');
    expect([streetOf('310115'), streetOf('990115015000'), streetOf('31011501500x')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['31011500081326000001', undefined],
    ['3101150008132600000', 'length'],
    ['3101150008132600000x', 'length'],
    ['00011500081326000001', 'province'],
    ['31011500080016000001', 'type'],
    ['31011500081326000000', 'serial'],
  ])('%s → %s', (code, fault) => {
    expect(nationalCodeFault(code)).toBe(fault);
  });
});

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['30d', 2_592_000_000],
    ['500ms', 500],
    ['1.5h', undefined],
    ['s', undefined],
    ['-1s', undefined],
  ])('%s → %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    if (ms !== undefined) expect(parseDuration(formatDuration(ms))).toBe(ms);
  });
});

describe('rights', () => {
  it('keeps people, roles and settings for administrators, approval for lead departments, and audit for auditors', () => {
    const who = (resource: Parameters<typeof may>[1], action: Parameters<typeof may>[2]) =>
      (Object.keys(SHIPPED_RIGHTS) as OrdinaryRole[]).filter((role) =>
        may({ role, rights: shippedRights(role) }, resource, action),
      );
    expect(who('users', 'update')).toEqual([]);
    expect(who('roles', 'update')).toEqual([]);
    expect(who('settings', 'update')).toEqual([]);
    expect(who('devices', 'decide')).toEqual(['lead']);
    expect(who('audit', 'read')).toEqual(['auditor']);
    expect(RESOURCES.every((resource) => may({ role: 'admin', rights: 'all' }, resource, 'remove'))).toBe(true);
  });
});

describe('topic filters', () => {
  it.each([
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['a/+/c', 'a/b/c', true],
    ['a', 'a/b', false],
    ['a/b', 'a', false],
  ])('%s matches %s: %s', (filter, topic, fits) => {
    expect(matchesFilter(filter, topic)).toBe(fits);
  });
  it('grants only what names its first level', () => {
    expect(['a', 'a/+/b', 'a/#'].every(isGrantable)).toBe(true);
    expect(['#', '+/a', 'cgw/x', '$share/a', 'a/#/b', 'a/b#', ''].some(isGrantable)).toBe(false);
  });
});
