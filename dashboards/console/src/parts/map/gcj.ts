import type { Position } from './geometry.ts';

/** GCJ-02 is what maps made in China are drawn in: a published, bent shift of WGS-84 by some hundred metres. */
const AXIS = 6_378_245;
const ECCENTRICITY = 0.006693421622965943;

const outsideChina = ([lon, lat]: Position) => lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271;

const waves = (value: number, ...terms: readonly (readonly [number, number])[]): number =>
  terms.reduce((sum, [weight, frequency]) => sum + weight * Math.sin(value * frequency * Math.PI), 0) * (2 / 3);

export function wgs84ToGcj02(position: Position): Position {
  if (outsideChina(position)) return position;
  const [lon, lat] = position;
  const x = lon - 105;
  const y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    waves(x, [20, 6], [20, 2]) +
    waves(y, [20, 1], [40, 1 / 3]) +
    waves(y, [160, 1 / 12], [320, 1 / 30]);
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    waves(x, [20, 6], [20, 2]) +
    waves(x, [20, 1], [40, 1 / 3]) +
    waves(x, [150, 1 / 12], [300, 1 / 30]);
  const radians = (lat / 180) * Math.PI;
  const magic = 1 - ECCENTRICITY * Math.sin(radians) ** 2;
  const meridian = (AXIS * (1 - ECCENTRICITY)) / (magic * Math.sqrt(magic));
  const parallel = (AXIS / Math.sqrt(magic)) * Math.cos(radians);
  return [lon + (east * 180) / (parallel * Math.PI), lat + (north * 180) / (meridian * Math.PI)];
}

/** There is no closed inverse; these steps come to within a millimetre. */
export function gcj02ToWgs84(position: Position): Position {
  if (outsideChina(position)) return position;
  let guess = position;
  for (let step = 0; step < 8; step++) {
    const [lon, lat] = wgs84ToGcj02(guess);
    guess = [guess[0] + position[0] - lon, guess[1] + position[1] - lat];
  }
  return guess;
}
