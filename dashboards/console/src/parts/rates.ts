/** 在线率 below this is a fault; between the two it is worth a look. 98 % is asked of key points, 95 % of all others. */
export const GOALS = { key: 0.98, usual: 0.95 } as const;

/** A share as people read it. What is short of everything never reads as 100 %. */
export function rateText(rate: number | null | undefined): string {
  if (rate === null || rate === undefined) return '—';
  if (rate === 1) return '100%';
  return `${Math.min(99.99, Math.round(rate * 10_000) / 100).toFixed(2)}%`;
}

export function toneOfRate(rate: number | null | undefined): 'none' | 'good' | 'warning' | 'bad' {
  if (rate === null || rate === undefined) return 'none';
  if (rate >= GOALS.key) return 'good';
  return rate >= GOALS.usual ? 'warning' : 'bad';
}

/** Difference of two shares in percentage points, with its sign. */
export function pointsText(now: number | null | undefined, before: number | null | undefined): string {
  if (now === null || now === undefined || before === null || before === undefined) return '—';
  const points = Math.round((now - before) * 10_000) / 100;
  if (points === 0) return '±0.00';
  return `${points > 0 ? '▲ +' : '▼ −'}${Math.abs(points).toFixed(2)}`;
}
