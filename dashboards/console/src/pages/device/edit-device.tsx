import { useQueryClient } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import type { Crs } from '../../parts/crs.ts';
import { DeviceSelect } from '../../parts/device-select.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { PositionFields } from '../../parts/position-fields.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { AddressFields, addressOf, knownAddress, type TypedAddress } from './address-fields.tsx';
import { isCamera } from './type.ts';

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
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const queries = useQueryClient();
  const camera = isCamera(device);
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
        location: placeOf(device),
        project: device.labels.project,
        connection: camera ? knownAddress(device) : undefined,
      }}
      onFinish={(values) => void save(values)}
    >
      <Form.Item name="name" label={t('archive.name')} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={100} />
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
      <PositionFields at={['location']} />
      <Form.Item name={['location', 'address']} label={t('archive.address')}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="project" label={t('register.project')} extra={t('register.project.hint')}>
        <Input maxLength={200} />
      </Form.Item>
      {camera && <AddressFields form={form} />}
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
  readonly lat?: number | null | undefined;
  readonly lon?: number | null | undefined;
  readonly crs?: Crs | undefined;
  readonly address?: string | null | undefined;
}

/** The place as it was typed, so that saving again moves nothing. */
function placeOf({ location }: Device): Place {
  const { lat, lon, crs = 'wgs84' } = location?.source ?? location ?? {};
  return { lat, lon, crs, address: location?.address };
}

/** What differs from what is on file; an emptied field is null. */
function changes(device: Device, values: Record<string, unknown>): Record<string, unknown> {
  const { location, installedOn, connection, project, ...rest } = values;
  const day = dayjs.isDayjs(installedOn) ? installedOn.format('YYYY-MM-DD') : null;
  const differs = Object.entries({ ...rest, installedOn: day }).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? value.trim() : value;
    const next = text === '' || text === undefined ? null : text;
    return next === device[name as keyof Device] ? [] : [[name, next] as const];
  });
  const { lat, lon, crs, address: typed } = (location ?? {}) as Place;
  const address = typed?.trim();
  const was = placeOf(device);
  const moved = lat !== was.lat || lon !== was.lon || crs !== was.crs || (address || '') !== (was.address || '');
  const place =
    typeof lat === 'number' && typeof lon === 'number' ? { lat, lon, crs, ...(address && { address }) } : null;
  const called = addressOf(connection as TypedAddress | undefined) ?? null;
  const known = addressOf(knownAddress(device)) ?? null;
  const { project: before, ...labels } = device.labels;
  const named = typeof project === 'string' ? project.trim() : '';
  return {
    ...Object.fromEntries(differs),
    ...(moved && (place || device.location) && { location: place }),
    ...(connection !== undefined && JSON.stringify(called) !== JSON.stringify(known) && { connection: called }),
    ...(named !== (before ?? '') && { labels: named === '' ? labels : { ...labels, project: named } }),
  };
}
