import type { FeatureCollection, Point } from 'geojson';
import type { GeoJSONSource, MapLayerMouseEvent } from 'maplibre-gl';
import { useEffect, useRef } from 'react';
import { LIGHT } from '../../look/tokens.ts';
import { useMap } from '../../parts/map/map-canvas.tsx';
import { LETTERS_ON_MAP, setData } from '../../parts/map/style.ts';
import { addIcons } from './icons.ts';
import type { Place } from './points.ts';

interface PointsLayerProps {
  readonly places: readonly Place[];
  /** Index of the chosen device. */
  readonly chosen: number | null;
  readonly onChoose: (place: Place) => void;
  /** While something is drawn, clicks belong to the drawing. */
  readonly quiet: boolean;
}

const SOURCE = 'points';
/** Number of devices; of those at fault before it when there are any. */
const COUNT = ['to-string', ['get', 'n']];

/** Devices as signs and clusters; each click goes to a place, or nearer to a cluster. */
export function PointsLayer({ places, chosen, onChoose, quiet }: PointsLayerProps) {
  const { map, shift } = useMap();
  const held = useRef({ places, onChoose, quiet });
  held.current = { places, onChoose, quiet };
  useEffect(() => {
    addIcons(map);
    map.addSource(SOURCE, {
      type: 'geojson',
      data: { type: 'FeatureCollection', features: [] },
      cluster: true,
      clusterRadius: 60,
      clusterMaxZoom: 17,
      clusterProperties: { n: ['+', ['get', 'n']], f: ['+', ['get', 'f']], r: ['max', ['get', 'r']] },
    });
    map.addSource('chosen', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
    map.addLayer({
      id: 'chosen',
      type: 'circle',
      source: 'chosen',
      paint: {
        'circle-radius': 16,
        'circle-color': LIGHT.accent,
        'circle-opacity': 0.25,
        'circle-stroke-color': LIGHT.accent,
        'circle-stroke-width': 2,
      },
    });
    map.addLayer({
      id: 'dots',
      type: 'symbol',
      source: SOURCE,
      filter: ['==', ['get', 'n'], 1],
      layout: {
        'icon-image': [
          'concat',
          'dot-',
          ['to-string', ['get', 'r']],
          ['case', ['==', ['get', 's'], 1], '-suspect', ''],
        ],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['get', 'r'],
      },
    });
    map.addLayer({
      id: 'rings',
      type: 'symbol',
      source: SOURCE,
      filter: ['>', ['get', 'n'], 1],
      layout: {
        'icon-image': ['concat', 'ring-', ['to-string', ['get', 'r']]],
        'icon-size': ['step', ['get', 'n'], 0.9, 100, 1.1, 1_000, 1.3, 10_000, 1.5],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'text-field': COUNT as never,
        'text-font': LETTERS_ON_MAP,
        'text-size': 12,
        'text-offset': [0, 0.2],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
        'symbol-sort-key': ['get', 'r'],
      },
      paint: { 'text-color': LIGHT.text },
    });
    // The chosen one is seen inside a cluster too.
    map.addLayer({
      id: 'chosen-sign',
      type: 'symbol',
      source: 'chosen',
      layout: {
        'icon-image': [
          'concat',
          'dot-',
          ['to-string', ['get', 'r']],
          ['case', ['==', ['get', 's'], 1], '-suspect', ''],
        ],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
      },
    });
    const onClick = async ({ features, lngLat }: MapLayerMouseEvent) => {
      const [hit] = features ?? [];
      if (!hit || held.current.quiet) return;
      const { cluster_id: cluster, p } = hit.properties;
      if (typeof cluster === 'number') {
        const source = map.getSource<GeoJSONSource>(SOURCE);
        const zoom = await source?.getClusterExpansionZoom(cluster);
        map.easeTo({ center: lngLat, zoom: Math.min(20, (zoom ?? map.getZoom() + 2) + 0.3) });
        return;
      }
      const place = held.current.places[Number(p)];
      if (place) held.current.onChoose(place);
    };
    const over = () => {
      if (!held.current.quiet) map.getCanvas().style.cursor = 'pointer';
    };
    const out = () => {
      if (!held.current.quiet) map.getCanvas().style.cursor = '';
    };
    for (const layer of ['dots', 'rings']) {
      map.on('click', layer, onClick);
      map.on('mouseenter', layer, over);
      map.on('mouseleave', layer, out);
    }
  }, [map]);
  useEffect(() => {
    setData(map, SOURCE, features(places, shift.shown));
    const drawn = () => {
      map.getContainer().dataset.points = String(places.length);
    };
    if (places.length > 0) map.once('idle', drawn);
    return () => {
      map.off('idle', drawn);
    };
  }, [map, shift, places]);
  useEffect(() => {
    const place = chosen === null ? undefined : places.find(({ members }) => members.includes(chosen));
    setData(map, 'chosen', features(place ? [place] : [], shift.shown));
  }, [map, shift, places, chosen]);
  return null;
}

function features(places: readonly Place[], shown: (at: Place['at']) => Place['at']): FeatureCollection<Point> {
  return {
    type: 'FeatureCollection',
    features: places.map(({ at, members, rank, faults, suspect }, p) => ({
      type: 'Feature',
      properties: { p, n: members.length, r: rank, f: faults, s: suspect ? 1 : 0 },
      geometry: { type: 'Point', coordinates: [...shown(at)] },
    })),
  };
}
