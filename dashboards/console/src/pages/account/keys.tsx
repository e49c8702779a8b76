import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Table, Typography } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, exactTime } from '../../parts/time.tsx';

/** Keys with which one's own programs come in, with no more rights than oneself. */
export function Keys() {
  const queries = useQueryClient();
  const [secret, setSecret] = useState<string>();
  const keys = useQuery({ queryKey: ['my-keys'], queryFn: () => body(api.GET('/api/v1/users/me/api-keys')) });
  const shown = async (key: string | undefined) => {
    setSecret(key);
    await queries.invalidateQueries({ queryKey: ['my-keys'] });
  };
  const rotate = async (id: string) => {
    const made = await body(api.POST('/api/v1/users/me/api-keys/{id}/rotate', { params: { path: { id } }, body: {} }));
    await shown(made.key);
  };
  const remove = async (id: string) => {
    await api.DELETE('/api/v1/users/me/api-keys/{id}', { params: { path: { id } } });
    await queries.invalidateQueries({ queryKey: ['my-keys'] });
  };
  return (
    <section className="sheet">
      <h2>{t('account.keys')}</h2>
      <p className="quiet">{t('account.keys.hint')}</p>
      {secret && (
        <Alert
          type="warning"
          showIcon
          closable={{ onClose: () => setSecret(undefined) }}
          title={t('account.key.once')}
          description={
            <Typography.Text className="secret-once" code copyable={{ text: secret }}>
              {secret}
            </Typography.Text>
          }
        />
      )}
      <NewKey made={shown} />
      <Loaded query={keys}>
        {({ items }) => (
          <Table
            size="small"
            rowKey="id"
            dataSource={items.filter(({ revokedAt }) => revokedAt === null)}
            pagination={false}
            scroll={{ x: 'max-content' }}
            locale={{ emptyText: <Nothing title={t('account.key.nothing')} /> }}
            columns={[
              { title: t('account.key.name'), dataIndex: 'name' },
              { title: t('account.key.made'), render: (_, { createdAt }) => exactTime(createdAt) },
              {
                title: t('account.key.until'),
                render: (_, { expiresAt }) => (expiresAt === null ? t('account.key.forever') : exactTime(expiresAt)),
              },
              { title: t('account.key.used'), render: (_, { lastUsedAt }) => <Ago at={lastUsedAt} /> },
              {
                title: t('account.action'),
                render: (_, { id }) => (
                  <>
                    <ConfirmButton
                      size="small"
                      title={t('account.key.rotate')}
                      consequence={t('account.key.rotateWhat')}
                      act={() => rotate(id)}
                    >
                      {t('account.key.rotate')}
                    </ConfirmButton>{' '}
                    <ConfirmButton
                      size="small"
                      danger
                      title={t('account.key.remove')}
                      consequence={t('account.key.removeWhat')}
                      act={() => remove(id)}
                    >
                      {t('account.key.remove')}
                    </ConfirmButton>
                  </>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </section>
  );
}

function NewKey({ made }: { made: (key: string | undefined) => Promise<void> }) {
  const [form] = Form.useForm<{ name: string }>();
  const create = useMutation({
    mutationFn: ({ name }: { name: string }) =>
      body(api.POST('/api/v1/users/me/api-keys', { body: { name: name.trim() } })),
    onSuccess: async ({ key }) => {
      form.resetFields();
      await made(key);
    },
  });
  return (
    <>
      <Form form={form} layout="inline" onFinish={(input: { name: string }) => create.mutate(input)}>
        <Form.Item name="name" label={t('account.key.name')} rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Button htmlType="submit" loading={create.isPending}>
          {t('account.key.create')}
        </Button>
      </Form>
      {create.isError && <ProblemNotice error={create.error} />}
    </>
  );
}
