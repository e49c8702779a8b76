/** Coordinate systems a location may be given in. */
export const CRS = ['wgs84', 'gcj02', 'cgcs2000'] as const;
export type Crs = (typeof CRS)[number];

export interface Point {
  /** Degrees north. */
  readonly lat: number;
  /** Degrees east. */
  readonly lon: number;
}

/** WGS-84, with what was entered kept beside it when that was in another system. */
export interface Location extends Point {
  readonly crs: 'wgs84';
  readonly address?: string;
  readonly source?: Point & { readonly crs: Crs };
}

/** A location in the system a reader asked for. */
export interface ShownLocation extends Omit<Location, 'crs'> {
  readonly crs: Crs;
}

// Krasovsky 1940 axis and squared eccentricity, as the published GCJ-02 formula uses them.
const AXIS = 6378245.0;
const ECCENTRICITY = 0.006693421622965943;

/** The shift applies in this box only; outside it both systems agree. */
function outsideChina({ lat, lon }: Point): boolean {
  return lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271;
}

export const inChina = (point: Point): boolean => !outsideChina(point);

export function wgs84ToGcj02(point: Point): Point {
  if (outsideChina(point)) return { lat: point.lat, lon: point.lon };
  const x = point.lon - 105;
  const y = point.lat - 35;
  const radians = (point.lat / 180) * Math.PI;
  const magic = 1 - ECCENTRICITY * Math.sin(radians) ** 2;
  const root = Math.sqrt(magic);
  const dLat = (shiftLat(x, y) * 180) / (((AXIS * (1 - ECCENTRICITY)) / (magic * root)) * Math.PI);
  const dLon = (shiftLon(x, y) * 180) / ((AXIS / root) * Math.cos(radians) * Math.PI);
  return { lat: point.lat + dLat, lon: point.lon + dLon };
}

/** The forward formula has no closed inverse; fixed-point steps bring it below 1e-9 degrees (0.1 mm). */
export function gcj02ToWgs84(point: Point): Point {
  if (outsideChina(point)) return { lat: point.lat, lon: point.lon };
  let guess: Point = point;
  for (let step = 0; step < 8; step++) {
    const shifted = wgs84ToGcj02(guess);
    guess = { lat: guess.lat + point.lat - shifted.lat, lon: guess.lon + point.lon - shifted.lon };
  }
  return guess;
}

/** CGCS2000 equals WGS-84 at map scale. */
export function toWgs84(point: Point, crs: Crs): Point {
  return crs === 'gcj02' ? gcj02ToWgs84(point) : { lat: point.lat, lon: point.lon };
}

/** A WGS-84 point in another system: GCJ-02 for 高德, CGCS2000 for 测绘院. */
export function fromWgs84(point: Point, crs: Crs): Point {
  return crs === 'gcj02' ? wgs84ToGcj02(point) : { lat: point.lat, lon: point.lon };
}

/** The place in the system asked for; the one it was entered in comes back digit by digit. */
export function locationIn(location: Location | null, crs: Crs): ShownLocation | null {
  if (location === null || crs === 'wgs84') return location;
  const { source } = location;
  const point = source?.crs === crs ? { lat: source.lat, lon: source.lon } : fromWgs84(location, crs);
  return { ...location, ...point, crs };
}

/** Latitude and longitude change places: as given the point lies outside of China, the other way round inside. */
export function looksSwapped({ lat, lon }: Point): boolean {
  return Math.abs(lat) > 90 || (outsideChina({ lat, lon }) && !outsideChina({ lat: lon, lon: lat }));
}

/** Mean radius of the earth in metres. */
const EARTH = 6_371_008.8;
const radians = (degrees: number) => (degrees / 180) * Math.PI;

/** Great-circle distance in metres. */
export function distance(a: Point, b: Point): number {
  const dLat = radians(b.lat - a.lat);
  const dLon = radians(b.lon - a.lon);
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Degrees clockwise from north in which `b` lies, seen from `a`; 0 ≤ bearing < 360. */
export function bearing(a: Point, b: Point): number {
  const dLon = radians(b.lon - a.lon);
  const y = Math.sin(dLon) * Math.cos(radians(b.lat));
  const x =
    Math.cos(radians(a.lat)) * Math.sin(radians(b.lat)) -
    Math.sin(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.cos(dLon);
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

/**
 * Whether a point that was given as WGS-84 is rather GCJ-02: taken so, it comes much nearer to where the camera must be
 * (its site, its recorder, the middle of its street). `within` is how far a right point may lie from there, in metres.
 */
export function looksLikeGcj02(point: Point, reference: Point, within: number): boolean {
  const asGiven = distance(point, reference);
  const asGcj02 = distance(gcj02ToWgs84(point), reference);
  return asGiven > within && asGcj02 <= within && asGcj02 < asGiven / 2;
}

function waves(value: number, ...terms: readonly (readonly [number, number])[]): number {
  return terms.reduce((sum, [weight, frequency]) => sum + weight * Math.sin(value * frequency * Math.PI), 0) * (2 / 3);
}

function shiftLat(x: number, y: number): number {
  return (
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    waves(x, [20, 6], [20, 2]) +
    waves(y, [20, 1], [40, 1 / 3]) +
    waves(y, [160, 1 / 12], [320, 1 / 30])
  );
}

function shiftLon(x: number, y: number): number {
  return (
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    waves(x, [20, 6], [20, 2]) +
    waves(x, [20, 1], [40, 1 / 3]) +
    waves(x, [150, 1 / 12], [300, 1 / 30])
  );
}
