import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutToBytes, splitToBytes } from './bytes.ts';

const words = fc.string({ unit: fc.constantFrom('a', '设', '🔥', '\n', ' ', '\uFFFD'), maxLength: 200 });

test('pieces are within the limit, never half a character, and together the text', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 4, max: 60 }), (text, most) => {
      const pieces = splitToBytes(text, most);
      for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(most);
      expect(pieces.join('').replaceAll('\n', '')).toBe(text.replaceAll('\n', ''));
    }),
  );
});

test('text is cut at line ends where there are any', () => {
  expect(splitToBytes('一行\n二行\n三行', 14)).toEqual(['一行\n二行', '三行']);
});

test('what is cut says so and fits', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 4, max: 60 }), (text, most) => {
      const cut = cutToBytes(text, most);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most);
      expect(cut === text || cut.endsWith('…')).toBe(true);
    }),
  );
});
