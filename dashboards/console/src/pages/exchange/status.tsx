import { App, Table } from 'antd';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Ago } from '../../parts/time.tsx';
import { INTERFACE_LOOK, type Subscription, useExchange, useStatus } from './queries.ts';

/** 状态监控: how each interface in use goes. */
export function Status() {
  const { editable, again } = useExchange();
  const { message } = App.useApp();
  const status = useStatus();
  const replay = async (id: string) => {
    const { items } = await body(
      api.POST('/api/v1/exchange/subscriptions/{id}/replay', { params: { path: { id } }, body: { since: 0 } }),
    );
    void message.success(t('exchange.replayed', { n: items }));
    await again();
  };
  return (
    <Loaded query={status}>
      {({ items }) => (
        <Table<Subscription>
          size="small"
          rowKey="id"
          pagination={false}
          scroll={{ x: 'max-content' }}
          dataSource={[...items]}
          locale={{ emptyText: <Nothing title={t('exchange.noStatus')} /> }}
          columns={[
            {
              title: t('exchange.interface'),
              key: 'interface',
              render: (_, one) => (
                <Mark {...INTERFACE_LOOK[one.interface]} label={tCode('exchangeInterface', one.interface)} />
              ),
            },
            { title: t('exchange.since'), key: 'since', render: (_, one) => <Ago at={one.interfaceSince} /> },
            { title: t('exchange.peer'), dataIndex: 'peerName' },
            { title: t('exchange.set'), key: 'set', render: (_, { dataSet }) => tCode('exchangeSet', dataSet) },
            { title: t('exchange.backlog'), dataIndex: 'backlog', align: 'right' },
            { title: t('exchange.refused'), dataIndex: 'refused', align: 'right' },
            { title: t('exchange.lastOk'), key: 'ok', render: (_, { lastOkAt }) => <Ago at={lastOkAt} /> },
            { title: t('exchange.complete'), key: 'complete', render: (_, { completeAt }) => <Ago at={completeAt} /> },
            {
              title: t('exchange.latency'),
              key: 'latency',
              align: 'right',
              render: (_, { latencyMs }) => latencyMs !== null && t('exchange.ms', { n: latencyMs }),
            },
            { title: t('exchange.failures'), dataIndex: 'failures', align: 'right' },
            {
              title: t('exchange.lastError'),
              key: 'error',
              render: (_, { lastError }) => <span className="exchange-said">{lastError}</span>,
            },
            { title: t('exchange.next'), key: 'next', render: (_, { nextAt }) => <Ago at={nextAt} /> },
            {
              title: '',
              key: 'acts',
              render: (_, { id, peerName, dataSet }) =>
                editable && (
                  <ConfirmButton
                    size="small"
                    title={t('exchange.replayAll')}
                    consequence={t('exchange.replayAll.what', {
                      peer: peerName,
                      set: tCode('exchangeSet', dataSet),
                    })}
                    act={() => replay(id)}
                  >
                    {t('exchange.replayAll')}
                  </ConfirmButton>
                ),
            },
          ]}
        />
      )}
    </Loaded>
  );
}
