/** Where an alarm stands. `deadline` (observed milliseconds) is when a pending one has held for long enough. */
export interface AlarmPhase {
  readonly phase: 'idle' | 'pending' | 'active';
  readonly deadline: number | null;
}

export const IDLE: AlarmPhase = { phase: 'idle', deadline: null };

/**
 * One step of an alarm rule. `when` and `clear` are undefined while a metric they need is missing, and then nothing
 * changes. Returns the same object when the alarm stays where it is.
 */
export function nextAlarmPhase(
  is: AlarmPhase,
  step: { when: boolean | undefined; clear: boolean | undefined; forMs: number; now: number },
): AlarmPhase {
  if (is.phase === 'active') return step.clear === true ? IDLE : is;
  if (step.when === undefined) return is;
  if (!step.when) return is.phase === 'idle' ? is : IDLE;
  if (is.phase === 'idle' && step.forMs > 0) return { phase: 'pending', deadline: step.now + step.forMs };
  return is.phase === 'idle' || step.now >= (is.deadline ?? 0) ? { phase: 'active', deadline: null } : is;
}
