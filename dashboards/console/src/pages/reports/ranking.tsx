import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Rule } from '../../parts/rule.tsx';
import { NothingCounted } from './empty.tsx';
import { League } from './league.tsx';
import { Pager, useCursor } from './pager.tsx';
import { PeriodPicker, usePeriod } from './period.tsx';

const BY = ['vendor', 'unit', 'org', 'module', 'project'] as const;

/** Who does well and who does not, beside the period before. */
export function Ranking() {
  const [filters, change] = useFilters();
  const { from, to } = usePeriod();
  const by = BY.find((one) => one === filters['by']) ?? 'vendor';
  const query = { from, to, by };
  const pages = useCursor(query);
  const ranking = useQuery({
    queryKey: ['reports', 'ranking', query, pages.cursor],
    queryFn: () =>
      body(
        api.GET('/api/v1/reports/ranking', {
          params: { query: { ...query, ...(pages.cursor && { cursor: pages.cursor }) } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <div className="filters report-filters">
        <PeriodPicker />
        <Segmented
          value={by}
          onChange={(next) => change({ by: next, tab: 'ranking' })}
          options={BY.map((one) => ({ value: one, label: t(`reports.by.${one}`) }))}
        />
      </div>
      <Loaded query={ranking}>
        {({ items, rules, nextCursor, ...days }) => (
          <section className="sheet">
            <p className="quiet">
              {t('reports.days', days)} · {t('reports.goals')}{' '}
              <Rule words={rules.join(' ')} shown={t('reports.rule')} />
            </p>
            {items.length === 0 ? <NothingCounted /> : <League by={by} rows={items} />}
            <Pager pages={pages} next={nextCursor} />
          </section>
        )}
      </Loaded>
    </>
  );
}
