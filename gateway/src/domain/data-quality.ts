import type { QualityNumbers } from './inspection-rows.ts';

/** Weights of a score; what cannot be judged is left out and the others count for it. */
export const QUALITY_WEIGHTS = { gaps: 50, duplicates: 10, range: 15, stuck: 10, skew: 10, schema: 5 } as const;
/** A metric is judged stuck when this many values of a day are all the same and not 0. */
export const STUCK_FROM = 20;

const share = (part: number, whole: number) => (whole <= 0 ? null : Math.min(1, part / whole));

/** How good each part is, 0 to 1; null = not to be judged. */
export function qualityParts(n: QualityNumbers): Readonly<Record<keyof typeof QUALITY_WEIGHTS, number | null>> {
  const good = (bad: number | null) => (bad === null ? null : 1 - bad);
  return {
    gaps: n.expected === null ? null : share(n.received, n.expected),
    duplicates: good(share(n.duplicates, n.received + n.duplicates)),
    range: good(share(n.refused, n.readings + n.refused)),
    stuck: good(share(n.stuck, n.judged)),
    skew: good(share(n.skewed, n.readings)),
    schema: good(share(n.unknown, n.readings + n.unknown)),
  };
}

/** 0 to 100; null when nothing can be judged. */
export function qualityScore(numbers: QualityNumbers): number | null {
  const parts = qualityParts(numbers);
  let sum = 0;
  let weights = 0;
  for (const [name, weight] of Object.entries(QUALITY_WEIGHTS)) {
    const part = parts[name as keyof typeof QUALITY_WEIGHTS];
    if (part === null) continue;
    sum += weight * part;
    weights += weight;
  }
  return weights === 0 ? null : (100 * sum) / weights;
}
