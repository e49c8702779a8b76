import { createAlarmStateStore } from './alarm-states.ts';
import { createHealthFactStore } from './health-facts.ts';
import { createHealthVerdictStore } from './health-verdicts.ts';
import { createLearnedDeadlineStore } from './learned-deadlines.ts';
import { createLivenessStore } from './liveness.ts';
import { createObservedClockStore } from './observed-clocks.ts';

/** Statements of liveness and health for the monitor. All set-based; times cross as epoch milliseconds. */
export function createHealthStore() {
  return {
    ...createObservedClockStore(),
    ...createLivenessStore(),
    ...createLearnedDeadlineStore(),
    ...createHealthFactStore(),
    ...createHealthVerdictStore(),
    ...createAlarmStateStore(),
  };
}
