import type { EChartsCoreOption } from 'echarts/core';
import { useEffect, useRef } from 'react';

interface ChartProps {
  readonly option: EChartsCoreOption;
  /** Pixels. */
  readonly height: number;
  /** What the picture says, for those who do not see it. */
  readonly label: string;
}

/** A chart; its library is loaded when the first one is drawn. */
export function Chart({ option, height, label }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let ended = false;
    let end: (() => void) | undefined;
    void import('./chart-library.ts').then(({ draw }) => {
      if (!ended && place.current) end = draw(place.current, option);
    });
    return () => {
      ended = true;
      end?.();
    };
  }, [option]);
  return <div ref={place} role="img" aria-label={label} style={{ height }} />;
}
