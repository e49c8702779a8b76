import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DeviceTypeSchema } from '../../gateway/src/domain/device-type/grammar.ts';
import { GRAMMAR_PAGES, grammarPage, type Schema, SECTIONS, schemaAt, wordsOf } from './grammar-doc.ts';
import { GRAMMAR_WORDS } from './grammar-words.ts';

it.each(['zh', 'en'] as const)(
  'the %s grammar page is the one the grammar makes (npx node tools/device-types/grammar-doc.ts --write renews it)',
  (language) => {
    expect(readFileSync(GRAMMAR_PAGES[language], 'utf8')).toBe(grammarPage(language));
  },
);

/** Every name of a field anywhere in the grammar. */
function fieldNames(schema: unknown, found = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return found;
  if ('properties' in schema) for (const name of Object.keys(schema.properties as object)) found.add(name);
  for (const part of Object.values(schema)) fieldNames(part, found);
  return found;
}

it.each(['zh', 'en'] as const)('the %s page names every field of the grammar', (language) => {
  const names = [...fieldNames(JSON.parse(JSON.stringify(DeviceTypeSchema)))];
  expect(names.length).toBeGreaterThan(80);
  const [fields = ''] = grammarPage(language).split(language === 'zh' ? '## 完整实例' : '## Worked examples');
  const named = new Set(fields.match(/(?<=`)\w+(?=`)|(?<=[{,] )\w+(?=\??[ ,])/g));
  expect(names.filter((name) => !named.has(name))).toEqual([]);
});

it('every field of a section says what it means, in Chinese and in English', () => {
  const mute = SECTIONS.flatMap(({ at }) =>
    Object.entries(schemaAt(at).properties ?? {}).flatMap(([name, schema]: [string, Schema]) => [
      ...(/\p{Script=Han}/u.test(wordsOf(at, name, schema, 'zh')) ? [] : [`zh ${at} ${name}`]),
      ...(wordsOf(at, name, schema, 'en') === '' ? [`en ${at} ${name}`] : []),
    ]),
  );
  expect(mute).toEqual([]);
});

it('explains no field that the grammar does not have', () => {
  const stale = Object.entries(GRAMMAR_WORDS).flatMap(([at, words]) =>
    Object.keys(words).filter((name) => !Object.hasOwn(schemaAt(at).properties ?? {}, name)),
  );
  expect(stale).toEqual([]);
});
