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

/** Chinese first, English after: for API errors and start-up lines, whose reader's language is not known. */
export function bilingual(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
  return `${text('zh-CN', key, values)} / ${text('en', key, values)}`;
}
