import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import type { EChartsCoreOption } from 'echarts/core';
import { useMemo } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { Chart } from '../../parts/chart.tsx';
import { Lanes } from '../../parts/lanes.tsx';
import { joined, offsetOf } from '../../parts/lanes-view.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { lengthOf } from '../../parts/time.tsx';
import { bucketFor, curvesOption, type Points, thresholdsOf } from './curve-option.ts';
import { type Range, RangeChoice, useRange } from './lanes.tsx';
import { inWords, type TypeWords } from './type.ts';

interface CurvesProps {
  readonly device: Answer<'Device'>;
  readonly type: TypeWords;
  readonly metrics: readonly string[];
  readonly values: Answer<'Latest'>['metrics'];
}

/** Chosen metrics over time: numbers as curves, words as lanes; what is missing is a gap. */
export function Curves({ device, type, metrics, values }: CurvesProps) {
  const range = useRange(24);
  const numbers = metrics.filter((name) => typeof values[name]?.value === 'number');
  const words = metrics.filter((name) => !numbers.includes(name));
  const length = range.free ? range.free.to - range.free.from : range.hours * 3_600_000;
  const bucket = bucketFor(length);
  const series = useSeries(device.id, range, numbers, bucket, 'avg');
  const said = useSeries(device.id, range, words, bucket, 'last');
  return (
    <section className="sheet">
      <h2 className="device-line">
        {t('data.curves')}
        <RangeChoice range={range} most={366} />
        <Button size="small" onClick={() => void Promise.all([series.refetch(), said.refetch()])}>
          {t('data.refresh')}
        </Button>
        <span className="quiet">{t('data.rollup', { length: lengthOf(bucket) })}</span>
      </h2>
      {metrics.length === 0 && <Nothing title={t('data.noneChosen')} />}
      {numbers.length > 0 && (
        <Loaded query={series}>{(data) => <Numbers device={device} type={type} data={data} bucket={bucket} />}</Loaded>
      )}
      {words.length > 0 && (
        <Loaded query={said}>
          {(data) => {
            const view = { from: Date.parse(data.from), to: Date.parse(data.to) };
            return (
              <Lanes
                label={t('data.curves')}
                offset={offsetOf(data.from)}
                view={view}
                limit={{ from: Date.now() - range.hours * 3_600_000, to: Date.now() }}
                onView={range.zoom}
                lanes={data.series.map(({ metric, points }) => ({
                  key: metric,
                  label: type.metric(metric),
                  spans: joined(
                    points.flatMap(([at, value]) =>
                      value === null || value === undefined
                        ? []
                        : [
                            {
                              from: Date.parse(String(at)),
                              to: Math.min(Date.parse(String(at)) + bucket, view.to),
                              tone: value === true ? ('warning' as const) : ('good' as const),
                              label:
                                typeof value === 'boolean'
                                  ? t(value ? 'data.true' : 'data.false')
                                  : type.value(metric, value),
                            },
                          ],
                    ),
                  ),
                }))}
              />
            );
          }}
        </Loaded>
      )}
    </section>
  );
}

function useSeries(id: string, range: Range, metrics: readonly string[], bucket: number, agg: 'avg' | 'last') {
  const key = range.free ?? range.hours;
  return useQuery({
    queryKey: ['device-series', id, key, metrics.join(), agg],
    queryFn: async () => {
      const { from, to } = range.now();
      const query = {
        ...{ from: `${Math.round(from)}`, to: `${Math.round(to)}`, metrics: metrics.join() },
        ...{ bucket: `${bucket / 1_000}s`, agg, limit: 10_000 },
      };
      const found = await body(api.GET('/api/v1/devices/{id}/telemetry', { params: { path: { id }, query } }));
      return { ...found, series: found.series as readonly Series[] };
    },
    enabled: metrics.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** The document of the API cannot say that a point is a time and a value. */
interface Series {
  readonly metric: string;
  readonly unit: string | null;
  readonly points: Points;
}

interface NumbersProps {
  readonly device: Answer<'Device'>;
  readonly type: TypeWords;
  readonly data: { readonly from: string; readonly to: string; readonly series: readonly Series[] };
  readonly bucket: number;
}

function Numbers({ device, type, data, bucket }: NumbersProps) {
  const may = useMay();
  const rules = useQuery({
    queryKey: ['lists', 'alarm-rules', device.id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/alarm-rules', { params: { path: { id: device.id } } })),
    enabled: may('alarmRules', 'read'),
    staleTime: 60_000,
    retry: false,
  });
  // A new option draws anew and loses the zoom: only when what it is made of has changed.
  const option: EChartsCoreOption = useMemo(() => {
    const limits = data.series.flatMap(({ metric }) =>
      (rules.data?.items ?? [])
        .filter(({ enabled }) => enabled)
        .flatMap((rule) =>
          thresholdsOf(rule.when, metric).map((value) => ({ metric, value, name: inWords(rule.title) })),
        ),
    );
    return curvesOption({
      series: data.series.map((one) => ({ ...one, title: type.metric(one.metric) })),
      limits,
      gapMs: bucket * 2.5,
      offset: offsetOf(data.from),
      span: [Date.parse(data.from), Date.parse(data.to)],
    });
  }, [data, rules.data, bucket, type.metric]);
  if (data.series.every(({ points }) => points.length === 0)) return <Nothing title={t('data.noPoints')} />;
  const groups = new Set(data.series.map(({ unit }) => unit ?? '')).size;
  return (
    <Chart
      option={option}
      height={80 + groups * 180}
      label={t('data.chartOf', { names: data.series.map(({ metric }) => type.metric(metric)).join('、') })}
    />
  );
}
