import type { CameraWatch, WatchedReading } from '../../domain/camera-record.ts';
import type { ConditionEvidence } from '../../domain/evidence.ts';

/** Milliseconds a camera's clock may be off; the smaller one ends the fault. */
export const CLOCK_WRONG_MS = 60_000;
export const CLOCK_RIGHT_MS = 30_000;
/** Bad readings in a row that confirm a fault. */
const CONFIRM = 2;

type Verdict = Pick<ConditionEvidence, 'code' | 'active' | 'evidence'>;

/** What one look at a camera changes in what is remembered of it, and what it proves. */
export interface Look {
  readonly change: CameraWatch;
  readonly verdict: Verdict | null;
}

const NOTHING_LEARNED: Look = { change: {}, verdict: null };

/** `bad` null = neither clearly wrong nor right: what is known stays. */
function confirm(before: WatchedReading | undefined, bad: boolean | null, at: number): WatchedReading {
  if (bad === null) return { active: before?.active ?? false, streak: 0, at };
  if (!bad) return { active: false, streak: 0, at };
  const streak = (before?.streak ?? 0) + 1;
  return { active: before?.active === true || streak >= CONFIRM, streak, at };
}

/** A fault that holds is told again with its newest numbers; one that never was is not told at all. */
export const worthTelling = (before: { active: boolean } | undefined, after: { active: boolean }) =>
  after.active || before?.active === true;

export function lookAtClock(watch: CameraWatch, offsetMs: number | null, at: number): Look {
  if (offsetMs === null) return NOTHING_LEARNED;
  const off = Math.abs(offsetMs);
  const bad = off > CLOCK_WRONG_MS ? true : off < CLOCK_RIGHT_MS ? false : null;
  const after = confirm(watch.clockWrong, bad, at);
  const evidence = { offsetSeconds: Math.round(offsetMs / 1_000), limitSeconds: CLOCK_WRONG_MS / 1_000 };
  return {
    change: { clockWrong: after },
    verdict: worthTelling(watch.clockWrong, after) ? { code: 'clockWrong', active: after.active, evidence } : null,
  };
}

/** `confirmed` is the codec of the archive; without one there is nothing to deviate from. */
export function lookAtCodec(
  watch: CameraWatch,
  codecs: { readonly confirmed: string | undefined; readonly seen: string | null },
  at: number,
): Look {
  if (codecs.seen === null) return NOTHING_LEARNED;
  const after = confirm(watch.codecChanged, codecs.confirmed !== undefined && codecs.seen !== codecs.confirmed, at);
  const evidence = { confirmed: codecs.confirmed ?? null, seen: codecs.seen };
  return {
    change: { codecChanged: after },
    verdict: worthTelling(watch.codecChanged, after) ? { code: 'codecChanged', active: after.active, evidence } : null,
  };
}
