import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { t } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';

interface Change {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/** A new password, at the first login and when the old one is too old. */
export function ChangePassword({ must = false, done }: { must?: boolean; done: () => void }) {
  const [form] = Form.useForm<Change>();
  useForgetting(form);
  const [placed, setPlaced] = useState(false);
  const change = useMutation({
    mutationFn: (input: Change) => api.POST('/api/v1/users/me/password', { body: input }),
    onSuccess: done,
    onError: (error) => setPlaced(showInForm(form, error)),
  });
  return (
    <Form
      form={form}
      layout="vertical"
      {...(must && { size: 'large' as const })}
      requiredMark={false}
      onFinish={(input: Change) => change.mutate(input)}
    >
      <h2>{t(must ? 'password.title' : 'password.own')}</h2>
      <p className="quiet">{t('password.rule')}</p>
      <Form.Item name="currentPassword" label={t('password.current')} rules={[{ required: true }]}>
        <Input.Password autoComplete="current-password" maxLength={128} />
      </Form.Item>
      <Form.Item name="newPassword" label={t('password.new')} rules={[{ required: true }]}>
        <Input.Password autoComplete="new-password" maxLength={128} />
      </Form.Item>
      {change.isError && !placed && <ProblemNotice error={change.error} />}
      <Button type="primary" htmlType="submit" block loading={change.isPending}>
        {t(must ? 'password.submit' : 'password.change')}
      </Button>
    </Form>
  );
}
