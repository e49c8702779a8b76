import type { EChartsCoreOption } from 'echarts/core';
import { LIGHT } from '../../look/tokens.ts';
import { unitOf } from './type.ts';

/** Time and value each. */
export type Points = readonly (readonly (string | number | boolean | null)[])[];

interface Series {
  readonly metric: string;
  readonly title: string;
  readonly unit: string | null;
  readonly points: Points;
}
interface Limit {
  readonly metric: string;
  readonly value: number;
  readonly name: string;
}

const SECOND = 1_000;
const STEPS = [1, 5, 10, 30, 60, 300, 600, 900, 1_800, 3_600, 10_800, 21_600, 86_400].map((n) => n * SECOND);
const POINTS = 600;

/** Length of what one point stands for, so that a span has a few hundred; milliseconds. */
export const bucketFor = (lengthMs: number): number =>
  STEPS.find((step) => lengthMs / step <= POINTS) ?? Math.ceil(lengthMs / POINTS / SECOND) * SECOND;

/** Numbers a condition compares this metric with: `any(ports.*.current) > 12` is about `ports.3.current`. */
export function thresholdsOf(when: string | null, metric: string): number[] {
  if (!when) return [];
  const found: number[] = [];
  for (const [, name = '', value = ''] of when.matchAll(/([A-Za-z][\w.*]*)\)?\s*[<>]=?\s*(-?\d+(?:\.\d+)?)/g)) {
    const pattern = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '[^.]+')}$`);
    if (pattern.test(metric)) found.push(Number(value));
  }
  return found;
}

/** Where nothing came for longer than `gapMs` the curve is interrupted. */
export function withGaps(points: Points, gapMs: number): [number, number | null][] {
  const found: [number, number | null][] = [];
  let before: number | null = null;
  for (const [time, value] of points) {
    const at = Date.parse(String(time));
    if (before !== null && at - before > gapMs) found.push([before + 1, null]);
    found.push([at, typeof value === 'number' ? value : null]);
    before = at;
  }
  return found;
}

const COLOURS = [LIGHT.accent, LIGHT.odd, LIGHT.good, LIGHT.warning, '#00707a', '#8a2f6b'];
const DASHES = ['solid', 'dashed', 'dotted'] as const;

interface CurvesInput {
  readonly series: readonly Series[];
  readonly limits: readonly Limit[];
  readonly gapMs: number;
  /** Of the gateway's zone, milliseconds ahead of UTC: the library knows only UTC and the reader's own. */
  readonly offset: number;
  readonly span: readonly [from: number, to: number];
}

/** One grid a unit, one axis of time for all; alarm limits as lines. */
export function curvesOption({ series, limits, gapMs, offset, span }: CurvesInput): EChartsCoreOption {
  const units = [...new Set(series.map(({ unit }) => unit ?? ''))];
  const height = 130;
  return {
    animation: false,
    useUTC: true,
    color: COLOURS,
    legend: { top: 0, type: 'scroll', textStyle: { color: LIGHT.text } },
    tooltip: { trigger: 'axis', axisPointer: { link: [{ xAxisIndex: 'all' }] }, renderMode: 'richText' },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    grid: units.map((_, i) => ({ left: 56, right: 88, top: 36 + i * 180, height })),
    xAxis: units.map((_, i) => ({ type: 'time', gridIndex: i, min: span[0] + offset, max: span[1] + offset })),
    yAxis: units.map((unit, i) => ({
      type: 'value',
      gridIndex: i,
      name: unitOf(unit).trim(),
      scale: true,
      splitLine: { lineStyle: { color: LIGHT.line } },
    })),
    dataZoom: [
      { type: 'inside', xAxisIndex: units.map((_, i) => i), filterMode: 'none' },
      { type: 'slider', xAxisIndex: units.map((_, i) => i), filterMode: 'none', bottom: 4, height: 18 },
    ],
    series: series.map((one, i) => {
      const at = units.indexOf(one.unit ?? '');
      return {
        type: 'line',
        name: one.title,
        xAxisIndex: at,
        yAxisIndex: at,
        showSymbol: one.points.length < 40,
        symbolSize: 4,
        connectNulls: false,
        sampling: 'lttb',
        lineStyle: { width: 1.5, type: DASHES[Math.floor(i / COLOURS.length)] ?? 'solid' },
        data: withGaps(one.points, gapMs).map(([at, value]) => [at + offset, value]),
        markLine: {
          symbol: 'none',
          silent: true,
          lineStyle: { color: LIGHT.bad, type: 'dashed' },
          label: { formatter: '{b}', color: LIGHT.bad, fontSize: 11 },
          data: limits
            .filter(({ metric }) => metric === one.metric)
            .map(({ value, name }) => ({ yAxis: value, name: `${name} ${value}` })),
        },
      };
    }),
  };
}
