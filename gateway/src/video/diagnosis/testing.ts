import { createManualClock } from '../../clock.ts';
import { PICTURE_THRESHOLDS } from '../../domain/picture-thresholds.ts';
import type { ClockBands } from './features.ts';
import { featuresOf } from './features.ts';
import { FINE, type PictureNumbers } from './numbers.ts';

/** Tests only. */
export const BANDS: ClockBands = { top: 0.12, bottom: 0.12 };
export const SETTINGS = { looks: 2, gapMs: 60_000, bands: BANDS, thresholds: PICTURE_THRESHOLDS, leastSamples: 3 };
export const testClock = () => createManualClock();

type Paint = (x: number, y: number) => number;

/** Luma of a scene with edges of every direction, the same for the same seed. */
export function scene(seed = 1): Paint {
  const box = (x: number, y: number, at: number) => {
    const left = (at * 37 + seed * 53) % FINE.width;
    const top = (at * 23 + seed * 31) % FINE.height;
    return x >= left && x < left + 6 + (at % 5) * 3 && y >= top && y < top + 4 + (at % 3) * 4;
  };
  const paint: Paint = (x, y) => {
    let luma = 110 + Math.round(20 * Math.sin((x + seed * 9) / 25));
    for (let at = 0; at < 24; at++) if (box(x, y, at)) luma = 50 + ((at * 41) % 150);
    return luma;
  };
  const painted = Float64Array.from({ length: FINE.width * FINE.height }, (_, at) =>
    paint(at % FINE.width, Math.floor(at / FINE.width)),
  );
  return (x, y) => painted[y * FINE.width + x] ?? 0;
}

/** Numbers as a look at the painted picture would give them; `over` says what only ffmpeg measures. */
export function numbersOf(paint: Paint, over: Partial<PictureNumbers> = {}): PictureNumbers {
  const fine = new Uint8Array(FINE.width * FINE.height);
  let sum = 0;
  for (let at = 0; at < fine.length; at++) {
    fine[at] = Math.max(0, Math.min(255, paint(at % FINE.width, Math.floor(at / FINE.width))));
    sum += fine[at] ?? 0;
  }
  return {
    at: 0,
    frames: 2,
    apartMs: 2_000,
    luma: sum / fine.length,
    lumaLow: 60,
    lumaHigh: 170,
    u: 125,
    v: 130,
    saturation: 20,
    blur: 5,
    outliers: 0.004,
    ...featuresOf(fine, BANDS),
    change: 2,
    moved: 12,
    clockChange: 1.5,
    pulse: null,
    fine,
    ...over,
  };
}
