import { useEffect, useRef } from 'react';
import { useBoundaries } from '../../parts/map/background.ts';
import { type Box, boxOf } from '../../parts/map/geometry.ts';
import { fit, useMap } from '../../parts/map/map-canvas.tsx';
import type { Place, Points } from './points.ts';

interface ViewProps {
  readonly places: readonly Place[];
  readonly points: Points | undefined;
  /** Told of what is in view, WGS-84, whenever it came to rest. */
  readonly onMove: (box: Box) => void;
  /** Index of a device to come to when it is out of view. */
  readonly go: number | null;
}

/** Where one looks: at first at all there is, then wherever one went. */
export function View({ places, points, onMove, go }: ViewProps) {
  const handle = useMap();
  const { map, shift } = handle;
  const boundaries = useBoundaries();
  const held = useRef(onMove);
  held.current = onMove;
  const begun = useRef(false);
  useEffect(() => {
    const tell = () => {
      const bounds = map.getBounds();
      const [west, south] = shift.real([bounds.getWest(), bounds.getSouth()]);
      const [east, north] = shift.real([bounds.getEast(), bounds.getNorth()]);
      held.current({ west, south, east, north });
    };
    tell();
    map.on('moveend', tell);
    return () => {
      map.off('moveend', tell);
    };
  }, [map, shift]);
  useEffect(() => {
    if (begun.current || points === undefined) return;
    const outlines = boundaries.flatMap(({ rings }) => rings[0] ?? []);
    const box = boxOf((places.length > 0 ? places.map(({ at }) => at) : outlines).map(shift.shown));
    if (!box) return;
    begun.current = true;
    fit(handle, box);
  }, [handle, shift, places, points, boundaries]);
  useEffect(() => {
    if (go === null || !points) return;
    const place = shift.shown([points.lon[go] ?? 0, points.lat[go] ?? 0]);
    if (!map.getBounds().contains([...place])) map.easeTo({ center: [...place], zoom: Math.max(map.getZoom(), 16) });
  }, [map, shift, go, points]);
  return null;
}
