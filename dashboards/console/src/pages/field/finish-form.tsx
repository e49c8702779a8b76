import { Button, Checkbox, Form, Input, Select } from 'antd';
import { useMe } from '../../app/session.tsx';
import { language, t, tCode } from '../../language.ts';
import type { Photo } from '../../parts/photo-file.ts';
import { PhotoPicker } from '../../parts/photos.tsx';
import type { Task } from '../../parts/queue/entry.ts';
import { useFieldQueue } from '../../parts/queue/field-queue.ts';
import { useAdd } from '../../parts/queue/use-add.ts';
import { checklist } from './checklist.ts';
import { useCodes } from './questions.ts';
import type { Ticket } from './ticket-facts.ts';

interface Fields {
  readonly checked?: readonly string[];
  readonly cause: string;
  readonly faultType?: string;
  readonly measure: string;
  readonly parts?: string;
  readonly photos?: readonly Photo[];
}

/** 维修完成: what was looked at, what it was, what was done, and how it looks now. */
export function FinishForm({ ticket, done }: { ticket: Ticket; done: () => void }) {
  const me = useMe();
  const add = useAdd();
  const { entries } = useFieldQueue();
  const ofModule = useCodes(me.id, ticket.module).read;
  const ofAll = useCodes(me.id, null).read;
  const codes = (ofModule ?? ofAll)?.value;
  const items = checklist(ticket.fault, ticket.module);
  const word = ({ zh, en }: { zh: string; en?: string }) => (language() === 'en' ? (en ?? zh) : zh);
  const options = (list: readonly { code: string; title: { zh: string; en?: string } }[] = []) =>
    list.map(({ code, title }) => ({ value: code, label: word(title) }));
  const shown =
    ticket.attachments.some(({ phase }) => phase === 'after') ||
    entries.some(({ subject, task }) => subject === ticket.id && task.kind === 'photo' && task.phase === 'after');
  const needsPhoto = ticket.kind === 'event' && !shown;
  const send = async (fields: Fields) => {
    const { photos = [], cause, faultType } = fields;
    const pictures = photos.map((photo): Task => ({ kind: 'photo', ticketId: ticket.id, photo, phase: 'after' }));
    const said = { to: 'verifying' as const, note: noteOf(fields), cause, ...(faultType && { faultType }) };
    if (await add([...pictures, { kind: 'transition', ticketId: ticket.id, body: said }])) done();
  };
  return (
    <Form layout="vertical" className="field-form" onFinish={(fields: Fields) => void send(fields)} scrollToFirstError>
      <Form.Item name="checked" label={t('field.checklist')}>
        <Checkbox.Group options={items.map((item) => ({ value: item, label: tCode('field.check', item) }))} />
      </Form.Item>
      <Form.Item name="cause" label={t('field.cause')} rules={[{ required: true, message: t('field.causeNeeded') }]}>
        <Select classNames={{ popup: { root: 'field-options' } }} options={options(codes?.causes)} />
      </Form.Item>
      <Form.Item name="faultType" label={t('field.faultType')}>
        <Select classNames={{ popup: { root: 'field-options' } }} allowClear options={options(codes?.faultTypes)} />
      </Form.Item>
      <Form.Item
        name="measure"
        label={t('field.measure')}
        rules={[{ required: true, whitespace: true, message: t('field.measureNeeded') }]}
      >
        <Input.TextArea rows={2} maxLength={800} />
      </Form.Item>
      <Form.Item name="parts" label={t('field.parts')} extra={t('field.partsHint')}>
        <Input maxLength={300} />
      </Form.Item>
      <Form.Item
        name="photos"
        label={t('field.after')}
        rules={needsPhoto ? [{ required: true, type: 'array', min: 1, message: t('field.photoNeeded') }] : []}
      >
        <PhotoPicker place />
      </Form.Item>
      <p className="quiet">{t(ticket.kind === 'deviceFault' ? 'field.finishMeans' : 'act.repaired.told')}</p>
      <Button type="primary" size="large" block htmlType="submit">
        {t('field.finish')}
      </Button>
    </Form>
  );
}

/** The ticks go with the words: the record shows what was looked at. */
function noteOf({ checked = [], measure, parts }: Fields): string {
  const lines = [t('field.note.measure', { text: measure.trim() })];
  if (parts?.trim()) lines.push(t('field.note.parts', { text: parts.trim() }));
  if (checked.length > 0)
    lines.push(t('field.note.checked', { list: checked.map((item) => tCode('field.check', item)).join('；') }));
  return lines.join('\n');
}
