import { useNavigate } from '@tanstack/react-router';
import { Alert, Button, Form, Input, Radio, Select } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { DayField } from '../../parts/day-field.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useToday } from '../../parts/today.ts';
import { ChooseDevices } from './choose-devices.tsx';
import { useOrgs } from './handover-words.ts';

const KINDS = ['custody', 'maintenance'] as const;
interface Asked {
  readonly kind: (typeof KINDS)[number];
  readonly fromOrgId: string;
  readonly toOrgId: string;
  readonly date: string;
  readonly note?: string;
}

export function NewHandover({ close }: { close: () => void }) {
  const navigate = useNavigate();
  const me = useMe();
  const today = useToday();
  const orgs = useOrgs();
  const [form] = Form.useForm<Asked>();
  useForgetting(form);
  const kind = Form.useWatch('kind', form) ?? 'custody';
  const from = Form.useWatch('fromOrgId', form);
  const [chosen, choose] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async ({ note, ...asked }: Asked) => {
    setBusy(true);
    setError(undefined);
    try {
      const { id } = await body(
        api.POST('/api/v1/handovers', {
          body: { ...asked, deviceIds: [...chosen], ...(note?.trim() && { note: note.trim() }) },
        }),
      );
      await navigate({ to: '/handovers/$id', params: { id } });
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  const options = (maintenance: boolean) =>
    orgs
      .filter((org) => (org.kind === 'maintenance') === maintenance)
      .map(({ id, name }) => ({ value: id, label: name }));
  return (
    <section className="sheet handover-new">
      <h2>{t('handovers.new')}</h2>
      <Form<Asked>
        form={form}
        layout="vertical"
        className="handover-fields"
        initialValues={{ kind: 'custody', date: today, ...(me.orgId && { fromOrgId: me.orgId }) }}
        onFinish={run}
      >
        <Form.Item name="kind" label={t('handovers.kind')}>
          <Radio.Group
            optionType="button"
            options={KINDS.map((value) => ({ value, label: tCode('handoverKind', value) }))}
            onChange={() => form.setFieldsValue({ toOrgId: undefined as never })}
          />
        </Form.Item>
        <Form.Item
          name="fromOrgId"
          label={t('handovers.from')}
          rules={[{ required: true, message: t('handovers.from.rule') }]}
        >
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            onChange={() => choose([])}
            options={kind === 'custody' ? options(false) : [...options(true), ...options(false)]}
          />
        </Form.Item>
        <Form.Item
          name="toOrgId"
          label={t('handovers.to')}
          dependencies={['fromOrgId']}
          rules={[
            { required: true, message: t('handovers.to.rule') },
            {
              validator: async (_, value) => {
                if (value && value === form.getFieldValue('fromOrgId')) throw new Error(t('handovers.same'));
              },
            },
          ]}
        >
          <Select showSearch={{ optionFilterProp: 'label' }} options={options(kind === 'maintenance')} />
        </Form.Item>
        <DayField
          name="date"
          label={t('handovers.date')}
          rules={[{ required: true, message: t('handovers.date.rule') }]}
        />
        <Form.Item name="note" label={t('handovers.note')} className="handover-note">
          <Input.TextArea rows={2} maxLength={500} placeholder={t('handovers.note.hint')} />
        </Form.Item>
      </Form>
      <p className="quiet">{tCode('handovers.consequence', kind)}</p>
      {from ? (
        <ChooseDevices key={from} org={from} chosen={chosen} choose={choose} />
      ) : (
        <Alert type="info" showIcon title={t('handovers.firstFrom')} />
      )}
      {error !== undefined && <ProblemNotice error={error} />}
      <div className="filters">
        <Button type="primary" loading={busy} disabled={chosen.length === 0} onClick={() => form.submit()}>
          {t('handovers.write', { n: chosen.length })}
        </Button>
        <Button onClick={close}>{t('registrations.cancel')}</Button>
      </div>
    </section>
  );
}
