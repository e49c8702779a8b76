import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Drawer, Form, Input, Select, Switch } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { t, tCode } from '../../language.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import type { Photo } from '../../parts/photo-file.ts';
import { uploadPhoto } from '../../parts/photo-upload.ts';
import { PhotoPicker } from '../../parts/photos.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { inWords, useCodes } from './field.tsx';
import { CHOICES } from './query.ts';

interface Values {
  readonly fault?: string;
  readonly title?: string;
  readonly priority?: 'normal' | 'urgent' | 'critical';
  readonly module?: string;
  readonly siteId?: string;
  readonly deviceId?: string;
  readonly note?: string;
  readonly drill?: boolean;
  readonly photos?: readonly Photo[];
}

const NEEDED = ['title', 'deviceId', 'siteId', 'note', 'photos'] as const;

/** A ticket by hand: one of the kinds the catalogue knows, or something else with a title of its own. */
export function Create({ close, deviceId }: { close: () => void; deviceId?: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [form] = Form.useForm<Values>();
  useForgetting(form);
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const [sent, setSent] = useState<ReadonlyMap<string, number>>();
  const { data: codes } = useCodes(null);
  const fault = Form.useWatch('fault', form);
  const kind = codes?.manualKinds.find(({ code }) => code === fault);
  const needs = (what: string) => kind?.needs.some((one) => one === what) ?? false;

  const run = async ({ photos = [], deviceId: device, ...rest }: Values) => {
    setWorking(true);
    setError(undefined);
    try {
      const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== '');
      const said = Object.fromEntries(given) as Answer<'NewTicket'>;
      const fields = { ...said, ...(device && { deviceIds: [device] }) };
      const made =
        photos.length > 0 && kind
          ? await report(fields, photos)
          : await body(api.POST('/api/v1/tickets', { body: fields }));
      if (!(photos.length > 0 && kind))
        for (const photo of photos)
          await uploadPhoto(made.id, photo, {
            phase: 'before',
            onProgress: (share) => setSent((before) => new Map(before).set(photo.id, share)),
          });
      void queries.invalidateQueries({ queryKey: ['tickets'] });
      void navigate({ to: '/tickets/$id', params: { id: made.id } });
    } catch (problem) {
      const other = problem instanceof Problem ? problem.more.ticketId : null;
      // There is one about it already: that one is shown.
      if (typeof other === 'string') void navigate({ to: '/tickets/$id', params: { id: other } });
      else if (!showInForm(form, problem)) setError(problem);
    } finally {
      setWorking(false);
    }
  };
  const required = (what: string) => [{ required: needs(what), message: t('create.needed') }];
  return (
    <Drawer
      open
      onClose={close}
      size={480}
      title={t('tickets.create')}
      footer={
        <Button type="primary" loading={working} onClick={() => form.submit()}>
          {t('create.send')}
        </Button>
      }
    >
      <Form<Values>
        form={form}
        layout="vertical"
        onFinish={(values) => void run(values)}
        initialValues={{ ...(deviceId && { deviceId }) }}
      >
        <Form.Item name="fault" label={t('create.kind')} extra={t('create.kind.told')}>
          <Select
            allowClear
            // What one kind needs, another may not.
            onChange={() => form.setFields(NEEDED.map((name) => ({ name, errors: [] })))}
            options={(codes?.manualKinds ?? []).map(({ code, title }) => ({ value: code, label: inWords(title) }))}
          />
        </Form.Item>
        {!kind && (
          <Form.Item name="title" label={t('create.title')} rules={[{ required: true, message: t('create.needed') }]}>
            <Input maxLength={100} />
          </Form.Item>
        )}
        <Form.Item name="deviceId" label={t('tickets.device')} rules={required('device')}>
          <DeviceSelect />
        </Form.Item>
        <Form.Item name="siteId" label={t('tickets.site')} rules={required('siteId')}>
          <NamedSelect of="sites" />
        </Form.Item>
        {!kind && (
          <>
            <Form.Item name="module" label={t('tickets.module')}>
              <NamedSelect of="modules" />
            </Form.Item>
            <Form.Item name="priority" label={t('tickets.priority')}>
              <Select
                allowClear
                options={CHOICES.priority.map((code) => ({ value: code, label: tCode('priority', code) }))}
              />
            </Form.Item>
          </>
        )}
        <Form.Item name="note" label={t('create.note')} rules={required('note')}>
          <Input.TextArea rows={4} maxLength={2_000} />
        </Form.Item>
        <Form.Item name="photos" label={t('ticketField.photos')} rules={required('photo')}>
          <PhotoPicker place {...(sent && { sent })} />
        </Form.Item>
        {!kind && (
          <Form.Item name="drill" label={t('ticket.drill')} valuePropName="checked">
            <Switch />
          </Form.Item>
        )}
      </Form>
      {error !== undefined && <ProblemNotice error={error} />}
    </Drawer>
  );
}

const SENDING_MS = 120_000;

/** A report with its pictures is filed whole or not at all. */
function report(fields: Answer<'NewTicket'>, photos: readonly Photo[]): Promise<Answer<'Ticket'>> {
  const whole = new FormData();
  for (const name of ['fault', 'note', 'siteId'] as const) {
    const value = fields[name];
    if (value !== undefined) whole.set(name, value);
  }
  for (const id of fields.deviceIds ?? []) whole.append('deviceIds', id);
  const [first] = photos;
  if (first?.place) {
    whole.set('lat', String(first.place.lat));
    whole.set('lon', String(first.place.lon));
  }
  for (const { blob, name } of photos) whole.append('photo', blob, name);
  return body(
    api.POST('/api/v1/tickets/reports', {
      body: whole as unknown as string,
      bodySerializer: () => whole,
      fetch: (request) => fetch(request, { signal: AbortSignal.timeout(SENDING_MS) }),
    }),
  );
}
