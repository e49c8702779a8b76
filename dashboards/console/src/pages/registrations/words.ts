import { language } from '../../language.ts';

/** What the gateway says in both languages, in the reader's. */
export const inWords = ({ zh, en }: { readonly zh: string; readonly en: string }): string =>
  language() === 'en' ? en : zh;
