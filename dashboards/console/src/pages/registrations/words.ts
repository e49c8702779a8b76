import { language, t, tCode } from '../../language.ts';

/** What the gateway says in both languages, in the reader's. */
export const inWords = ({ zh, en }: { readonly zh: string; readonly en: string }): string =>
  language() === 'en' ? en : zh;

/** A condition of the acceptance in words; those of metrics carry the metric's name. */
export const checkName = (check: string): string =>
  check.startsWith('metric:')
    ? t('acceptanceCheck.metric', { name: check.slice('metric:'.length) })
    : tCode('acceptanceCheck', check);
