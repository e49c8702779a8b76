import { useQueryClient } from '@tanstack/react-query';
import { Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { DayField } from '../../parts/day-field.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { exactTime } from '../../parts/time.tsx';
import { IdField, needed } from './fields.tsx';
import { forCreate } from './input.ts';
import type { Once } from './once.tsx';
import { ModulesSelect } from './person-fields.tsx';

interface Input_ {
  readonly name: string;
}
interface InviteProps {
  readonly open: boolean;
  readonly close: () => void;
  readonly shown: (once: Once) => void;
}

/** What is shown once of an invitation: the link its page is behind. */
export function invitationOnce(
  name: string,
  { token = '', invitation }: { token?: string; invitation: Answer<'VendorInvitation'> },
): Once {
  return {
    title: t('invitations.made', { name }),
    words: t('invitations.words', { at: exactTime(invitation.expiresAt).slice(0, 16) }),
    values: [
      { label: t('invitations.link'), value: `${window.location.origin}/invitation/${encodeURIComponent(token)}` },
    ],
  };
}

/** Invites a company that is no vendor yet. */
export function Invite({ open, close, shown }: InviteProps) {
  const queries = useQueryClient();
  const [form] = Form.useForm<Input_>();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const invite = async (input: Input_) => {
    setBusy(true);
    setError(undefined);
    try {
      const made = await body(api.POST('/api/v1/vendors/invitations', { body: forCreate(input) }));
      await queries.invalidateQueries({ queryKey: ['lists', 'vendors'] });
      close();
      shown(invitationOnce(made.vendor.name, made));
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  return (
    <Modal
      open={open}
      title={t('vendors.invite')}
      okText={t('invitations.make')}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={close}
      destroyOnHidden
    >
      <p className="quiet">{t('vendors.invite.words')}</p>
      <Form<Input_> form={form} layout="vertical" onFinish={(input) => void invite(input)}>
        <Form.Item name="name" label={t('vendors.name')} rules={needed}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="email" label={t('thing.email')} rules={[{ type: 'email', message: t('thing.email.rule') }]}>
          <Input maxLength={200} inputMode="email" />
        </Form.Item>
        <IdField />
        <Form.Item name="moduleIds" label={t('vendors.modules')}>
          <ModulesSelect />
        </Form.Item>
        <Form.Item name="topics" label={t('vendors.topics')} extra={t('vendors.topics.rule')}>
          <Select mode="tags" open={false} tokenSeparators={[',', ' ', '，']} suffixIcon={null} />
        </Form.Item>
        <div className="fields-row">
          <DayField name={['agreement', 'signedOn']} label={t('vendors.signedOn')} />
          <DayField name={['agreement', 'expiresOn']} label={t('vendors.expiresOn')} />
        </div>
        {error !== undefined && <ProblemNotice error={error} />}
      </Form>
    </Modal>
  );
}
