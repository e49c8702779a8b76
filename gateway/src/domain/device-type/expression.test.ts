import { describe, expect, it } from 'vitest';
import type { Value } from '../reading.ts';
import { coversMetric, ExpressionError, metricsOf, negate, parseExpression } from './expression.ts';

const values = (entries: Record<string, Value>) => new Map(Object.entries(entries));

describe('an expression', () => {
  const street = {
    temp: 61,
    door: true,
    state: 'fault',
    'ports.1.current': 13,
    'ports.2.current': 2,
    'ports.2.x.current': 99,
  };
  it.each<[string, boolean | undefined]>([
    ['temp > 60', true],
    ['temp>60', true],
    ['temp >= 61 and temp <= 61', true],
    ['temp < -5', false],
    ['temp == 6.1e1', true],
    ['temp != 61', false],
    ['door', true],
    ['not door', false],
    ['door == false', false],
    ['state == "fault"', true],
    ["state != 'idle'", true],
    ['any(ports.*.current) > 12', true],
    ['all(ports.*.current) < 10', false],
    ['all(ports.*.current) < 14', true],
    ['ports.1.current > 12', true],
    ['temp > 60 or missing > 1', true],
    ['missing > 1 or temp > 60', true],
    ['temp < 60 and missing > 1', false],
    ['missing > 1', undefined],
    ['missing != 1', undefined],
    ['not missing', undefined],
    ['temp > 60 and missing > 1', undefined],
    ['temp < 60 or missing > 1', undefined],
    ['any(bins.*.level) > 1', undefined],
    ['all(bins.*.level) > 1', undefined],
    ['state > 5', undefined],
    ['temp == "61"', undefined],
    ['not (temp < 60) and (door or missing)', true],
    ['door or door and missing', true],
  ])('%s → %s', (text, expected) => {
    const expression = parseExpression(text);
    expect(expression.evaluate(values(street))).toBe(expected);
    expect(expression.evaluate(street)).toBe(expected);
    expect(negate(expression).evaluate(street)).toBe(expected === undefined ? undefined : !expected);
  });

  it('never reads from a prototype', () => {
    expect(parseExpression('toString == "x" or constructor').evaluate({})).toBe(undefined);
  });

  it('lists its metrics once, wildcards as written', () => {
    const expression = parseExpression('any(ports.*.current) > 12 or temp > 1 and temp < 5');
    expect(metricsOf(expression)).toEqual(['ports.*.current', 'temp']);
    expect(expression.threshold).toBe(true);
    expect(parseExpression('door == true').threshold).toBe(false);
  });

  it('names the values that made it true', () => {
    expect(parseExpression('any(ports.*.current) > 12 or temp > 100').evidence(values(street))).toEqual([
      { metric: 'ports.1.current', value: 13 },
    ]);
  });

  it.each<[string, number, string]>([
    ['', 0, 'a metric name expected'],
    ['temp >', 6, 'true or false expected'],
    ['temp > 60 door', 10, "'and', 'or' or the end expected"],
    ['ports.*.current > 1', 0, 'needs any(…) or all(…)'],
    ['any(temp) > 1', 4, 'one *'],
    ['any(ports.*.* ) > 1', 4, 'one *'],
    ['temp = 5', 5, "unexpected '='"],
    ['temp > 5; rm', 8, "unexpected ';'"],
    ['(temp > 5', 9, "')' expected"],
    ['door > true', 5, '== or != expected'],
    ['and > 5', 0, 'a metric name expected'],
    [`${'('.repeat(40)}temp > 1${')'.repeat(40)}`, 32, 'nested more than 32'],
    [`${'not '.repeat(40)}door`, 128, 'nested more than 32'],
    ['a'.repeat(2_000), 1_000, 'longer than'],
  ])('refuses %j at %i', (text, position, message) => {
    const attempt = () => parseExpression(text);
    expect(attempt).toThrow(ExpressionError);
    expect(attempt).toThrow(message);
    try {
      attempt();
    } catch (error) {
      expect((error as ExpressionError).position).toBe(position);
    }
  });

  it.each([
    ['ports.*.current', 'ports.3.current', true],
    ['ports.*.current', 'ports.3.x.current', false],
    ['ports.*.current', 'ports..current', false],
    ['ports.*.current', 'ports.current', false],
    ['temp', 'temp', true],
  ])('%s covers %s: %s', (pattern, metric, expected) => {
    expect(coversMetric(pattern, metric)).toBe(expected);
  });
});
