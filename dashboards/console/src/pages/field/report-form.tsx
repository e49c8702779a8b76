import { App, Button, Form, Input, Select } from 'antd';
import { useMe } from '../../app/session.tsx';
import { language, t } from '../../language.ts';
import type { Photo } from '../../parts/photo-file.ts';
import { PhotoPicker } from '../../parts/photos.tsx';
import { useAdd } from '../../parts/queue/use-add.ts';
import { useCodes } from './questions.ts';
import type { Device } from './ticket-facts.ts';

interface Fields {
  readonly fault: string;
  readonly note?: string;
  readonly photos?: readonly Photo[];
}

/** 报修: what one sees, with pictures; filed once, however bad the line is. */
export function ReportForm({ device, done }: { device: Device; done: () => void }) {
  const me = useMe();
  const add = useAdd();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const kind = Form.useWatch('fault', form);
  const kinds = useCodes(me.id, device.module).read?.value.manualKinds ?? [];
  const needs = kinds.find(({ code }) => code === kind)?.needs ?? [];
  const send = async ({ fault, note = '', photos = [] }: Fields) => {
    if (!(await add([{ kind: 'report', deviceId: device.id, fault, note: note.trim(), photos }]))) return;
    message.success(t('field.report.sent'));
    done();
  };
  return (
    <Form
      form={form}
      layout="vertical"
      className="field-form"
      onFinish={(fields) => void send(fields)}
      scrollToFirstError
    >
      <Form.Item
        name="fault"
        label={t('field.report.kind')}
        rules={[{ required: true, message: t('field.report.kindNeeded') }]}
      >
        <Select
          classNames={{ popup: { root: 'field-options' } }}
          options={kinds.map(({ code, title }) => ({ value: code, label: language() === 'en' ? title.en : title.zh }))}
        />
      </Form.Item>
      <Form.Item
        name="note"
        label={t('field.report.note')}
        rules={[{ required: needs.includes('note'), whitespace: true, message: t('field.report.noteNeeded') }]}
      >
        <Input.TextArea rows={3} maxLength={1_000} />
      </Form.Item>
      <Form.Item
        name="photos"
        label={t('field.report.photo')}
        rules={
          needs.includes('photo')
            ? [{ required: true, type: 'array', min: 1, message: t('field.report.photoNeeded') }]
            : []
        }
      >
        <PhotoPicker place />
      </Form.Item>
      <p className="quiet">{t('field.report.means')}</p>
      <Button type="primary" size="large" block htmlType="submit">
        {t('field.submit')}
      </Button>
    </Form>
  );
}
