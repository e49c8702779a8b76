import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Form, Input, Select } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { language, t } from '../../language.ts';
import type { Crs } from '../../parts/crs.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { PositionFields } from '../../parts/position-fields.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { type DuplicateReport, Duplicates } from './duplicates.tsx';
import { connectionOf, type Findings, type Login, type Target } from './target.ts';

interface FileProps {
  readonly target: Target;
  readonly login: Login;
  /** What it said of itself; null = it was not looked at. */
  readonly findings: Findings | null;
  readonly back: () => void;
  readonly registered: (id: string, pending: boolean, archiveFailed: boolean) => void;
}

interface Typed {
  readonly type: string;
  readonly name: string;
  readonly nickname?: string;
  readonly orgId?: string;
  readonly siteId?: string;
  readonly maintenanceUnitId?: string;
  readonly module?: string;
  readonly serial?: string;
  readonly address?: string;
  readonly lat?: number | null;
  readonly lon?: number | null;
  readonly crs: Crs;
  readonly direction?: Direction;
  readonly installedOn?: Dayjs | null;
}
const DIRECTIONS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
type Direction = (typeof DIRECTIONS)[number];
const CAMERAS = new Set(['rtsp', 'onvif']);

const locationOf = ({ lat, lon, crs, address }: Typed) =>
  typeof lat === 'number' && typeof lon === 'number' ? { lat, lon, crs, ...(address && { address }) } : undefined;

/** Third step: name and place, a look for duplicates, registration. */
export function File({ target, login, findings, back, registered }: FileProps) {
  const may = useMay();
  const [form] = Form.useForm<Typed>();
  useForgetting(form);
  const [placed, setPlaced] = useState(false);
  const types = useQuery({
    queryKey: ['names', 'camera-types'],
    queryFn: () => body(api.GET('/api/v1/device-types', { params: { query: { limit: 200 } } })),
    select: ({ items }) => items.filter(({ adapter }) => CAMERAS.has(adapter)),
  });
  const connection = connectionOf(target, login);
  const check = useMutation({
    mutationFn: async (): Promise<DuplicateReport> => {
      const values = form.getFieldsValue();
      const location = locationOf(values);
      return body(
        api.POST('/api/v1/devices/duplicate-check', {
          body: {
            connection,
            ...(values.serial && { serial: values.serial }),
            ...(values.direction && { direction: values.direction }),
            ...(location && { location: { lat: location.lat, lon: location.lon, crs: location.crs } }),
          },
        }),
      );
    },
  });
  const register = useMutation({
    mutationFn: async (values: Typed) => {
      const { lat, lon, crs, address, direction, installedOn, ...plain } = values;
      const location = locationOf(values);
      const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value)) as typeof plain;
      const { device } = await body(
        api.POST('/api/v1/devices', {
          body: {
            ...given,
            connection,
            ...(location && { location }),
            ...(installedOn && { installedOn: installedOn.format('YYYY-MM-DD') }),
          },
        }),
      );
      let archiveFailed = false;
      if (direction && may('devices', 'update')) {
        const path = { id: device.id };
        // The camera is registered by then: a refusal here is told, not thrown.
        await api.PATCH('/api/v1/cameras/{id}/archive', { params: { path }, body: { direction } }).catch(() => {
          archiveFailed = true;
        });
      }
      registered(device.id, device.lifecycle === 'pending', archiveFailed);
    },
    onError: (error) => setPlaced(showInForm(form, error)),
  });
  return (
    <section className="sheet">
      <Form<Typed>
        form={form}
        layout="vertical"
        className="onboard-login"
        initialValues={{ type: 'generic/camera', crs: 'gcj02', serial: findings?.serial ?? undefined }}
        onFinish={(values) => register.mutate(values)}
      >
        <Form.Item
          name="name"
          label={t('onboard.name')}
          rules={[{ required: true, max: 100, whitespace: true, message: t('onboard.name.rule') }]}
        >
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="nickname" label={t('onboard.nickname')}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="type" label={t('onboard.type')} rules={[{ required: true }]}>
          <Select
            options={(types.data ?? []).map(({ id, title }) => ({
              value: id,
              label: `${(language() === 'en' && title.en) || title.zh} · ${id}`,
            }))}
          />
        </Form.Item>
        <Form.Item name="serial" label={t('onboard.serial')}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="orgId" label={t('onboard.org')}>
          <NamedSelect of="orgs" />
        </Form.Item>
        <Form.Item name="siteId" label={t('onboard.site')}>
          <NamedSelect of="sites" />
        </Form.Item>
        <Form.Item name="maintenanceUnitId" label={t('onboard.unit')}>
          <NamedSelect of="maintenanceUnits" />
        </Form.Item>
        <Form.Item name="module" label={t('onboard.module')}>
          <NamedSelect of="modules" />
        </Form.Item>
        <PositionFields />
        <Form.Item name="address" label={t('onboard.address')}>
          <Input maxLength={200} />
        </Form.Item>
        <Form.Item name="direction" label={t('onboard.direction')}>
          <Select allowClear options={DIRECTIONS.map((value) => ({ value, label: t(`onboard.direction.${value}`) }))} />
        </Form.Item>
        <Form.Item name="installedOn" label={t('onboard.installedOn')}>
          <DatePicker className="wide" />
        </Form.Item>
      </Form>
      {check.isError && <ProblemNotice error={check.error} />}
      {check.data && <Duplicates report={check.data} />}
      {register.isError && !placed && <ProblemNotice error={register.error} />}
      <div className="onboard-acts">
        <Button onClick={back}>{t('onboard.back')}</Button>
        <Button loading={check.isPending} onClick={() => check.mutate()}>
          {t('onboard.check')}
        </Button>
        <Button type="primary" loading={register.isPending} onClick={form.submit}>
          {t('onboard.register')}
        </Button>
      </div>
    </section>
  );
}
