import { useQueryClient } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input, InputNumber } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { showInForm } from '../../parts/form-problem.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';

type Device = Answer<'Device'>;
const TEXTS = ['nickname', 'nationalCode', 'serial', 'externalId', 'mac'] as const;
const LISTS = [
  ['module', 'modules'],
  ['orgId', 'orgs'],
  ['siteId', 'sites'],
  ['vendorId', 'vendors'],
  ['maintenanceUnitId', 'maintenanceUnits'],
] as const;

/** Changes what is on file; only what was changed is sent. */
export function EditDevice({ device, done }: { device: Device; done: () => void }) {
  const [form] = Form.useForm();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const queries = useQueryClient();
  const { location } = device;
  const save = async (values: Record<string, unknown>) => {
    setBusy(true);
    setError(undefined);
    try {
      await body(
        api.PATCH('/api/v1/devices/{id}', { params: { path: { id: device.id } }, body: changes(device, values) }),
      );
      await queries.invalidateQueries({ queryKey: ['devices'] });
      done();
    } catch (problem) {
      if (!showInForm(form, problem)) setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form
      form={form}
      layout="vertical"
      className="device-form"
      initialValues={{
        ...device,
        installedOn: device.installedOn ? dayjs(device.installedOn) : null,
        location: { lat: location?.lat, lon: location?.lon, address: location?.address },
      }}
      onFinish={(values) => void save(values)}
    >
      <Form.Item name="name" label={t('archive.name')} rules={[{ required: true }]}>
        <Input maxLength={200} />
      </Form.Item>
      {TEXTS.map((name) => (
        <Form.Item key={name} name={name} label={t(`archive.${name}`)}>
          <Input maxLength={200} />
        </Form.Item>
      ))}
      {LISTS.map(([name, of]) => (
        <Form.Item key={name} name={name} label={t(`archive.${name}`)}>
          <NamedSelect of={of} />
        </Form.Item>
      ))}
      <Form.Item name="parentId" label={t('archive.parentId')}>
        <DeviceSelect />
      </Form.Item>
      <Form.Item name="installedOn" label={t('archive.installedOn')}>
        <DatePicker />
      </Form.Item>
      <Form.Item name={['location', 'lat']} label={t('archive.lat')}>
        <InputNumber min={-90} max={90} />
      </Form.Item>
      <Form.Item name={['location', 'lon']} label={t('archive.lon')}>
        <InputNumber min={-180} max={180} />
      </Form.Item>
      <Form.Item name={['location', 'address']} label={t('archive.address')}>
        <Input maxLength={300} />
      </Form.Item>
      <div className="device-form-end">
        {error !== undefined && <ProblemNotice error={error} />}
        <Button type="primary" htmlType="submit" loading={busy}>
          {t('archive.save')}
        </Button>{' '}
        <Button onClick={done}>{t('archive.cancel')}</Button>
      </div>
    </Form>
  );
}

interface Place {
  readonly lat?: number | null;
  readonly lon?: number | null;
  readonly address?: string | null;
}

/** What differs from what is on file; an emptied field is null. */
function changes(device: Device, values: Record<string, unknown>): Record<string, unknown> {
  const { location, installedOn, ...rest } = values;
  const day = dayjs.isDayjs(installedOn) ? installedOn.format('YYYY-MM-DD') : null;
  const { lat, lon, address } = (location ?? {}) as Place;
  const was = device.location;
  const moved = lat !== was?.lat || lon !== was?.lon || (address || undefined) !== (was?.address || undefined);
  const differs = Object.entries({ ...rest, installedOn: day }).flatMap(([name, value]) => {
    const next = value === '' || value === undefined ? null : value;
    return next === device[name as keyof Device] ? [] : [[name, next] as const];
  });
  const place =
    typeof lat === 'number' && typeof lon === 'number'
      ? { lat, lon, crs: was?.crs ?? 'wgs84', ...(address && { address }) }
      : null;
  return { ...Object.fromEntries(differs), ...(moved && (place || was) && { location: place }) };
}
