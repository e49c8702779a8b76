import type { Random } from '../random.ts';

/** What one simulated device is and says. */
export interface Profile {
  /** Device-type id. */
  readonly type: string;
  readonly title: string;
  /** Usual reporting interval, seconds. */
  readonly intervalS: number;
  /** Makes the metrics of the next message; `hour` is the local hour of the day with fraction. */
  create(random: Random): (hour: number) => Record<string, unknown>;
}

/** Share of e-bikes or bins in use over a day: low at night, peaks in the morning and evening. */
export function dayCurve(hour: number): number {
  const bump = (centre: number, width: number) =>
    Math.exp(-((((hour - centre + 36) % 24) - 12) ** 2) / (2 * width ** 2));
  return Math.min(1, 0.15 + 0.6 * bump(8, 1.8) + 0.8 * bump(20, 2.5));
}
