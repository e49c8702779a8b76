import { tCode } from '../../language.ts';
import type { Cause } from './causes.ts';

/** A fault, and its reason where it says more. */
export function faultWords(fault: string, reason: string): string {
  const what = tCode('fault', fault);
  const why = tCode('reason', reason);
  return fault === reason || what === why || why === reason ? what : `${what} · ${why}`;
}

export const causeWords = ({ words, fault, reason }: Cause): string => words ?? faultWords(fault, reason);
