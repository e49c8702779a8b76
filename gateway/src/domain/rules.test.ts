import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { gcj02ToWgs84, toWgs84, wgs84ToGcj02 } from './geo.ts';
import { nationalCodeFault } from './national-code.ts';
import { can, RESOURCES, ROLE_RIGHTS } from './permission.ts';
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

  it('comes back to where it was, within a millimetre', () => {
    for (let lat = 1; lat < 55; lat += 6) {
      for (let lon = 73; lon < 137; lon += 7) {
        const back = gcj02ToWgs84(wgs84ToGcj02({ lat, lon }));
        expect(Math.abs(back.lat - lat) + Math.abs(back.lon - lon)).toBeLessThan(1e-8);
      }
    }
  });

  it('leaves other systems and places outside of China alone', () => {
    expect(toWgs84({ lat: 31, lon: 121 }, 'cgcs2000')).toEqual({ lat: 31, lon: 121 });
    expect(wgs84ToGcj02({ lat: 48.8, lon: 2.3 })).toEqual({ lat: 48.8, lon: 2.3 });
  });
});

describe('national codes', () => {
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
  it('gives nobody but administrators users, settings, approval or audit', () => {
    for (const role of Object.keys(ROLE_RIGHTS) as (keyof typeof ROLE_RIGHTS)[]) {
      expect([
        role,
        can(role, 'users', 'read'),
        can(role, 'settings', 'update'),
        can(role, 'devices', 'decide'),
        can(role, 'audit', 'read'),
      ]).toEqual([role, false, false, false, false]);
    }
    expect(RESOURCES.every((resource) => can('admin', resource, 'remove'))).toBe(true);
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
