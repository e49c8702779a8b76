import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Table } from 'antd';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';

/** Where else one is signed in, and a way to end it. */
export function Sessions() {
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ['my-sessions'], queryFn: () => body(api.GET('/api/v1/sessions')) });
  const end = async (id: string) => {
    await api.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } });
    await queries.invalidateQueries({ queryKey: ['my-sessions'] });
  };
  return (
    <section className="sheet">
      <h2>{t('account.sessions')}</h2>
      <p className="quiet">{t('account.sessions.hint')}</p>
      <Loaded query={sessions}>
        {({ items }) => (
          <Table
            size="small"
            rowKey="id"
            dataSource={items}
            pagination={false}
            scroll={{ x: 'max-content' }}
            columns={[
              { title: t('account.session.address'), dataIndex: 'address', render: (address) => address ?? '—' },
              {
                title: t('account.session.agent'),
                dataIndex: 'agent',
                ellipsis: true,
                render: (agent) => agent ?? '—',
              },
              { title: t('account.session.via'), render: (_, { via }) => t(`account.via.${via}`) },
              { title: t('account.session.seen'), render: (_, { lastSeenAt }) => <Ago at={lastSeenAt} /> },
              { title: t('account.session.began'), render: (_, { createdAt }) => exactTime(createdAt) },
              {
                title: t('account.action'),
                render: (_, { id }) => (
                  <ConfirmButton
                    size="small"
                    danger
                    title={t('account.session.end')}
                    consequence={t('account.session.endWhat')}
                    act={() => end(id)}
                  >
                    {t('account.session.end')}
                  </ConfirmButton>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}
