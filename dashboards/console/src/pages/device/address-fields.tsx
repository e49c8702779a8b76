import { Form, type FormInstance, Input, InputNumber, Radio, Switch } from 'antd';
import type { Answer } from '../../api/client.ts';
import type { paths } from '../../api/schema.d.ts';
import { t } from '../../language.ts';

type Device = Answer<'Device'>;
type Address = NonNullable<
  paths['/api/v1/devices/{id}/replace']['post']['requestBody']['content']['application/json']['connection']
>;
/** What stands in the form under `connection`. */
export interface TypedAddress {
  readonly protocol: 'rtsp' | 'onvif';
  readonly url?: string;
  readonly host?: string;
  readonly port?: number | null;
  readonly tls?: boolean;
  readonly username?: string;
  readonly password?: string;
}

/** Where a camera is called and by what login; an empty password keeps the one on file. */
export function AddressFields({ form }: { form: FormInstance }) {
  const protocol = Form.useWatch(['connection', 'protocol'], form);
  return (
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
          <Form.Item name={['connection', 'tls']} label={t('register.tls')} valuePropName="checked">
            <Switch />
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
      <Form.Item name={['connection', 'password']} label={t('register.password')} extra={t('replace.password.hint')}>
        <Input.Password maxLength={128} autoComplete="new-password" />
      </Form.Item>
    </>
  );
}

/** The address as it is on file: another box at the same place mostly keeps it. */
export function knownAddress({ connection }: Device): TypedAddress {
  return {
    protocol: connection?.protocol === 'onvif' ? 'onvif' : 'rtsp',
    ...(connection?.url && { url: connection.url }),
    ...(connection?.host && { host: connection.host }),
    ...(connection?.port && { port: connection.port }),
    ...(connection?.tls && { tls: true }),
    ...(connection?.username && { username: connection.username }),
  };
}

/** An address only with what its protocol has; undefined = none was typed. */
export function addressOf(typed: TypedAddress | undefined): Address | undefined {
  const login = {
    ...(typed?.username?.trim() && { username: typed.username.trim() }),
    ...(typed?.password && { password: typed.password }),
  };
  const host = typed?.host?.trim();
  const url = typed?.url?.trim();
  if (typed?.protocol === 'onvif') {
    if (!host) return undefined;
    return {
      protocol: 'onvif',
      host,
      ...(typed.port && { port: typed.port }),
      ...(typed.tls && { tls: true }),
      ...login,
    };
  }
  return url ? { protocol: 'rtsp', url, ...login } : undefined;
}
