import type { PictureFault } from '../../domain/camera-faults.ts';

/** What is suspected or confirmed of one camera; a fault that is not listed is not there. Times in epoch milliseconds. */
export interface FaultState {
  readonly code: PictureFault;
  readonly state: 'suspected' | 'confirmed';
  /** The first look that saw it. */
  readonly since: number;
  /** Looks that count for it (suspected) or, since the last one that saw it, against it (confirmed). */
  readonly bad: number;
  readonly good: number;
  /** The newest look that was counted. */
  readonly countedAt: number;
}

export interface ConfirmSettings {
  /** Looks that must agree on a fault, and on its end (absent = as many). */
  readonly looks: number;
  readonly endLooks?: number;
  /** Milliseconds that must lie between two looks that count. */
  readonly gapMs: number;
}

export type Turn = 'suspected' | 'confirmed' | 'withdrawn' | 'cleared';

export interface Step {
  /** null = nothing is left of it. */
  readonly next: FaultState | null;
  readonly turn: Turn | null;
}

/**
 * One look more. A fault holds once `looks` looks in a row, `gapMs` apart, have seen it, and is over once as many have
 * not; a suspicion ends with the first look that does not share it. `again` = a new suspicion replaces the old one.
 */
export function step(
  before: FaultState | null,
  look: { code: PictureFault; seen: boolean; again?: boolean; at: number },
  { looks, endLooks = looks, gapMs }: ConfirmSettings,
): Step {
  const { code, seen, at } = look;
  const first: FaultState = { code, state: 'suspected', since: at, bad: 1, good: 0, countedAt: at };
  if (!before || (seen && look.again && before.state === 'suspected')) {
    if (!seen) return { next: null, turn: null };
    const next = looks <= 1 ? { ...first, state: 'confirmed' as const } : first;
    return { next, turn: next.state };
  }
  const counts = at - before.countedAt >= gapMs;
  if (before.state === 'suspected') {
    if (!seen) return { next: null, turn: 'withdrawn' };
    if (!counts) return { next: before, turn: null };
    const bad = before.bad + 1;
    const next: FaultState = { ...before, bad, countedAt: at, state: bad >= looks ? 'confirmed' : 'suspected' };
    return { next, turn: next.state === 'confirmed' ? 'confirmed' : null };
  }
  if (seen) return { next: { ...before, good: 0, countedAt: at }, turn: null };
  // The first good look counts at once: what must be apart are the good ones among themselves.
  if (before.good > 0 && !counts) return { next: before, turn: null };
  const good = before.good + 1;
  return good >= endLooks ? { next: null, turn: 'cleared' } : { next: { ...before, good, countedAt: at }, turn: null };
}
