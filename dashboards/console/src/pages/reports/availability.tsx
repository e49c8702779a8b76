import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { ExportButton } from '../../parts/export-button.tsx';
import { Figure } from '../../parts/figure.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { RateMark } from '../../parts/rate-mark.tsx';
import { rateText, toneOfRate } from '../../parts/rates.ts';
import { Rule } from '../../parts/rule.tsx';
import { exactTime } from '../../parts/time.tsx';
import { AvailabilityTrend } from './availability-trend.tsx';
import { OneDevice } from './device-availability.tsx';
import { MissingDays, NothingCounted } from './empty.tsx';
import { count, hoursText } from './figures.ts';
import { Pager, useCursor } from './pager.tsx';
import { PeriodPicker, usePeriod } from './period.tsx';
import { type Column, PlainTable } from './plain-table.tsx';
import { FILTER_OF, ScopeSelects, useScope } from './scope.tsx';

const BY = ['module', 'org', 'vendor', 'unit', 'project', 'site'] as const;
type By = (typeof BY)[number];
const SORTS = ['rate', '-rate', 'key'] as const;
type Report = Answer<'AvailabilityReport'>;
type Row = Report['items'][number];

/** 在线率 and 完好率 of a period, what they are made of, and down to one device's every moment. */
export function Availability() {
  const [filters, change] = useFilters();
  const may = useMay();
  const { from, to } = usePeriod();
  const scope = useScope();
  const by = BY.find((one) => one === filters['by']) ?? 'module';
  const sort = SORTS.find((one) => one === filters['sort']) ?? 'rate';
  const query = { from, to, by, sort, ...scope };
  const { device } = filters;
  const pages = useCursor(query);
  const report = useQuery({
    queryKey: ['reports', 'availability', query, pages.cursor],
    queryFn: () =>
      body(
        api.GET('/api/v1/reports/availability', {
          params: { query: { ...query, ...(pages.cursor && { cursor: pages.cursor }) } },
        }),
      ),
    enabled: !device,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <div className="filters report-filters">
        <PeriodPicker />
        <ScopeSelects only={['module', 'orgId', 'vendorId', 'maintenanceUnitId']} />
        <DeviceSelect
          value={device}
          aria-label={t('reports.oneDevice')}
          placeholder={t('reports.oneDevice')}
          onChange={(id) => change({ device: id })}
        />
        {may('reports', 'export') && !device && (
          <ExportButton
            title={t('reports.tab.availability')}
            address="/api/v1/reports/availability.xlsx"
            query={query}
            formats={[]}
            label={t('reports.xlsx')}
          />
        )}
      </div>
      {device ? (
        <OneDevice id={device} />
      ) : (
        <Loaded query={report}>
          {(data) =>
            data.total.deviceDays === 0 ? (
              <NothingCounted />
            ) : (
              <>
                <Totals report={data} />
                <MissingDays days={data.missingDays} />
                <AvailabilityTrend />
                <section className="sheet">
                  <h2>
                    {t('reports.ranking')}
                    <Segmented<By>
                      size="small"
                      value={by}
                      onChange={(next) => change({ by: next, tab: 'availability' })}
                      options={BY.map((one) => ({ value: one, label: t(`reports.by.${one}`) }))}
                    />
                    <Segmented
                      size="small"
                      className="more"
                      value={sort}
                      onChange={(next) => change({ sort: next })}
                      options={SORTS.map((one) => ({ value: one, label: t(`reports.sort.${one}`) }))}
                    />
                  </h2>
                  <PlainTable
                    label={t('reports.ranking')}
                    columns={columns(by)}
                    rows={data.items}
                    keyOf={({ key }) => key ?? ''}
                    total={{ ...data.total, key: null, name: t('reports.total') }}
                  />
                  <Pager pages={pages} next={data.nextCursor} />
                </section>
              </>
            )
          }
        </Loaded>
      )}
    </>
  );
}

function Totals({ report: { total, from, to, through, rules } }: { report: Report }) {
  return (
    <>
      <p className="quiet">
        {t('reports.days', { from, to })}
        {through && ` · ${t('reports.through', { time: exactTime(through).slice(0, 16) })}`} · {t('reports.goals')}{' '}
        <Rule words={rules.join(' ')} shown={t('reports.rule')} />
      </p>
      <div className="figures">
        <Figure
          label={t('reports.onlineRate')}
          value={rateText(total.onlineRate)}
          tone={toneOfRate(total.onlineRate)}
          rule={rules[0] ?? ''}
          note={t('reports.onlineRate.note', { online: hoursText(total.onlineMs), all: hoursText(total.expectedMs) })}
        />
        <Figure
          label={t('reports.fitRate')}
          value={rateText(total.fitRate)}
          tone={toneOfRate(total.fitRate)}
          rule={rules[1] ?? ''}
          note={t('reports.fitRate.note', { fit: hoursText(total.fitMs), all: hoursText(total.expectedMs) })}
        />
        <Figure
          label={t('reports.offlineHours')}
          value={hoursText(total.offlineMs)}
          note={t('reports.offlineHours.note')}
        />
        <Figure
          label={t('reports.excluded')}
          value={hoursText(total.maintenanceMs + total.blindMs)}
          rule={t('reports.excluded.rule')}
          note={t('reports.excluded.note', {
            maintenance: hoursText(total.maintenanceMs),
            blind: hoursText(total.blindMs),
          })}
        />
        <Figure label={t('reports.deviceDays')} value={count(total.deviceDays)} rule={t('reports.deviceDays.rule')} />
      </div>
    </>
  );
}

/** The group's name narrows the report to it; beside it its devices. */
function Group({ row: { key, name }, by }: { row: Row; by: By }) {
  const may = useMay();
  if (key === null) return name;
  const filter = FILTER_OF[by];
  return (
    <>
      <Link
        to="/reports"
        search={(before) => ({
          ...before,
          tab: 'availability',
          [filter]: key,
          by: by === 'site' ? 'site' : by === 'module' ? 'org' : 'site',
        })}
      >
        {name}
      </Link>
      {by !== 'project' && may('devices', 'read') && (
        <Link className="report-aside" to="/devices" search={{ [filter]: key }}>
          {t('reports.toDevices')}
        </Link>
      )}
    </>
  );
}

const columns = (by: By): Column<Row>[] => [
  { title: t(`reports.by.${by}`), cell: (row) => <Group row={row} by={by} /> },
  { title: t('reports.onlineRate'), cell: ({ onlineRate }) => <RateMark rate={onlineRate} />, figure: true },
  { title: t('reports.fitRate'), cell: ({ fitRate }) => <RateMark rate={fitRate} />, figure: true },
  { title: t('reports.col.expected'), cell: ({ expectedMs }) => hoursText(expectedMs), figure: true },
  {
    title: t('reports.col.offlineHours'),
    cell: ({ offlineMs }) => hoursText(offlineMs),
    figure: true,
    rule: t('reports.col.offlineHours.rule'),
  },
  { title: t('reports.col.neverSeenHours'), cell: ({ neverSeenMs }) => hoursText(neverSeenMs), figure: true },
  { title: t('reports.col.suspendedHours'), cell: ({ suspendedMs }) => hoursText(suspendedMs), figure: true },
  { title: t('reports.col.staleHours'), cell: ({ staleMs }) => hoursText(staleMs), figure: true },
  { title: t('reports.col.flawedHours'), cell: ({ flawedMs }) => hoursText(flawedMs), figure: true },
  { title: t('reports.col.maintenanceHours'), cell: ({ maintenanceMs }) => hoursText(maintenanceMs), figure: true },
  { title: t('reports.col.blindHours'), cell: ({ blindMs }) => hoursText(blindMs), figure: true },
  { title: t('reports.deviceDays'), cell: ({ deviceDays }) => count(deviceDays), figure: true },
];
