import { type Key, t, tCode } from '../../language.ts';

/** Figures the gateway says of its own parts, with the words for them. */
const DETAILS: readonly (readonly [RegExp, Key])[] = [
  [/^(?<n>\d+) messages$/, 'trouble.detail.messages'],
  [/^(?<n>\d+) messages lost$/, 'trouble.detail.lost'],
  [/^(?<n>\d+) of (?<of>\d+) bytes$/, 'trouble.detail.bytes'],
  [/^(?<n>\d+) findings$/, 'trouble.detail.findings'],
  [/^(?<path>mqtt|rtsp|onvif): ./, 'trouble.detail.path'],
  [/^(?<year>\d{4})$/, 'trouble.detail.year'],
];

/** What is behind a trouble of the gateway, in words; null = what a program said, for whoever repairs it. */
export function detailWords(reason: string, detail: string): string | null {
  if (reason === 'SOMETHING_STUCK')
    return detail
      .split(', ')
      .map((one) => one.split(' '))
      .map(([code = '', n = '']) => t('trouble.detail.stuck', { what: tCode('stuck', code), n }))
      .join(t('trouble.detail.and'));
  for (const [shape, key] of DETAILS) {
    const found = shape.exec(detail)?.groups;
    if (found) return t(key, { ...found, ...(found.path && { path: found.path.toUpperCase() }) });
  }
  return null;
}
