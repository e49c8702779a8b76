import { Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { t } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Here, type Spot } from './here.tsx';
import type { Path } from './sheet.tsx';

interface Asked {
  readonly name: string;
  readonly place: string;
  readonly note?: string;
  readonly photo?: string;
  readonly here?: Spot;
}

/** A device that stands there and is on no list. */
export function Find({ path, close, again }: { path: Path; close: () => void; again: () => Promise<void> }) {
  const [form] = Form.useForm<Asked>();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async ({ name, place, note, photo, here }: Asked) => {
    setBusy(true);
    setError(undefined);
    try {
      await api.POST('/api/v1/inspections/campaigns/{id}/sheets/{orgId}/items', {
        params: { path },
        body: {
          name: name.trim(),
          place: place.trim(),
          ...(note?.trim() && { note: note.trim() }),
          ...(photo?.trim() && { photo: photo.trim() }),
          ...here,
        },
      });
      await again();
      close();
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  const required = [{ required: true, whitespace: true, message: t('campaigns.required') }];
  return (
    <Modal
      open
      title={t('campaigns.find')}
      okText={t('campaigns.save')}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form<Asked> form={form} layout="vertical" onFinish={run}>
        <Form.Item name="name" label={t('campaigns.find.name')} rules={required}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="place" label={t('campaigns.find.place')} rules={required}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="note" label={t('campaigns.note')}>
          <Input maxLength={500} />
        </Form.Item>
        <Form.Item name="photo" label={t('campaigns.photo')} extra={t('campaigns.photo.hint')}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="here" label={t('campaigns.here')}>
          <Here />
        </Form.Item>
      </Form>
      {error !== undefined && <ProblemNotice error={error} />}
    </Modal>
  );
}
