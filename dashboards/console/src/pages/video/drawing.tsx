import { useEffect, useRef, useState } from 'react';
import { t } from '../../language.ts';
import { type Area, closes, cornersOf, type Point, pointAt, polygonOf, rectangleOf } from './areas.ts';

export type Tool = 'rectangle' | 'polygon';
interface DrawingProps {
  readonly areas: readonly Area[];
  /** null = only shown. */
  readonly tool: Tool | null;
  readonly add: (area: Area) => void;
  /** Of the picture beneath; absent = none could be had. */
  readonly address: string | undefined;
}

/** Areas over a picture; drawn with the pointer, or with the keyboard by a cross that the arrows move. */
export function Drawing({ areas, tool, add, address }: DrawingProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [points, setPoints] = useState<readonly Point[]>([]);
  const [pen, setPen] = useState<Point | null>(null);
  const latest = useRef({ tool, add, points, pen });
  latest.current = { tool, add, points, pen };
  useEffect(() => setPoints(tool === null ? [] : []), [tool]);

  useEffect(() => {
    const place = frame.current;
    if (!place) return;
    const ends = new AbortController();
    const { signal } = ends;
    // It takes keys: a cross that the arrows move.
    place.tabIndex = 0;
    const finish = (area: Area | null) => {
      setPoints([]);
      if (area) latest.current.add(area);
    };
    /** A corner is set: the first begins, the second ends a rectangle, the first again closes a polygon. */
    const set = (point: Point) => {
      const now = latest.current;
      const [first] = now.points;
      if (now.tool === null) return;
      if (now.tool === 'rectangle' && first) finish(rectangleOf(first, point));
      else if (now.tool === 'polygon' && closes(now.points, point)) finish(polygonOf(now.points));
      else setPoints([...now.points, point]);
    };
    const at = (event: PointerEvent) => pointAt(event.clientX, event.clientY, place.getBoundingClientRect());
    place.addEventListener('pointerdown', (event) => set(at(event)), { signal });
    place.addEventListener('pointermove', (event) => setPen(at(event)), { signal });
    place.addEventListener(
      'pointerup',
      (event) => {
        const [first] = latest.current.points;
        // Dragged: the corner where it is let go is the second one. A click sets one corner at a time.
        if (latest.current.tool === 'rectangle' && first && rectangleOf(first, at(event))) set(at(event));
      },
      { signal },
    );
    place.addEventListener(
      'keydown',
      (event) => {
        const step = event.shiftKey ? 0.05 : 0.01;
        const [x, y] = latest.current.pen ?? [0.5, 0.5];
        const moves: Record<string, Point> = {
          ArrowLeft: [x - step, y],
          ArrowRight: [x + step, y],
          ArrowUp: [x, y - step],
          ArrowDown: [x, y + step],
        };
        const to = moves[event.key];
        if (to) setPen(pointAt(to[0], to[1], { left: 0, top: 0, width: 1, height: 1 }));
        else if (event.key === ' ' || event.key === 'Enter') set([x, y]);
        else if (event.key === 'Escape') setPoints([]);
        else return;
        event.preventDefault();
      },
      { signal },
    );
    return () => ends.abort();
  }, []);

  const [first] = points;
  const begun = first && pen && tool === 'rectangle' ? rectangleOf(first, pen) : null;
  return (
    <div
      ref={frame}
      className="mask-drawing"
      role="application"
      aria-label={t('video.masks.drawing', { n: areas.length })}
    >
      {address && <img src={address} alt="" draggable={false} />}
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        {areas.map((area) => (
          <polygon key={JSON.stringify(area)} className="mask-area" points={cornersOf(area)} />
        ))}
        {begun && <polygon className="mask-begun" points={cornersOf(begun)} />}
        {tool === 'polygon' && points.length > 0 && (
          <polyline
            className="mask-begun"
            points={[...points, ...(pen ? [pen] : [])].map(([x, y]) => `${x * 100},${y * 100}`).join(' ')}
          />
        )}
        {tool !== null && pen && (
          <path
            className="mask-pen"
            d={`M${pen[0] * 100 - 2} ${pen[1] * 100}h4M${pen[0] * 100} ${pen[1] * 100 - 3}v6`}
          />
        )}
      </svg>
    </div>
  );
}
