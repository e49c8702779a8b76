import { splitChunks } from './chunks.ts';
import { type ClockBands, changeBetween, featuresOf } from './features.ts';
import { FINE, type PictureNumbers } from './numbers.ts';
import { type FilterReadings, parseReadings } from './readings.ts';

export interface Look {
  readonly numbers: PictureNumbers;
  /** The newest key picture as the camera sent it, at most 1,280 pixels wide. */
  readonly jpeg: Buffer;
}

/** Numbers and picture of what one check's ffmpeg wrote; null when no whole key picture came. */
export function readLook(output: { stdout: Buffer; stderr: string }, at: number, bands: ClockBands): Look | null {
  const { grey, jpeg } = splitChunks(output.stdout);
  const readings = parseReadings(output.stderr);
  const whole = grey.filter((picture) => picture.length === FINE.width * FINE.height);
  const frames = Math.min(whole.length, readings.length, jpeg.length);
  const [picture, last, shown] = [whole[frames - 1], readings[frames - 1], jpeg[frames - 1]];
  if (!picture || !last || !shown) return null;
  const fine = Uint8Array.from(picture);
  const first = frames > 1 ? whole[0] : undefined;
  const change = first ? changeBetween(first, fine, bands) : null;
  const value = (name: string) => last.get(name) ?? 0;
  return {
    jpeg: Buffer.from(shown),
    numbers: {
      at,
      frames,
      apartMs: first ? Math.round((value('time') - (readings[0]?.get('time') ?? 0)) * 1_000) : null,
      luma: value('YAVG'),
      lumaLow: value('YLOW'),
      lumaHigh: value('YHIGH'),
      u: value('UAVG'),
      v: value('VAVG'),
      saturation: value('SATAVG'),
      blur: meanBlur(readings.slice(0, frames)),
      outliers: value('TOUT'),
      ...featuresOf(fine, bands),
      change: change && (last.get('YDIF') ?? change.scene),
      moved: change?.moved ?? null,
      clockChange: change?.clock ?? null,
      pulse: null,
      fine,
    },
  };
}

function meanBlur(readings: readonly FilterReadings[]): number | null {
  const values = readings.flatMap((reading) => reading.get('blur') ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Median luma difference from frame to frame of what {@link pulseArguments} wrote; null with hardly any frame. */
export function readPulse(log: string): number | null {
  // The first frame has none before it.
  const steps = parseReadings(log)
    .slice(1)
    .flatMap((reading) => reading.get('YDIF') ?? [])
    .sort((a, b) => a - b);
  return steps.length < LEAST_STEPS ? null : (steps[steps.length >> 1] ?? null);
}

const LEAST_STEPS = 5;
