import type { Title } from '../../domain/device-type/types.ts';
import { formatDuration } from '../../domain/duration.ts';
import { type MessageKey, text } from '../../messages/index.ts';

/** A text in both languages; a value may itself be in both. */
export function words(key: MessageKey, values: Readonly<Record<string, string | number | Title>> = {}): Title {
  const side = (language: 'zh' | 'en') =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value[language] : value]),
    );
  return { zh: text('zh-CN', key, side('zh')), en: text('en', key, side('en')) };
}

const UNITS: Readonly<Record<string, Title>> = {
  d: { zh: '天', en: 'd' },
  h: { zh: '小时', en: 'h' },
  m: { zh: '分钟', en: 'min' },
  s: { zh: '秒', en: 's' },
};

/** A length of time for people, in whole seconds. */
export function lasting(ms: number): Title {
  const [, n, unit = 's'] = /^(\d+)([a-z]+)$/.exec(formatDuration(Math.floor(ms / 1_000) * 1_000)) ?? [];
  const { zh, en } = UNITS[unit] ?? { zh: '秒', en: 's' };
  return { zh: `${n ?? 0} ${zh}`, en: `${n ?? 0} ${en}` };
}

/** `20261123` in a time zone: the day a paper is numbered by. */
export function paperDay(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(at).replaceAll('-', '');
}
