import { Skeleton } from 'antd';
import type { Map as LibraryMap } from 'maplibre-gl';
import { createContext, type PropsWithChildren, useContext, useEffect, useRef, useState } from 'react';
import { t } from '../../language.ts';
import { Nothing } from '../nothing.tsx';
import { type Background, type Shift, shiftOf, useBackground, useBoundaries } from './background.ts';
import type { Box } from './geometry.ts';
import { loadMapLibrary, type MapLibrary } from './library.ts';
import { baseStyle, drawGrid, showBoundaries } from './style.ts';
import './map-canvas.css';

export interface MapHandle {
  readonly map: LibraryMap;
  readonly library: MapLibrary;
  readonly shift: Shift;
}
const Handle = createContext<MapHandle | null>(null);

/** The map a layer is drawn on; only below {@link MapCanvas}. */
export function useMap(): MapHandle {
  const handle = useContext(Handle);
  if (!handle) throw new Error('a layer outside a map');
  return handle;
}

interface MapCanvasProps {
  readonly label: string;
  /** What is looked at first: `[lon, lat]` as shown, and the zoom. */
  readonly start?: { readonly center: readonly [number, number]; readonly zoom: number } | undefined;
}

/** A map with its ground; what is drawn on it are its children. Its pieces come from the gateway or the configured host only. */
export function MapCanvas({ children, ...props }: PropsWithChildren<MapCanvasProps>) {
  const background = useBackground();
  // Another ground may be drawn in another system: everything is drawn anew.
  return (
    <Ground key={JSON.stringify(background)} background={background} {...props}>
      {children}
    </Ground>
  );
}

function Ground({
  label,
  start,
  background,
  children,
}: PropsWithChildren<MapCanvasProps & { background: Background }>) {
  const frame = useRef<HTMLDivElement>(null);
  const [handle, setHandle] = useState<MapHandle | null>(null);
  const [failed, setFailed] = useState(false);
  const boundaries = useBoundaries();
  const first = useRef({ start, label });
  useEffect(() => {
    let gone = false;
    let map: LibraryMap | undefined;
    loadMapLibrary()
      .then((library) => {
        if (gone || !frame.current) return;
        const { start: place, label: name } = first.current;
        map = new library.Map({
          container: frame.current,
          style: baseStyle(background),
          center: place ? [...place.center] : [104, 35],
          zoom: place?.zoom ?? 3,
          maxZoom: 20,
          attributionControl: false,
          dragRotate: false,
          pitchWithRotate: false,
          fadeDuration: 0,
          renderWorldCopies: false,
          locale: {
            'Map.Title': name,
            'NavigationControl.ZoomIn': t('map.zoomIn'),
            'NavigationControl.ZoomOut': t('map.zoomOut'),
            'ScaleControl.Meters': t('map.unit.metre'),
            'ScaleControl.Kilometers': t('map.unit.kilometre'),
          },
        });
        map.touchZoomRotate.disableRotation();
        map.keyboard.disableRotation();
        map.addControl(new library.NavigationControl({ showCompass: false }), 'top-right');
        map.addControl(new library.ScaleControl({ maxWidth: 120 }), 'bottom-left');
        if (background.attribution) map.addControl(new library.AttributionControl({ compact: false }));
        const ready = map;
        ready.on('load', () => {
          if (gone) return;
          drawGrid(ready);
          ready.on('moveend', () => drawGrid(ready));
          setHandle({ map: ready, library, shift: shiftOf(background) });
        });
      })
      .catch(() => setFailed(true));
    return () => {
      gone = true;
      map?.remove();
    };
  }, [background]);
  useEffect(() => {
    if (handle) showBoundaries(handle.map, boundaries, handle.shift);
  }, [handle, boundaries]);
  if (failed) return <Nothing title={t('map.noWebgl')} />;
  return (
    <div className="map-canvas">
      <div ref={frame} className="map-frame" data-ready={handle ? 'yes' : 'no'} />
      {handle ? <Handle value={handle}>{children}</Handle> : <Skeleton active className="map-waiting" />}
    </div>
  );
}

const AROUND = 48;

/** Shows all of a box given as it stands on the tiles; `left`: pixels on that side that something covers. */
export function fit({ map }: MapHandle, { west, south, east, north }: Box, left = 0): void {
  const padding = { top: AROUND, right: AROUND, bottom: AROUND, left: AROUND + left };
  map.fitBounds(
    [
      [west, south],
      [east, north],
    ],
    { padding, maxZoom: 17, animate: false },
  );
}
