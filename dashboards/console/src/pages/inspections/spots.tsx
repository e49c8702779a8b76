import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Segmented, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Mark } from '../../parts/mark.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { Rule } from '../../parts/rule.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago } from '../../parts/time.tsx';

type Spot = Answer<'HotSpots'>['items'][number];
const BY = ['site', 'device'] as const;
type By = (typeof BY)[number];
const DAYS = [30, 90, 180, 365] as const;

/** 工单高发点位, the worst first, with the rule by which they are found. */
export function Spots() {
  const may = useMay();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const modules = useNames('modules');
  const orgs = useNames('orgs');
  const [filters, change] = useFilters();
  const [rules, setRules] = useState<readonly string[]>([]);
  const by: By = BY.find((one) => one === filters.by) ?? 'site';
  const days = DAYS.find((one) => String(one) === filters.days) ?? 90;
  const query = { by, days, ...(filters.module && { module: filters.module }) };
  const create = async (key: string) => {
    await api.POST('/api/v1/inspections/hot-spots/{key}/task', { params: { path: { key } } });
    message.success(t('hotSpots.made'));
    await queries.invalidateQueries({ queryKey: ['tickets', 'hot-spots'] });
  };
  return (
    <>
      <div className="filters inspections-bar">
        <Segmented<By>
          value={by}
          aria-label={t('hotSpots.by')}
          onChange={(next) => change({ by: next })}
          options={BY.map((value) => ({ value, label: tCode('hotSpots.by', value) }))}
        />
        <Select<number>
          value={days}
          aria-label={t('hotSpots.days')}
          popupMatchSelectWidth={false}
          onChange={(next) => change({ days: String(next) })}
          options={DAYS.map((value) => ({ value, label: t('hotSpots.lastDays', { n: value }) }))}
        />
        <NamedSelect
          of="modules"
          className="filter-select"
          placeholder={t('hotSpots.module')}
          aria-label={t('hotSpots.module')}
          value={filters.module}
          onChange={(next) => change({ module: next })}
        />
      </div>
      {rules.map((rule) => (
        <p className="hot-rule" key={rule}>
          {rule}
        </p>
      ))}
      <ServerTable<Spot>
        of={['tickets', 'hot-spots', query]}
        read={async (page) => {
          const answer = await body(
            api.GET('/api/v1/inspections/hot-spots', { params: { query: { ...query, ...page } } }),
          );
          setRules(answer.rules);
          return answer;
        }}
        rowKey="key"
        empty={{ title: t('hotSpots.empty'), next: t('hotSpots.empty.next') }}
        columns={[
          {
            title: t(by === 'site' ? 'hotSpots.site' : 'hotSpots.device'),
            className: 'wide-words',
            render: (_, { id, name, orgId }) => (
              <>
                {by === 'device' ? (
                  <Link to="/devices/$id" params={{ id }}>
                    {name}
                  </Link>
                ) : (
                  <Link to="/tickets" search={{ siteId: id }}>
                    {name}
                  </Link>
                )}
                <div className="quiet">{orgs.name(orgId)}</div>
              </>
            ),
          },
          {
            title: t('hotSpots.verdict'),
            render: (_, { hot }) =>
              hot ? (
                <Mark tone="bad" shape="triangle" label={t('hotSpots.hot')} />
              ) : (
                <Mark tone="none" shape="ring" label={t('hotSpots.notHot')} />
              ),
          },
          {
            title: (
              <>
                z <Rule words={t('hotSpots.z')} />
              </>
            ),
            align: 'end',
            render: (_, { z }) => z.toFixed(1),
          },
          { title: t('hotSpots.tickets'), dataIndex: 'tickets', align: 'end' },
          { title: t('hotSpots.expected'), align: 'end', render: (_, { expected }) => expected.toFixed(1) },
          { title: t('hotSpots.devices'), dataIndex: 'devices', align: 'end' },
          { title: t('hotSpots.perMonth'), align: 'end', render: (_, spot) => spot.perDeviceMonth.toFixed(2) },
          { title: t('hotSpots.module'), render: (_, { module }) => modules.name(module) || '—' },
          { title: t('hotSpots.last'), render: (_, { lastAt }) => <Ago at={lastAt} /> },
          {
            title: t('hotSpots.task'),
            render: (_, { key, name, ticketId }) =>
              ticketId ? (
                <Link to="/tickets/$id" params={{ id: ticketId }}>
                  {t('hotSpots.underWay')}
                </Link>
              ) : (
                may('inspections', 'create') && (
                  <ConfirmButton
                    size="small"
                    title={t('hotSpots.create')}
                    consequence={t('hotSpots.create.will', { name })}
                    act={() => create(key)}
                  >
                    {t('hotSpots.create')}
                  </ConfirmButton>
                )
              ),
          },
        ]}
      />
    </>
  );
}
