import { language } from '../../language.ts';

interface Both {
  readonly zh: string;
  readonly en: string;
}
/** Words the gateway gives in both languages, in the reader's. */
export const say = (words: Both): string => (language() === 'en' ? words.en : words.zh);
