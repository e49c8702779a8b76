import { useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Button, Form } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import type { paths } from '../../api/schema.d.ts';
import { Forbidden } from '../../app/forbidden.tsx';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { useTypes } from './filter-bar.tsx';
import { type Draft, inputOf, prefilled } from './register-draft.ts';
import { RegisterFields } from './register-fields.tsx';
import { Registered } from './registered.tsx';
import { Similar } from './similar.tsx';
import './devices.css';
import './register.css';

export type Made = paths['/api/v1/devices']['post']['responses']['201']['content']['application/json'];
type Report = Answer<'DuplicateReport'>;

/** 登记设备: the form, a look at what is registered already, and the login that is shown once. */
export default function Register() {
  const may = useMay();
  const queries = useQueryClient();
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const types = useTypes();
  const [form] = Form.useForm<Draft>();
  useForgetting(form);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  if (!may('devices', 'create')) return <Forbidden />;
  const list = types.data?.items ?? [];
  const tried = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  const register = (wanted: Draft) =>
    tried(async () => {
      setMade(await body(api.POST('/api/v1/devices', { body: inputOf(wanted) })));
      void queries.invalidateQueries({ queryKey: ['devices'] });
    });
  /** First a look at who carries the same marks and whether the place looks right; nothing odd = it is registered. */
  const check = (wanted: Draft) =>
    tried(async () => {
      const { location, serial, mac, nationalCode, connection, vendorId, orgId, siteId } = inputOf(wanted);
      const place = location && {
        lat: location.lat,
        lon: location.lon,
        ...(location.crs ? { crs: location.crs } : {}),
      };
      const marks = { serial, mac, nationalCode, connection, vendorId, orgId, siteId, location: place };
      const asked = Object.fromEntries(Object.entries(marks).filter(([, value]) => value !== undefined));
      setDraft(wanted);
      const found = await body(api.POST('/api/v1/devices/duplicate-check', { body: asked }));
      const odd = found.identities.length > 0 || found.coordinates.length > 0 || found.items.length > 0;
      if (!odd && found.hidden === 0) await register(wanted);
      else setReport(found);
    });
  const again = () => {
    form.resetFields();
    setMade(null);
    setReport(null);
    setDraft(null);
  };
  return (
    <Page title={t('register.title')} guide="registration">
      {made ? (
        <Registered made={made} again={again} />
      ) : (
        <div className="register">
          <Form<Draft>
            form={form}
            className="sheet"
            layout="vertical"
            initialValues={prefilled(search)}
            onFinish={check}
            onValuesChange={() => setReport(null)}
            scrollToFirstError
          >
            <RegisterFields types={list} form={form} />
            {error !== undefined && <ProblemNotice error={error} />}
            <Button type="primary" htmlType="submit" loading={busy} disabled={report !== null}>
              {t('register.submit')}
            </Button>
          </Form>
          {report && draft && (
            <Similar
              report={report}
              busy={busy}
              take={(location) => {
                form.setFieldsValue({ lat: location.lat, lon: location.lon, crs: location.crs });
                setReport(null);
              }}
              go={() => register(draft)}
            />
          )}
        </div>
      )}
    </Page>
  );
}
