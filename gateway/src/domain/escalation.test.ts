import { describe, expect, test } from 'vitest';
import { type Escalation, type EscalationRuleInForce, escalationPlan, escalationRule, reasonIn } from './escalation.ts';
import { ALWAYS } from './working-time.ts';

const rule: EscalationRuleInForce = {
  centre: 'decide',
  centreAfter: 10,
  leader: 'auto',
  leaderAfter: 20,
  decideWithin: null,
};
const watched = { round: 'handling:0', reason: 'handle', limitAt: 100, time: ALWAYS } as const;
type Done = Pick<Escalation, 'level' | 'state' | 'at' | 'decidedAt'>;
const row = (level: 1 | 2 | 3, state: Done['state'], at: number, decidedAt: number | null = null): Done => ({
  level,
  state,
  at,
  decidedAt,
});
const plan = (now: number, done: readonly Done[] = [], more: Partial<EscalationRuleInForce> = {}, leads = false) => {
  const { steps, nextAt } = escalationPlan(watched, { ...rule, ...more }, leads, done, now);
  return [steps.map(({ level, state }) => `${level} ${state}`).join(', '), nextAt];
};

describe('what goes up when', () => {
  const one = row(1, 'done', 100);
  test.each<[string, ReturnType<typeof plan>, [string, number | null]]>([
    ['before the limit', plan(99), ['', 100]],
    ['at the limit', plan(100), ['1 done', 110]],
    ['told already', plan(105, [one]), ['', 110]],
    ['the centre waits for a decision', plan(110, [one]), ['2 pending', null]],
    ['nobody decides', plan(9_999, [one, row(2, 'pending', 110)]), ['', null]],
    ['nobody decides in time', plan(140, [one, row(2, 'pending', 110)], { decideWithin: 30 }), ['2 confirmed', 160]],
    ['time to decide is left', plan(139, [one, row(2, 'pending', 110)], { decideWithin: 30 }), ['', 140]],
    ['confirmed: the leader counts from there', plan(119, [one, row(2, 'confirmed', 110, 115)]), ['', 135]],
    ['the leader', plan(135, [one, row(2, 'confirmed', 110, 115)]), ['3 done', null]],
    ['declined: nobody higher', plan(9_999, [one, row(2, 'declined', 110, 115)]), ['', null]],
    ['by itself', plan(110, [one], { centre: 'auto' }), ['2 done', 130]],
    [
      'after a standstill the leader still has its time',
      plan(9_999, [], { centre: 'auto' }),
      ['1 done, 2 done', 10_019],
    ],
    ['never to the centre', plan(9_999, [one], { centre: 'off' }), ['', null]],
    ['the centre leads: not told twice', plan(110, [one], {}, true), ['', 130]],
    ['the centre leads: the leader after both times', plan(130, [one], {}, true), ['3 done', null]],
    ['everything done', plan(9_999, [one, row(2, 'done', 110), row(3, 'done', 130)]), ['', null]],
  ])('%s', (_name, found, expected) => {
    expect(found).toEqual(expected);
  });
  test('a stage without a limit', () => {
    expect(escalationPlan({ ...watched, limitAt: null }, rule, false, [], 9_999)).toEqual({ steps: [], nextAt: null });
  });
  test('the rule that says most counts', () => {
    const base = { centreAfter: '1h', leader: 'off', leaderAfter: '1h' } as const;
    const rows = [
      { ...base, centre: 'off' },
      { ...base, centre: 'auto', priority: 'critical' },
      { ...base, centre: 'decide', module: 'garbage' },
    ] as const;
    expect(escalationRule(rows, 'video', 'normal').centre).toBe('off');
    expect(escalationRule(rows, 'video', 'critical').centre).toBe('auto');
    expect(escalationRule(rows, 'garbage', 'critical').centre).toBe('decide');
    expect(escalationRule([], 'garbage', 'critical').centre).toBe('off');
  });
  test.each([
    ['dispatched', 0, 'accept'],
    ['handling', 5, 'handle'],
    ['returned', 1, 'returned'],
    ['returned', 2, 'disputed'],
    ['filed', 0, 'undispatched'],
    ['suspended', 0, undefined],
    ['closed', 3, undefined],
  ] as const)('%s after %d returns: %s', (stage, returns, reason) => {
    expect(reasonIn(stage, returns)).toBe(reason);
  });
});
