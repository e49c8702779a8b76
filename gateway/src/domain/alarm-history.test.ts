import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankHistory, changeOf, countOf, historyAt, noteTrend, noteWatch, type Trend } from './alarm-history.ts';
import { type AlarmRuleRow, effectiveRules } from './alarm-rule.ts';
import { ExpressionError, parseExpression } from './device-type/expression.ts';
import type { AlarmRule } from './device-type/types.ts';

const MINUTE = 60_000;
const WINDOW = 16 * MINUTE;

describe('what expressions ask of the past', () => {
  it('changes are those of every point kept, as long as points are a sixteenth of the window apart', () => {
    const gaps = fc.array(fc.record({ gap: fc.integer({ min: MINUTE, max: 20 * MINUTE }), value: fc.integer() }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(gaps, fc.nat(WINDOW), (steps, after) => {
        const trend: Trend = { windowMs: WINDOW, points: [] };
        const all: { at: number; value: number }[] = [];
        let at = 0;
        for (const { gap, value } of steps) {
          at += gap;
          all.push({ at, value });
          noteTrend(trend, at, value);
        }
        const now = at + after;
        const within = all.filter((point) => point.at >= now - WINDOW);
        const first = within[0];
        const last = within.at(-1);
        const long = first && last && (last.at - first.at) * 2 >= WINDOW;
        expect(changeOf(trend, now)).toEqual(
          long ? { delta: last.value - first.value, overMs: last.at - first.at } : undefined,
        );
        expect(trend.points.length).toBeLessThanOrEqual(2 * 18);
      }),
    );
  });

  it('points however dense cost no more, and reach back to within a sixteenth of the window', () => {
    const trend: Trend = { windowMs: WINDOW, points: [] };
    for (let at = 0; at <= 3 * WINDOW; at += 1_000) noteTrend(trend, at, at);
    expect(trend.points.length).toBeLessThanOrEqual(2 * 18);
    expect(changeOf(trend, 3 * WINDOW)?.overMs).toBeGreaterThanOrEqual(WINDOW - MINUTE - 1_000);
  });

  it('counts are those of a list of all times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(MINUTE), { maxLength: 90 }), fc.nat(10 * MINUTE), (gaps, after) => {
        const watch = { since: 0, times: [], saved: null };
        const times: number[] = [];
        for (const gap of gaps) {
          times.push((times.at(-1) ?? 0) + gap);
          noteWatch(watch, times.at(-1) ?? 0, true);
        }
        const now = (times.at(-1) ?? 0) + after;
        expect(countOf(watch, now, WINDOW)).toBe(times.filter((at) => at > now - WINDOW).length);
      }),
    );
  });

  it.each<[string, boolean | undefined]>([
    ['rate(level, 16m) >= 2', true],
    ['rate(level, 16m) > 2', false],
    ['delta(level, 16m) == 32', true],
    ['delta(other, 16m) > 0', undefined],
    ['absent(cleared, 1h)', true],
    ['absent(level, 16m)', false],
    ['absent(unknown, 1h)', undefined],
    ['count(door, 10m) >= 3', false],
    ['count(door, 1h) >= 3 and absent(cleared, 1h)', true],
    ['not absent(cleared, 1h)', false],
    ['count > 3', true],
  ])('%s → %s', (text, expected) => {
    const history = blankHistory();
    const now = 100 * MINUTE;
    const trend: Trend = { windowMs: WINDOW, points: [] };
    for (let minute = 0; minute <= 16; minute++) noteTrend(trend, now - WINDOW + minute * MINUTE, minute * 2);
    history.trends.set(`level@${WINDOW}`, trend);
    history.watches.set('level', { since: now, times: [], saved: null });
    history.watches.set('cleared', { since: now - 60 * MINUTE, times: [], saved: null });
    history.watches.set('door', { since: now, times: [now - 50 * MINUTE, now - 9 * MINUTE, now], saved: null });
    expect(parseExpression(text).evaluate({ count: 4 }, historyAt(history, now, now))).toBe(expected);
  });

  it.each([
    ['rate(level) > 1', 10],
    ['rate(level, 5) > 1', 12],
    ['rate(level, 1s) > 1', 12],
    ['rate(level, 10m)', 16],
    ['count(door, 10m) >= 2.5', 20],
    ['count(door, 10m) >= 101', 20],
    ['absent(ports.*.x, 1h)', 7],
    [Array.from({ length: 9 }, () => 'absent(a, 1h)').join(' or '), 8 * 17],
  ])('%s is refused where it is wrong', (text, position) => {
    expect(() => parseExpression(text)).toThrow(ExpressionError);
    try {
      parseExpression(text);
    } catch (error) {
      expect((error as ExpressionError).position).toBe(position);
    }
  });
});

describe('several rules of one place become one', () => {
  const words = (text: string) => ({ zh: text, en: text });
  const hot = parseExpression('temp > 60');
  const base: AlarmRule = {
    code: 'hot',
    title: words('hot'),
    severity: 'major',
    lifeSafety: false,
    when: hot,
    clear: parseExpression('temp < 50'),
    forMs: MINUTE,
    advice: null,
  };
  const row = (over: Partial<AlarmRuleRow>): AlarmRuleRow => ({
    id: 'r',
    scope: 'type',
    scopeId: 't',
    deviceType: 't',
    code: 'hot',
    enabled: null,
    title: null,
    when: null,
    clear: null,
    forMs: null,
    severity: null,
    advice: null,
    lifeSafety: false,
    pair: null,
    safetyApproved: false,
    modules: null,
    reason: '',
    createdBy: '',
    createdAt: 0,
    updatedBy: '',
    updatedAt: 0,
    ...over,
  });
  const effective = (rule: AlarmRule, ...rows: AlarmRuleRow[]) =>
    effectiveRules({ alarms: [rule], events: new Map() }, rows).alarms[0];

  it('the narrower place wins, field by field, in whatever order they come', () => {
    const rules = [
      row({ id: 'd', scope: 'device', severity: 'minor' }),
      row({ id: 't', when: 'temp > 70', severity: 'critical', forMs: 0 }),
      row({ id: 's', scope: 'site', when: 'temp > 80', clear: 'temp < 75' }),
    ];
    const found = effective(base, ...rules);
    expect([found?.when.text, found?.clear.text, found?.forMs, found?.severity]).toEqual([
      'temp > 80',
      'temp < 75',
      0,
      'minor',
    ]);
  });

  it('a condition without its end ends when it is false', () => {
    expect(effective(base, row({ when: 'temp > 70' }))?.clear.text).toBe('not (temp > 70)');
  });

  it('life and limb keeps everything but its advice, unless an administrator said so', () => {
    const rule = { ...base, lifeSafety: true, severity: 'critical', forMs: 0 } as const;
    const over = { enabled: false, severity: 'minor', when: 'temp > 200', advice: words('go') } as const;
    const kept = effective(rule, row(over));
    expect([kept?.severity, kept?.when.text, kept?.advice?.en]).toEqual(['critical', 'temp > 60', 'go']);
    expect(effective(rule, row({ ...over, safetyApproved: true }))).toBeUndefined();
  });
});
