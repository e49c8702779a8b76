import type { Feature, FeatureCollection } from 'geojson';
import type { LayerSpecification, Map as LibraryMap } from 'maplibre-gl';
import { useEffect } from 'react';
import type { Position } from '../../parts/map/geometry.ts';
import { useMap } from '../../parts/map/map-canvas.tsx';
import { setData } from '../../parts/map/style.ts';

type Drawn = Omit<Exclude<LayerSpecification, { type: 'background' }>, 'source'>;

/** A source of its own with its layers, on the map as long as the component is. */
export function useDrawing(name: string, layers: readonly Drawn[], features: readonly Feature[]): void {
  const { map } = useMap();
  useEffect(() => {
    map.addSource(name, { type: 'geojson', data: EMPTY });
    for (const layer of layers) map.addLayer({ ...layer, source: name } as LayerSpecification);
    return () => drop(map, name, layers);
  }, [map, name, layers]);
  useEffect(() => setData(map, name, { type: 'FeatureCollection', features: [...features] }), [map, name, features]);
}

const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** A map that is gone has taken its layers along. */
function drop(map: LibraryMap, name: string, layers: readonly Drawn[]): void {
  if (!map.style) return;
  for (const { id } of layers) if (map.getLayer(id)) map.removeLayer(id);
  if (map.getSource(name)) map.removeSource(name);
}

export const polygonOf = (ring: readonly Position[], properties: Feature['properties'] = {}): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Polygon', coordinates: [ring.map((place) => [...place])] },
});
export const lineOf = (line: readonly Position[], properties: Feature['properties'] = {}): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'LineString', coordinates: line.map((place) => [...place]) },
});
export const pointOf = (place: Position, properties: Feature['properties'] = {}): Feature => ({
  type: 'Feature',
  properties,
  geometry: { type: 'Point', coordinates: [...place] },
});
