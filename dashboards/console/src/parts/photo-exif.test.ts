import { describe, expect, test } from 'vitest';
import { exifOf, withExif } from './photo-exif.ts';

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));
/** One entry, orientation 6 (turned), big or little endian. */
const segment = (little: boolean) => {
  const short = (n: number) => (little ? [n & 255, n >> 8] : [n >> 8, n & 255]);
  const long = (n: number) => (little ? [...short(n), 0, 0] : [0, 0, ...short(n)]);
  const tiff = [...ascii(little ? 'II' : 'MM'), ...short(42), ...long(8), ...short(1)];
  const entry = [...short(0x0112), ...short(3), ...long(1), ...short(6), 0, 0];
  const body = [...ascii('Exif'), 0, 0, ...tiff, ...entry, ...long(0)];
  return [0xff, 0xe1, 0, body.length + 2, ...body];
};
const picture = (...segments: number[][]) =>
  new Uint8Array([0xff, 0xd8, ...segments.flat(), 0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]);
const JFIF = [0xff, 0xe0, 0, 4, 9, 9];

describe('a picture made smaller keeps when and where it was taken', () => {
  test.each([true, false])('and stands upright (little endian: %s)', (little) => {
    const whole = withExif(picture(JFIF), picture(JFIF, segment(little)));
    const block = exifOf(whole);
    expect(block?.length).toBe(segment(little).length);
    expect([...(block ?? [])].slice(28, 30)).toEqual(little ? [1, 0] : [0, 1]);
    expect([...whole.slice(0, 2), ...whole.slice(2 + segment(little).length)]).toEqual([...picture(JFIF)]);
  });
  test('one that says nothing, is cut off or is no JPEG adds nothing', () => {
    for (const original of [picture(JFIF), picture(segment(true)).slice(0, 20), new Uint8Array([1, 2, 3, 4, 5])])
      expect([...withExif(picture(JFIF), original)]).toEqual([...picture(JFIF)]);
  });
});
