import type { Title } from './device-type/types.ts';
import { type Crs, distance, gcj02ToWgs84, inChina, looksSwapped, type Point, toWgs84 } from './geo.ts';
import { insidePolygon, type Polygon } from './polygon.ts';

export const COORDINATE_CODES = [
  'nullIsland',
  'swapped',
  'outsideChina',
  'looksGcj02',
  'looksWgs84',
  'outsideBoundary',
  'farFromSite',
] as const;
export type CoordinateCode = (typeof COORDINATE_CODES)[number];

/** Something that looks wrong about a place; `proposed` is what was probably meant, null = not known. */
export interface CoordinateFinding {
  readonly code: CoordinateCode;
  readonly proposed: (Point & { readonly crs: Crs }) | null;
  readonly values: Readonly<Record<string, string | number>>;
}

export interface CoordinateWarning extends Title {
  readonly field: 'location';
  readonly code: CoordinateCode;
  readonly proposed: (Point & { readonly crs: Crs }) | null;
}

/** Where the device should be, as far as anything is known. */
export interface Surroundings {
  readonly site: Point | null;
  /** The nearest boundary up the tree. */
  readonly boundary: { readonly name: string; readonly polygon: Polygon } | null;
  /** Middle of the other devices of the organisation, and the distance within which nine of ten of them stand. */
  readonly neighbours: { readonly centre: Point; readonly radius: number } | null;
}

/** Metres a device may stand from its site. */
const SITE_RADIUS = 300;
/** Neighbours spread wider than this say nothing: GCJ-02 shifts by 300 to 700 m. */
const WIDEST_NEIGHBOURS = 2_000;
const LEAST_RADIUS = 150;

/** Judges a place as it was entered. Nothing found = nothing looks wrong, which proves nothing. */
export function coordinateFindings(entered: Point & { readonly crs: Crs }, around: Surroundings): CoordinateFinding[] {
  const { lat, lon, crs } = entered;
  if (lat === 0 && lon === 0) return [{ code: 'nullIsland', proposed: null, values: {} }];
  if (looksSwapped(entered)) {
    return [{ code: 'swapped', proposed: { lat: lon, lon: lat, crs }, values: { lat, lon } }];
  }
  const point = toWgs84(entered, crs);
  if (!inChina(point)) return [{ code: 'outsideChina', proposed: null, values: { lat, lon } }];
  const fits = (other: Point) => fitsBetter(point, other, around);
  if (crs !== 'gcj02') {
    const shifted = gcj02ToWgs84(entered);
    if (fits(shifted)) return [{ code: 'looksGcj02', proposed: { ...round(shifted), crs: 'wgs84' }, values: {} }];
  } else if (fits({ lat, lon })) {
    return [{ code: 'looksWgs84', proposed: { lat, lon, crs: 'wgs84' }, values: {} }];
  }
  const findings: CoordinateFinding[] = [];
  const { boundary, site } = around;
  if (boundary && !insidePolygon(boundary.polygon, point)) {
    findings.push({ code: 'outsideBoundary', proposed: null, values: { org: boundary.name } });
  }
  const away = site === null ? 0 : distance(point, site);
  if (away > SITE_RADIUS) {
    findings.push({ code: 'farFromSite', proposed: null, values: { metres: Math.round(away) } });
  }
  return findings;
}

/** Whether the shifted point is where the device must be and the one given is not, by site, boundary, then neighbours. */
function fitsBetter(given: Point, shifted: Point, { site, boundary, neighbours }: Surroundings): boolean {
  if (site) return nearer(given, shifted, site, SITE_RADIUS);
  if (boundary && insidePolygon(boundary.polygon, given) !== insidePolygon(boundary.polygon, shifted)) {
    return insidePolygon(boundary.polygon, shifted);
  }
  if (!neighbours || neighbours.radius > WIDEST_NEIGHBOURS) return false;
  return nearer(given, shifted, neighbours.centre, Math.max(LEAST_RADIUS, neighbours.radius));
}

function nearer(given: Point, shifted: Point, reference: Point, within: number): boolean {
  const before = distance(given, reference);
  const after = distance(shifted, reference);
  return before > within && after <= within && after < before / 2;
}

/** Centimetres are enough for a proposal. */
const round = ({ lat, lon }: Point): Point => ({ lat: Number(lat.toFixed(7)), lon: Number(lon.toFixed(7)) });
