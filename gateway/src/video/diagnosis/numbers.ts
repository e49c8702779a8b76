/** Columns and rows of the small maps that are kept of a picture; the picture behind them is twice as fine. */
export const MAP = { width: 64, height: 36 } as const;
export const FINE = { width: MAP.width * 2, height: MAP.height * 2 } as const;
/** Blocks in which light and edges are compared: eight map cells wide, three high, so that they fit the mask. */
export const BLOCKS = { width: 16, height: 12 } as const;

/** What one look at a camera measured. Luma and chroma are limited range (16–235), the clock's bands are left out. */
export interface PictureNumbers {
  /** Epoch milliseconds at which the look ended. */
  readonly at: number;
  /** Key pictures seen, 1 or 2. */
  readonly frames: number;
  /** Milliseconds of stream time between the first and the last of them; null with one. */
  readonly apartMs: number | null;
  readonly luma: number;
  /** The 10 % quantiles below and above. */
  readonly lumaLow: number;
  readonly lumaHigh: number;
  readonly u: number;
  readonly v: number;
  readonly saturation: number;
  /** ffmpeg's blurdetect at a width of 640; null when there is no edge to measure. */
  readonly blur: number | null;
  /** Share of pixels that stick out from their neighbours (signalstats TOUT). */
  readonly outliers: number;
  /** Standard deviation of luma. */
  readonly contrast: number;
  /** Mean luma step to the neighbours. */
  readonly edges: number;
  /** Mean luma difference between the two key pictures at a width of 640; null with one. */
  readonly change: number | null;
  /** Mean luma difference of the block that changed most between them, the sensor's and the coder's noise averaged away. */
  readonly moved: number | null;
  /** Mean luma difference in the bands where clocks stand. */
  readonly clockChange: number | null;
  /** Median luma difference from frame to frame; null = not asked, since something moved between the key pictures. */
  readonly pulse: number | null;
  /** Edges of the last picture, {@link MAP} cells, 0–255; cells of the mask are 0. */
  readonly edgeMap: Uint8Array;
  /** Mean luma of {@link BLOCKS} cells. */
  readonly blockMap: Uint8Array;
  /** Luma of {@link FINE} cells, mask included: what the next look compares with. */
  readonly fine: Uint8Array;
}

/** What of the numbers is shown and kept beside a verdict. */
export function shown(numbers: PictureNumbers): Record<string, number | null> {
  const { edgeMap: _edges, blockMap: _blocks, fine: _fine, at: _at, ...scalars } = numbers;
  return Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [name, value === null ? null : Number(value.toFixed(4))]),
  );
}
