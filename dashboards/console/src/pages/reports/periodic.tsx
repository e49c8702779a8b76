import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import dayjs from 'dayjs';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ExportButton } from '../../parts/export-button.tsx';
import { Figure } from '../../parts/figure.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { pointsText, rateText, toneOfRate } from '../../parts/rates.ts';
import { Rule } from '../../parts/rule.tsx';
import { useToday } from '../../parts/today.ts';
import { NothingCounted } from './empty.tsx';
import { count, lengthText } from './figures.ts';
import { League } from './league.tsx';

type Report = Answer<'PeriodReport'>;
type Kind = Report['kind'];
const KINDS = ['biweekly', 'monthly'] as const;
const FORTNIGHT = 14;

const nameOf = (kind: Kind, from: string): string => (kind === 'monthly' ? from.slice(0, 7) : from);
const moved = (kind: Kind, from: string, by: 1 | -1): string =>
  kind === 'monthly'
    ? dayjs(from).add(by, 'month').format('YYYY-MM')
    : dayjs(from)
        .add(by * FORTNIGHT, 'day')
        .format('YYYY-MM-DD');

/** 双周报 and 月报: a period beside the one before it, and the four leagues. */
export function Periodic() {
  const [filters, change] = useFilters();
  const may = useMay();
  const kind = KINDS.find((one) => one === filters['kind']) ?? 'biweekly';
  const { number } = filters;
  const report = useQuery({
    queryKey: ['reports', 'periodic', kind, number ?? ''],
    queryFn: () =>
      body(api.GET('/api/v1/reports/periodic', { params: { query: { kind, ...(number && { period: number }) } } })),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const { data } = report;
  const today = useToday();
  const from = data?.kind === kind ? data.now.from : undefined;
  const next = from && moved(kind, from, 1);
  // One that has not ended is no report yet.
  const ended = next !== undefined && moved(kind, dayjs(next).format('YYYY-MM-DD'), 1) <= nameOf(kind, today);
  return (
    <>
      <div className="filters report-filters">
        <Segmented<Kind>
          value={kind}
          onChange={(chosen) => change({ kind: chosen, number: undefined })}
          options={KINDS.map((one) => ({ value: one, label: t(`reports.kind.${one}`) }))}
        />
        <Button disabled={!from} onClick={() => from && change({ number: moved(kind, from, -1) })}>
          {t('reports.periodBefore')}
        </Button>
        <Button disabled={!ended} onClick={() => next && change({ number: next })}>
          {t('reports.periodAfter')}
        </Button>
        {number !== undefined && (
          <Button onClick={() => change({ number: undefined })}>{t('reports.periodNewest')}</Button>
        )}
        {may('reports', 'export') && from && (
          <ExportButton
            title={t(`reports.kind.${kind}`)}
            address="/api/v1/reports/periodic.xlsx"
            query={{ kind, period: nameOf(kind, from) }}
            formats={[]}
            label={t('reports.xlsx')}
          />
        )}
      </div>
      <Loaded query={report}>{(shown) => <Shown report={shown} />}</Loaded>
    </>
  );
}

function Shown({ report: { kind, now, before, rules, vendors, units, orgs, modules } }: { report: Report }) {
  const leagues = [
    ['module', modules],
    ['vendor', vendors],
    ['unit', units],
    ['org', orgs],
  ] as const;
  return (
    <>
      <h2>
        {t(`reports.kind.${kind}`)} · {t('reports.days', { from: now.from, to: now.to })}
      </h2>
      <p className="quiet">
        {t('reports.comparedWith', { from: before.from, to: before.to })}{' '}
        <Rule words={rules.join(' ')} shown={t('reports.rule')} />
      </p>
      <Compared now={now} before={before} />
      {now.availability.deviceDays === 0 ? (
        <NothingCounted />
      ) : (
        leagues.map(([by, rows]) => (
          <section key={by} className="sheet">
            <h2>{t(`reports.by.${by}`)}</h2>
            <League by={by} rows={rows} />
          </section>
        ))
      )}
    </>
  );
}

function Compared({ now, before }: Pick<Report, 'now' | 'before'>) {
  const rate = (of: 'onlineRate' | 'fitRate') => ({
    value: rateText(now.availability[of]),
    tone: toneOfRate(now.availability[of]),
    note: t('reports.before.rate', {
      value: rateText(before.availability[of]),
      change: pointsText(now.availability[of], before.availability[of]),
    }),
  });
  const was = (value: string) => t('reports.before', { value });
  return (
    <div className="figures">
      <Figure label={t('reports.onlineRate')} {...rate('onlineRate')} />
      <Figure label={t('reports.fitRate')} {...rate('fitRate')} />
      <Figure
        label={t('reports.col.opened')}
        value={count(now.tickets.opened)}
        note={was(count(before.tickets.opened))}
      />
      <Figure
        label={t('reports.col.closed')}
        value={count(now.tickets.closed)}
        note={was(count(before.tickets.closed))}
      />
      <Figure
        label={t('reports.col.mttr')}
        value={lengthText(now.tickets.mttrMs)}
        rule={t('reports.col.mttr.rule')}
        note={was(lengthText(before.tickets.mttrMs))}
      />
      <Figure
        label={t('reports.col.onTime')}
        value={rateText(now.tickets.onTimeRate)}
        rule={t('reports.col.onTime.rule')}
        note={was(rateText(before.tickets.onTimeRate))}
      />
      <Figure
        label={t('reports.col.overdue')}
        value={count(now.tickets.overdue)}
        tone={now.tickets.overdue > 0 ? 'warning' : 'none'}
        rule={t('reports.now')}
      />
    </div>
  );
}
