import { BLOCKS, FINE, MAP } from './numbers.ts';

/** Shares of the height, at the top and at the bottom, where cameras write clock and name. */
export interface ClockBands {
  readonly top: number;
  readonly bottom: number;
}

/** First map row below the upper band and first row of the lower one. */
export function mapRows({ top, bottom }: ClockBands): { from: number; to: number } {
  return { from: Math.ceil(MAP.height * top), to: Math.floor(MAP.height * (1 - bottom)) };
}

export interface Features {
  readonly contrast: number;
  readonly edges: number;
  readonly edgeMap: Uint8Array;
  readonly blockMap: Uint8Array;
}

/** Light and edges of one small grey picture of {@link FINE} size. */
export function featuresOf(fine: Uint8Array, bands: ClockBands): Features {
  const { from, to } = mapRows(bands);
  const edgeMap = new Uint8Array(MAP.width * MAP.height);
  let edgeSum = 0;
  let sum = 0;
  let squares = 0;
  let cells = 0;
  for (let row = from; row < to; row++) {
    for (let column = 0; column < MAP.width; column++) {
      let strongest = 0;
      for (const dy of [0, 1]) {
        for (const dx of [0, 1]) {
          const x = column * 2 + dx;
          const y = row * 2 + dy;
          const here = fine[y * FINE.width + x] ?? 0;
          // The neighbour before the border is taken at the border, so the frame of the picture is no edge.
          const across = Math.abs((fine[y * FINE.width + Math.min(x + 1, FINE.width - 1)] ?? 0) - here);
          const down = Math.abs((fine[Math.min(y + 1, to * 2 - 1) * FINE.width + x] ?? 0) - here);
          strongest = Math.max(strongest, across + down);
          edgeSum += (across + down) / 2;
          sum += here;
          squares += here * here;
          cells += 1;
        }
      }
      edgeMap[row * MAP.width + column] = Math.min(255, strongest);
    }
  }
  const mean = sum / Math.max(1, cells);
  return {
    contrast: Math.sqrt(Math.max(0, squares / Math.max(1, cells) - mean * mean)),
    edges: edgeSum / Math.max(1, cells),
    edgeMap,
    blockMap: blockMeans(fine),
  };
}

function blockMeans(fine: Uint8Array): Uint8Array {
  const wide = FINE.width / BLOCKS.width;
  const high = FINE.height / BLOCKS.height;
  const means = new Uint8Array(BLOCKS.width * BLOCKS.height);
  for (let row = 0; row < BLOCKS.height; row++) {
    for (let column = 0; column < BLOCKS.width; column++) {
      let sum = 0;
      for (let y = row * high; y < (row + 1) * high; y++) {
        for (let x = column * wide; x < (column + 1) * wide; x++) sum += fine[y * FINE.width + x] ?? 0;
      }
      means[row * BLOCKS.width + column] = Math.round(sum / (wide * high));
    }
  }
  return means;
}

const BLOCK = { width: 8, height: 6 } as const;

/** How much two small pictures differ: the block that differs most, all of the scene, and the clock's bands. */
export function changeBetween(
  a: Uint8Array,
  b: Uint8Array,
  bands: ClockBands,
): { readonly moved: number; readonly scene: number; readonly clock: number } {
  const { from, to } = mapRows(bands);
  const sums = { scene: 0, clock: 0 };
  const blocks = new Map<number, { sum: number; cells: number }>();
  for (let y = 0; y < FINE.height; y++) {
    const inside = y >= from * 2 && y < to * 2;
    for (let x = 0; x < FINE.width; x++) {
      const at = y * FINE.width + x;
      const change = Math.abs((a[at] ?? 0) - (b[at] ?? 0));
      sums[inside ? 'scene' : 'clock'] += change;
      if (!inside) continue;
      const key = Math.floor((y - from * 2) / BLOCK.height) * FINE.width + Math.floor(x / BLOCK.width);
      const block = blocks.get(key) ?? { sum: 0, cells: 0 };
      blocks.set(key, { sum: block.sum + change, cells: block.cells + 1 });
    }
  }
  const rows = (to - from) * 2;
  return {
    moved: Math.max(0, ...[...blocks.values()].map(({ sum, cells }) => sum / cells)),
    scene: sums.scene / Math.max(1, rows * FINE.width),
    clock: sums.clock / Math.max(1, (FINE.height - rows) * FINE.width),
  };
}
