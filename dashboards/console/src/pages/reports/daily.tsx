import { useQuery } from '@tanstack/react-query';
import { App, Button, DatePicker } from 'antd';
import dayjs from 'dayjs';
import { type Answer, api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ExportButton } from '../../parts/export-button.tsx';
import { Figure } from '../../parts/figure.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Rule } from '../../parts/rule.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { useToday } from '../../parts/today.ts';
import { columnsOf, keyOf } from './daily-items.tsx';
import { dailyText, type Item } from './daily-text.ts';
import { count } from './figures.ts';
import { type Column, PlainTable } from './plain-table.tsx';

type Report = Answer<'DailyReport'>;
type Section = Report['sections'][number];
type Module = Report['modules'][number];

/** What is bad of itself when there is any. */
const TONE = {
  newOffline: 'bad',
  longOffline: 'bad',
  noStream: 'warning',
  stale: 'warning',
  recovered: 'none',
  overdueTickets: 'bad',
  missedInspections: 'warning',
} as const;

/** 巡检日报: seven figures, each leading to its list; as a message for the group and as a workbook. */
export function Daily() {
  const [{ date }, change] = useFilters();
  const now = useToday();
  const report = useQuery({
    queryKey: ['reports', 'daily', date ?? ''],
    queryFn: () => body(api.GET('/api/v1/reports/daily', { params: { query: date ? { date } : {} } })),
    retry: (times, error) => !(error instanceof Problem) && times < 2,
  });
  const absent = report.error instanceof Problem && report.error.status === 404;
  const step = (days: number) =>
    change({
      date: dayjs(date ?? now)
        .add(days, 'day')
        .format('YYYY-MM-DD'),
      section: undefined,
    });
  const today = !date || date >= now;
  return (
    <>
      <div className="filters report-filters">
        <Button onClick={() => step(-1)}>{t('reports.dayBefore')}</Button>
        <DatePicker
          aria-label={t('reports.date')}
          value={dayjs(date ?? now)}
          allowClear={false}
          maxDate={dayjs(now)}
          onChange={(day) => day && change({ date: day.format('YYYY-MM-DD'), section: undefined })}
        />
        <Button disabled={today} onClick={() => step(1)}>
          {t('reports.dayAfter')}
        </Button>
        {!today && <Button onClick={() => change({ date: undefined })}>{t('reports.today')}</Button>}
        {report.data && <Take report={report.data} />}
      </div>
      {absent && report.data === undefined ? (
        <Nothing
          title={t('reports.daily.none', { date: date ?? '' })}
          next={<Button onClick={() => change({ date: undefined })}>{t('reports.daily.toToday')}</Button>}
        />
      ) : (
        <Loaded query={report}>{(data) => <Shown report={data} />}</Loaded>
      )}
    </>
  );
}

/** Ways to take it along. */
function Take({ report }: { report: Report }) {
  const may = useMay();
  const { message } = App.useApp();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(dailyText(report));
      message.success(t('reports.copied'));
    } catch {
      message.error(t('reports.notCopied'));
    }
  };
  return (
    <>
      <Button onClick={() => void copy()}>{t('reports.copy')}</Button>
      {may('reports', 'export') && (
        <ExportButton
          title={t('reports.tab.daily')}
          address="/api/v1/reports/daily.xlsx"
          query={{ date: report.date }}
          formats={[]}
          label={t('reports.xlsx')}
        />
      )}
    </>
  );
}

function Shown({ report }: { report: Report }) {
  const { date, madeAt, live, rules, totals, modules, sections } = report;
  const [{ section: chosen }, change] = useFilters();
  const shown = sections.filter(({ section, count: n }) => (chosen ? section === chosen : n > 0));
  return (
    <>
      <p className="quiet">
        {t(live ? 'reports.daily.live' : 'reports.daily.made', { date, time: exactTime(madeAt).slice(0, 16) })}{' '}
        <Rule words={rules.join(' ')} shown={t('reports.rule')} />
      </p>
      <div className="figures">
        {sections.map(({ section, name, count: n }) => (
          <Figure
            key={section}
            label={name}
            tone={n === 0 ? 'none' : TONE[section]}
            value={
              <button
                type="button"
                className="figure-button"
                aria-pressed={chosen === section}
                aria-label={`${name} ${n}`}
                onClick={() => change({ section: chosen === section ? undefined : section })}
              >
                {count(n)}
              </button>
            }
          />
        ))}
      </div>
      <section className="sheet">
        <h2>{t('reports.daily.modules')}</h2>
        <PlainTable
          label={t('reports.daily.modules')}
          columns={moduleColumns()}
          rows={modules}
          keyOf={({ key }) => key ?? ''}
          total={{ ...totals, key: null, name: t('reports.total') }}
        />
      </section>
      {shown.map((section) => (
        <List key={section.section} of={section} date={date} whole={chosen === section.section} />
      ))}
      {chosen === undefined && shown.length === 0 && <Nothing title={t('reports.daily.allWell')} />}
    </>
  );
}

const moduleColumns = (): Column<Module>[] => [
  { title: t('reports.by.module'), cell: ({ name }) => name },
  { title: t('reports.col.total'), cell: ({ total }) => count(total), figure: true },
  { title: t('reports.col.online'), cell: ({ online }) => count(online), figure: true },
  { title: t('reports.col.offline'), cell: ({ offline }) => count(offline), figure: true },
  {
    title: t('reports.col.degraded'),
    cell: ({ degraded }) => count(degraded),
    figure: true,
    rule: t('reports.col.degraded.rule'),
  },
  { title: t('reports.col.neverSeen'), cell: ({ neverSeen }) => count(neverSeen), figure: true },
  { title: t('reports.col.suspended'), cell: ({ suspended }) => count(suspended), figure: true },
];

/** One list: its first lines, or page by page when it alone is asked for. */
function List({ of, date, whole }: { of: Section; date: string; whole: boolean }) {
  const [, change] = useFilters();
  return (
    <section className="sheet">
      <h2>
        {of.name} <b>{count(of.count)}</b>
        {(whole || of.count > of.items.length) && (
          <Button
            size="small"
            type="link"
            className="more"
            onClick={() => change({ section: whole ? undefined : of.section })}
          >
            {whole ? t('reports.daily.all') : t('reports.daily.whole', { n: of.count })}
          </Button>
        )}
      </h2>
      {whole ? (
        <ServerTable<Item & { id: string }>
          of={['reports', 'daily-items', date, of.section]}
          read={async (page) => {
            const { items, nextCursor } = await body(
              api.GET('/api/v1/reports/daily/items', { params: { query: { date, section: of.section, ...page } } }),
            );
            return { items: items.map((item) => ({ ...item, id: keyOf(item) })), nextCursor };
          }}
          rowKey="id"
          columns={columnsOf(of.section).map(({ title, cell, figure }) => ({
            key: title,
            title,
            render: (_: unknown, item: Item) => cell(item),
            ...(figure && { align: 'end' as const }),
          }))}
          empty={{ title: t('reports.daily.noneOf', { name: of.name }) }}
        />
      ) : (
        <PlainTable label={of.name} columns={columnsOf(of.section)} rows={of.items} keyOf={keyOf} />
      )}
    </section>
  );
}
