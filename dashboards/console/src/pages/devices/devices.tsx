import { Link, useNavigate } from '@tanstack/react-router';
import { Button, Segmented } from 'antd';
import { useCallback, useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ExportButton } from '../../parts/export-button.tsx';
import { useFilters } from '../../parts/filters.ts';
import { BeatLegend, Heartbeats } from '../../parts/heartbeat.tsx';
import { Page } from '../../parts/page.tsx';
import { SavedFilters } from '../../parts/saved-filters.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { sortOf, useColumns } from './columns.tsx';
import { FilterBar } from './filter-bar.tsx';
import { FILTERS, narrowedBy, queryOf } from './filters.ts';
import { StateCounts } from './state-counts.tsx';
import './devices.css';

type Device = Answer<'Device'>;
const SORTS = ['id', '-id', 'name', '-name', 'createdAt', '-createdAt', 'stateSince', '-stateSince'] as const;

/** 设备: what there is, how it is, and what to do with many of them at once. */
export default function Devices() {
  const may = useMay();
  const go = useNavigate();
  const [filters, change] = useFilters();
  const [ids, setIds] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const sort = SORTS.find((one) => one === filters['sort']);
  const hours = filters['hours'] === '168' ? 168 : 24;
  const { columns, choose } = useColumns(sort);
  const narrowed = narrowedBy(filters);
  const shown = useCallback((rows: readonly Device[]) => setIds(rows.map(({ id }) => id)), []);
  const read = (page: { cursor?: string; limit: number }) =>
    body(
      api.GET('/api/v1/devices', {
        params: { query: { ...queryOf(narrowed, Date.now()), ...page, ...(sort ? { sort } : {}) } },
      }),
    );
  return (
    <Page
      title={t('devices.title')}
      guide="device-states"
      actions={
        may('devices', 'create') && (
          <>
            <Link to="/devices/import">
              <Button>{t('devices.import')}</Button>
            </Link>
            <Link to="/devices/new">
              <Button type="primary">{t('devices.new')}</Button>
            </Link>
          </>
        )
      }
    >
      <StateCounts filters={filters} change={change} />
      <FilterBar filters={filters} change={change}>
        <SavedFilters list="devices" names={FILTERS} filters={filters} change={change} />
      </FilterBar>
      <section className="sheet devices">
        <div className="devices-bar">
          <BulkBar chosen={chosen} clear={() => setChosen([])} filters={narrowed} />
          <div className="devices-tools">
            <Segmented
              size="small"
              aria-label={t('devices.period')}
              value={hours}
              onChange={(value) => change({ hours: value === 24 ? undefined : String(value) })}
              options={[
                { value: 24, label: t('devices.period.day') },
                { value: 168, label: t('devices.period.week') },
              ]}
            />
            {choose}
            {may('devices', 'export') && (
              <ExportButton
                title={t('devices.export')}
                address="/api/v1/devices/export"
                query={asText(queryOf(narrowed, Date.now()))}
                formats={['xlsx', 'csv', 'gb18030']}
              />
            )}
          </div>
        </div>
        <Heartbeats ids={ids} hours={hours}>
          <ServerTable<Device>
            of={['devices', 'list', narrowed, sort ?? '']}
            read={read}
            rowKey="id"
            columns={columns}
            shown={shown}
            sorted={(name, order) => change({ sort: sortOf(name, order) })}
            selected={{ keys: chosen, choose: setChosen }}
            onOpen={({ id }) => void go({ to: '/devices/$id', params: { id } })}
            empty={{
              title: t(Object.keys(narrowed).length > 0 ? 'devices.none' : 'devices.empty'),
              next:
                Object.keys(narrowed).length === 0 && may('devices', 'create') ? (
                  <Link to="/devices/new">{t('devices.new')}</Link>
                ) : undefined,
            }}
          />
        </Heartbeats>
        <BeatLegend />
      </section>
    </Page>
  );
}

const asText = (query: object): Record<string, string> =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
