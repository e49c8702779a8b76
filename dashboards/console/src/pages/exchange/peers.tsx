import { App, Button, Form, Input, Select, Switch, Table } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { FormDrawer } from '../../parts/form-drawer.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { type Peer, useExchange, usePeers } from './queries.ts';

/** 平台接入: each can be tried out, its secret is never shown again. */
export function Peers() {
  const { editable, again } = useExchange();
  const { message } = App.useApp();
  const peers = usePeers();
  const [editing, setEditing] = useState<Peer | 'new' | null>(null);
  const [error, setError] = useState<unknown>();
  const enable = async ({ id }: Peer, enabled: boolean) => {
    setError(undefined);
    try {
      await api.PATCH('/api/v1/exchange/peers/{id}', { params: { path: { id } }, body: { enabled } });
      void message.success(t('thing.saved'));
    } catch (cause) {
      setError(cause);
    }
    await again();
  };
  const add = editable && (
    <Button type="primary" onClick={() => setEditing('new')}>
      {t('exchange.addPeer')}
    </Button>
  );
  return (
    <div className="exchange-stack">
      <div className="filters">
        <p className="quiet">{t('exchange.peers.what')}</p>
        <span className="filters-end">{add}</span>
      </div>
      {error !== undefined && <ProblemNotice error={error} />}
      <Loaded query={peers}>
        {({ items }) => (
          <Table<Peer>
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: 'max-content' }}
            dataSource={[...items]}
            locale={{ emptyText: <Nothing title={t('exchange.noPeers')} next={add || undefined} /> }}
            columns={[
              {
                title: t('exchange.name'),
                key: 'name',
                render: (_, peer) =>
                  editable ? (
                    <button type="button" className="as-link" onClick={() => setEditing(peer)}>
                      {peer.name}
                    </button>
                  ) : (
                    peer.name
                  ),
              },
              {
                title: t('exchange.baseUrl'),
                key: 'url',
                render: (_, { baseUrl }) => <span className="exchange-said">{baseUrl}</span>,
              },
              { title: t('exchange.auth'), key: 'auth', render: (_, { auth }) => tCode('exchangeAuth', auth) },
              { title: t('exchange.taking'), dataIndex: 'subscriptions', align: 'right' },
              {
                title: t('exchange.enabled'),
                key: 'enabled',
                render: (_, peer) => (
                  <Switch
                    size="small"
                    aria-label={`${peer.name} ${t('exchange.enabled')}`}
                    checked={peer.enabled}
                    disabled={!editable}
                    onChange={(yes) => void enable(peer, yes)}
                  />
                ),
              },
              {
                title: '',
                key: 'acts',
                render: (_, peer) =>
                  editable && (
                    <span className="exchange-acts">
                      <TryPeer id={peer.id} />
                      <ConfirmButton
                        size="small"
                        danger
                        title={t('exchange.removePeer')}
                        consequence={t('exchange.removePeer.what', { name: peer.name, n: peer.subscriptions })}
                        act={async () => {
                          await api.DELETE('/api/v1/exchange/peers/{id}', { params: { path: { id: peer.id } } });
                          await again();
                        }}
                      >
                        {t('thing.remove')}
                      </ConfirmButton>
                    </span>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      <PeerForm editing={editing} close={() => setEditing(null)} again={again} />
    </div>
  );
}

/** Asks the platform now and shows what it said. */
function TryPeer({ id }: { readonly id: string }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ ok: boolean; words: string; detail: string }>();
  const [error, setError] = useState<unknown>();
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await body(api.POST('/api/v1/exchange/peers/{id}/test', { params: { path: { id } } }));
      const words = t('exchange.answered', {
        outcome: tCode('exchangeOutcome', answer.outcome),
        status: answer.status ?? '-',
        latency: answer.latencyMs,
      });
      setSaid({ ok: answer.outcome === 'taken', words, detail: answer.detail });
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <>
      <Button size="small" loading={busy} onClick={() => void run()}>
        {t('exchange.test')}
      </Button>
      <span role="status" className="exchange-said">
        {said && <Mark tone={said.ok ? 'good' : 'bad'} shape={said.ok ? 'disc' : 'square'} label={said.words} />}
        {said && !said.ok && <span className="quiet"> {said.detail}</span>}
      </span>
      {error !== undefined && <ProblemNotice error={error} />}
    </>
  );
}

interface Draft {
  readonly name: string;
  readonly baseUrl: string;
  readonly auth: Peer['auth'];
  readonly secret?: string;
}

function PeerForm(props: { editing: Peer | 'new' | null; close: () => void; again: () => Promise<unknown> }) {
  const [form] = Form.useForm<Draft>();
  const peer = props.editing === 'new' ? null : props.editing;
  const save = async ({ secret, ...rest }: Draft) => {
    if (peer)
      await api.PATCH('/api/v1/exchange/peers/{id}', {
        params: { path: { id: peer.id } },
        body: { ...rest, ...(secret && { secret }) },
      });
    else await api.POST('/api/v1/exchange/peers', { body: { ...rest, secret: secret ?? '' } });
    await props.again();
  };
  return (
    <FormDrawer<Draft>
      key={peer?.id ?? 'new'}
      title={peer?.name ?? t('exchange.addPeer')}
      open={props.editing !== null}
      close={props.close}
      form={form}
      initial={peer ? { name: peer.name, baseUrl: peer.baseUrl, auth: peer.auth } : { auth: 'hmac' }}
      save={save}
    >
      <Form.Item name="name" label={t('exchange.name')} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item
        name="baseUrl"
        label={t('exchange.baseUrl')}
        extra={t('exchange.baseUrl.hint')}
        rules={[{ required: true, whitespace: true }]}
      >
        <Input maxLength={1000} inputMode="url" />
      </Form.Item>
      <Form.Item name="auth" label={t('exchange.auth')}>
        <Select options={['hmac', 'bearer'].map((one) => ({ value: one, label: tCode('exchangeAuth', one) }))} />
      </Form.Item>
      <Form.Item
        name="secret"
        label={t('exchange.secret')}
        extra={t(peer ? 'exchange.secret.kept' : 'exchange.secret.new')}
        rules={[{ required: peer === null, min: 8 }]}
      >
        <Input.Password autoComplete="new-password" maxLength={512} />
      </Form.Item>
    </FormDrawer>
  );
}
