import type { MaskArea } from '../../domain/privacy-mask.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Boxes of all polygons of a picture together; each costs a few microseconds a frame. */
const STRIPS = 160;
/** Rounding and halved colour planes must not leave a line of what is hidden. */
const MARGIN_PX = 2;

/**
 * ffmpeg filter (`-vf`) that blackens the areas; null when there are none. It stands before every other filter, because
 * the areas are parts of the camera's own picture. Polygons become horizontal strips that cover at least their area.
 */
export function maskFilter(areas: readonly MaskArea[]): string | null {
  const polygons = areas.filter((area) => area.shape === 'polygon').length;
  const strips = Math.max(8, Math.min(48, Math.floor(STRIPS / Math.max(1, polygons))));
  const boxes = areas.flatMap((area) => (area.shape === 'rectangle' ? [area] : cover(area.points, strips)));
  return boxes.length === 0 ? null : boxes.map(drawbox).join(',');
}

function drawbox({ x, y, width, height }: Box): string {
  const start = (part: number, of: string) => `floor(${of}*${decimal(part)})-${MARGIN_PX}`;
  const length = (part: number, of: string) => `ceil(${of}*${decimal(part)})+${2 * MARGIN_PX}`;
  return `drawbox=x=${start(x, 'iw')}:y=${start(y, 'ih')}:w=${length(width, 'iw')}:h=${length(height, 'ih')}:color=black:t=fill`;
}

/** Never an exponent: the filter's parser does not know it everywhere. */
const decimal = (part: number) => part.toFixed(6);

/** Strips from the polygon's top to its bottom, each as wide as the polygon anywhere within it. */
function cover(points: readonly (readonly [number, number])[], strips: number): Box[] {
  const ys = points.map(([, y]) => y);
  const top = Math.min(...ys);
  const height = (Math.max(...ys) - top) / strips;
  const boxes: Box[] = [];
  for (let i = 0; i < strips; i++) {
    const from = top + i * height;
    const to = from + height;
    const xs = crossings(points, from, to);
    if (xs.length === 0) continue;
    const left = Math.min(...xs);
    boxes.push({ x: left, y: from, width: Math.max(...xs) - left, height });
  }
  return boxes;
}

/** The horizontal places an outline touches between two heights: its corners there and where it crosses them. */
function crossings(points: readonly (readonly [number, number])[], from: number, to: number): number[] {
  const xs: number[] = [];
  points.forEach(([x1, y1], i) => {
    const [x2, y2] = points[(i + 1) % points.length] ?? [x1, y1];
    if (y1 >= from && y1 <= to) xs.push(x1);
    for (const level of [from, to]) {
      if ((y1 - level) * (y2 - level) < 0) xs.push(x1 + ((level - y1) / (y2 - y1)) * (x2 - x1));
    }
  });
  return xs;
}
