import { useQuery } from '@tanstack/react-query';
import { App } from 'antd';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ChoiceSelect } from '../../parts/choice-select.tsx';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago } from '../../parts/time.tsx';
import { DELIVERY_LOOK, type Delivery, useExchange } from './queries.ts';

const STATES = ['sending', 'delivered', 'refused'] as const;

/** 交换记录: what went out, what was answered, and the way to send it again. */
export function Deliveries() {
  const { editable, again } = useExchange();
  const { message } = App.useApp();
  const [filters, change] = useFilters();
  const state = STATES.find((one) => one === filters.state);
  const replay = async (id: number) => {
    const path = { id: String(id) };
    const { items } = await body(api.POST('/api/v1/exchange/deliveries/{id}/replay', { params: { path } }));
    void message.success(t('exchange.replayed', { n: items }));
    await again();
  };
  return (
    <div className="exchange-stack">
      <div className="filters">
        <ChoiceSelect
          label={t('exchange.result')}
          family="exchangeDelivery"
          codes={STATES}
          value={state}
          onChange={(next) => change({ state: next })}
        />
        <p className="quiet">{t('exchange.log.what')}</p>
      </div>
      <ServerTable<Delivery>
        of={['exchange', 'deliveries', state ?? '']}
        read={(page) =>
          body(api.GET('/api/v1/exchange/deliveries', { params: { query: { ...page, ...(state && { state }) } } }))
        }
        rowKey="id"
        empty={{ title: t('exchange.noLog') }}
        {...(editable && { unfolded: ({ id }: Delivery) => <Content id={id} /> })}
        columns={[
          { title: t('exchange.made'), key: 'at', render: (_, { madeAt }) => <Ago at={madeAt} /> },
          { title: t('exchange.peer'), dataIndex: 'peerName' },
          { title: t('exchange.set'), key: 'set', render: (_, { dataSet }) => tCode('exchangeSet', dataSet) },
          { title: t('exchange.sequence'), dataIndex: 'sequence', align: 'right' },
          { title: t('exchange.kind'), key: 'kind', render: (_, { kind }) => tCode('exchangeKind', kind) },
          { title: t('exchange.items'), dataIndex: 'items', align: 'right' },
          {
            title: t('exchange.bytes'),
            key: 'bytes',
            align: 'right',
            render: (_, { bytes }) => `${Math.max(1, Math.round(bytes / 1024))} KiB`,
          },
          {
            title: t('exchange.result'),
            key: 'state',
            render: (_, one) => <Mark {...DELIVERY_LOOK[one.state]} label={tCode('exchangeDelivery', one.state)} />,
          },
          {
            title: t('exchange.latency'),
            key: 'latency',
            align: 'right',
            render: (_, { latencyMs }) => latencyMs !== null && t('exchange.ms', { n: latencyMs }),
          },
          { title: t('exchange.tries'), dataIndex: 'tries', align: 'right' },
          {
            title: t('exchange.lastError'),
            key: 'detail',
            render: (_, one) => one.state !== 'delivered' && <span className="exchange-said">{one.detail}</span>,
          },
          {
            title: '',
            key: 'acts',
            render: (_, { id, items, state: now }) =>
              editable &&
              items > 0 &&
              now !== 'sending' && (
                <ConfirmButton
                  size="small"
                  title={t('exchange.replay')}
                  consequence={t('exchange.replay.what', { n: items })}
                  act={() => replay(id)}
                >
                  {t('exchange.replay')}
                </ConfirmButton>
              ),
          },
        ]}
      />
    </div>
  );
}

function Content({ id }: { readonly id: number }) {
  const content = useQuery({
    queryKey: ['exchange', 'delivery', id],
    queryFn: () => body(api.GET('/api/v1/exchange/deliveries/{id}', { params: { path: { id: String(id) } } })),
  });
  return (
    <Loaded query={content}>
      {({ excerpt, key }) => (
        <div className="exchange-stack">
          <code>{key}</code>
          <pre className="exchange-json" title={t('exchange.content')}>
            {excerpt}
          </pre>
        </div>
      )}
    </Loaded>
  );
}
