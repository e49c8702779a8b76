import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Alert, InputNumber, Table } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import type { Tone } from '../../look/tokens.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark, type Shape } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { exactTime } from '../../parts/time.tsx';
import { CapacityForecast } from './capacity-forecast.tsx';
import { count, growth, size } from './capacity-words.ts';
import './capacity.css';

type Capacity = Answer<'Capacity'>;
type Disk = Answer<'Disk'>;
type Kept = Answer<'Retention'>;

const AGAIN_MS = 60_000;
const SIGNS: Readonly<Record<Disk['level'], readonly [Tone, Shape]>> = {
  ok: ['good', 'disc'],
  warning: ['warning', 'triangle'],
  serious: ['bad', 'triangle'],
  full: ['bad', 'cross'],
};

export interface WhatIf {
  readonly devices?: number;
  readonly interval?: number;
  readonly rawDays?: number;
  readonly hourlyDays?: number;
}

/** How full it is, what takes the room, and how long that lasts. */
export default function CapacityPage() {
  const [whatIf, setWhatIf] = useState<WhatIf>({});
  const found = useQuery({
    queryKey: ['capacity', whatIf],
    queryFn: () => body(api.GET('/api/v1/system/capacity', { params: { query: whatIf } })),
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
  });
  return (
    <Page title={t('nav.capacity')} guide="capacity">
      <Loaded query={found}>
        {(capacity) => (
          <>
            <Disks capacity={capacity} />
            <Measured capacity={capacity} />
            <h2>{t('capacity.forecast')}</h2>
            <Question capacity={capacity} whatIf={whatIf} onChange={setWhatIf} />
            <CapacityForecast capacity={capacity} />
            <h2>{t('capacity.retention')}</h2>
            <Retention rows={capacity.retention} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Disks({ capacity: { disks, stopped } }: { capacity: Capacity }) {
  const used = ({ usedBytes, totalBytes }: Disk) =>
    totalBytes === null
      ? t('capacity.noBudget', { used: size(usedBytes) })
      : t('capacity.ofTotal', {
          used: size(usedBytes),
          total: size(totalBytes),
          share: Math.round((usedBytes / totalBytes) * 100),
        });
  return (
    <>
      {stopped.length > 0 && (
        <Alert
          type="error"
          showIcon
          title={t('capacity.stopped', { what: stopped.map((what) => t(`capacity.stops.${what}`)).join('、') })}
        />
      )}
      <h2>{t('capacity.disks')}</h2>
      <Table<Disk>
        size="small"
        pagination={false}
        rowKey={({ node, area }) => `${area}:${node}`}
        dataSource={[...disks]}
        columns={[
          {
            title: t('capacity.where'),
            key: 'where',
            render: (_, { area, node }) => t(`capacity.area.${area}`, { node }),
          },
          {
            title: '',
            key: 'level',
            render: (_, { level }) => {
              const [tone, shape] = SIGNS[level];
              return <Mark tone={tone} shape={shape} label={t(`capacity.level.${level}`)} />;
            },
          },
          { title: t('capacity.used'), key: 'used', render: (_, disk) => used(disk) },
          { title: t('capacity.growth'), key: 'growth', render: (_, { growthPerDay }) => growth(growthPerDay) },
          {
            title: t('capacity.fullIn'),
            key: 'full',
            render: (_, { fullInDays }) => (fullInDays === null ? '—' : t('capacity.days', { n: count(fullInDays) })),
          },
        ]}
      />
    </>
  );
}

function Measured({ capacity: { costs, messagesPerDay, databaseBytes, modules } }: { capacity: Capacity }) {
  const each = (bytes: number | null) => (bytes === null ? '—' : t('capacity.bytes', { n: bytes.toFixed(1) }));
  const facts = [
    ['messagesPerDay', count(messagesPerDay)],
    ['readingsPerDay', count(costs.perDay)],
    ['rawBytes', each(costs.rawBytes)],
    ['compressedBytes', each(costs.compressedBytes)],
    ['hourlyBytes', each(costs.hourlyBytes)],
    ['dailyBytes', each(costs.dailyBytes)],
    ['databaseBytes', size(databaseBytes)],
  ] as const;
  return (
    <>
      <h2>{t('capacity.measured')}</h2>
      <dl className="capacity-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`capacity.${name}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Table<Capacity['modules'][number]>
        size="small"
        pagination={false}
        rowKey={({ module }) => module ?? ''}
        dataSource={[...modules]}
        locale={{ emptyText: <Nothing title={t('capacity.noModules')} /> }}
        columns={[
          { title: t('capacity.module'), key: 'module', render: (_, { module }) => module ?? t('capacity.noModule') },
          { title: t('capacity.devices'), key: 'devices', align: 'right', render: (_, row) => count(row.devices) },
          { title: t('capacity.yesterday'), key: 'readings', align: 'right', render: (_, row) => count(row.readings) },
          {
            title: t('capacity.perDevice'),
            key: 'each',
            align: 'right',
            render: (_, { bytesPerDay, devices }) => (bytesPerDay === null ? '—' : size(bytesPerDay / devices)),
          },
        ]}
      />
    </>
  );
}

function Question({
  capacity,
  whatIf,
  onChange,
}: {
  capacity: Capacity;
  whatIf: WhatIf;
  onChange: (whatIf: WhatIf) => void;
}) {
  const fields = [
    ['devices', 'ifDevices', 1, 0.01, 1_000, 0.5],
    ['interval', 'ifInterval', 1, 0.01, 1_000, 0.5],
    ['rawDays', 'ifRawDays', capacity.kept.raw, 1, 3_650, 30],
    ['hourlyDays', 'ifHourlyDays', capacity.kept.hourly, 1, 36_500, 365],
  ] as const;
  return (
    <div className="capacity-question">
      {fields.map(([name, label, usual, min, max, step]) => (
        <label key={name} htmlFor={`capacity-${name}`}>
          {t(`capacity.${label}`)}{' '}
          <InputNumber
            id={`capacity-${name}`}
            min={min}
            max={max}
            step={step}
            value={whatIf[name] ?? usual}
            onChange={(value) => onChange({ ...whatIf, [name]: value ?? usual })}
          />
        </label>
      ))}
    </div>
  );
}

function Retention({ rows }: { rows: readonly Kept[] }) {
  const kept = ({ how, unit, limit }: Kept) =>
    unit === null || limit === null
      ? t(`capacity.keep.${how === 'kept' ? 'kept' : 'amount'}`)
      : t(`capacity.keep.${unit}`, { n: limit.toLocaleString() });
  return (
    <Table<Kept>
      size="small"
      pagination={false}
      rowKey="name"
      dataSource={[...rows]}
      columns={[
        { title: t('capacity.what'), key: 'what', render: (_, { name }) => t(`capacity.class.${name}`) },
        { title: t('capacity.kept'), key: 'kept', render: (_, row) => kept(row) },
        { title: t('capacity.rows'), key: 'rows', align: 'right', render: (_, row) => count(row.rows) },
        { title: t('capacity.size'), key: 'size', align: 'right', render: (_, row) => size(row.bytes) },
        { title: t('capacity.growth'), key: 'growth', align: 'right', render: (_, row) => growth(row.growthPerDay) },
        {
          title: t('capacity.oldest'),
          key: 'oldest',
          render: (_, { oldestAt, overdue }) => (
            <>
              {oldestAt === null ? '—' : exactTime(oldestAt)}{' '}
              {overdue && <Mark tone="bad" shape="triangle" label={t('capacity.overdue')} />}
            </>
          ),
        },
      ]}
    />
  );
}
