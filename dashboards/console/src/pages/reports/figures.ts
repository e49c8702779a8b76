import { lengthOf } from '../../parts/time.tsx';

const HOUR = 3_600_000;

/** Hours with one place, so that columns of them can be compared by eye. */
export function hoursText(ms: number): string {
  if (ms === 0) return '0';
  if (ms < HOUR / 20) return '<0.1';
  return (ms / HOUR).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

export const count = (n: number): string => n.toLocaleString('en');

export const lengthText = (ms: number | null): string => (ms === null ? '—' : lengthOf(ms));
