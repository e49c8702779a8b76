import { Button, Form, Input, InputNumber, Modal, Radio } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import type { paths } from '../../api/schema.d.ts';
import { t } from '../../language.ts';
import { showInForm } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { isCamera } from './type.ts';

type Device = Answer<'Device'>;
type Body = paths['/api/v1/devices/{id}/replace']['post']['requestBody']['content']['application/json'];
interface Box {
  readonly reason: string;
  readonly serial?: string;
  readonly externalId?: string;
  readonly connection?: {
    readonly protocol: 'rtsp' | 'onvif';
    readonly url?: string;
    readonly host?: string;
    readonly port?: number | null;
    readonly username?: string;
    readonly password?: string;
  };
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
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const camera = isCamera(device);
  const protocol = Form.useWatch(['connection', 'protocol'], form);
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
        initialValues={camera ? { connection: known(device) } : {}}
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
          <>
            <Form.Item name={['connection', 'protocol']} label={t('register.protocol')}>
              <Radio.Group
                optionType="button"
                options={[
                  { value: 'rtsp', label: 'RTSP' },
                  { value: 'onvif', label: 'ONVIF' },
                ]}
              />
            </Form.Item>
            {protocol === 'onvif' ? (
              <>
                <Form.Item name={['connection', 'host']} label={t('register.host')}>
                  <Input maxLength={253} autoComplete="off" />
                </Form.Item>
                <Form.Item name={['connection', 'port']} label={t('register.port')}>
                  <InputNumber className="wide" controls={false} min={1} max={65535} />
                </Form.Item>
              </>
            ) : (
              <Form.Item name={['connection', 'url']} label={t('register.url')}>
                <Input maxLength={1_000} autoComplete="off" />
              </Form.Item>
            )}
            <Form.Item name={['connection', 'username']} label={t('register.username')}>
              <Input maxLength={64} autoComplete="off" />
            </Form.Item>
            <Form.Item
              name={['connection', 'password']}
              label={t('register.password')}
              extra={t('replace.password.hint')}
            >
              <Input.Password maxLength={128} autoComplete="new-password" />
            </Form.Item>
          </>
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

/** The address as it is on file: another box at the same place mostly keeps it. */
function known({ connection }: Device): Box['connection'] {
  return {
    protocol: connection?.protocol === 'onvif' ? 'onvif' : 'rtsp',
    ...(connection?.url && { url: connection.url }),
    ...(connection?.host && { host: connection.host }),
    ...(connection?.port && { port: connection.port }),
    ...(connection?.username && { username: connection.username }),
  };
}

/** What was typed; an address only with what its protocol has. */
function boxOf({ reason, serial, externalId, connection }: Box): Body {
  const login = {
    ...(connection?.username?.trim() && { username: connection.username.trim() }),
    ...(connection?.password && { password: connection.password }),
  };
  const host = connection?.host?.trim();
  const url = connection?.url?.trim();
  const place =
    connection?.protocol === 'onvif'
      ? host && { protocol: 'onvif' as const, host, ...(connection.port && { port: connection.port }), ...login }
      : url && { protocol: 'rtsp' as const, url, ...login };
  return {
    reason: reason.trim(),
    ...(serial?.trim() && { serial: serial.trim() }),
    ...(externalId?.trim() && { externalId: externalId.trim() }),
    ...(place && { connection: place }),
  };
}
