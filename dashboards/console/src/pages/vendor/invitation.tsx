import { useMutation } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Form, Input, Result } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Door } from '../../parts/door.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';

const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{1,63}$/u;

interface Acceptance {
  readonly username: string;
  readonly name: string;
  readonly password: string;
  readonly again: string;
  readonly phone?: string;
}

/** Whoever was invited makes the account of his company: name and password of his own, once. */
export default function Invitation() {
  const { token = '' } = useParams({ strict: false }) as { token?: string };
  const [form] = Form.useForm<Acceptance>();
  useForgetting(form);
  const [placed, setPlaced] = useState(false);
  const accept = useMutation({
    mutationFn: ({ username, name, password, phone }: Acceptance) =>
      body(
        api.POST('/api/v1/vendors/accept-invitation', {
          body: { token, username, name, password, contact: { name, ...(phone && { phone }) } },
        }),
      ),
    onError: (error) => setPlaced(showInForm(form, error)),
  });
  if (accept.data) {
    return (
      <Door wide>
        <Result
          status="success"
          title={t('invitation.done', { name: accept.data.username })}
          subTitle={t('invitation.next')}
          extra={
            <Button type="primary" href="/vendor">
              {t('invitation.toLogin')}
            </Button>
          }
        />
      </Door>
    );
  }
  return (
    <Door>
      <Form form={form} layout="vertical" size="large" requiredMark={false} onFinish={accept.mutate}>
        <h2>{t('invitation.title')}</h2>
        <p className="quiet">{t('invitation.hint')}</p>
        <Form.Item name="name" label={t('invitation.name')} rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={100} autoComplete="name" autoFocus />
        </Form.Item>
        <Form.Item
          name="phone"
          label={t('invitation.phone')}
          rules={[{ pattern: /^[0-9+ -]{5,20}$/, message: t('join.phone.rule') }]}
        >
          <Input maxLength={20} autoComplete="tel" inputMode="tel" />
        </Form.Item>
        <Form.Item
          name="username"
          label={t('login.username')}
          extra={t('invitation.username.rule')}
          rules={[{ required: true, pattern: USERNAME, message: t('invitation.username.rule') }]}
        >
          <Input maxLength={64} autoComplete="username" spellCheck={false} />
        </Form.Item>
        <Form.Item name="password" label={t('login.password')} extra={t('password.rule')} rules={[{ required: true }]}>
          <Input.Password maxLength={128} autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label={t('invitation.again')}
          dependencies={['password']}
          rules={[
            { required: true },
            ({ getFieldValue }) => ({
              validator: (_, value) =>
                !value || value === getFieldValue('password')
                  ? Promise.resolve()
                  : Promise.reject(new Error(t('invitation.differs'))),
            }),
          ]}
        >
          <Input.Password maxLength={128} autoComplete="new-password" />
        </Form.Item>
        {accept.isError && !placed && <ProblemNotice error={accept.error} />}
        <Button type="primary" htmlType="submit" block loading={accept.isPending}>
          {t('invitation.submit')}
        </Button>
      </Form>
    </Door>
  );
}
