import { describe, expect, it } from 'vitest';
import { PICTURE_THRESHOLDS } from '../../domain/picture-thresholds.ts';
import { chooseReference } from './choose.ts';
import { judgePicture } from './judge.ts';
import type { PictureNumbers } from './numbers.ts';
import { learn, type Reference } from './reference.ts';
import { BANDS, numbersOf, scene } from './testing.ts';

const usual = scene();
const HOUR = 10;

function learned(looks = 4, over: Partial<PictureNumbers> = {}): Reference {
  let reference: Reference | null = null;
  for (let at = 0; at < looks; at++) reference = learn(reference, numbersOf(usual, over), HOUR, 'p', BANDS);
  if (!reference) throw new Error('nothing learned');
  return reference;
}

function codes(numbers: PictureNumbers, known: readonly Reference[] = [learned()], hour = HOUR): string[] {
  const chosen = chooseReference(known, numbers, hour, 3);
  return judgePicture(numbers, chosen, PICTURE_THRESHOLDS, BANDS).findings.map(({ code }) => code);
}

describe('a picture beside its reference', () => {
  const shifted = (dx: number, dy: number) => numbersOf((x, y) => usual((x + dx + 128) % 128, (y + dy + 72) % 72));
  it.each<[string, PictureNumbers, string[]]>([
    ['as usual', numbersOf(usual), []],
    ['a little darker', numbersOf((x, y) => usual(x, y) * 0.85), []],
    ['a lorry passing', numbersOf((x, y) => (x > 20 && x < 50 && y > 30 ? 90 : usual(x, y)), { change: 20 }), []],
    ['blue', numbersOf(() => 41, { u: 240, v: 110, saturation: 113, blur: null }), ['noSignal']],
    ['black', numbersOf((x, y) => 16 + usual(x, y) * 0.01, { blur: null }), ['black']],
    ['white', numbersOf((x, y) => 225 + usual(x, y) * 0.05), ['tooBright']],
    ['out of focus', numbersOf(usual, { blur: 6.4 }), ['blurred']],
    ['snow', numbersOf(usual, { blur: 3.2, change: 20 }), ['noise']],
    ['green', numbersOf(usual, { u: 112, v: 116, saturation: 30 }), ['colourCast']],
    ['in infrared light', numbersOf(usual, { u: 128, v: 128, saturation: 1 }), []],
    ['behind a sheet', numbersOf((x) => (x < 110 ? 100 : usual(x, 30)), { blur: 8 }), ['covered']],
    ['behind a flat hand', numbersOf(() => 100, { blur: null, u: 115, v: 140 }), ['covered']],
    ['turned to the side', shifted(20, 0), ['sceneShifted']],
    ['hanging down', shifted(4, 14), ['sceneShifted']],
    ['turned to another street', numbersOf(scene(7)), ['sceneShifted']],
  ])('is judged when it is %s', (_name, numbers, expected) => {
    expect(codes(numbers)).toEqual(expected);
  });

  it('is not judged by comparison before there are enough good looks', () => {
    expect(codes(numbersOf(usual, { blur: 30, u: 100 }), [learned(2)])).toEqual([]);
  });

  it('is compared with the newest looks at any hour while its own hour is not known, and then only for plain faults', () => {
    const anyHour = { ...learned(), hour: -1 };
    expect(codes(numbersOf(usual, { blur: 6.4 }), [anyHour], 3)).toEqual([]);
    expect(codes(numbersOf(usual, { blur: 12 }), [anyHour], 3)).toEqual(['blurred']);
  });
});

describe('a picture that stands still', () => {
  const still = { moved: 0.4, clockChange: 0.1, pulse: 0 };
  it.each<[string, Partial<PictureNumbers>, string[]]>([
    ['frame by frame', still, ['frozen']],
    ['while its clock runs', { ...still, clockChange: 2 }, ['frozen']],
    ['between key pictures, but breathes from frame to frame', { ...still, pulse: 0.4 }, []],
    ['as far as one key picture tells', { moved: null, clockChange: null, pulse: null }, []],
  ])('is frozen or not: %s', (_name, over, expected) => {
    expect(codes(numbersOf(usual, over))).toEqual(expected);
  });

  it('in a night without noise is not called frozen while the clock runs', () => {
    const night = numbersOf((x, y) => 20 + usual(x, y) * 0.1, { ...still, clockChange: 2, saturation: 0 });
    expect(codes(night, [])).toEqual([]);
  });
});

it('says nothing of focus, colour and cover of a camera it does not know', () => {
  const odd = numbersOf(usual, { blur: 30, u: 100, v: 100 });
  const { findings, judged } = judgePicture(odd, null, PICTURE_THRESHOLDS, BANDS);
  expect(findings).toEqual([]);
  expect([...judged].sort()).toEqual(['black', 'frozen', 'noFrames', 'noSignal', 'noise', 'tooBright']);
});
