import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GRAMMAR_PAGES, grammarPage } from './grammar-doc.ts';

it.each(['zh', 'en'] as const)(
  'the %s grammar page is the one the grammar makes (npx node tools/device-types/grammar-doc.ts --write renews it)',
  (language) => {
    expect(readFileSync(GRAMMAR_PAGES[language], 'utf8')).toBe(grammarPage(language));
  },
);

it('every field of the grammar’s sections is named', () => {
  const page = grammarPage('en');
  for (const field of [
    'topics',
    'pairs',
    'inner',
    'checksum',
    'bcdText',
    'fromText',
    'freshWithin',
    'lifeSafety',
    'danger',
  ])
    expect(page).toContain(field);
});
