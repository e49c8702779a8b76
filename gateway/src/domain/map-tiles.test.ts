import { expect, it } from 'vitest';
import { parseInput } from './input.ts';
import { MapTilesInput, mapBackground, tileOrigins } from './map-tiles.ts';

const fits = (value: unknown) => {
  try {
    parseInput(MapTilesInput, value);
    return true;
  } catch {
    return false;
  }
};

it('takes tiles of one’s own host or of one beside it, and nothing that would widen a header', () => {
  for (const url of [
    '/tiles/{z}/{x}/{y}.png',
    'https://tiles.street.example/{z}/{x}/{y}.png',
    'http://10.1.2.3:8090/wmts?l=a&z={z}&x={x}&y={y}',
  ])
    expect([url, fits({ source: 'xyz', url })]).toEqual([url, true]);
  for (const url of [
    'https://tiles.example/{z}/{x}.png',
    'https://a.example; script-src *; x/{z}/{x}/{y}',
    'https://a.example *.b.example/{z}/{x}/{y}',
    "https://a.example/'/{z}/{x}/{y}",
    '//elsewhere.example/{z}/{x}/{y}',
    'javascript:/{z}/{x}/{y}',
    'https://user:pw@a.example/{z}/{x}/{y}',
  ])
    expect([url, fits({ source: 'xyz', url })]).toEqual([url, false]);
  expect(fits({ source: 'tianditu' })).toBe(false);
  expect(fits({ source: 'tianditu', key: 'abc def ghi' })).toBe(false);
  expect(fits({ source: 'none' })).toBe(true);
});

it('asks nobody unless told, and then that origin alone', () => {
  expect(mapBackground({ source: 'none' }).tiles).toEqual([]);
  expect(tileOrigins({ source: 'none' })).toEqual([]);
  expect(tileOrigins({ source: 'xyz', url: '/tiles/{z}/{x}/{y}.png' })).toEqual([]);
  expect(tileOrigins({ source: 'xyz', url: 'http://10.1.2.3:8090/t/{z}/{x}/{y}' })).toEqual(['http://10.1.2.3:8090']);
  expect(tileOrigins({ source: 'tianditu', key: '0123456789abcdef' })).toEqual(['https://t0.tianditu.gov.cn']);
});

it('says in which system foreign tiles are drawn', () => {
  expect(mapBackground({ source: 'amap' }).crs).toBe('gcj02');
  expect(mapBackground({ source: 'tianditu', key: '0123456789abcdef' }).crs).toBe('wgs84');
  expect(mapBackground({ source: 'xyz', url: '/t/{z}/{x}/{y}', crs: 'gcj02' }).crs).toBe('gcj02');
});
