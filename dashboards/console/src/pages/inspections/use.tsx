import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { App, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { useFilters } from '../../parts/filters.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { ServerTable } from '../../parts/server-table.tsx';
import { exactTime } from '../../parts/time.tsx';
import { useToday } from '../../parts/today.ts';

type Row = Answer<'DeviceUse'>['items'][number];
const ACTIONS = ['retire', 'move', 'keep'] as const;
type Action = (typeof ACTIONS)[number];

/** The last four quarters, this one first. */
function quarters(today: string): readonly string[] {
  const nth = Number(today.slice(0, 4)) * 4 + Math.floor((Number(today.slice(5, 7)) - 1) / 3);
  return [0, 1, 2, 3].map((back) => `${Math.floor((nth - back) / 4)}-Q${((nth - back) % 4) + 1}`);
}

const percent = (share: number | null) => (share === null ? '—' : `${(share * 100).toFixed(1)}%`);

/** Devices of little use or of many false alarms, and what is decided about them. */
export function Use({ by }: { by: 'lowUse' | 'falseAlarm' }) {
  const may = useMay();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const modules = useNames('modules');
  const [filters, change] = useFilters();
  const [told, setTold] = useState<Pick<Answer<'DeviceUse'>, 'rules' | 'through'> | null>(null);
  const known = quarters(useToday());
  const quarter = known.find((one) => one === filters.quarter) ?? known[0] ?? '';
  const query = { by, quarter, ...(filters.module && { module: filters.module }) };
  const decide = async (id: string, action: Action, reason: string) => {
    const { ticketId } = await body(
      api.POST('/api/v1/inspections/use/{id}/decision', {
        params: { path: { id } },
        body: { action, reason, quarter },
      }),
    );
    message.success(t(ticketId ? 'use.ticketMade' : 'use.kept'));
    await queries.invalidateQueries({ queryKey: ['reports', 'use'] });
  };
  const numbers =
    by === 'lowUse'
      ? [
          { title: t('use.views'), dataIndex: 'views', align: 'end' as const },
          { title: t('use.share'), align: 'end' as const, render: (_: unknown, row: Row) => percent(row.useShare) },
          { title: t('use.events'), dataIndex: 'events', align: 'end' as const },
        ]
      : [
          { title: t('use.tickets'), dataIndex: 'tickets', align: 'end' as const },
          { title: t('use.falseAlarms'), dataIndex: 'falseAlarms', align: 'end' as const },
          {
            title: t('use.rate'),
            align: 'end' as const,
            render: (_: unknown, row: Row) => percent(row.falseAlarmRate),
          },
        ];
  return (
    <>
      <div className="filters inspections-bar">
        <Select
          value={quarter}
          aria-label={t('use.quarter')}
          popupMatchSelectWidth={false}
          onChange={(next: string) => change({ quarter: next })}
          options={known.map((value) => ({
            value,
            label: value.replace('-Q', t('use.quarterOf')) + t('use.quarterEnd'),
          }))}
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
      <p className="hot-rule">
        {told?.rules.join(' ')} {told?.through && t('use.through', { at: exactTime(told.through).slice(0, 16) })}
      </p>
      <ServerTable<Row>
        of={['reports', 'use', query]}
        read={async (page) => {
          const answer = await body(api.GET('/api/v1/inspections/use', { params: { query: { ...query, ...page } } }));
          setTold(answer);
          return answer;
        }}
        rowKey="deviceId"
        empty={{ title: tCode('use.empty', by) }}
        columns={[
          {
            title: t('hotSpots.device'),
            className: 'wide-words',
            render: (_, { deviceId, name, siteName }) => (
              <>
                <Link to="/devices/$id" params={{ id: deviceId }}>
                  {name}
                </Link>
                <div className="quiet">{siteName}</div>
              </>
            ),
          },
          { title: t('hotSpots.module'), render: (_, { module }) => modules.name(module) || '—' },
          ...numbers,
          { title: t('use.days'), dataIndex: 'days', align: 'end' },
          {
            title: t('use.decision'),
            className: 'wide-words',
            render: (_, { deviceId, name, decision }) =>
              decision ? (
                <>
                  <b>{tCode('useAction', decision.action)}</b>
                  <div className="quiet">{`${decision.reason} · ${exactTime(decision.at).slice(0, 10)}`}</div>
                </>
              ) : (
                may('inspections', 'decide') && (
                  <span className="campaign-acts">
                    {ACTIONS.map((action) => (
                      <ConfirmButton
                        key={action}
                        size="small"
                        reason
                        title={tCode('useAction', action)}
                        consequence={t(`use.will.${action}`, { name })}
                        act={(reason) => decide(deviceId, action, reason)}
                      >
                        {tCode('useAction', action)}
                      </ConfirmButton>
                    ))}
                  </span>
                )
              ),
          },
        ]}
      />
    </>
  );
}
