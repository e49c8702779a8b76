import type { PictureFault } from '../../domain/camera-faults.ts';
import type { Thresholds } from '../../domain/picture-thresholds.ts';
import type { Chosen } from './choose.ts';
import type { ClockBands } from './features.ts';
import { type PictureNumbers, shown } from './numbers.ts';
import { type Comparison, compare } from './reference.ts';

/** Something wrong with a picture, not yet confirmed. */
export interface Finding {
  readonly code: PictureFault;
  /** The number that crossed its threshold. */
  readonly value: number;
  readonly threshold: number;
  readonly numbers: Readonly<Record<string, number | null>>;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  /** The faults this picture can speak for or against; a black one says nothing of the focus. */
  readonly judged: ReadonlySet<PictureFault>;
}

/** Luma below which a still picture may be a still night. */
const NIGHT = 45;
/** Mean change in the clock's bands above which the clock ran. */
const CLOCK_RUNS = 0.3;
const EDGES_DISSOLVED = 0.2;

const ALWAYS = ['noFrames', 'noSignal', 'black', 'tooBright'] as const satisfies PictureFault[];
const OBSTRUCTIONS = ['covered', 'sceneShifted'] as const satisfies PictureFault[];
const FOCUS_AND_COLOUR = ['blurred', 'noise', 'colourCast'] as const satisfies PictureFault[];

/** What is wrong with one picture, by its numbers and the camera's own reference, if there is one. */
export function judgePicture(
  numbers: PictureNumbers,
  chosen: Chosen | null,
  thresholds: Thresholds,
  bands: ClockBands,
): Judgement {
  const compared = chosen && compare(numbers, chosen.reference, bands);
  const all = { ...shown(numbers), ...(compared ? flat(compared) : {}) };
  const judged = new Set<PictureFault>(ALWAYS);
  const findings: Finding[] = [];
  const found = ([code, value, threshold]: Crossed) =>
    findings.push({ code, value: Number(value.toFixed(4)), threshold, numbers: all });

  const blank = blankOf(numbers, thresholds);
  if (blank) {
    found(blank);
    return { findings, judged };
  }
  const obstructed = obstruction(numbers, compared, chosen, thresholds);
  if (obstructed !== undefined) for (const code of OBSTRUCTIONS) judged.add(code);
  // Behind a cover nobody sees what moves, whether the lens is sharp or the colours are right.
  if (obstructed?.[0] === 'covered') {
    found(obstructed);
    return { findings, judged };
  }
  const still = stillness(numbers, thresholds);
  if (still !== null) judged.add('frozen');
  if (still) found(still);
  if (obstructed) {
    found(obstructed);
    return { findings, judged };
  }
  if (compared && chosen.sameLight) {
    for (const code of FOCUS_AND_COLOUR) judged.add(code);
    for (const crossed of [focus(numbers, compared, chosen, thresholds), cast(numbers, compared, chosen, thresholds)]) {
      if (crossed) found(crossed);
    }
  } else {
    judged.add('noise');
    const snow = snowAlone(numbers, thresholds);
    if (snow) found(snow);
  }
  return { findings, judged };
}

type Crossed = readonly [code: PictureFault, value: number, threshold: number];

/** Beside these nothing else of a picture can be judged. */
function blankOf(numbers: PictureNumbers, t: Thresholds): Crossed | null {
  if (numbers.u > t.noSignalU) return ['noSignal', numbers.u, t.noSignalU];
  // A meadow or a market stall is as colourful, but never that even.
  if (numbers.saturation > t.noSignalSaturation && numbers.contrast < 8) {
    return ['noSignal', numbers.saturation, t.noSignalSaturation];
  }
  if (numbers.luma < t.dark) return ['black', numbers.luma, t.dark];
  if (numbers.luma > t.bright) return ['tooBright', numbers.luma, t.bright];
  return null;
}

/** false = lives, null = cannot be told: one key picture only, or a still night whose clock runs. */
function stillness({ moved, pulse, clockChange, luma }: PictureNumbers, t: Thresholds): Crossed | false | null {
  if (moved === null) return null;
  if (moved >= t.stillBlock) return false;
  if (pulse === null) return null;
  if (pulse >= t.frozenPulse) return false;
  if (luma < NIGHT && (clockChange ?? 0) > CLOCK_RUNS) return null;
  return ['frozen', pulse, t.frozenPulse];
}

