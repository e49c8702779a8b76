import type { Point } from './geo.ts';

/** `[lon, lat]` pairs in WGS-84; the first ring is the outline, the others are holes. Each ring ends where it began. */
export interface Polygon {
  readonly type: 'Polygon';
  readonly coordinates: readonly (readonly (readonly [lon: number, lat: number])[])[];
}

export const MAX_POLYGON_POINTS = 2_000;

export type PolygonFault = 'points' | 'ring' | 'open' | 'range' | 'flat';

/** What is wrong with a polygon that already has the shape of one; undefined when nothing is. */
export function polygonFault({ coordinates }: Polygon): PolygonFault | undefined {
  if (coordinates.reduce((sum, ring) => sum + ring.length, 0) > MAX_POLYGON_POINTS) return 'points';
  for (const ring of coordinates) {
    const [first] = ring;
    const last = ring.at(-1);
    if (!first || !last || ring.length < 4) return 'ring';
    if (first[0] !== last[0] || first[1] !== last[1]) return 'open';
    if (ring.some(([lon, lat]) => Math.abs(lon) > 180 || Math.abs(lat) > 90)) return 'range';
    if (ringArea(ring) === 0) return 'flat';
  }
  return coordinates.length === 0 ? 'ring' : undefined;
}

/** Whether a point lies in the outline and in none of the holes; a point on the line may count either way. */
export function insidePolygon({ coordinates }: Polygon, point: Point): boolean {
  const [outline, ...holes] = coordinates;
  if (!outline || !insideRing(outline, point)) return false;
  return !holes.some((hole) => insideRing(hole, point));
}

function insideRing(ring: Polygon['coordinates'][number], { lat, lon }: Point): boolean {
  let inside = false;
  let before = ring.at(-1);
  for (const corner of ring) {
    if (before) {
      const crosses = corner[1] > lat !== before[1] > lat;
      if (crosses && lon < ((before[0] - corner[0]) * (lat - corner[1])) / (before[1] - corner[1]) + corner[0]) {
        inside = !inside;
      }
    }
    before = corner;
  }
  return inside;
}

function ringArea(ring: Polygon['coordinates'][number]): number {
  let sum = 0;
  let before = ring.at(-1);
  for (const corner of ring) {
    if (before) sum += before[0] * corner[1] - corner[0] * before[1];
    before = corner;
  }
  return Math.abs(sum / 2);
}
