import { lengthOf } from '../../parts/time.tsx';

const HOUR = 3_600_000;

/** Hours with one place, so that columns of them can be compared by eye. */
export const hoursText = (ms: number): string =>
  ms === 0
    ? '0'
    : (ms / HOUR).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: ms < HOUR / 20 ? 2 : 1 });

export const count = (n: number): string => n.toLocaleString('en');

export const lengthText = (ms: number | null): string => (ms === null ? '—' : lengthOf(ms));
