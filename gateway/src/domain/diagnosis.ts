import type { PictureFault } from './camera-faults.ts';

export const DIAGNOSIS_TURNS = ['suspected', 'confirmed', 'withdrawn', 'cleared'] as const;
export type DiagnosisTurn = (typeof DIAGNOSIS_TURNS)[number];

type Numbers = Readonly<Record<string, number | null>>;

/** One fault of a camera's picture that is suspected or confirmed. Times in epoch milliseconds. */
export interface DiagnosisState {
  readonly code: PictureFault;
  readonly state: 'suspected' | 'confirmed';
  /** The first look that saw it. */
  readonly since: number;
  /** Looks counted for it, and good ones since. */
  readonly bad: number;
  readonly good: number;
  readonly countedAt: number;
  /** Of the newest look that saw it. */
  readonly numbers: Numbers;
  /** The one that was crossed; null when the fault is not one of a number (no frames). */
  readonly threshold: number | null;
  /** Ids of the picture that shows it and of the good one before; null = none kept. */
  readonly picture: string | null;
  readonly reference: string | null;
}

/** The newest look at a camera. */
export interface DiagnosisLook {
  readonly at: number;
  readonly findings: readonly { readonly code: PictureFault; readonly value: number; readonly threshold: number }[];
  readonly numbers: Numbers;
  readonly picture: string | null;
}

export interface DiagnosisTurnRecord {
  readonly at: number;
  readonly code: PictureFault;
  readonly turn: DiagnosisTurn;
  readonly numbers: Numbers;
  readonly picture: string | null;
  readonly reference: string | null;
}

/** What is known of one camera's picture. */
export interface DiagnosisView {
  readonly state: readonly DiagnosisState[];
  /** null = never looked at. */
  readonly last: DiagnosisLook | null;
  readonly baseline: readonly { readonly hour: number; readonly samples: number; readonly learnedAt: number }[];
  /** Newest first, at most a hundred. */
  readonly history: readonly DiagnosisTurnRecord[];
}
