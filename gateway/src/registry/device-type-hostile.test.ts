import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzz, nastyText } from '../../test/support/fuzz.ts';
import { buildSource } from './device-type-file.ts';

const GOOD = readFileSync(new URL('../../../device-schemas/openevse/wifi.yaml', import.meta.url), 'utf8');
const SIZE = 64 * 1024;

const BOMBS: Readonly<Record<string, string>> = {
  brackets: '['.repeat(SIZE),
  braces: '{a: '.repeat(SIZE / 4),
  dashes: '- '.repeat(SIZE / 2),
  questions: '? '.repeat(SIZE / 2),
  indent: Array.from({ length: 350 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  keys: Array.from({ length: 9_000 }, (_, i) => `k${i}:`).join('\n'),
  elements: `[${'1,'.repeat(30_000)}]`,
  quotes: '"'.repeat(SIZE),
  anchors: '&a '.repeat(20_000),
  aliases: '*a '.repeat(20_000),
  laughs: 'a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n',
  tags: '!!a '.repeat(15_000),
  colons: ': : :\n'.repeat(9_000),
  documents: '---\n'.repeat(SIZE / 4),
  directives: '%YAML 1.2\n'.repeat(6_000),
  escapes: '"\\'.repeat(SIZE / 2),
  lines: 'a\n'.repeat(SIZE / 2),
  key: `${'k'.repeat(SIZE - 10)}: 1`,
  prototype: GOOD.replace('metrics:', 'metrics:\n  __proto__: { a: 1 }'),
  topics: GOOD.replace(/topics:.*/, `topics: ["${'{a}/'.repeat(2_000)}x"]`),
  expression: `${GOOD}\n# ${'('.repeat(1_000)}`,
};

describe('a text of a stranger', () => {
  it('made to grow out of hand neither crashes nor hangs the checker', async () => {
    const examples = Object.keys(BOMBS);
    await fuzz(
      fc.constantFrom(...examples),
      (name) => {
        const built = buildSource(BOMBS[name] ?? '');
        if (!built.ok) expect(built.errors.length).toBeLessThanOrEqual(64);
        expect(name === 'expression' || !built.ok, name).toBe(true);
      },
      { count: 0, examples },
    );
  });

  it('1,000 random and broken ones are answered with faults, never with an exception', async () => {
    const cut = fc.tuple(fc.nat(GOOD.length), fc.nat(40), fc.string({ maxLength: 40, unit: 'binary' }));
    const text = fc.oneof(
      { weight: 3, arbitrary: cut.map(([at, gone, put]) => GOOD.slice(0, at) + put + GOOD.slice(at + gone)) },
      fc.string({ maxLength: 400, unit: 'binary' }),
      fc.json({ maxDepth: 6 }),
      fc
        .tuple(nastyText(), nastyText())
        .map(([key, value]) => GOOD.replace('metrics:', () => `metrics:\n  ${key}: ${value}`)),
      fc.array(fc.constantFrom(...'[]{}:-?&*!|>%@`"\'#, \n\tab0'), { maxLength: 200 }).map((all) => all.join('')),
    );
    await fuzz(text, (source) => {
      const built = buildSource(source);
      if (built.ok) return;
      expect(built.errors.length).toBeGreaterThan(0);
      for (const { line, column, message } of built.errors) {
        expect([line ?? 1, column ?? 1].every((place) => place >= 1)).toBe(true);
        expect(message.length).toBeLessThan(2_000);
      }
    });
  }, 120_000);
});
