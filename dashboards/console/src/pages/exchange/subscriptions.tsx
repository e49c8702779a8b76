import { Button, Form, Input, Select, Table } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { FormDrawer } from '../../parts/form-drawer.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { NamedSelects } from '../../parts/named-selects.tsx';
import { useNames } from '../../parts/names.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { Ago } from '../../parts/time.tsx';
import { STATE_LOOK, type Subscription, useDataSets, useExchange, usePeers, useSubscriptions } from './queries.ts';

/** 服务订阅: who takes what, of which part of the street, and by whose consent. */
export function Subscriptions() {
  const { editable } = useExchange();
  const subscriptions = useSubscriptions();
  const orgs = useNames('orgs');
  const modules = useNames('modules');
  const [adding, setAdding] = useState(false);
  const add = editable && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('exchange.subscribe')}
    </Button>
  );
  const scope = ({ orgId, modules: of }: Subscription) =>
    orgId === null && of === null
      ? t('exchange.everything')
      : [orgId && orgs.name(orgId), ...(of ?? []).map(modules.name)].filter(Boolean).join(' · ');
  return (
    <div className="exchange-stack">
      <div className="filters">
        <p className="quiet">{t('exchange.subscriptions.what')}</p>
        <span className="filters-end">{add}</span>
      </div>
      <Loaded query={subscriptions}>
        {({ items }) => (
          <Table<Subscription>
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: 'max-content' }}
            dataSource={[...items]}
            locale={{ emptyText: <Nothing title={t('exchange.noSubscriptions')} next={add || undefined} /> }}
            columns={[
              { title: t('exchange.peer'), dataIndex: 'peerName' },
              { title: t('exchange.set'), key: 'set', render: (_, { dataSet }) => tCode('exchangeSet', dataSet) },
              { title: t('exchange.scope'), key: 'scope', render: (_, one) => scope(one) },
              { title: t('exchange.purpose'), dataIndex: 'purpose' },
              {
                title: t('exchange.state'),
                key: 'state',
                render: (_, { state }) => <Mark {...STATE_LOOK[state]} label={tCode('exchangeState', state)} />,
              },
              {
                title: t('exchange.requested'),
                key: 'asked',
                render: (_, { requestedAt }) => <Ago at={requestedAt} />,
              },
              {
                title: t('exchange.decided'),
                key: 'decided',
                render: (_, { decidedAt, decisionNote }) => (
                  <>
                    {decidedAt && <Ago at={decidedAt} />} {decisionNote}
                  </>
                ),
              },
              { title: '', key: 'acts', render: (_, one) => editable && <Acts of={one} /> },
            ]}
          />
        )}
      </Loaded>
      <SubscriptionForm open={adding} close={() => setAdding(false)} />
    </div>
  );
}

function Acts({ of }: { readonly of: Subscription }) {
  const { again } = useExchange();
  const path = { id: of.id };
  const names = { peer: of.peerName, set: tCode('exchangeSet', of.dataSet) };
  const act = async (what: 'approve' | 'refuse' | 'pause' | 'resume', note?: string) => {
    const body = { act: what, ...(note && { note }) };
    await api.POST('/api/v1/exchange/subscriptions/{id}/act', { params: { path }, body });
    await again();
  };
  return (
    <span className="exchange-acts">
      {(of.state === 'pending' || of.state === 'refused') && (
        <ConfirmButton
          size="small"
          title={t('exchange.approve')}
          consequence={t('exchange.approve.what', names)}
          act={() => act('approve')}
        >
          {t('exchange.approve')}
        </ConfirmButton>
      )}
      {of.state !== 'refused' && (
        <ConfirmButton
          size="small"
          reason
          title={t('exchange.refuse')}
          consequence={t('exchange.refuse.what', names)}
          act={(note) => act('refuse', note)}
        >
          {t('exchange.refuse')}
        </ConfirmButton>
      )}
      {(of.state === 'active' || of.state === 'paused') && (
        <Button size="small" onClick={() => void act(of.state === 'active' ? 'pause' : 'resume').catch(again)}>
          {t(of.state === 'active' ? 'exchange.pause' : 'exchange.resume')}
        </Button>
      )}
      <ConfirmButton
        size="small"
        danger
        title={t('exchange.unsubscribe')}
        consequence={t('exchange.unsubscribe.what', names)}
        act={async () => {
          await api.DELETE('/api/v1/exchange/subscriptions/{id}', { params: { path } });
          await again();
        }}
      >
        {t('thing.remove')}
      </ConfirmButton>
    </span>
  );
}

interface Draft {
  readonly peerId: string;
  readonly dataSet: Subscription['dataSet'];
  readonly orgId?: string;
  readonly modules?: string[];
  readonly purpose: string;
}

function SubscriptionForm({ open, close }: { readonly open: boolean; readonly close: () => void }) {
  const [form] = Form.useForm<Draft>();
  const { again } = useExchange();
  const peers = usePeers().data?.items ?? [];
  const sets = useDataSets().data?.items ?? [];
  const save = async ({ orgId, modules, ...rest }: Draft) => {
    await api.POST('/api/v1/exchange/subscriptions', {
      body: { ...rest, ...(orgId && { orgId }), ...(modules && modules.length > 0 && { modules }) },
    });
    await again();
  };
  return (
    <FormDrawer<Draft> title={t('exchange.subscribe')} open={open} close={close} form={form} initial={{}} save={save}>
      <Form.Item name="peerId" label={t('exchange.peer')} rules={[{ required: true }]}>
        <Select options={peers.map(({ id, name }) => ({ value: id, label: name }))} />
      </Form.Item>
      <Form.Item name="dataSet" label={t('exchange.set')} rules={[{ required: true }]}>
        <Select
          options={sets.map(({ id, sharing }) => ({
            value: id,
            disabled: sharing === 'none',
            label: `${tCode('exchangeSet', id)} · ${tCode('exchangeSharing', sharing)}`,
          }))}
        />
      </Form.Item>
      <Form.Item name="orgId" label={t('exchange.org')}>
        <NamedSelect of="orgs" />
      </Form.Item>
      <Form.Item name="modules" label={t('exchange.modules')}>
        <NamedSelects of="modules" />
      </Form.Item>
      <Form.Item name="purpose" label={t('exchange.purpose')} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={200} />
      </Form.Item>
    </FormDrawer>
  );
}
