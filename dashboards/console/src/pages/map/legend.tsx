import { useMemo } from 'react';
import { t } from '../../language.ts';
import type { Box } from '../../parts/map/geometry.ts';
import { StateMark } from '../../parts/marks.tsx';
import { countsIn, type Points, RANK } from './points.ts';

interface LegendProps {
  readonly points: Points | undefined;
  readonly box: Box | null;
  readonly chosen: ReadonlySet<string>;
  readonly choose: (states: ReadonlySet<string>) => void;
}

/** What the signs mean, how many of each are in view, and which of them are shown. */
export function Legend({ points, box, chosen, choose }: LegendProps) {
  const counts = useMemo(() => (points && box ? countsIn(points, box) : {}), [points, box]);
  const flip = (state: string) => {
    const next = new Set(chosen);
    if (!next.delete(state)) next.add(state);
    choose(next.size === RANK.length ? new Set() : next);
  };
  return (
    <fieldset className="map-legend">
      <legend>{t('map.legend')}</legend>
      {RANK.toReversed().map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={chosen.has(state)}
          className={chosen.size > 0 && !chosen.has(state) ? 'off' : ''}
          onClick={() => flip(state)}
        >
          <StateMark of="health" code={state} />
          <b>{(counts[state] ?? 0).toLocaleString()}</b>
        </button>
      ))}
    </fieldset>
  );
}
