import { en } from './en.ts';
import { type MessageKey, zhCN } from './zh-CN.ts';

export type { MessageKey } from './zh-CN.ts';
export type Language = 'zh-CN' | 'en';

const CATALOGUES: Record<Language, Record<MessageKey, string>> = { 'zh-CN': zhCN, en };

/** The text of a key with its placeholders filled; an unknown placeholder stays visible. */
export function text(
  language: Language,
  key: MessageKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return CATALOGUES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const BETWEEN = ' / ';
const HAN = /\p{Script=Han}/u;

/**
 * The half of a `中文 / English` in one language; a text in one language only is its own half. What both halves quote may
 * hold the same sign, as often in each: the middle one parts them.
 */
export function halfOf(message: string, language: Language): string {
  const parts = message.split(BETWEEN);
  if (parts.length < 2 || !HAN.test(message)) return message;
  const english = parts.findIndex((_, at) => at > 0 && !HAN.test(parts.slice(at).join(BETWEEN)));
  // An odd one is quoted by one half only: what has no Chinese left is the English half.
  const cut = parts.length % 2 === 0 ? parts.length / 2 : Math.max(1, english);
  return (language === 'en' ? parts.slice(cut) : parts.slice(0, cut)).join(BETWEEN);
}

/** For keys built at run time, e.g. `fault.${code}`; falls back to the last part of the key. */
export function textOr(
  language: Language,
  key: string,
  fallback: string,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return key in CATALOGUES[language] ? text(language, key as MessageKey, values) : fallback;
}

/**
 * A fault or reason code in words: what the device type calls it, else the catalogue's word, else the code itself.
 * `data:totalPower` keeps the part behind the colon.
 */
export function codeText(
  language: Language,
  code: string,
  title?: { readonly zh: string; readonly en: string },
): string {
  if (title) return language === 'en' ? title.en : title.zh;
  const [head = '', ...part] = code.split(':');
  const words = textOr(language, `reason.${head}`, textOr(language, `fault.${head}`, head));
  return [words, ...part].join(' · ');
}

/** Words in both languages, for a value of `bilingual` that is no name and no number. */
export interface BothWords {
  readonly zh: string;
  readonly en: string;
}

export const both = (key: MessageKey, values: Readonly<Record<string, string | number>> = {}): BothWords => ({
  zh: text('zh-CN', key, values),
  en: text('en', key, values),
});

/** Codes of one family by their names, in a row; `–` when there are none. */
export const bothNames = (family: string, codes: readonly string[]): BothWords => {
  const inOne = (language: Language) => codes.map((code) => textOr(language, `${family}.${code}`, code));
  return { zh: inOne('zh-CN').join('、') || '–', en: inOne('en').join(', ') || '–' };
};

/** Chinese first, English after: for API errors and start-up lines, whose reader's language is not known. */
export function bilingual(key: MessageKey, values: Readonly<Record<string, string | number | BothWords>> = {}): string {
  const inOne = (language: 'zh' | 'en') =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value[language] : value]),
    );
  return `${text('zh-CN', key, inOne('zh'))}${BETWEEN}${text('en', key, inOne('en'))}`;
}
