import { useQueryClient } from '@tanstack/react-query';
import { Button, Segmented, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import type { Tone } from '../../look/tokens.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { useFilters } from '../../parts/filters.ts';
import { Mark, type Shape } from '../../parts/mark.tsx';
import { ServerTable } from '../../parts/server-table.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';
import { useChannels } from './channel-list.ts';

type Sending = Answer<'Notification'>;
const STATES = ['all', 'pending', 'sent', 'dead', 'skipped'] as const;
const SIGN: Record<Sending['state'], readonly [Tone, Shape]> = {
  sent: ['good', 'disc'],
  pending: ['warning', 'ring'],
  dead: ['bad', 'cross'],
  skipped: ['none', 'bar'],
};

/** Every notice and how far it has come; what never arrived can be sent again. */
export function Sendings() {
  const may = useMay();
  const queries = useQueryClient();
  const [filters, change] = useFilters();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const channels = useChannels();
  const state = STATES.find((one) => one === filters.state) ?? 'all';
  const { channel } = filters;
  const query = { ...(state !== 'all' && { state }), ...(channel && { channelId: channel }) };
  const name = (id: string) => channels.data?.items.find((one) => one.id === id)?.name ?? id;
  const resend = may('notifications', 'update') && state === 'dead';
  const columns = [
    { title: t('notify.at'), key: 'at', render: (_: unknown, { createdAt }: Sending) => exactTime(createdAt) },
    { title: t('notify.what'), key: 'what', render: (_: unknown, one: Sending) => <What one={one} /> },
    { title: t('notify.toWhom'), key: 'channel', render: (_: unknown, { channelId }: Sending) => name(channelId) },
    {
      title: t('notify.state'),
      key: 'state',
      render: (_: unknown, { state: now, detail, nextAt }: Sending) => (
        <span>
          <Mark tone={SIGN[now][0]} shape={SIGN[now][1]} label={tCode('sending', now)} />
          {now === 'pending' && <span className="quiet"> {t('why.next', { time: exactTime(nextAt) })}</span>}
          {detail && now !== 'sent' && <span className="quiet"> {detail}</span>}
        </span>
      ),
    },
    {
      title: t('notify.tries'),
      key: 'tries',
      align: 'end' as const,
      render: (_: unknown, { attempts }: Sending) => attempts,
    },
    {
      title: t('notify.sentAt'),
      key: 'sentAt',
      render: (_: unknown, { sentAt }: Sending) => (sentAt ? <Ago at={sentAt} /> : '—'),
    },
    {
      title: t('notify.receipt'),
      key: 'receipt',
      render: (_: unknown, { acknowledgedAt, acknowledgedBy }: Sending) =>
        acknowledgedAt ? t('why.acknowledged', { who: acknowledgedBy ?? '', time: exactTime(acknowledgedAt) }) : '—',
    },
  ];
  return (
    <div className="rules-stack">
      <div className="filters">
        <Segmented
          aria-label={t('notify.state')}
          value={state}
          onChange={(next) => change({ state: next === 'all' ? undefined : next })}
          options={STATES.map((one) => ({
            value: one,
            label: one === 'all' ? t('notify.all') : tCode('sending', one),
          }))}
        />
        <Select
          allowClear
          className="filter-select"
          placeholder={t('notify.channels')}
          aria-label={t('notify.channels')}
          popupMatchSelectWidth={false}
          {...(channel && { value: channel })}
          onChange={(next?: string) => change({ channel: next })}
          options={(channels.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
        />
        {resend && (
          <ConfirmButton
            disabled={chosen.length === 0}
            title={t('notify.resend')}
            consequence={t('notify.resend.what', { n: chosen.length })}
            act={async () => {
              await api.POST('/api/v1/notifications/resend', { body: { ids: chosen.map(Number) } });
              setChosen([]);
              await queries.invalidateQueries({ queryKey: ['notifications'] });
            }}
          >
            {t('notify.resend')}
          </ConfirmButton>
        )}
        {!resend && may('notifications', 'update') && (
          <Button onClick={() => change({ state: 'dead' })}>{t('notify.toDead')}</Button>
        )}
      </div>
      <ServerTable<Sending>
        of={['notifications', 'log', query]}
        rowKey="id"
        columns={columns}
        read={(page) => body(api.GET('/api/v1/notifications', { params: { query: { ...query, ...page } } }))}
        empty={{ title: t(state === 'dead' ? 'notify.noDead' : 'notify.noSendings') }}
        {...(resend && { selected: { keys: chosen, choose: (keys: readonly string[]) => setChosen(keys) } })}
      />
    </div>
  );
}

/** The notice in a line: its title where it has one. */
function What({ one }: { one: Sending }) {
  const { notice, event, lifeSafety } = one;
  const facts: Readonly<Record<string, unknown>> = typeof notice === 'object' && notice !== null ? { ...notice } : {};
  const title = typeof facts.fault === 'string' ? tCode('fault', facts.fault) : '';
  const devices: readonly unknown[] = Array.isArray(facts.devices) ? facts.devices : [];
  const names = devices.flatMap((device) =>
    typeof device === 'object' && device !== null && 'name' in device ? [String(device.name)] : [],
  );
  const about = [names[0], facts.siteName, facts.ticketNo].filter((word) => typeof word === 'string');
  return (
    <span>
      {tCode('noticeEvent', event)} {title} <span className="quiet">{about.join(' · ')}</span>{' '}
      {lifeSafety && <Mark tone="bad" shape="square" label={t('incidents.lifeSafety')} />}
    </span>
  );
}
