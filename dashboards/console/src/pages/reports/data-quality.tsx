import { Link } from '@tanstack/react-router';
import { Alert, Button, DatePicker, Segmented } from 'antd';
import dayjs from 'dayjs';
import { useCallback, useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Page } from '../../parts/page.tsx';
import { Rule } from '../../parts/rule.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { useToday } from '../../parts/today.ts';
import { qualityColumns, type Row } from './quality-columns.tsx';
import { OtherFaults } from './quality-links.tsx';
import { ScopeSelects } from './scope.tsx';
import { TypeSelect } from './type-select.tsx';
import './reports.css';

type Told = Pick<Answer<'DataQuality'>, 'date' | 'through' | 'rules'>;
const BY = ['device', 'vendor', 'type', 'module'] as const;
const DAY = 'YYYY-MM-DD';

/** What devices, vendors, types and modules delivered on a day, worst first, and what each point was lost for. */
export default function DataQuality() {
  const [filters, change] = useFilters();
  const may = useMay();
  const [told, tell] = useState<Told>();
  const [unknown, setUnknown] = useState(false);
  const by = BY.find((one) => one === filters['by']) ?? 'device';
  const { date, vendorId, module, type } = filters;
  const query = {
    by,
    ...(date && { date }),
    ...(vendorId && { vendorId }),
    ...(module && { module }),
    ...(type && { type }),
  };
  const shown = useCallback(
    (rows: readonly Row[]) => setUnknown(rows.length > 0 && rows.every(({ score }) => score === null)),
    [],
  );
  const today = useToday();
  return (
    <Page title={t('quality.title')} guide="inspections">
      <div className="filters report-filters">
        <Segmented
          value={by}
          onChange={(next) => change({ by: next })}
          options={BY.map((one) => ({ value: one, label: t(`quality.by.${one}`) }))}
        />
        <DatePicker
          aria-label={t('reports.date')}
          value={dayjs(date ?? told?.date ?? dayjs(today).subtract(1, 'day'))}
          allowClear={false}
          maxDate={dayjs(today)}
          onChange={(day) => day && change({ date: day.format(DAY) })}
        />
        {date !== today && <Button onClick={() => change({ date: today })}>{t('reports.today')}</Button>}
        {date !== undefined && <Button onClick={() => change({ date: undefined })}>{t('quality.yesterday')}</Button>}
        <ScopeSelects only={['module', 'vendorId']} />
        <TypeSelect value={type} onChange={(id) => change({ type: id })} />
      </div>
      {may('devices', 'read') && <OtherFaults />}
      {told && (
        <p className="quiet">
          {t('quality.of', { date: told.date })}
          {told.through && ` · ${t('reports.through', { time: exactTime(told.through).slice(0, 16) })}`}{' '}
          <Rule words={told.rules.join(' ')} shown={t('reports.rule')} />
        </p>
      )}
      {unknown && (
        <Alert
          type="info"
          showIcon
          title={t('quality.unknown')}
          action={
            date !== today && (
              <Button size="small" onClick={() => change({ date: today })}>
                {t('quality.seeToday')}
              </Button>
            )
          }
        />
      )}
      <section className="sheet">
        <ServerTable<Row>
          of={['reports', 'data-quality', query]}
          read={async (page) => {
            const answer = await body(api.GET('/api/v1/data-quality', { params: { query: { ...query, ...page } } }));
            tell(answer);
            return { items: answer.items.map((row) => ({ ...row, id: row.key ?? '' })), nextCursor: answer.nextCursor };
          }}
          rowKey="id"
          columns={qualityColumns(by, { date: told?.date, quarantine: may('quarantine', 'read') })}
          shown={shown}
          empty={{
            title: t('quality.none'),
            next: <Link to="/devices">{t('quality.none.next')}</Link>,
          }}
        />
      </section>
    </Page>
  );
}
