import { expect, it } from 'vitest';
import { conditionOf, conditionText } from './condition.ts';

it.each([
  'nh3 > 1.5 and humidity > 80',
  'any(bins.*.fillLevel) >= 95',
  'rate(level, 10m) > 2 or delta(temperature, 30m) >= 15',
  'count(overflow, 48h) >= 1 and absent(cleared, 24h)',
  'smoke == true',
  'level < -3.5',
])('reads %s into rows and writes it back as it was', (text) => {
  const condition = conditionOf(text);
  expect(condition).not.toBeNull();
  expect(condition && conditionText(condition)).toBe(text);
});

it('leaves alone what rows cannot say', () => {
  for (const text of ['not smoke == true', '(a > 1 or b > 2) and c > 3', 'a > 1 and b > 2 or c > 3', 'a +'])
    expect(conditionOf(text)).toBeNull();
});

it('writes nothing while a row is not whole', () => {
  expect(
    conditionText({ join: 'and', parts: [{ measure: 'value', name: 'nh3', operator: '>', value: '' }] }),
  ).toBeNull();
  expect(
    conditionText({ join: 'and', parts: [{ measure: 'rate', name: 'nh3', operator: '>', value: '1' }] }),
  ).toBeNull();
  expect(conditionText({ join: 'and', parts: [] })).toBeNull();
});
