import { DatePicker, Segmented } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { useToday } from '../../parts/today.ts';

const SPANS = ['7', '30', 'month', 'before', 'quarter'] as const;
type Span = (typeof SPANS)[number];
/** The gateway counts periods up to this many days. */
const MOST = 400;
const DAY = 'YYYY-MM-DD';

function daysOf(span: Span, today: Dayjs): [Dayjs, Dayjs] {
  const last = today.startOf('month').subtract(1, 'day');
  const within = { '7': 6, '30': 29 } as const;
  if (span === 'month') return [today.startOf('month'), today];
  if (span === 'before') return [last.startOf('month'), last];
  if (span === 'quarter') return [today.subtract(today.month() % 3, 'month').startOf('month'), today];
  return [today.subtract(within[span], 'day'), today];
}

const A_DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The period in the address: days chosen, or a span that moves on with the calendar; absent = the last 30 days. */
export function usePeriod(): { readonly from: string; readonly to: string; readonly span: Span | undefined } {
  const [{ from, to, span }] = useFilters();
  const today = useToday();
  if (from && to && A_DAY.test(from) && A_DAY.test(to)) return { from, to, span: undefined };
  const known = SPANS.find((one) => one === span) ?? '30';
  const [first, last] = daysOf(known, dayjs(today));
  return { from: first.format(DAY), to: last.format(DAY), span: known };
}

export function PeriodPicker() {
  const [, change] = useFilters();
  const { from, to, span } = usePeriod();
  const today = useToday();
  return (
    <>
      <Segmented
        value={span ?? 'free'}
        onChange={(value) => {
          if (SPANS.some((one) => one === value)) change({ span: String(value), from: undefined, to: undefined });
        }}
        options={[
          ...SPANS.map((one) => ({ value: one as string, label: t(`reports.span.${one}`) })),
          ...(span === undefined ? [{ value: 'free', label: t('reports.span.free') }] : []),
        ]}
      />
      <DatePicker.RangePicker
        aria-label={t('reports.period')}
        value={[dayjs(from), dayjs(to)]}
        allowClear={false}
        maxDate={dayjs(today)}
        disabledDate={(day, { from: first }) => first !== undefined && Math.abs(day.diff(first, 'day')) >= MOST}
        onChange={(days) => {
          if (days?.[0] && days[1]) change({ from: days[0].format(DAY), to: days[1].format(DAY), span: undefined });
        }}
      />
    </>
  );
}
