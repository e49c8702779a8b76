import { language } from '../language.ts';

/** Words the gateway keeps in both languages, in the reader's. */
export const inWords = ({ zh, en }: { readonly zh: string; readonly en?: string }): string =>
  language() === 'en' ? (en ?? zh) : zh;
