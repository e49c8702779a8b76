import type { ClockBands } from './features.ts';
import { mapRows } from './features.ts';
import { bestFit, correlation, type Fit, likenessAt } from './likeness.ts';
import { BLOCKS, MAP, type PictureNumbers } from './numbers.ts';

/** A mean and how far single looks usually lie from it. */
export interface Usual {
  readonly mean: number;
  readonly spread: number;
}

const USUALS = ['luma', 'u', 'v', 'saturation', 'blur', 'outliers', 'contrast', 'edges', 'likeness', 'layout'] as const;
export type UsualName = (typeof USUALS)[number];

/** How one camera looks in one hour of the day when it is well. */
export interface Reference {
  /** 0–23, local time of the gateway. */
  readonly hour: number;
  readonly samples: number;
  /** Epoch milliseconds of the newest look in it. */
  readonly learnedAt: number;
  /** `likeness` and `layout` tell how much single good looks agree with the maps; absent values were never measured. */
  readonly usual: Readonly<Partial<Record<UsualName, Usual>>>;
  readonly edgeMap: Uint8Array;
  readonly blockMap: Uint8Array;
  /** Id of the newest good picture; null = none kept. */
  readonly picture: string | null;
}

/** The newest look counts at least this much, so that a reference follows the seasons. */
const LEAST_WEIGHT = 0.12;

/** The reference with one more good look in it. */
export function learn(
  reference: Reference | null,
  numbers: PictureNumbers,
  hour: number,
  picture: string | null,
  bands: ClockBands,
): Reference {
  const samples = (reference?.samples ?? 0) + 1;
  const weight = Math.max(LEAST_WEIGHT, 1 / samples);
  const agreement = reference ? agreementOf(numbers, reference, bands) : {};
  const measured: Partial<Record<UsualName, number | null>> = { ...numbers, ...agreement };
  const usual: Partial<Record<UsualName, Usual>> = {};
  for (const name of USUALS) {
    const before = reference?.usual[name];
    const next = moved(before, measured[name], weight);
    if (next) usual[name] = next;
  }
  return {
    hour,
    samples,
    learnedAt: numbers.at,
    usual,
    edgeMap: blend(reference?.edgeMap, numbers.edgeMap, weight),
    blockMap: blend(reference?.blockMap, numbers.blockMap, weight),
    picture: picture ?? reference?.picture ?? null,
  };
}

function moved(before: Usual | undefined, value: number | null | undefined, weight: number): Usual | undefined {
  if (value === null || value === undefined) return before;
  if (!before) return { mean: value, spread: 0 };
  const mean = before.mean + (value - before.mean) * weight;
  return { mean, spread: before.spread + (Math.abs(value - before.mean) - before.spread) * weight };
}

function blend(before: Uint8Array | undefined, now: Uint8Array, weight: number): Uint8Array {
  if (!before) return now;
  return Uint8Array.from(now, (value, at) => Math.round((before[at] ?? 0) * (1 - weight) + value * weight));
}

function agreementOf(numbers: PictureNumbers, reference: Reference, bands: ClockBands) {
  const rows = mapRows(bands);
  return {
    likeness: likenessAt(numbers.edgeMap, reference.edgeMap, rows, 0, 0),
    layout: correlation(numbers.blockMap, reference.blockMap, blockInside(rows)),
  };
}

const blockInside =
  ({ from, to }: { from: number; to: number }) =>
  (index: number) => {
    const top = Math.floor(index / BLOCKS.width) * (MAP.height / BLOCKS.height);
    return top >= from && top + MAP.height / BLOCKS.height <= to;
  };

/** A picture beside its reference. */
export interface Comparison {
  /** Blur now over blur as usual; null when either has no edge. */
  readonly blurRatio: number | null;
  /** Distance of mean chroma along green–magenta, and in the whole plane. */
  readonly greenMagenta: number;
  readonly chroma: number;
  /** Agreement of the edges in place, −1 … 1, and at the displacement that fits best. */
  readonly likeness: number;
  readonly fit: Fit;
  /** Agreement of light and dark blocks, −1 … 1. */
  readonly layout: number;
  /** Share of the blocks with edges in the reference whose edges are gone; null when the reference has hardly any. */
  readonly edgesLost: number | null;
  /** Edges now over edges as usual. */
  readonly edgeRatio: number;
}

export function compare(numbers: PictureNumbers, reference: Reference, bands: ClockBands): Comparison {
  const rows = mapRows(bands);
  const { usual } = reference;
  const du = numbers.u - (usual.u?.mean ?? numbers.u);
  const dv = numbers.v - (usual.v?.mean ?? numbers.v);
  const agreement = agreementOf(numbers, reference, bands);
  const unlike = agreement.likeness < (usual.likeness?.mean ?? 1) * 0.8;
  return {
    ...agreement,
    blurRatio: numbers.blur === null || !usual.blur ? null : numbers.blur / usual.blur.mean,
    greenMagenta: (du + dv) / 2,
    chroma: Math.hypot(du, dv),
    // The search costs some milliseconds and has nothing to find in a picture that fits where it is.
    fit: unlike ? bestFit(numbers.edgeMap, reference.edgeMap, rows) : { dx: 0, dy: 0, likeness: agreement.likeness },
    edgesLost: edgesLost(numbers.edgeMap, reference.edgeMap, rows),
    edgeRatio: numbers.edges / Math.max(0.01, usual.edges?.mean ?? numbers.edges),
  };
}

const CELLS = { wide: 4, high: 3 } as const;
/** Mean edge strength of a block below which it has no edges to lose. */
const LEAST_EDGES = 6;
const GONE = 0.3;

function edgesLost(now: Uint8Array, reference: Uint8Array, { from, to }: { from: number; to: number }): number | null {
  let had = 0;
  let lost = 0;
  let blocks = 0;
  for (let top = from; top + CELLS.high <= to; top += CELLS.high) {
    for (let left = 0; left < MAP.width; left += CELLS.wide) {
      const before = blockSum(reference, left, top);
      blocks += 1;
      if (before < LEAST_EDGES) continue;
      had += 1;
      if (blockSum(now, left, top) < before * GONE) lost += 1;
    }
  }
  return had < blocks * 0.15 ? null : lost / had;
}

function blockSum(map: Uint8Array, left: number, top: number): number {
  let sum = 0;
  for (let y = top; y < top + CELLS.high; y++) {
    for (let x = left; x < left + CELLS.wide; x++) sum += map[y * MAP.width + x] ?? 0;
  }
  return sum / (CELLS.wide * CELLS.high);
}
