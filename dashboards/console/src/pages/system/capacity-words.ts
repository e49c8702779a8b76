import { t } from '../../language.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function size(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = value >= 100 || unit === 0 ? 0 : 1;
  return `${bytes < 0 ? '−' : ''}${value.toFixed(digits)} ${UNITS[unit]}`;
}

export const count = (n: number | null): string => (n === null ? '—' : Math.round(n).toLocaleString());

/** Growth that was not measured is said to be so, never zero. */
export const growth = (perDay: number | null): string => (perDay === null ? t('capacity.notMeasured') : size(perDay));
