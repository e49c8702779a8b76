import { type Language, text } from '../messages/index.ts';

/** Numbers as people read them. */

export function percent(rate: number | null, language: Language): string {
  return rate === null ? text(language, 'report.noFigure') : `${percentNumber(rate)}%`;
}

/**
 * Per cent with two decimals, never rounded up to 100: whoever reads 100% may rely on nothing having failed.
 */
export function percentNumber(rate: number): number {
  return rate >= 1 ? 100 : Math.min(99.99, Math.round(rate * 10_000) / 100);
}

const HOUR_MS = 3_600_000;

/** Hours for people: a tenth is near enough, but a repair of minutes must not read as none. */
export function hours(ms: number): number {
  const digits = ms < HOUR_MS ? 100 : 10;
  return Math.round((ms / HOUR_MS) * digits) / digits;
}

/** How a rate moved against the period before, in percentage points. */
export function rateDelta(now: number | null, before: number | null, language: Language): string {
  if (now === null || before === null) return text(language, 'report.delta.unknown');
  const points = Math.round((percentNumber(now) - percentNumber(before)) * 100) / 100;
  return delta(points, 'report.points', language);
}

export function hoursDelta(now: number | null, before: number | null, language: Language): string {
  if (now === null || before === null) return text(language, 'report.delta.unknown');
  return delta(Math.round((hours(now) - hours(before)) * 100) / 100, 'report.hours', language);
}

function delta(value: number, unit: 'report.points' | 'report.hours', language: Language): string {
  if (value === 0) return text(language, 'report.delta.same');
  const words = text(language, unit, { value: Math.abs(value) });
  return text(language, value > 0 ? 'report.delta.up' : 'report.delta.down', { value: words });
}

/** `2026年11月23日`, `23 November 2026`. */
export function dateWords(date: string, language: Language): string {
  const at = Date.parse(`${date}T00:00:00Z`);
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'zh-CN', { dateStyle: 'long', timeZone: 'UTC' }).format(
    at,
  );
}
