import { Segmented } from 'antd';
import { useMemo } from 'react';
import { t, useLanguage } from '../../language.ts';
import { Chart } from '../../parts/chart.tsx';
import { useFilters } from '../../parts/filters.ts';
import { rateText } from '../../parts/rates.ts';
import { useDays, useMonths } from './empty.tsx';
import { type RatePoint, trendOption } from './trend-option.ts';

const STEPS = ['month', 'day'] as const;

/** How both rates went, by month or by day, against what is asked for. */
export function AvailabilityTrend() {
  const [filters, change] = useFilters();
  const language = useLanguage();
  const months = useMonths().data?.items;
  const counted = months?.filter(({ deviceDays }) => deviceDays > 0).length ?? 0;
  // One month is a point; its days say more.
  const step = STEPS.find((one) => one === filters['trend']) ?? (counted > 1 ? 'month' : 'day');
  const days = useDays().data?.items[0]?.days;
  const points: RatePoint[] | undefined = useMemo(
    () =>
      step === 'month'
        ? months?.map(({ month, onlineRate, fitRate }) => ({ at: month, onlineRate, fitRate }))
        : days?.map(({ day, onlineRate, fitRate }) => ({ at: day.slice(5), onlineRate, fitRate })),
    [step, months, days],
  );
  const option = useMemo(() => points && trendOption(points, language), [points, language]);
  const last = points?.at(-1);
  return (
    <section className="sheet">
      <h2>
        {t('reports.trend')}
        <Segmented
          size="small"
          value={step}
          onChange={(next) => change({ trend: next })}
          options={STEPS.map((one) => ({ value: one, label: t(`reports.trend.${one}`) }))}
        />
      </h2>
      {option && last && points && points.length > 1 && (
        <Chart
          option={option}
          height={200}
          label={t('reports.trend.label', {
            n: points.length,
            online: rateText(last.onlineRate),
            fit: rateText(last.fitRate),
          })}
        />
      )}
      {points && points.length < 2 && <p className="quiet">{t('reports.trend.short')}</p>}
    </section>
  );
}
