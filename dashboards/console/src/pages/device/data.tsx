import { useQuery } from '@tanstack/react-query';
import { Button, Input, Tag } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { StateMark } from '../../parts/marks.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';
import { Curves } from './curves.tsx';
import { type TypeWords, unitOf, useType } from './type.ts';

type Device = Answer<'Device'>;
type Event = Answer<'DeviceEvent'>;
const MOST = 6;

/** What it says: newest values, curves, events. */
export function Data({ device }: { device: Device }) {
  const type = useType(device.type);
  const [{ metrics }, filter] = useFilters();
  const latest = useQuery({
    queryKey: ['device-latest', device.id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/latest', { params: { path: { id: device.id } } })),
    refetchInterval: 5_000,
  });
  return (
    <Loaded query={latest}>
      {({ metrics: values }) => {
        const names = Object.keys(values);
        const asked = metrics?.split(',').filter((name) => names.includes(name));
        const chosen = asked ?? names.filter((name) => typeof values[name]?.value === 'number').slice(0, 2);
        if (names.length === 0)
          return (
            <section className="sheet">
              <Nothing
                title={t('data.nothing')}
                next={<Button onClick={() => filter({ tab: 'access' })}>{t('data.nothing.next')}</Button>}
              />
            </section>
          );
        return (
          <>
            <Latest
              values={values}
              type={type}
              chosen={chosen}
              choose={(next) => filter({ metrics: next.slice(-MOST).join(',') || undefined })}
            />
            <Curves device={device} type={type} metrics={chosen} values={values} />
            <Events device={device} />
          </>
        );
      }}
    </Loaded>
  );
}

type Values = Answer<'Latest'>['metrics'];
interface LatestProps {
  readonly values: Values;
  readonly type: TypeWords;
  readonly chosen: readonly string[];
  readonly choose: (names: readonly string[]) => void;
}

/** Newest value of each metric with unit, age and quality; a click draws its curve. */
function Latest({ values, type, chosen, choose }: LatestProps) {
  const [word, setWord] = useState('');
  const rows = Object.entries(values).filter(([name]) =>
    `${name} ${type.metric(name)}`.toLowerCase().includes(word.trim().toLowerCase()),
  );
  return (
    <section className="sheet">
      <h2 className="device-line">
        {t('data.latest')}
        <span className="quiet">{t('data.choose', { n: MOST })}</span>
        {Object.keys(values).length > 12 && (
          <Input.Search
            size="small"
            allowClear
            className="device-search"
            aria-label={t('data.search')}
            placeholder={t('data.search')}
            onChange={({ target }) => setWord(target.value)}
          />
        )}
      </h2>
      <div className="values">
        {rows.map(([name, { value, unit, time, fresh, flags }]) => {
          const on = chosen.includes(name);
          return (
            <button
              key={name}
              type="button"
              className={on ? 'value chosen' : 'value'}
              aria-pressed={on}
              title={name}
              onClick={() => choose(on ? chosen.filter((one) => one !== name) : [...chosen, name])}
            >
              <span className="value-name">{type.metric(name)}</span>
              <b>
                {typeof value === 'boolean' ? t(value ? 'data.true' : 'data.false') : type.value(name, value)}
                <small>{unitOf(unit)}</small>
              </b>
              <span className="value-age">
                {fresh ? <Ago at={time} /> : <Mark tone="odd" shape="diamond" label={tCode('health', 'stale')} />}
                {!fresh && <Ago at={time} />}
                {flags.map((flag) => (
                  <Tag key={flag}>{tCode('quality', flag)}</Tag>
                ))}
              </span>
            </button>
          );
        })}
      </div>
    </section>
  );
}

function Events({ device }: { device: Device }) {
  return (
    <section className="sheet">
      <h2>{t('data.events')}</h2>
      <ServerTable<Event & { key: string }>
        of={['devices', 'events', device.id]}
        limit={20}
        rowKey="key"
        read={async (page) => {
          const found = await body(
            api.GET('/api/v1/devices/{id}/events', { params: { path: { id: device.id }, query: page } }),
          );
          return { ...found, items: found.items.map((one, i) => ({ ...one, key: `${one.time}${one.code}${i}` })) };
        }}
        empty={{ title: t('data.noEvents') }}
        columns={[
          { title: t('data.event.time'), render: (_, row) => exactTime(row.time) },
          { title: t('data.event.severity'), render: (_, row) => <StateMark of="severity" code={row.severity} /> },
          { title: t('data.event.what'), render: (_, row) => row.title ?? row.code },
          { title: t('data.event.component'), dataIndex: 'component' },
          {
            title: t('data.event.data'),
            render: (_, row) => (row.data == null ? '' : <code className="clip">{JSON.stringify(row.data)}</code>),
          },
        ]}
      />
    </section>
  );
}
