import { MAP } from './numbers.ts';

/** Pearson correlation of two maps, −1 … 1; 0 when one of them is flat. `use` picks the cells that count. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>, use?: (index: number) => boolean): number {
  const sums = emptySums();
  for (let at = 0; at < a.length; at++) {
    if (!use || use(at)) add(sums, a[at] ?? 0, b[at] ?? 0);
  }
  return pearson(sums);
}

export interface Fit {
  /** Map cells by which the picture lies to the right of and below its reference. */
  readonly dx: number;
  readonly dy: number;
  readonly likeness: number;
}

/** The displacement at which an edge map is most like its reference, at least two fifths of the map overlapping. */
export function bestFit(now: Uint8Array, reference: Uint8Array, rows: { from: number; to: number }): Fit {
  const height = rows.to - rows.from;
  const reach = { x: Math.floor(MAP.width * 0.45), y: Math.floor(height * 0.35) };
  let best: Fit = { dx: 0, dy: 0, likeness: likenessAt(now, reference, rows, 0, 0) };
  for (let dy = -reach.y; dy <= reach.y; dy++) {
    for (let dx = -reach.x; dx <= reach.x; dx++) {
      const overlap = (1 - Math.abs(dx) / MAP.width) * (1 - Math.abs(dy) / height);
      if (overlap < 0.4) continue;
      const likeness = likenessAt(now, reference, rows, dx, dy);
      if (likeness > best.likeness) best = { dx, dy, likeness };
    }
  }
  return best;
}

/** Likeness of an edge map and its reference when the picture is taken to have moved by so many cells. */
export function likenessAt(
  now: Uint8Array,
  reference: Uint8Array,
  { from, to }: { from: number; to: number },
  dx: number,
  dy: number,
): number {
  const sums = emptySums();
  for (let y = Math.max(from, from + dy); y < Math.min(to, to + dy); y++) {
    for (let x = Math.max(0, dx); x < Math.min(MAP.width, MAP.width + dx); x++) {
      add(sums, now[y * MAP.width + x] ?? 0, reference[(y - dy) * MAP.width + x - dx] ?? 0);
    }
  }
  return pearson(sums);
}

interface Sums {
  n: number;
  a: number;
  b: number;
  aa: number;
  bb: number;
  ab: number;
}

const emptySums = (): Sums => ({ n: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 });

function add(sums: Sums, a: number, b: number): void {
  sums.n += 1;
  sums.a += a;
  sums.b += b;
  sums.aa += a * a;
  sums.bb += b * b;
  sums.ab += a * b;
}

function pearson({ n, a, b, aa, bb, ab }: Sums): number {
  const spread = Math.sqrt((n * aa - a * a) * (n * bb - b * b));
  return spread > 0 ? (n * ab - a * b) / spread : 0;
}
