import type { Position } from '../../parts/map/geometry.ts';

/** What is wrong with a file of a boundary, as a code with words of its own. */
export type BoundaryFault = 'notJson' | 'noPolygon' | 'manyPolygons' | 'badNumbers';

const isPosition = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length >= 2 && Number.isFinite(value[0]) && Number.isFinite(value[1]);

/** Rings of the one polygon in a GeoJSON text: bare, in a feature, in a collection of one. Rings are left as they are. */
export function readBoundary(text: string): { readonly rings: readonly (readonly Position[])[] } | BoundaryFault {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return 'notJson';
    throw error;
  }
  const polygons = polygonsIn(parsed);
  if (polygons.length === 0) return 'noPolygon';
  if (polygons.length > 1) return 'manyPolygons';
  const rings = polygons[0];
  if (!Array.isArray(rings) || rings.length === 0) return 'noPolygon';
  if (!rings.every((ring) => Array.isArray(ring) && ring.every(isPosition))) return 'badNumbers';
  // A height after the two is of no use here.
  return { rings: rings.map((ring: [number, number][]) => ring.map(([lon, lat]): Position => [lon, lat])) };
}

function polygonsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type, coordinates, geometry, features, geometries } = value as Record<string, unknown>;
  if (type === 'Polygon') return [coordinates];
  if (type === 'MultiPolygon') return Array.isArray(coordinates) ? coordinates : [];
  if (type === 'Feature') return polygonsIn(geometry);
  const parts = type === 'FeatureCollection' ? features : type === 'GeometryCollection' ? geometries : [];
  return Array.isArray(parts) ? parts.flatMap(polygonsIn) : [];
}
