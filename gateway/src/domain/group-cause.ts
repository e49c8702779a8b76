import { type Language, type MessageKey, text } from '../messages/index.ts';
import { GROUP_KINDS } from './grouping.ts';

/** First evidence of an incident of many devices: what they share, what that is called, and the figures. */
export interface CauseFacts {
  /** One of `GROUP_KINDS`, `mass` or `rest`. */
  readonly kind: string;
  readonly silent: number;
  readonly expected: number;
  /** What is shared, by the name it had then. */
  readonly name: string;
  /** Of a power feed the name of its site; else empty. */
  readonly site: string;
}

/** `供电回路 3：14 台中 12 台离线`. */
export function causeWords(language: Language, { kind, ...values }: CauseFacts): string {
  const key = kind === 'powerFeed' && values.site !== '' ? 'powerFeedOfSite' : kind;
  return text(language, `group.cause.${key}` as MessageKey, values);
}

/** The cause an incident's evidence tells, in one language; null = it does not tell it whole. */
export function causeOf(language: Language, evidence: readonly unknown[]): string | null {
  const first = evidence[0];
  if (typeof first !== 'object' || first === null) return null;
  const { kind, silent, expected, name, site } = first as Partial<CauseFacts>;
  if (typeof kind !== 'string' || typeof silent !== 'number') return null;
  const figures = { kind, silent, expected: expected ?? silent, name: name ?? '', site: site ?? '' };
  if (kind === 'mass' || kind === 'rest') return causeWords(language, figures);
  const known = GROUP_KINDS.some((one) => one === kind) && typeof name === 'string';
  return known ? causeWords(language, figures) : null;
}
