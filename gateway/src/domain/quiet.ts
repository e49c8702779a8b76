import type { DeviceBrief } from './device.ts';

/** A fault as far as quiet times look at it. */
export interface QuietCase {
  readonly device: DeviceBrief;
  readonly fault: string;
  /** Epoch milliseconds at which the fault began. */
  readonly openedAt: number;
  /** Of silence: the newest sign of life, epoch milliseconds. What fell silent in a window shows it only afterwards. */
  readonly seenAt?: number;
}

/**
 * Why a fault makes no ticket and no notice now, e.g. `maintenance:mw_1` or `silence:si_2`; empty = it does. Memory only.
 * Never asked about life safety. It holds back what begins; it never holds back an end.
 */
export type QuietReasons = (fault: QuietCase, now: number) => readonly string[];
