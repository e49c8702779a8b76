import { Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import type { paths } from '../../api/schema.d.ts';
import { t } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { AddressFields, addressOf, knownAddress, type TypedAddress } from './address-fields.tsx';
import { isCamera } from './type.ts';

type Device = Answer<'Device'>;
type Body = paths['/api/v1/devices/{id}/replace']['post']['requestBody']['content']['application/json'];
interface Box {
  readonly reason: string;
  readonly serial?: string;
  readonly externalId?: string;
  readonly connection?: TypedAddress;
}

interface ReplaceProps {
  readonly device: Device;
  readonly done: (credentials: Answer<'DeviceCredentials'>) => Promise<void>;
}

/** 换机: another box at the same point, with what the new one says of itself. */
export function Replace({ device, done }: ReplaceProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('lifecycle.replace')}</Button>
      {open && (
        <NewBox
          device={device}
          close={() => setOpen(false)}
          done={async (credentials) => {
            setOpen(false);
            await done(credentials);
          }}
        />
      )}
    </>
  );
}

function NewBox({ device, close, done }: ReplaceProps & { readonly close: () => void }) {
  const [form] = Form.useForm<Box>();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const camera = isCamera(device);
  const send = async (box: Box) => {
    setBusy(true);
    setError(undefined);
    try {
      const { credentials } = await body(
        api.POST('/api/v1/devices/{id}/replace', { params: { path: { id: device.id } }, body: boxOf(box) }),
      );
      await done(credentials);
    } catch (problem) {
      if (!showInForm(form, problem)) setError(problem);
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={`${t('lifecycle.replace')} · ${device.name}`}
      okText={t('lifecycle.replace')}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form<Box>
        form={form}
        layout="vertical"
        initialValues={camera ? { connection: knownAddress(device) } : {}}
        onFinish={(box) => void send(box)}
      >
        <p>{t(camera ? 'replace.consequence.camera' : 'replace.consequence')}</p>
        <Form.Item
          name="serial"
          label={t('replace.serial')}
          extra={t('replace.serial.hint', { was: device.serial ?? t('device.none') })}
        >
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
        {camera ? (
          <AddressFields form={form} />
        ) : (
          device.externalId && (
            <Form.Item
              name="externalId"
              label={t('register.externalId')}
              extra={t('replace.serial.hint', { was: device.externalId })}
            >
              <Input maxLength={128} autoComplete="off" />
            </Form.Item>
          )
        )}
        <Form.Item
          name="reason"
          label={t('confirm.reason')}
          rules={[{ required: true, whitespace: true, message: t('devices.bulk.reason') }]}
        >
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
        {error !== undefined && <ProblemNotice error={error} />}
      </Form>
    </Modal>
  );
}

/** What was typed. */
function boxOf({ reason, serial, externalId, connection }: Box): Body {
  const place = addressOf(connection);
  return {
    reason: reason.trim(),
    ...(serial?.trim() && { serial: serial.trim() }),
    ...(externalId?.trim() && { externalId: externalId.trim() }),
    ...(place && { connection: place }),
  };
}
