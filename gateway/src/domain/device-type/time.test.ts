import { describe, expect, it } from 'vitest';
import { compileTime, isZone, parseContractTime } from './time.ts';

const local = (zone: string) => compileTime({ from: '/t', format: 'local', zone });
const iso = (ms: unknown) => (typeof ms === 'number' ? new Date(ms).toISOString() : ms);

describe('time', () => {
  it.each([
    ['2026-11-23T08:00:00+08:00', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23T08:00:00.123456789+0800', '2026-11-23T00:00:00.123Z'],
    ['2026-11-23 00:00Z', '2026-11-23T00:00:00.000Z'],
    [1795392000000, '2026-11-23T00:00:00.000Z'],
    [1795392000000.4, '2026-11-23T00:00:00.000Z'],
  ])('of the contract: %s', (raw, expected) => {
    expect(iso(parseContractTime(raw))).toBe(expected);
  });

  it.each([
    '2026-11-23',
    '2026-13-01T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T08:60:00Z',
    'now',
    '',
    0,
    -1,
    Number.NaN,
    1e17,
    true,
    [],
    {},
  ])('of the contract refuses %j', (raw) => {
    expect(parseContractTime(raw)).toMatchObject({ code: 'BAD_TIME' });
  });

  it.each([
    ['Asia/Shanghai', '2018-05-22T02:01:29', '2018-05-21T18:01:29.000Z'],
    ['Asia/Shanghai', '2018/05/22 02:01:29', '2018-05-21T18:01:29.000Z'],
    ['Asia/Shanghai', '20180522020129', '2018-05-21T18:01:29.000Z'],
    ['Asia/Urumqi', '2018-05-22 02:01', '2018-05-21T20:01:00.000Z'],
    // Both sides of the change of summer time, and the hour that does not exist.
    ['Europe/Berlin', '2026-03-29T01:59:59', '2026-03-29T00:59:59.000Z'],
    ['Europe/Berlin', '2026-03-29T03:00:00', '2026-03-29T01:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25T03:00:00', '2026-10-25T02:00:00.000Z'],
  ])('local in %s: %s', (zone, raw, expected) => {
    expect(iso(local(zone)(raw))).toBe(expected);
  });

  it('local refuses what is no time, and numbers', () => {
    for (const raw of ['2018-02-30T00:00:00', 'noon', 5, null])
      expect(local('UTC')(raw)).toMatchObject({ code: 'BAD_TIME' });
  });

  it('epochs as number or text', () => {
    expect(compileTime({ from: '/t', format: 'epochS' })('1795392000')).toBe(1795392000000);
    expect(compileTime({ from: '/t', format: 'epochMs' })(1795392000000)).toBe(1795392000000);
    for (const raw of ['', ' ', 'x', null, true])
      expect(compileTime({ from: '/t', format: 'epochS' })(raw)).toMatchObject({ code: 'BAD_TIME' });
  });

  it('knows zones', () => {
    expect(isZone('Asia/Shanghai')).toBe(true);
    expect(isZone('Asia/Pudong')).toBe(false);
  });
});
