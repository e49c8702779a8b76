import type { Feature, FeatureCollection, MultiPolygon, Point, Polygon } from 'geojson';
import type { Map as LibraryMap, StyleSpecification } from 'maplibre-gl';
import { LIGHT } from '../../look/tokens.ts';
import type { Background, Boundary, Shift } from './background.ts';
import { boxOf, inside, type Position } from './geometry.ts';

/** Letters are drawn by the browser from its own fonts: none are fetched. */
export const LETTERS_ON_MAP = ['Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC', 'sans-serif'];

const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Ground, tiles if there are any, a quiet grid if not, and the outlines of organisations. */
export function baseStyle(background: Background): StyleSpecification {
  const tiled = background.tiles.length > 0;
  return {
    version: 8,
    sources: {
      ...Object.fromEntries(
        background.tiles.map((tiles, i) => [
          `tiles-${i}`,
          {
            type: 'raster' as const,
            tiles: [tiles.startsWith('/') ? `${window.location.origin}${tiles}` : tiles],
            tileSize: 256,
            maxzoom: background.maxZoom,
            attribution: i === 0 ? background.attribution : '',
          },
        ]),
      ),
      grid: { type: 'geojson', data: EMPTY },
      boundaries: { type: 'geojson', data: EMPTY },
      names: { type: 'geojson', data: EMPTY },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': LIGHT.ground } },
      ...background.tiles.map((_, i) => ({ id: `tiles-${i}`, type: 'raster' as const, source: `tiles-${i}` })),
      ...(tiled
        ? []
        : [
            { id: 'grid', type: 'line' as const, source: 'grid', paint: { 'line-color': LIGHT.line, 'line-width': 1 } },
          ]),
      {
        id: 'boundary-fill',
        type: 'fill',
        source: 'boundaries',
        paint: { 'fill-color': tiled ? LIGHT.accent : LIGHT.surface, 'fill-opacity': tiled ? 0.04 : 0.75 },
      },
      {
        id: 'boundary-line',
        type: 'line',
        source: 'boundaries',
        paint: {
          'line-color': LIGHT.accent,
          'line-opacity': 0.65,
          'line-width': ['match', ['get', 'level'], 1, 3, 2, 2.5, 3, 2, 4, 1.5, 1],
        },
      },
      {
        id: 'boundary-name',
        type: 'symbol',
        source: 'names',
        layout: {
          'text-field': ['get', 'name'],
          'text-font': LETTERS_ON_MAP,
          'text-size': ['match', ['get', 'level'], 1, 16, 2, 15, 3, 14, 12],
          'symbol-sort-key': ['coalesce', ['get', 'level'], 9],
        },
        paint: { 'text-color': LIGHT.quiet, 'text-halo-color': LIGHT.surface, 'text-halo-width': 1.5 },
      },
    ],
  };
}

export function showBoundaries(map: LibraryMap, boundaries: readonly Boundary[], { shown }: Shift): void {
  const features: Feature<Polygon | MultiPolygon>[] = [];
  const names: Feature<Point>[] = [];
  for (const { id, name, level, rings } of boundaries) {
    const coordinates = rings.map((ring) => ring.map((place) => [...shown(place)]));
    features.push({ type: 'Feature', properties: { id, name, level }, geometry: { type: 'Polygon', coordinates } });
    const middle = middleOf(rings[0] ?? []);
    if (middle) {
      const geometry: Point = { type: 'Point', coordinates: [...shown(middle)] };
      names.push({ type: 'Feature', properties: { name, level }, geometry });
    }
  }
  setData(map, 'boundaries', { type: 'FeatureCollection', features });
  setData(map, 'names', { type: 'FeatureCollection', features: names });
}

/** Where a name is written: the middle of the box, or of the corners when that lies outside. */
function middleOf(ring: readonly Position[]): Position | null {
  const box = boxOf(ring);
  if (!box) return null;
  const middle: Position = [(box.west + box.east) / 2, (box.south + box.north) / 2];
  if (inside(ring, middle)) return middle;
  const sum = ring.reduce<Position>((total, [lon, lat]) => [total[0] + lon, total[1] + lat], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}

export function setData(map: LibraryMap, source: string, data: FeatureCollection): void {
  const found = map.getSource(source);
  if (found && 'setData' in found) (found as { setData(data: FeatureCollection): void }).setData(data);
}

const STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002];

/** Meridians and parallels a hand's width apart, so that an empty map shows how far it was moved. */
export function drawGrid(map: LibraryMap): void {
  const bounds = map.getBounds();
  const [west, east, south, north] = [bounds.getWest(), bounds.getEast(), bounds.getSouth(), bounds.getNorth()];
  const step = STEPS.findLast((one) => one >= (east - west) / 10) ?? 10;
  const lines: Position[][] = [];
  for (let lon = Math.floor(west / step) * step; lon <= east; lon += step)
    lines.push([
      [lon, south],
      [lon, north],
    ]);
  for (let lat = Math.floor(south / step) * step; lat <= north; lat += step)
    lines.push([
      [west, lat],
      [east, lat],
    ]);
  setData(map, 'grid', {
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        properties: {},
        geometry: { type: 'MultiLineString', coordinates: lines.map((line) => line.map((place) => [...place])) },
      },
    ],
  });
}
