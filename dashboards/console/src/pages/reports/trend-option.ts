import type { EChartsCoreOption } from 'echarts/core';
import { t } from '../../language.ts';
import { LIGHT } from '../../look/tokens.ts';
import { GOALS, rateText } from '../../parts/rates.ts';

export interface RatePoint {
  /** A month or a day, as it is written below the axis. */
  readonly at: string;
  readonly onlineRate: number | null;
  readonly fitRate: number | null;
}

/** The axis begins a little below the worst rate, at whole tens of percent: small differences near the goals count. */
export function lowest(points: readonly RatePoint[]): number {
  const known = points.flatMap(({ onlineRate, fitRate }) => [onlineRate, fitRate]).filter((rate) => rate !== null);
  return Math.max(0, Math.floor(Math.min(0.94, ...known) * 10) / 10);
}

/** Two lines that differ by their dashes too, and the goals as levels. `_language` only so that words are made anew. */
export function trendOption(points: readonly RatePoint[], _language: string): EChartsCoreOption {
  const line = (name: string, colour: string, of: 'onlineRate' | 'fitRate', dashes: 'solid' | 'dashed') => ({
    type: 'line',
    name,
    data: points.map((point) => point[of]),
    symbol: of === 'onlineRate' ? 'circle' : 'diamond',
    symbolSize: 6,
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: 2, type: dashes },
  });
  const low = lowest(points);
  return {
    animation: false,
    grid: { left: 52, right: 96, top: 28, bottom: 24 },
    legend: { top: 0, left: 0, textStyle: { color: LIGHT.text } },
    tooltip: {
      trigger: 'axis',
      valueFormatter: (value: unknown) => rateText(typeof value === 'number' ? value : null),
    },
    xAxis: {
      type: 'category',
      data: points.map(({ at }) => at),
      axisLabel: { color: LIGHT.quiet },
      axisLine: { lineStyle: { color: LIGHT.line } },
    },
    yAxis: {
      type: 'value',
      min: low,
      max: 1,
      interval: low >= 0.8 ? 0.05 : low >= 0.5 ? 0.1 : 0.2,
      axisLabel: { color: LIGHT.quiet, formatter: (value: number) => `${Math.round(value * 100)}%` },
      splitLine: { lineStyle: { color: LIGHT.ground } },
    },
    series: [
      {
        ...line(t('reports.onlineRate'), LIGHT.accent, 'onlineRate', 'solid'),
        markLine: {
          silent: true,
          symbol: 'none',
          label: { position: 'end', color: LIGHT.quiet, formatter: '{b}' },
          lineStyle: { color: LIGHT.none, type: 'dotted' },
          data: [
            { yAxis: GOALS.key, name: t('reports.goal.key') },
            { yAxis: GOALS.usual, name: t('reports.goal.usual') },
          ],
        },
      },
      line(t('reports.fitRate'), LIGHT.odd, 'fitRate', 'dashed'),
    ],
  };
}
