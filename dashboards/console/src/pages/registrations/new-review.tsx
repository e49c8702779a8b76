import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { SmallMap } from '../../parts/map/small-map.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Findings } from './findings.tsx';

interface Asked {
  readonly name?: string;
  readonly applicant: string;
  readonly purpose: string;
  readonly location: { readonly lat: number; readonly lon: number; readonly crs: Crs; readonly address?: string };
  readonly azimuth?: number | null;
  readonly radius?: number | null;
}
const SYSTEMS = ['wgs84', 'gcj02', 'cgcs2000'] as const;
type Crs = (typeof SYSTEMS)[number];

const numberIn = (text: string | undefined): number | undefined => {
  const n = Number(text);
  return text === undefined || !Number.isFinite(n) ? undefined : n;
};

/** A point that somebody wants to build, and what is there already. */
export function NewReview({ close }: { close: () => void }) {
  const queries = useQueryClient();
  const may = useMay();
  const [carried] = useFilters();
  const [form] = Form.useForm<Asked>();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<Answer<'ConstructionReview'> | null>(null);
  const location = Form.useWatch('location', form);
  const azimuth = Form.useWatch('azimuth', form);
  const radius = Form.useWatch('radius', form);
  const angle = numberIn(carried.angle);
  const run = async (asked: Asked) => {
    setBusy(true);
    setError(undefined);
    const { address, ...place } = asked.location;
    try {
      const review = await body(
        api.POST('/api/v1/cameras/duplicate-construction', {
          body: {
            applicant: asked.applicant.trim(),
            purpose: asked.purpose.trim(),
            location: { ...place, ...(address?.trim() && { address: address.trim() }) },
            ...(asked.name?.trim() && { name: asked.name.trim() }),
            ...(typeof asked.azimuth === 'number' && { azimuth: asked.azimuth }),
            ...(typeof asked.radius === 'number' && { radius: asked.radius }),
          },
        }),
      );
      setMade(review);
      void queries.invalidateQueries({ queryKey: ['lists', 'construction'] });
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  if (made) {
    return (
      <section className="sheet construction-new">
        <h2>{t('construction.result', { no: made.no })}</h2>
        <Findings of={made} />
        <div className="filters">
          {may('cameras', 'export') && (
            <Link to="/construction/$id/print" params={{ id: made.id }}>
              <Button type="primary">{t('construction.printPaper')}</Button>
            </Link>
          )}
          <Button onClick={() => setMade(null)}>{t('construction.another')}</Button>
          <Button onClick={close}>{t('registrations.close')}</Button>
        </div>
      </section>
    );
  }
  const within = (value: unknown, most: number) => typeof value === 'number' && Math.abs(value) <= most;
  const drawn = location && within(location.lat, 90) && within(location.lon, 180) && location.crs !== 'gcj02';
  return (
    <section className="sheet construction-new">
      <h2>{t('construction.new')}</h2>
      <p className="quiet">{t('construction.how')}</p>
      <Form<Asked>
        form={form}
        layout="vertical"
        className="construction-form"
        initialValues={{
          azimuth: numberIn(carried.azimuth),
          location: { lat: numberIn(carried.lat), lon: numberIn(carried.lon), crs: 'wgs84' },
        }}
        onFinish={run}
      >
        <div className="construction-fields">
          <Form.Item name="name" label={t('construction.name')}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name="applicant" label={t('construction.applicant')} rules={[required('construction.applicant')]}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item
            name="purpose"
            label={t('construction.purpose')}
            className="construction-wide"
            rules={[required('construction.purpose')]}
          >
            <Input maxLength={200} placeholder={t('construction.purpose.hint')} />
          </Form.Item>
          <Form.Item
            name={['location', 'lon']}
            label={t('construction.lon')}
            rules={[{ required: true, type: 'number', min: -180, max: 180, message: t('construction.lon.rule') }]}
          >
            <InputNumber className="construction-number" controls={false} precision={7} />
          </Form.Item>
          <Form.Item
            name={['location', 'lat']}
            label={t('construction.lat')}
            rules={[{ required: true, type: 'number', min: -90, max: 90, message: t('construction.lat.rule') }]}
          >
            <InputNumber className="construction-number" controls={false} precision={7} />
          </Form.Item>
          <Form.Item name={['location', 'crs']} label={t('construction.crs')}>
            <Select<Crs> options={SYSTEMS.map((value) => ({ value, label: tCode('construction.crs', value) }))} />
          </Form.Item>
          <Form.Item name="azimuth" label={t('construction.azimuth')} extra={t('construction.azimuth.hint')}>
            <InputNumber className="construction-number" min={0} max={359.9} />
          </Form.Item>
          <Form.Item name="radius" label={t('construction.radius')} extra={t('construction.radius.hint')}>
            <InputNumber className="construction-number" min={1} max={2000} />
          </Form.Item>
          <Form.Item name={['location', 'address']} label={t('construction.address')}>
            <Input maxLength={200} />
          </Form.Item>
        </div>
        <div className="construction-map">
          {drawn ? (
            <SmallMap
              lon={location.lon}
              lat={location.lat}
              name={t('construction.point')}
              height={260}
              zoom={18}
              azimuth={azimuth ?? null}
              around={radius ?? 50}
              {...(angle !== undefined && { angle })}
            />
          ) : (
            <p className="quiet">{t(location?.crs === 'gcj02' ? 'construction.noMap' : 'construction.mapHere')}</p>
          )}
          <Link to="/map">{t('construction.chooseOnMap')}</Link>
        </div>
        <div className="construction-acts">
          {error !== undefined && <ProblemNotice error={error} />}
          <Button type="primary" htmlType="submit" loading={busy}>
            {t('construction.check')}
          </Button>
          <Button onClick={close}>{t('registrations.cancel')}</Button>
        </div>
      </Form>
    </section>
  );
}

const required = (label: 'construction.applicant' | 'construction.purpose') => ({
  required: true,
  whitespace: true,
  min: 2,
  message: t('construction.required', { what: t(label) }),
});
