import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Checkbox, DatePicker, Form, Input, Modal, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { zonedMs, zonedNow } from '../../parts/zoned-day.ts';
import { Sample } from './sample.tsx';

const SCOPES = [
  'mqtt',
  'devices:read',
  'devices:write',
  'telemetry:read',
  'deviceTypes:write',
  'quarantine:operate',
] as const;

interface Input_ {
  readonly name: string;
  readonly description?: string;
  readonly scopes: (typeof SCOPES)[number][];
  readonly addresses?: string[];
  readonly expiresAt?: Dayjs | null;
}

interface NewKeyProps {
  readonly vendorId: string;
  readonly open: boolean;
  readonly close: () => void;
  readonly made: (key: Answer<'NewApiKey'>) => void;
}

/** A key may be narrowed: what it opens, from where, until when. */
export function NewKey({ vendorId, open, close, made }: NewKeyProps) {
  const queries = useQueryClient();
  const zone = useMe().timeZone;
  const [form] = Form.useForm<Input_>();
  useForgetting(form);
  const [placed, setPlaced] = useState(false);
  const make = useMutation({
    mutationFn: ({ name, description, scopes, addresses, expiresAt }: Input_) =>
      body(
        api.POST('/api/v1/vendors/{id}/api-keys', {
          params: { path: { id: vendorId } },
          body: {
            name,
            scopes,
            ...(description && { description }),
            ...(addresses?.length && { addresses }),
            ...(expiresAt && { expiresAt: zonedMs(expiresAt, zone) }),
          },
        }),
      ),
    onSuccess: async (key) => {
      form.resetFields();
      made(key);
      await queries.invalidateQueries({ queryKey: ['lists', 'vendor-keys'] });
    },
    onError: (error) => setPlaced(showInForm(form, error)),
  });
  return (
    <Modal
      open={open}
      title={t('keys.new')}
      okText={t('keys.create')}
      confirmLoading={make.isPending}
      onCancel={close}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" initialValues={{ scopes: ['mqtt'] }} onFinish={(input) => make.mutate(input)}>
        <Form.Item name="name" label={t('keys.name')} rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={100} autoFocus placeholder={t('keys.name.example')} />
        </Form.Item>
        <Form.Item
          name="scopes"
          label={t('keys.scopes')}
          extra={t('keys.scopes.advice')}
          rules={[{ required: true, message: t('keys.scopes.needed') }]}
        >
          <Checkbox.Group
            className="stacked"
            options={SCOPES.map((scope) => ({ value: scope, label: tCode('scope', scope) }))}
          />
        </Form.Item>
        <Form.Item name="addresses" label={t('keys.addresses')} extra={t('keys.addresses.rule')}>
          <Select mode="tags" open={false} tokenSeparators={[',', ' ', '，']} suffixIcon={null} />
        </Form.Item>
        <Form.Item name="expiresAt" label={t('keys.expires')} extra={t('keys.expires.rule')}>
          <DatePicker showTime showNow={false} disabledDate={(day) => day.isBefore(zonedNow(zone), 'day')} />
        </Form.Item>
        <Form.Item name="description" label={t('keys.description')}>
          <Input maxLength={500} />
        </Form.Item>
        {make.isError && !placed && <ProblemNotice error={make.error} />}
      </Form>
    </Modal>
  );
}

interface ShownOnceProps {
  readonly made: Answer<'NewApiKey'>;
  readonly vendorId: string;
  readonly done: () => void;
}

/** The key itself, this once, with how to use it. */
export function ShownOnce({ made, vendorId, done }: ShownOnceProps) {
  const { key = '', name, scopes } = made;
  const overHttp = scopes === null || scopes.some((scope) => scope !== 'mqtt');
  const overMqtt = scopes === null || scopes.includes('mqtt');
  return (
    <Alert
      type="success"
      title={t('keys.made', { name })}
      description={
        <>
          <p>{t('keys.once')}</p>
          <Sample text={key} label={t('keys.key')} />
          {overHttp && (
            <Sample
              label={t('keys.sampleHttp')}
              text={`curl -s ${window.location.origin}/api/v1/devices -H "Authorization: Bearer ${key}"`}
            />
          )}
          {overMqtt && (
            <p>
              {t('keys.sampleMqtt')} <code>{`vendor:${vendorId}`}</code>
            </p>
          )}
          <Button onClick={done}>{t('keys.kept')}</Button>
        </>
      }
    />
  );
}
