import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Switch, Table } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { useNames } from '../../parts/names.ts';
import { Nothing } from '../../parts/nothing.tsx';
import { useChannels } from './channel-list.ts';
import { NoticeRuleForm } from './notice-rule-form.tsx';
import { NoticeTest } from './notice-test.tsx';

type Rule = Answer<'NotificationRule'>;

/** Who is told of what, when: without a rule nothing is sent. */
export function NoticeRules() {
  const may = useMay();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const channels = useChannels();
  const rules = useQuery({
    queryKey: ['notifications', 'rules'],
    queryFn: () => body(api.GET('/api/v1/notification-rules')),
  });
  const [editing, setEditing] = useState<Rule | 'new' | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ['notifications'] });
  const channelName = (id: string) => channels.data?.items.find((one) => one.id === id)?.name ?? id;
  const editable = may('notifications', 'update');
  const add = may('notifications', 'create') && (
    <Button type="primary" onClick={() => setEditing('new')}>
      {t('notify.addRule')}
    </Button>
  );
  return (
    <div className="rules-stack">
      <div className="filters">
        <p className="quiet">{t('notify.rules.what')}</p>
        <span className="filters-end">{add}</span>
      </div>
      <Loaded query={rules}>
        {({ items }) => (
          <Table<Rule>
            size="small"
            rowKey="id"
            pagination={false}
            scroll={{ x: 'max-content' }}
            dataSource={[...items]}
            locale={{ emptyText: <Nothing title={t('notify.noRules')} next={add || undefined} /> }}
            columns={[
              {
                title: t('notify.toWhom'),
                key: 'channel',
                render: (_, rule) =>
                  editable ? (
                    <button type="button" className="as-link" onClick={() => setEditing(rule)}>
                      {channelName(rule.channelId)}
                    </button>
                  ) : (
                    channelName(rule.channelId)
                  ),
              },
              { title: t('notify.ofWhat'), key: 'what', render: (_, rule) => <OfWhat rule={rule} /> },
              { title: t('notify.when'), key: 'when', render: (_, { times }) => timesSaid(times) },
              { title: t('notify.level'), key: 'level', render: (_, { level }) => tCode('noticeLevel', String(level)) },
              {
                title: t('notify.enabled'),
                key: 'enabled',
                render: (_, { id, enabled, channelId }) => (
                  <Switch
                    size="small"
                    aria-label={`${channelName(channelId)} ${t('notify.enabled')}`}
                    checked={enabled}
                    disabled={!editable}
                    onChange={async (yes) => {
                      try {
                        await api.PATCH('/api/v1/notification-rules/{id}', {
                          params: { path: { id } },
                          body: { enabled: yes },
                        });
                      } catch (cause) {
                        void message.error(cause instanceof Error ? cause.message : t('problem.noAnswer'));
                      }
                      await again();
                    }}
                  />
                ),
              },
              {
                title: '',
                key: 'remove',
                render: (_, { id, channelId }) =>
                  may('notifications', 'remove') && (
                    <ConfirmButton
                      size="small"
                      danger
                      title={t('notify.removeRule')}
                      consequence={t('notify.removeRule.what', { name: channelName(channelId) })}
                      act={async () => {
                        await api.DELETE('/api/v1/notification-rules/{id}', { params: { path: { id } } });
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
      <NoticeTest />
      <NoticeRuleForm editing={editing} close={() => setEditing(null)} again={again} />
    </div>
  );
}

function OfWhat({ rule }: { rule: Rule }) {
  const modules = useNames('modules').name;
  const orgs = useNames('orgs').name;
  const { faults, minSeverity, stages, modules: of, orgIds, lifeSafety, events } = rule;
  const list = (words: readonly string[] | null, word: (one: string) => string) =>
    words === null || words.length === 0 ? [] : [words.map(word).join(t('rules.and'))];
  const parts = [
    ...(events === null ? [t('notify.allEvents')] : list(events, (one) => tCode('noticeEvent', one))),
    t('notify.fromSeverity', { severity: tCode('severity', minSeverity) }),
    ...list(of, modules),
    ...list(orgIds, orgs),
    ...list(faults, (one) => tCode('fault', one)),
    ...list(stages, (one) => tCode('stage', one)),
    ...(lifeSafety === null ? [] : [t(lifeSafety ? 'notify.onlyLifeSafety' : 'notify.noLifeSafety')]),
  ];
  return <span>{parts.join(' · ')}</span>;
}

export function timesSaid(times: unknown): string {
  if (typeof times !== 'object' || times === null) return t('notify.always');
  if ('when' in times) return tCode('noticeWhen', String(times.when));
  if (!('days' in times) || !Array.isArray(times.days) || !('from' in times) || !('to' in times)) return '';
  const days = times.days.map((day) => tCode('weekday', String(day))).join(t('rules.and'));
  return `${days} ${String(times.from)}–${String(times.to)}`;
}
