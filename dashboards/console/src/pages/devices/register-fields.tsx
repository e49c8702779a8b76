import { DatePicker, Form, type FormInstance, Input, InputNumber, Select, Switch } from 'antd';
import type { Answer } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { language, t } from '../../language.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { PositionFields } from '../../parts/position-fields.tsx';
import { type Draft, pairOf } from './register-draft.ts';

type DeviceType = Answer<'DeviceType'>;
const CAMERAS = new Set(['rtsp', 'onvif']);

/** The fields; those of a camera only for a camera, those of a sensor only for a sensor. */
export function RegisterFields({ types, form }: { types: readonly DeviceType[]; form: FormInstance<Draft> }) {
  const me = useMe();
  const may = useMay();
  const chosen = Form.useWatch('type', form);
  const protocol = Form.useWatch('protocol', form);
  const adapter = types.find(({ id }) => id === chosen)?.adapter;
  const camera = adapter !== undefined && CAMERAS.has(adapter);
  const text = (name: keyof Draft & keyof typeof LONGEST, more: { required?: boolean; hint?: boolean } = {}) => (
    <Form.Item
      name={name}
      label={t(`register.${name}`)}
      {...(name in HINTS ? { extra: t(HINTS[name as keyof typeof HINTS]) } : {})}
      rules={more.required ? [{ required: true, whitespace: true, message: t('register.required') }] : []}
    >
      <Input maxLength={LONGEST[name]} autoComplete="off" />
    </Form.Item>
  );
  return (
    <>
      <h2>{t('register.what')}</h2>
      <div className="register-fields">
        <Form.Item name="type" label={t('register.type')} rules={[{ required: true, message: t('register.required') }]}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            popupMatchSelectWidth={false}
            options={types.map(({ id, title, approved }) => ({
              value: id,
              label: `${language() === 'en' ? title.en : title.zh} · ${id}${approved ? '' : ` · ${t('register.draftType')}`}`,
            }))}
          />
        </Form.Item>
        {text('name', { required: true })}
        {text('nickname')}
        {text('serial')}
        {camera ? text('nationalCode') : text('externalId')}
        {camera && text('mac')}
        {text('id')}
        <Form.Item
          name="installedOn"
          label={t('register.installedOn')}
          getValueProps={() => ({})}
          getValueFromEvent={(_: unknown, day: string) => day || undefined}
        >
          <DatePicker className="wide" />
        </Form.Item>
      </div>
      <h2>{t('register.where')}</h2>
      <div className="register-fields">
        {may('orgs', 'read') && (
          <Form.Item name="orgId" label={t('register.orgId')}>
            <NamedSelect of="orgs" />
          </Form.Item>
        )}
        <Form.Item name="siteId" label={t('register.siteId')}>
          <NamedSelect of="sites" />
        </Form.Item>
        {text('address')}
        <Form.Item label={t('register.pair')} extra={t('register.pair.hint')}>
          <Input
            aria-label={t('register.pair')}
            autoComplete="off"
            onChange={({ target }) => {
              const pair = pairOf(target.value);
              if (pair) form.setFieldsValue(pair);
            }}
          />
        </Form.Item>
        <PositionFields />
      </div>
      {camera && (
        <>
          <h2>{t('register.connection')}</h2>
          <div className="register-fields">
            <Form.Item name="protocol" label={t('register.protocol')}>
              <Select
                options={[
                  { value: 'rtsp', label: 'RTSP' },
                  { value: 'onvif', label: 'ONVIF' },
                ]}
              />
            </Form.Item>
            {protocol === 'onvif' ? (
              <>
                {text('host')}
                <Form.Item name="port" label={t('register.port')}>
                  <InputNumber className="wide" controls={false} min={1} max={65535} />
                </Form.Item>
                <Form.Item name="tls" label={t('register.tls')} valuePropName="checked">
                  <Switch />
                </Form.Item>
              </>
            ) : (
              text('url')
            )}
            {text('username')}
            <Form.Item name="password" label={t('register.password')} extra={t('register.password.hint')}>
              <Input.Password maxLength={128} autoComplete="new-password" />
            </Form.Item>
          </div>
        </>
      )}
      <h2>{t('register.whose')}</h2>
      <div className="register-fields">
        <Form.Item name="module" label={t('register.module')} extra={t('register.module.hint')}>
          <NamedSelect of="modules" />
        </Form.Item>
        {me.role !== 'vendor' && may('vendors', 'read') && (
          <Form.Item name="vendorId" label={t('register.vendorId')}>
            <NamedSelect of="vendors" />
          </Form.Item>
        )}
        {may('maintenanceUnits', 'read') && (
          <Form.Item name="maintenanceUnitId" label={t('register.maintenanceUnitId')}>
            <NamedSelect of="maintenanceUnits" />
          </Form.Item>
        )}
        <Form.Item name="parentId" label={t('register.parentId')} extra={t('register.parentId.hint')}>
          <DeviceSelect />
        </Form.Item>
        {text('project')}
      </div>
    </>
  );
}

const LONGEST = {
  name: 100,
  nickname: 100,
  id: 64,
  serial: 64,
  externalId: 128,
  mac: 17,
  nationalCode: 20,
  address: 200,
  url: 1_000,
  host: 253,
  username: 64,
  project: 200,
} as const;
const HINTS = {
  nickname: 'register.nickname.hint',
  id: 'register.id.hint',
  externalId: 'register.externalId.hint',
  nationalCode: 'register.nationalCode.hint',
  url: 'register.url.hint',
  project: 'register.project.hint',
} as const;
