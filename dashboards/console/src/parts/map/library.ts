import type * as MapLibre from 'maplibre-gl';
// Its own file, so that the page's policy need not allow workers made of text.
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';

export type MapLibrary = typeof MapLibre;

let loaded: Promise<MapLibrary> | undefined;

/** The map library, loaded when a map is first looked at. */
export function loadMapLibrary(): Promise<MapLibrary> {
  loaded ??= Promise.all([import('maplibre-gl'), import('maplibre-gl/dist/maplibre-gl.css')]).then(([library]) => {
    library.setWorkerUrl(new URL(worker, window.location.href).href);
    return library;
  });
  return loaded;
}
