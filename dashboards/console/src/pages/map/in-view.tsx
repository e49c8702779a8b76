import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { t } from '../../language.ts';
import type { Box } from '../../parts/map/geometry.ts';
import { StateMark } from '../../parts/marks.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { listIn, type Points } from './points.ts';

interface InViewProps {
  readonly points: Points | undefined;
  readonly box: Box | null;
  readonly states: ReadonlySet<string>;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

const ROW_PX = 30;

/** The same as the map says, for those who do not point: worst first; arrows go up and down. */
export function InView({ points, box, states, chosen, onChoose }: InViewProps) {
  const rows = useMemo(() => (points && box ? listIn(points, box, states) : []), [points, box, states]);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const suspect = useMemo(() => new Set(points?.suspect), [points]);
  const current = points && chosen !== undefined ? rows.findIndex((i) => points.ids[i] === chosen) : -1;
  const step = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, current + by));
    const id = points?.ids[rows[next] ?? -1];
    if (id === undefined) return;
    list.scrollToIndex(next);
    onChoose(id);
  };
  if (points && box && rows.length === 0) return <Nothing title={t('map.nothingHere')} />;
  return (
    <>
      <p className="quiet map-count" role="status">
        {t('map.count', { n: rows.length.toLocaleString() })}
      </p>
      <div
        ref={scroller}
        className="map-list"
        role="listbox"
        tabIndex={0}
        aria-label={t('map.inView')}
        aria-activedescendant={current >= 0 ? `in-view-${current}` : undefined}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          step(by);
        }}
      >
        <div className="map-rows" style={{ blockSize: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, start }) => {
            const i = rows[index] ?? 0;
            const id = points?.ids[i] ?? '';
            return (
              <button
                type="button"
                key={id}
                id={`in-view-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={id === chosen}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                className="map-row"
                style={{ transform: `translateY(${start}px)` }}
                onClick={() => onChoose(id)}
              >
                <StateMark
                  of="health"
                  code={points?.states[points.state[i] ?? 0] ?? 'unknown'}
                  suspect={suspect.has(i)}
                  bare
                />
                <span>{points?.names[i]}</span>
              </button>
            );
          })}
        </div>
      </div>
    </>
  );
}
