import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Switch, Table } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { ChannelForm } from './channel-form.tsx';
import { type Channel, useChannels } from './channel-list.ts';

/** Where notices can go; each can be tried out, its secret is never shown again. */
export function Channels() {
  const may = useMay();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const channels = useChannels();
  const [editing, setEditing] = useState<Channel | 'new' | null>(null);
  const [secret, setSecret] = useState<string>();
  const [error, setError] = useState<unknown>();
  const again = () => queries.invalidateQueries({ queryKey: ['notifications'] });
  const editable = may('notifications', 'update');
  const enable = async (channel: Channel, enabled: boolean) => {
    setError(undefined);
    try {
      await api.PATCH('/api/v1/notification-channels/{id}', {
        params: { path: { id: channel.id } },
        body: { enabled },
      });
      void message.success(t('notify.saved'));
    } catch (cause) {
      setError(cause);
    }
    await again();
  };
  const add = may('notifications', 'create') && (
    <Button type="primary" onClick={() => setEditing('new')}>
      {t('notify.addChannel')}
    </Button>
  );
  return (
    <div className="rules-stack">
      <div className="filters">
        <p className="quiet">{t('notify.channels.what')}</p>
        <span className="filters-end">{add}</span>
      </div>
      {secret && (
        <Alert
          type="success"
          showIcon
          closable={{ onClose: () => setSecret(undefined) }}
          title={t('notify.secretOnce')}
          description={<code>{secret}</code>}
        />
      )}
      {error !== undefined && <ProblemNotice error={error} />}
      <Loaded query={channels}>
        {({ items }) => (
          <Table<Channel>
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: 'max-content' }}
            dataSource={[...items]}
            locale={{ emptyText: <Nothing title={t('notify.noChannels')} next={add || undefined} /> }}
            columns={[
              {
                title: t('notify.name'),
                key: 'name',
                render: (_, channel) =>
                  editable ? (
                    <button type="button" className="as-link" onClick={() => setEditing(channel)}>
                      {channel.name}
                    </button>
                  ) : (
                    channel.name
                  ),
              },
              { title: t('notify.kind'), key: 'kind', render: (_, { kind }) => tCode('channelKind', kind) },
              {
                title: t('notify.secret'),
                key: 'secret',
                render: (_, { hasSecret }) => (
                  <Mark
                    tone={hasSecret ? 'good' : 'none'}
                    shape={hasSecret ? 'disc' : 'ring'}
                    label={t(hasSecret ? 'notify.hasSecret' : 'notify.noSecret')}
                  />
                ),
              },
              {
                title: t('notify.enabled'),
                key: 'enabled',
                render: (_, channel) => (
                  <Switch
                    size="small"
                    aria-label={`${channel.name} ${t('notify.enabled')}`}
                    checked={channel.enabled}
                    disabled={!editable}
                    onChange={(yes) => void enable(channel, yes)}
                  />
                ),
              },
              {
                title: t('notify.try'),
                key: 'try',
                render: (_, channel) => editable && <TestSend id={channel.id} />,
              },
              {
                title: '',
                key: 'remove',
                render: (_, { id, name }) =>
                  may('notifications', 'remove') && (
                    <ConfirmButton
                      size="small"
                      danger
                      title={t('notify.removeChannel')}
                      consequence={t('notify.removeChannel.what', { name })}
                      act={async () => {
                        await api.DELETE('/api/v1/notification-channels/{id}', { params: { path: { id } } });
                        await again();
                      }}
                    >
                      {t('thing.remove')}
                    </ConfirmButton>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
      <ChannelForm editing={editing} close={() => setEditing(null)} made={setSecret} again={again} />
    </div>
  );
}

interface Sent {
  readonly outcome: string;
  readonly detail: string;
}

/** Sends a message now and shows what the receiver said. */
function TestSend({ id }: { id: string }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<Sent>();
  const [error, setError] = useState<unknown>();
  const send = async () => {
    setBusy(true);
    setError(undefined);
    setSaid(undefined);
    try {
      setSaid(await body(api.POST('/api/v1/notification-channels/{id}/test', { params: { path: { id } } })));
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <span className="rules-stack">
      <span>
        <Button size="small" loading={busy} onClick={() => void send()}>
          {t('notify.try')}
        </Button>{' '}
        {said && (
          <Mark
            tone={said.outcome === 'sent' ? 'good' : 'bad'}
            shape={said.outcome === 'sent' ? 'disc' : 'cross'}
            label={tCode('testOutcome', said.outcome)}
          />
        )}
      </span>
      {said?.detail && <span className="quiet">{t('notify.receiverSaid', { text: said.detail })}</span>}
      {error !== undefined && <ProblemNotice error={error} />}
    </span>
  );
}
