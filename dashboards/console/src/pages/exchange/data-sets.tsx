import { Select, Table } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { type DataSet, useDataSets, useExchange } from './queries.ts';

const PERIODS = ['30s', '1m', '5m', '15m', '1h', '1d', '7d'];
const SHARING = ['unconditional', 'conditional'] as const;

/** 服务发布: what can be shared, on what terms, how often, and what it looks like. */
export function DataSets() {
  const { editable, again } = useExchange();
  const sets = useDataSets();
  const [error, setError] = useState<unknown>();
  const put = async (id: string, body: { sharing?: DataSet['sharing']; period?: string }) => {
    await api.PATCH('/api/v1/exchange/data-sets/{id}', { params: { path: { id } }, body });
    setError(undefined);
    await again();
  };
  const change = (...args: Parameters<typeof put>) => void put(...args).catch(setError);
  return (
    <div className="exchange-stack">
      <p className="quiet">{t('exchange.sets.what')}</p>
      {error !== undefined && <ProblemNotice error={error} />}
      <Loaded query={sets}>
        {({ items }) => (
          <Table<DataSet>
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: 'max-content' }}
            dataSource={[...items]}
            expandable={{
              expandedRowRender: (set) => (
                <div className="exchange-stack">
                  <span>
                    <b>{t('exchange.fields')}</b> <span className="exchange-said">{set.fields.join(' · ')}</span>
                  </span>
                  <span>
                    <b>{t('exchange.sample')}</b>{' '}
                    {set.sample === null && <span className="quiet">{t('exchange.noSample')}</span>}
                  </span>
                  {set.sample !== null && <pre className="exchange-json">{JSON.stringify(set.sample, null, 2)}</pre>}
                </div>
              ),
            }}
            columns={[
              { title: t('exchange.set'), key: 'set', render: (_, { id }) => tCode('exchangeSet', id) },
              { title: t('exchange.code'), key: 'code', render: (_, { id }) => <code>{id}</code> },
              {
                title: t('exchange.sharing'),
                key: 'sharing',
                render: (_, { id, sharing }) =>
                  editable ? (
                    <Select<DataSet['sharing']>
                      className="filter-select"
                      aria-label={`${tCode('exchangeSet', id)} ${t('exchange.sharing')}`}
                      value={sharing}
                      popupMatchSelectWidth={false}
                      onChange={(next) => change(id, { sharing: next })}
                      options={[...new Set([...SHARING, sharing])].map((one) => ({
                        value: one,
                        label: tCode('exchangeSharing', one),
                      }))}
                    />
                  ) : (
                    tCode('exchangeSharing', sharing)
                  ),
              },
              {
                title: t('exchange.period'),
                key: 'period',
                render: (_, { id, period }) =>
                  editable ? (
                    <Select
                      className="filter-select"
                      aria-label={`${tCode('exchangeSet', id)} ${t('exchange.period')}`}
                      value={period}
                      popupMatchSelectWidth={false}
                      onChange={(next: string) => change(id, { period: next })}
                      options={[...new Set([...PERIODS, period])].map((one) => ({
                        value: one,
                        label: periodText(one),
                      }))}
                    />
                  ) : (
                    periodText(period)
                  ),
              },
              {
                title: '',
                key: 'acts',
                render: (_, { id, sharing }) =>
                  editable &&
                  sharing !== 'none' && (
                    <ConfirmButton
                      size="small"
                      danger
                      title={t('exchange.unshare')}
                      consequence={t('exchange.unshare.what', { set: tCode('exchangeSet', id) })}
                      act={() => put(id, { sharing: 'none' })}
                    >
                      {t('exchange.unshare')}
                    </ConfirmButton>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
    </div>
  );
}

const periodText = (period: string) => (PERIODS.includes(period) ? tCode('exchangePeriod', period) : period);
