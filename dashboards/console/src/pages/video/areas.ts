/** Parts of width and height, 0..1 from the upper left corner. */
export type Point = readonly [number, number];
export type Area =
  | {
      readonly shape: 'rectangle';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    }
  | { readonly shape: 'polygon'; readonly points: readonly Point[] };

export const MOST_AREAS = 16;
const MOST_POINTS = 32;
/** What is smaller was a slip of the hand. */
const SMALLEST = 0.01;

const inside = (part: number) => Math.round(Math.min(1, Math.max(0, part)) * 10_000) / 10_000;

/** Where a pointer is on a picture shown in `box` (pixels). */
export const pointAt = (
  x: number,
  y: number,
  box: { left: number; top: number; width: number; height: number },
): Point => [inside((x - box.left) / box.width), inside((y - box.top) / box.height)];

/** The rectangle between two corners, whichever was first; null = too small to be meant. */
export function rectangleOf([ax, ay]: Point, [bx, by]: Point): Area | null {
  const width = inside(Math.abs(ax - bx));
  const height = inside(Math.abs(ay - by));
  if (width < SMALLEST || height < SMALLEST) return null;
  return { shape: 'rectangle', x: Math.min(ax, bx), y: Math.min(ay, by), width, height };
}

/** Near enough to the first corner to mean it. */
export const closes = (points: readonly Point[], [x, y]: Point): boolean => {
  const [first] = points;
  return first !== undefined && points.length >= 3 && Math.hypot(first[0] - x, first[1] - y) < 0.025;
};

export const polygonOf = (points: readonly Point[]): Area | null =>
  points.length >= 3 && points.length <= MOST_POINTS ? { shape: 'polygon', points } : null;

/** Corners as SVG wants them, in hundredths of the picture. */
export function cornersOf(area: Area): string {
  const points: readonly Point[] =
    area.shape === 'polygon'
      ? area.points
      : [
          [area.x, area.y],
          [area.x + area.width, area.y],
          [area.x + area.width, area.y + area.height],
          [area.x, area.y + area.height],
        ];
  return points.map(([x, y]) => `${x * 100},${y * 100}`).join(' ');
}
