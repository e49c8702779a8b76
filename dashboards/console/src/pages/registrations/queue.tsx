import { Link } from '@tanstack/react-router';
import { Input } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { StateMark } from '../../parts/marks.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { useNames } from '../../parts/names.ts';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago } from '../../parts/time.tsx';
import { Waited } from './age.tsx';
import { Decide } from './decide.tsx';
import { Dossier } from './dossier.tsx';
import { Conditions, ReturnedFor, ReturnedSince } from './progress.tsx';
import { QUEUES, type QueueName } from './queues.ts';

type Device = Answer<'Device'>;

/** Devices at one step of their way into service, those that wait longest first. */
export function Queue({ name }: { name: QueueName }) {
  const [{ q, vendorId, orgId }, change] = useFilters();
  const [chosen, choose] = useState<readonly string[]>([]);
  const vendors = useNames('vendors');
  const orgs = useNames('orgs');
  const query = { ...QUEUES[name], ...(q && { q }), ...(vendorId && { vendorId }), ...(orgId && { orgId }) };
  return (
    <>
      <div className="filters registrations-bar">
        <Input.Search
          className="filter-text"
          allowClear
          key={q ?? ''}
          defaultValue={q ?? ''}
          placeholder={t('registrations.search')}
          aria-label={t('registrations.search')}
          onSearch={(text) => change({ q: text.trim() })}
        />
        <NamedSelect
          of="vendors"
          className="filter-select"
          placeholder={t('registrations.vendor')}
          aria-label={t('registrations.vendor')}
          value={vendorId}
          onChange={(value) => change({ vendorId: value })}
        />
        <NamedSelect
          of="orgs"
          className="filter-select"
          placeholder={t('registrations.org')}
          aria-label={t('registrations.org')}
          value={orgId}
          onChange={(value) => change({ orgId: value })}
        />
        {chosen.length > 0 && (
          <span className="registrations-chosen">
            {t('registrations.chosen', { n: chosen.length })}{' '}
            <Decide ids={chosen} decided={() => choose([])} again={name === 'returned'} />
          </span>
        )}
      </div>
      <ServerTable<Device>
        of={['devices', 'registrations', name, query]}
        read={(page) =>
          body(api.GET('/api/v1/devices', { params: { query: { ...query, ...page, sort: 'createdAt' } } }))
        }
        limit={20}
        rowKey="id"
        selected={{ keys: chosen, choose }}
        unfolded={(device) => <Dossier device={device} />}
        empty={{ title: tCode('registrations.empty', name), next: tCode('registrations.empty.next', name) }}
        columns={[
          {
            title: t('registrations.device'),
            className: 'registrations-name',
            render: (_, { id, name: called, serial }) => (
              <>
                <Link to="/devices/$id" params={{ id }}>
                  {called}
                </Link>
                <div className="quiet">{serial ? t('registrations.serialOf', { serial }) : id}</div>
              </>
            ),
          },
          { title: t('registrations.type'), dataIndex: 'type', responsive: ['md'] },
          { title: t('registrations.vendor'), render: (_, row) => vendors.name(row.vendorId) || '—' },
          { title: t('registrations.org'), render: (_, row) => orgs.name(row.orgId) || '—' },
          ...(name === 'returned'
            ? [
                {
                  title: t('registrations.stage'),
                  render: (_: unknown, row: Device) => <StateMark of="lifecycle" code={row.lifecycle} />,
                },
                {
                  title: t('registrations.returnedFor'),
                  render: (_: unknown, { id }: Device) => <ReturnedFor id={id} />,
                },
              ]
            : [
                {
                  title: t('registrations.conditions'),
                  render: (_: unknown, { id }: Device) => <Conditions id={id} />,
                },
              ]),
          ...(name === 'returned'
            ? [{ title: t('registrations.waits'), render: (_: unknown, { id }: Device) => <ReturnedSince id={id} /> }]
            : [
                {
                  title: t(name === 'pending' ? 'registrations.registered' : 'registrations.since'),
                  render: (_: unknown, row: Device) => (
                    <Ago at={name === 'pending' ? row.createdAt : row.lifecycleAt} />
                  ),
                },
                {
                  title: t('registrations.waits'),
                  render: (_: unknown, row: Device) => (
                    <Waited since={name === 'pending' ? row.createdAt : row.lifecycleAt} />
                  ),
                },
              ]),
          {
            title: t('registrations.decide'),
            render: (_, { id, name: called }) => <Decide ids={[id]} name={called} again={name === 'returned'} />,
          },
        ]}
      />
    </>
  );
}