/** Covered or turned away; null = neither, undefined = nothing to compare with. */
function obstruction(
  numbers: PictureNumbers,
  now: Comparison | null,
  chosen: Chosen | null,
  t: Thresholds,
): Crossed | null | undefined {
  if (numbers.contrast < t.flatContrast && numbers.luma >= NIGHT) return ['covered', numbers.contrast, t.flatContrast];
  if (!now || !chosen) return undefined;
  const { usual } = chosen.reference;
  // A night without lamps looks like a cover: what is much darker than its reference is left to the next light.
  if (!chosen.sameLight && numbers.luma < (usual.luma?.mean ?? 0) && numbers.luma < NIGHT) return undefined;
  const usualLikeness = usual.likeness?.mean ?? 1;
  const placed = usualLikeness >= 0.5;
  const unlike = now.likeness / Math.max(0.05, usualLikeness);
  const limit = t.shiftedLikeness * (chosen.loose ? 0.8 : 1);
  const away = Math.hypot(now.fit.dx, now.fit.dy);
  if (placed && unlike < limit && away >= 3 && now.fit.likeness > Math.max(0.5, now.likeness + 0.25)) {
    return ['sceneShifted', unlike, limit];
  }
  const share = t.coveredShare + (chosen.loose ? 0.15 : 0);
  // Out of focus, edges go as well, but light and dark stay where they were.
  const contrast = numbers.contrast / Math.max(0.1, usual.contrast?.mean ?? numbers.contrast);
  const washed = now.blurRatio === null || now.blurRatio > 1.6;
  const sameLayout = contrast > 0.4 && now.layout > (washed ? 0.6 : 0.85);
  // Another scene has its edges elsewhere; a cover has hardly any.
  const bare = now.edgeRatio < 0.8 && !sameLayout;
  if (bare && now.edgesLost !== null && now.edgesLost > share) return ['covered', now.edgesLost, share];
  if (!placed || unlike >= limit * 0.8 || now.layout > 0.6) return null;
  // Another picture altogether: leaves and cloth before the lens are soft, another street is as sharp as this one.
  const detail = numbers.outliers / Math.max(1e-6, usual.outliers?.mean ?? numbers.outliers);
  const soft = detail < 0.1 || now.edgeRatio < 0.3;
  return soft ? ['covered', unlike, limit * 0.8] : ['sceneShifted', unlike, limit * 0.8];
}

function snowAlone({ change, blur }: PictureNumbers, t: Thresholds): Crossed | null {
  const snow = change !== null && change > t.noiseChange && blur !== null && blur < t.noiseBlur;
  return snow ? ['noise', change, t.noiseChange] : null;
}

function focus(numbers: PictureNumbers, now: Comparison, { reference, loose }: Chosen, t: Thresholds): Crossed | null {
  const { change } = numbers;
  // blurdetect finds no edge at all any more, though light and dark are where they were.
  const dissolved = numbers.blur === null && reference.usual.blur !== undefined && now.edgesLost !== null;
  if (dissolved && now.edgesLost > EDGES_DISSOLVED) return ['blurred', now.edgesLost, EDGES_DISSOLVED];
  if (now.blurRatio === null) return null;
  // A lorry that passes changes the picture as much as snow, but makes no edge sharper.
  if (change !== null && change > t.noiseChangeUsual && now.blurRatio < t.noiseRatio) {
    return ['noise', change, t.noiseChangeUsual];
  }
  const usual = reference.usual.blur;
  const scatter = usual && usual.mean > 0 ? (usual.spread * 4) / usual.mean : 0;
  const limit = Math.max(loose ? 1 + (t.blurRatio - 1) * 2 : t.blurRatio, 1 + scatter);
  return now.blurRatio > limit ? ['blurred', now.blurRatio, limit] : null;
}

function cast(numbers: PictureNumbers, now: Comparison, { reference, loose }: Chosen, t: Thresholds): Crossed | null {
  const { u, v, saturation } = reference.usual;
  // Towards grey is infrared light or fog.
  if (numbers.saturation < (saturation?.mean ?? 0) * 0.6) return null;
  const scatter = Math.max(u?.spread ?? 0, v?.spread ?? 0) * 5;
  const factor = loose ? 2 : 1;
  const along = Math.abs(now.greenMagenta);
  const limits = {
    along: Math.max(t.castGreenMagenta * factor, scatter),
    far: Math.max(t.castDistance * factor, scatter),
  };
  if (along > limits.along) return ['colourCast', along, limits.along];
  return now.chroma > limits.far ? ['colourCast', now.chroma, limits.far] : null;
}

function flat({ fit, ...rest }: Comparison): Record<string, number | null> {
  const all = { ...rest, shiftX: fit.dx, shiftY: fit.dy, fitLikeness: fit.likeness };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, value === null ? null : Number(value.toFixed(4))]),
  );
}
