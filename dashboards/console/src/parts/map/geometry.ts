/** Geometry of the map; positions are `[lon, lat]` in degrees WGS-84, lengths in metres, bearings in degrees clockwise from north. */
export type Position = readonly [lon: number, lat: number];

const EARTH_M = 6_371_008.8;
const TILE_PX = 256;
const MOST_NORTHERN = 85.0511;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

/** Place in the world's square of Web Mercator, 0..1 from north-west. */
export function toWorld([lon, lat]: Position): [x: number, y: number] {
  const bounded = Math.max(-MOST_NORTHERN, Math.min(MOST_NORTHERN, lat));
  const y = Math.log(Math.tan(Math.PI / 4 + radians(bounded) / 2));
  return [(lon + 180) / 360, (1 - y / Math.PI) / 2];
}

export function fromWorld([x, y]: readonly [number, number]): Position {
  return [x * 360 - 180, degrees(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))))];
}

export const metresPerPixel = (lat: number, zoom: number): number =>
  (2 * Math.PI * EARTH_M * Math.cos(radians(lat))) / (TILE_PX * 2 ** zoom);

export function distance(from: Position, to: Position): number {
  const dLat = radians(to[1] - from[1]) / 2;
  const dLon = radians(to[0] - from[0]) / 2;
  const h = Math.sin(dLat) ** 2 + Math.cos(radians(from[1])) * Math.cos(radians(to[1])) * Math.sin(dLon) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Where one comes out going that far that way. */
export function destination([lon, lat]: Position, bearing: number, metres: number): Position {
  const angle = metres / EARTH_M;
  const course = radians(bearing);
  const north = radians(lat);
  const sin = Math.sin(north) * Math.cos(angle) + Math.cos(north) * Math.sin(angle) * Math.cos(course);
  const turn = Math.atan2(
    Math.sin(course) * Math.sin(angle) * Math.cos(north),
    Math.cos(angle) - Math.sin(north) * sin,
  );
  return [lon + degrees(turn), degrees(Math.asin(sin))];
}

const STEPS = 64;

/** Closed ring around a point. */
export function circle(centre: Position, metres: number): Position[] {
  return Array.from({ length: STEPS + 1 }, (_, i) => destination(centre, ((i % STEPS) * 360) / STEPS, metres));
}

/** Closed ring of what a camera sees: from the point, `angle` degrees wide around `bearing`, as far as `metres`. */
export function sector(centre: Position, bearing: number, angle: number, metres: number): Position[] {
  if (angle >= 360) return circle(centre, metres);
  const steps = Math.max(2, Math.ceil(angle / 5));
  const arc = Array.from({ length: steps + 1 }, (_, i) =>
    destination(centre, bearing - angle / 2 + (angle * i) / steps, metres),
  );
  return [centre, ...arc, centre];
}

/** Square metres inside a ring, open or closed, on a plane laid at its middle: right within 0.1 % for a city. */
export function area(ring: readonly Position[]): number {
  const [origin] = ring;
  const box = boxOf(ring);
  if (!origin || !box) return 0;
  const scaleX = EARTH_M * Math.cos(radians((box.south + box.north) / 2));
  const flat = ring.map(
    ([lon, lat]) => [radians(lon - origin[0]) * scaleX, radians(lat - origin[1]) * EARTH_M] as const,
  );
  const twice = flat.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = flat[(i + 1) % flat.length] ?? [0, 0];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice / 2);
}

/** Indexes of the first two sides of a ring (open, without the last point repeated) that cross; null = none do. */
export function crossing(ring: readonly Position[]): readonly [number, number] | null {
  for (let i = 0; i < ring.length; i++) {
    for (let j = i + 2; j < ring.length; j++) {
      if (i === 0 && j === ring.length - 1) continue;
      const [a, b, c, d] = [ring[i], ring[i + 1], ring[j], ring[(j + 1) % ring.length]];
      if (a && b && c && d && sidesCross(a, b, c, d)) return [i, j];
    }
  }
  return null;
}

const turn = (a: Position, b: Position, c: Position) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

function sidesCross(a: Position, b: Position, c: Position, d: Position): boolean {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

/** Whether a point lies inside a ring. */
export function inside(ring: readonly Position[], [lon, lat]: Position): boolean {
  let within = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [a, b] = [ring[i], ring[j]];
    if (!a || !b || a[1] > lat === b[1] > lat) continue;
    if (lon < ((b[0] - a[0]) * (lat - a[1])) / (b[1] - a[1]) + a[0]) within = !within;
  }
  return within;
}

export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** The smallest box around all; null = there is nothing. */
export function boxOf(positions: Iterable<Position>): Box | null {
  let box: { west: number; south: number; east: number; north: number } | null = null;
  for (const [lon, lat] of positions) {
    box ??= { west: lon, east: lon, south: lat, north: lat };
    if (lon < box.west) box.west = lon;
    if (lon > box.east) box.east = lon;
    if (lat < box.south) box.south = lat;
    if (lat > box.north) box.north = lat;
  }
  return box;
}

/** A round length that fits into so many metres: 1, 2 or 5 of a power of ten. */
export function roundLength(atMost: number): number {
  const power = 10 ** Math.floor(Math.log10(atMost));
  return [5, 2, 1].map((n) => n * power).find((length) => length <= atMost) ?? power;
}
