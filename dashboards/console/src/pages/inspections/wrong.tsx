import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Here, type Spot } from './here.tsx';
import type { Path } from './sheet.tsx';
import { type CampaignItem, USUAL } from './sheet-words.ts';

interface Asked {
  readonly wrong: string;
  readonly note?: string;
  readonly photo?: string;
  readonly here?: Spot;
}

interface WrongProps {
  readonly item: CampaignItem;
  readonly path: Path;
  readonly close: () => void;
  readonly again: () => Promise<void>;
}

/** What differs from the list: moved, another name, broken; where one stands while saying so. */
export function Wrong({ item, path, close, again }: WrongProps) {
  const [form] = Form.useForm<Asked>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async ({ wrong, note, photo, here }: Asked) => {
    setBusy(true);
    setError(undefined);
    try {
      await api.PUT('/api/v1/inspections/campaigns/{id}/sheets/{orgId}/items', {
        params: { path },
        body: {
          items: [
            {
              n: item.n,
              result: 'wrong',
              wrong: wrong.trim(),
              ...(note?.trim() && { note: note.trim() }),
              ...(photo?.trim() && { photo: photo.trim() }),
              ...here,
            },
          ],
        },
      });
      await again();
      close();
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <Modal
      open
      title={t('campaigns.wrongOf', { name: item.name })}
      okText={t('campaigns.save')}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form<Asked>
        form={form}
        layout="vertical"
        initialValues={{ wrong: item.wrong ?? '', note: item.note ?? '', photo: item.photo ?? '' }}
        onFinish={run}
      >
        <Form.Item
          name="wrong"
          label={t('campaigns.what')}
          rules={[{ required: true, whitespace: true, message: t('campaigns.what.rule') }]}
        >
          <Input maxLength={500} />
        </Form.Item>
        <div className="filters inspections-bar">
          {USUAL.map((one) => (
            <Button
              key={one}
              size="small"
              onClick={() => form.setFieldsValue({ wrong: tCode('campaigns.usual', one) })}
            >
              {tCode('campaigns.usual', one)}
            </Button>
          ))}
        </div>
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
