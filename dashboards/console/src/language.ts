import { useSyncExternalStore } from 'react';
import type first from './messages/zh-CN/index.ts';
import type rest from './messages/zh-CN/pages.ts';

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
/** A key of the catalogue; one that is not there does not compile. */
export type Key = keyof typeof first | keyof typeof rest;
type Catalogue<Words> = { readonly default: Readonly<Record<keyof Words, string>> };
interface Loader {
  readonly first: () => Promise<Catalogue<typeof first>>;
  readonly rest: () => Promise<Catalogue<typeof rest>>;
}

const STORED = 'cgw.language';
/** Each catalogue is a file of its own: nobody loads the other language. */
const LOADERS: Record<Language, Loader> = {
  'zh-CN': { first: () => import('./messages/zh-CN/index.ts'), rest: () => import('./messages/zh-CN/pages.ts') },
  en: { first: () => import('./messages/en/index.ts'), rest: () => import('./messages/en/pages.ts') },
};

let current: Language = 'zh-CN';
let catalogue: Readonly<Record<string, string>> = {};
/** Whether somebody went beyond the first screen. */
let whole = false;
const listeners = new Set<() => void>();

export const language = (): Language => current;

/** Before anything is drawn, and when the reader changes the language. */
export async function speak(wanted: Language = stored()): Promise<void> {
  const { first, rest } = LOADERS[wanted];
  const words = await Promise.all(whole ? [first(), rest()] : [first()]);
  catalogue = Object.assign({}, ...words.map((one) => one.default));
  current = wanted;
  localStorage.setItem(STORED, wanted);
  document.documentElement.lang = wanted;
  document.title = t('app.name');
  for (const listener of listeners) listener();
}

/** The words of all pages, before the first of them is drawn. */
export async function allWords(): Promise<void> {
  if (whole) return;
  const wanted = current;
  const words = (await LOADERS[wanted].rest()).default;
  whole = true;
  // Somebody may have changed the language meanwhile.
  if (current === wanted) catalogue = { ...catalogue, ...words };
  else await speak(current);
}

function stored(): Language {
  const text = localStorage.getItem(STORED);
  return LANGUAGES.find((one) => one === text) ?? 'zh-CN';
}

/** The words for a key, `{name}` replaced by values. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  const text = catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The words for a code of the gateway (`stage` + `closed`); a code without words stands as it is. */
export function tCode(family: string, code: string): string {
  const words = catalogue[`${family}.${code}`];
  // The reason of an alarm is its own code.
  return words ?? (family === 'reason' ? catalogue[`fault.${code}`] : undefined) ?? code;
}

/** Draws again when the language changes. */
export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
