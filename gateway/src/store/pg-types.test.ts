import { expect, test } from 'vitest';
import { parseTimestamptz } from './pg-types.ts';

test('times of PostgreSQL become milliseconds whatever their form', () => {
  const cases: [string, number][] = [
    ['2026-11-23 03:03:08+00', Date.UTC(2026, 10, 23, 3, 3, 8)],
    ['2026-11-23 03:03:08.5+00', Date.UTC(2026, 10, 23, 3, 3, 8, 500)],
    ['2026-11-23 03:03:08.123456+00', Date.UTC(2026, 10, 23, 3, 3, 8) + 123.456],
    ['1969-12-31 23:59:59.25+00', -750],
    ['0099-01-01 00:00:00+00', Date.parse('0099-01-01T00:00:00Z')],
    ['0001-01-01 00:00:00+00 BC', Date.parse('0000-01-01T00:00:00Z')],
    ['12026-11-23 03:03:08+00', Date.parse('+012026-11-23T03:03:08Z')],
    ['2026-11-23 08:33:08+05:30', Date.UTC(2026, 10, 23, 3, 3, 8)],
    ['infinity', Number.POSITIVE_INFINITY],
    ['-infinity', Number.NEGATIVE_INFINITY],
  ];
  for (const [text, at] of cases) expect([text, parseTimestamptz(text)]).toEqual([text, at]);
});
