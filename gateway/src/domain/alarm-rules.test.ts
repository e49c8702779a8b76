import { expect, it } from 'vitest';
import { type AlarmPhase, IDLE, nextAlarmPhase } from './alarm-rules.ts';

const pending = (deadline: number): AlarmPhase => ({ phase: 'pending', deadline });
const active: AlarmPhase = { phase: 'active', deadline: null };

it.each<[string, AlarmPhase, boolean | undefined, boolean | undefined, number, AlarmPhase]>([
  ['at rest', IDLE, false, true, 30, IDLE],
  ['a metric is missing', IDLE, undefined, undefined, 30, IDLE],
  ['begins to hold', IDLE, true, false, 30, pending(130)],
  ['without a hold it is active at once', IDLE, true, false, 0, active],
  ['holds on', pending(130), true, false, 30, pending(130)],
  ['has held for long enough', pending(100), true, false, 30, active],
  ['broke off', pending(130), false, true, 30, IDLE],
  ['is unknown for a moment', pending(100), undefined, undefined, 30, pending(100)],
  ['active while between the thresholds', active, false, false, 30, active],
  ['active while a metric is missing', active, undefined, undefined, 30, active],
  ['cleared', active, false, true, 30, IDLE],
])('%s', (_, is, when, clear, forMs, expected) => {
  expect(nextAlarmPhase(is, { when, clear, forMs, now: 100 })).toEqual(expected);
});
