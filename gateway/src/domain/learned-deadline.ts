/** A device's own rhythm: the gaps between its signs of life, and the silence after which it is missed. Milliseconds. */

/** So many of the last gaps count. */
export const KEPT_GAPS = 200;
/** Until there are so many, the declared deadline counts. */
export const LEAST_SAMPLES = 30;
export const LONGEST_DEADLINE_MS = 86_400_000;
/** Messages closer together than this are one sign of life. */
export const LEAST_GAP_MS = 1_000;
const STEPS_PER_OCTAVE = 12;
const MEDIANS = 3;
const P99S = 1.5;
/** A day may widen a deadline to no more than this many times what it began with. */
const WIDEN = 2;
const DAY_MS = 86_400_000;
/** A deadline that would move by less stays where it is: each change is an entry of the audit. */
const WORTH_IT = 0.1;

/** The last gaps of one device, a byte each: the logarithm of the gap in steps of 6 %. */
export interface Gaps {
  readonly ring: Uint8Array;
  /** All gaps ever taken in. */
  samples: number;
}

export function createGaps(): Gaps {
  return { ring: new Uint8Array(KEPT_GAPS), samples: 0 };
}

export function addGap(gaps: Gaps, gapMs: number): void {
  gaps.ring[gaps.samples % KEPT_GAPS] = stepOf(gapMs);
  gaps.samples += 1;
}

function stepOf(gapMs: number): number {
  const octaves = Math.log2(Math.max(LEAST_GAP_MS, gapMs) / LEAST_GAP_MS);
  return Math.min(255, Math.round(octaves * STEPS_PER_OCTAVE));
}

const gapOf = (step: number) => Math.round(LEAST_GAP_MS * 2 ** (step / STEPS_PER_OCTAVE));

/** Median and 99th percentile of the kept gaps, within 3 %; null while there is none. */
export function rhythmOf({ ring, samples }: Gaps): { readonly median: number; readonly p99: number } | null {
  const kept = Math.min(samples, KEPT_GAPS);
  if (kept === 0) return null;
  const sorted = ring.slice(0, kept).sort();
  const quantile = (q: number) => gapOf(sorted[Math.min(kept - 1, Math.ceil(q * kept) - 1)] ?? 0);
  return { median: quantile(0.5), p99: quantile(0.99) };
}

/** A deadline that was learned, and the day's beginning its widening is measured from. */
export interface LearnedDeadline {
  readonly offlineAfter: number;
  readonly median: number;
  readonly p99: number;
  readonly base: number;
  /** Epoch milliseconds. */
  readonly baseAt: number;
}

export interface LearningInput {
  readonly gaps: Gaps;
  readonly was: LearnedDeadline | null;
  /** Declared interval; null = nobody said. */
  readonly declared: number | null;
  /** Deadline without anything learned. */
  readonly offlineAfter: number;
  /** The shortest deadline this class of device may get. */
  readonly floor: number;
  /** Epoch milliseconds. */
  readonly wall: number;
}

/** What the gaps teach now; null = nothing that would be worth a change. */
export function learnDeadline({
  gaps,
  was,
  declared,
  offlineAfter,
  floor,
  wall,
}: LearningInput): LearnedDeadline | null {
  const rhythm = gaps.samples < LEAST_SAMPLES ? null : rhythmOf(gaps);
  if (!rhythm) return null;
  const { median, p99 } = rhythm;
  const current = was?.offlineAfter ?? offlineAfter;
  const newDay = was === null || wall - was.baseAt >= DAY_MS;
  const base = newDay ? current : was.base;
  const wanted = Math.max(MEDIANS * median, P99S * p99, MEDIANS * (declared ?? 0));
  const within = Math.min(Math.max(wanted, floor), LONGEST_DEADLINE_MS);
  const next = Math.round(Math.min(within, WIDEN * base));
  if (Math.abs(next - current) < WORTH_IT * current) return null;
  return { offlineAfter: next, median, p99, base, baseAt: newDay ? wall : was.baseAt };
}
