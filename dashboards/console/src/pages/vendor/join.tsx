import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Result } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Door } from '../../parts/door.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';

interface Application {
  readonly company: string;
  readonly creditCode: string;
  readonly contact: { readonly name: string; readonly phone: string; readonly email?: string };
  readonly purpose: string;
}

/** A company nobody knows yet asks for access; what it is answered does not tell whether it is known. */
export default function Join() {
  const [form] = Form.useForm<Application>();
  useForgetting(form);
  const [placed, setPlaced] = useState(false);
  const apply = useMutation({
    mutationFn: ({ contact: { email, ...contact }, ...input }: Application) =>
      api.POST('/api/v1/vendors/applications', {
        body: { ...input, contact: email ? { ...contact, email } : contact },
      }),
    onError: (error) => setPlaced(showInForm(form, error)),
  });
  if (apply.isSuccess) {
    return (
      <Door wide>
        <Result
          status="success"
          title={t('join.received')}
          subTitle={t('join.next')}
          extra={<a href="/">{t('join.toLogin')}</a>}
        />
      </Door>
    );
  }
  return (
    <Door wide>
      <Form form={form} layout="vertical" size="large" onFinish={(input: Application) => apply.mutate(input)}>
        <h2>{t('join.title')}</h2>
        <p className="quiet">{t('join.hint')}</p>
        <Form.Item name="company" label={t('join.company')} rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={100} autoComplete="organization" autoFocus />
        </Form.Item>
        <Form.Item
          name="creditCode"
          label={t('join.creditCode')}
          normalize={(text: string) => text.toUpperCase().replace(/\s/g, '')}
          rules={[{ required: true, len: 18, message: t('join.creditCode.rule') }]}
        >
          <Input maxLength={18} spellCheck={false} />
        </Form.Item>
        <div className="columns door-pair">
          <Form.Item
            name={['contact', 'name']}
            label={t('join.contact')}
            rules={[{ required: true, whitespace: true }]}
          >
            <Input maxLength={100} autoComplete="name" />
          </Form.Item>
          <Form.Item
            name={['contact', 'phone']}
            label={t('join.phone')}
            rules={[{ required: true, pattern: /^[0-9+ -]{5,20}$/, message: t('join.phone.rule') }]}
          >
            <Input maxLength={20} autoComplete="tel" inputMode="tel" />
          </Form.Item>
        </div>
        <Form.Item
          name={['contact', 'email']}
          label={t('join.email')}
          rules={[{ type: 'email', message: t('thing.email.rule') }]}
        >
          <Input maxLength={200} autoComplete="email" />
        </Form.Item>
        <Form.Item
          name="purpose"
          label={t('join.purpose')}
          rules={[{ required: true, min: 2, whitespace: true, message: t('join.purpose.rule') }]}
        >
          <Input.TextArea rows={3} maxLength={1000} showCount placeholder={t('join.purpose.example')} />
        </Form.Item>
        {apply.isError && !placed && <ProblemNotice error={apply.error} />}
        <Button type="primary" htmlType="submit" block loading={apply.isPending}>
          {t('join.submit')}
        </Button>
        <p className="door-join">
          <a href="/">{t('join.toLogin')}</a>
        </p>
      </Form>
    </Door>
  );
}
