import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ExportButton } from '../../parts/export-button.tsx';
import { Figure } from '../../parts/figure.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { rateText } from '../../parts/rates.ts';
import { Rule } from '../../parts/rule.tsx';
import { exactTime } from '../../parts/time.tsx';
import { count, lengthText } from './figures.ts';
import { Pager, useCursor } from './pager.tsx';
import { PeriodPicker, usePeriod } from './period.tsx';
import { PlainTable } from './plain-table.tsx';
import { ScopeSelects, useScope } from './scope.tsx';
import { OPEN_STAGES, TICKETS_BY, type TicketsBy, ticketColumns } from './ticket-columns.tsx';

type Report = Answer<'TicketsReport'>;

/** How much work there was, how long it took, and how well it held. */
export function TicketFigures() {
  const [filters, change] = useFilters();
  const may = useMay();
  const { from, to } = usePeriod();
  const scope = useScope();
  const by = TICKETS_BY.find((one) => one === filters['by']) ?? 'fault';
  const query = { from, to, by, ...scope };
  const pages = useCursor(query);
  const report = useQuery({
    queryKey: ['reports', 'tickets', query, pages.cursor],
    queryFn: () =>
      body(
        api.GET('/api/v1/reports/tickets', {
          params: { query: { ...query, ...(pages.cursor && { cursor: pages.cursor }) } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <div className="filters report-filters">
        <PeriodPicker />
        <ScopeSelects only={['module', 'orgId', 'vendorId', 'maintenanceUnitId']} />
        {may('reports', 'export') && (
          <ExportButton
            title={t('reports.tab.tickets')}
            address="/api/v1/reports/tickets.xlsx"
            query={query}
            formats={[]}
            label={t('reports.xlsx')}
          />
        )}
      </div>
      <Loaded query={report}>
        {(data) => (
          <>
            <Totals report={data} />
            <section className="sheet">
              <h2>
                {t('reports.groups')}
                <Segmented<TicketsBy>
                  size="small"
                  value={by}
                  onChange={(next) => change({ by: next, tab: 'tickets' })}
                  options={TICKETS_BY.map((one) => ({ value: one, label: t(`reports.by.${one}`) }))}
                />
              </h2>
              {data.items.length === 0 ? (
                <Nothing title={t('reports.tickets.none', { from: data.from, to: data.to })} />
              ) : (
                <PlainTable
                  label={t('reports.groups')}
                  columns={ticketColumns(by)}
                  rows={data.items}
                  keyOf={({ key }) => key ?? ''}
                  total={{ ...data.total, key: null, name: t('reports.total') }}
                />
              )}
              <Pager pages={pages} next={data.nextCursor} />
            </section>
          </>
        )}
      </Loaded>
    </>
  );
}

function Totals({ report: { total, stages, from, to, openAsOf, rules } }: { report: Report }) {
  const may = useMay();
  const going = Object.entries(stages).filter(([, n]) => n > 0);
  const number = (n: number, search: Record<string, string>) =>
    n > 0 && may('tickets', 'read') ? (
      <Link to="/tickets" search={{ view: 'list', ...search }}>
        {count(n)}
      </Link>
    ) : (
      count(n)
    );
  return (
    <>
      <p className="quiet">
        {t('reports.days', { from, to })} · {t('reports.openAsOf', { time: exactTime(openAsOf).slice(0, 16) })}{' '}
        <Rule words={rules.join(' ')} shown={t('reports.rule')} />
      </p>
      <div className="figures">
        <Figure label={t('reports.col.opened')} value={count(total.opened)} />
        <Figure
          label={t('reports.col.closed')}
          value={count(total.closed)}
          note={t('reports.closed.note', {
            self: total.selfRecovered,
            falseAlarms: total.falseAlarms,
            cancelled: total.cancelled,
          })}
        />
        <Figure
          label={t('reports.col.mttr')}
          value={lengthText(total.mttrMs)}
          rule={t('reports.col.mttr.rule')}
          note={t('reports.mttr.note', {
            n: total.repaired,
            median: lengthText(total.mttrMedianMs),
            working: lengthText(total.mttrWorkingMs),
          })}
        />
        <Figure
          label={t('reports.col.onTime')}
          value={rateText(total.onTimeRate)}
          rule={t('reports.col.onTime.rule')}
          note={t('reports.of', { n: total.onTime, all: total.closed })}
        />
        <Figure
          label={t('reports.col.reopen')}
          value={rateText(total.reopenRate)}
          tone={(total.reopenRate ?? 0) > 0 ? 'warning' : 'none'}
          rule={t('reports.col.reopen.rule')}
          note={t('reports.of', { n: total.reopened, all: total.closed })}
        />
        <Figure
          label={t('reports.col.open')}
          value={number(total.open, { stage: OPEN_STAGES })}
          rule={t('reports.now')}
          tone={total.overdue > 0 ? 'warning' : 'none'}
          note={
            <>
              {t('reports.col.overdue')} {number(total.overdue, { overdue: 'true' })}
            </>
          }
        />
      </div>
      {going.length > 0 && (
        <ul className="report-stages" aria-label={t('reports.stages')}>
          {going.map(([stage, n]) => (
            <li key={stage}>
              <StateMark of="stage" code={stage} /> <b>{number(n, { stage })}</b>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
