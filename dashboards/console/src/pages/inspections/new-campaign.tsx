import { useNavigate } from '@tanstack/react-router';
import { Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { useNames } from '../../parts/names.ts';
import { ProblemNotice } from '../../parts/problem.tsx';

interface Asked {
  readonly name: string;
  readonly modules: string[];
  readonly month?: string;
}

export function NewCampaign({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const modules = useNames('modules');
  const [form] = Form.useForm<Asked>();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async ({ name, modules: chosen, month }: Asked) => {
    setBusy(true);
    setError(undefined);
    try {
      const { id } = await body(
        api.POST('/api/v1/inspections/campaigns', {
          body: { name: name.trim(), filter: { modules: chosen }, ...(month && { month }) },
          // The list of every committee is frozen before it answers.
          fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(120_000) }),
        }),
      );
      await navigate({ to: '/campaigns/$id', params: { id } });
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  return (
    <Modal
      open
      title={t('campaigns.new')}
      okText={t('campaigns.begin')}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <p className="quiet">{t('campaigns.new.how')}</p>
      <Form<Asked> form={form} layout="vertical" onFinish={run}>
        <Form.Item
          name="name"
          label={t('campaigns.name')}
          rules={[{ required: true, whitespace: true, message: t('campaigns.name.rule') }]}
        >
          <Input maxLength={60} placeholder={t('campaigns.name.hint')} />
        </Form.Item>
        <Form.Item
          name="modules"
          label={t('campaigns.modules')}
          rules={[{ required: true, message: t('campaigns.modules.rule') }]}
        >
          <Select
            mode="multiple"
            showSearch={{ optionFilterProp: 'label' }}
            options={modules.all.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Form.Item>
        <Form.Item name="month" label={t('campaigns.month')} extra={t('campaigns.month.hint')}>
          <Input type="month" />
        </Form.Item>
      </Form>
      {error !== undefined && <ProblemNotice error={error} />}
    </Modal>
  );
}
