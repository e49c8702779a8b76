import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { showInForm, useForgetting } from '../../parts/form-problem.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { inWords } from './type.ts';

type Data = Answer<'CameraArchive'>;
/** Fields of 一机一档 that are the camera's own, with the codes of those that have some. */
const FIELDS: readonly (readonly [string, readonly (number | string)[] | 'text' | 'number'])[] = [
  ['manufacturer', 'text'],
  ['model', 'text'],
  ['cameraType', [1, 2, 3, 4, 5, 6, 7]],
  ['pointClass', [1, 2, 3]],
  ['functionTypes', [1, 2, 3, 4, 5, 6, 99]],
  ['positionType', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 96]],
  ['direction', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['azimuth', 'number'],
  ['fieldOfView', 'number'],
  ['focalLength', 'number'],
  ['mountHeight', 'number'],
  ['poleNo', 'text'],
  ['roomType', [1, 2]],
  ['supplyLight', [1, 2, 3, 4, 9]],
  ['codec', ['H264', 'H265', 'MJPEG', 'MPEG4', 'SVAC']],
  ['ipv4', 'text'],
  ['ipv6', 'text'],
  ['networkProperty', [0, 1]],
  ['channel', 'number'],
  ['recordDays', 'number'],
  ['gb35114', ['none', 'A', 'B', 'C']],
  ['managingUnit', 'text'],
  ['managingContact', 'text'],
];

/** 一机一档: what is filled in, what lacks, what differs from what the camera says of itself. */
export function CameraArchive({ id }: { id: string }) {
  const may = useMay();
  const queries = useQueryClient();
  const [editing, setEditing] = useState(false);
  const path = { params: { path: { id } } };
  const archive = useQuery({
    queryKey: ['devices', 'archive', id],
    queryFn: () => body(api.GET('/api/v1/cameras/{id}/archive', path)),
  });
  const again = () => queries.invalidateQueries({ queryKey: ['devices'] });
  return (
    <section className="sheet">
      <h2 className="device-line">
        {t('camera.archive')}
        {may('devices', 'update') && (
          <>
            <Button size="small" onClick={() => setEditing(!editing)}>
              {t(editing ? 'archive.cancel' : 'archive.edit')}
            </Button>
            <ConfirmButton
              size="small"
              title={t('camera.code')}
              consequence={t('camera.code.consequence')}
              act={async () => {
                await body(api.POST('/api/v1/cameras/{id}/national-code', { ...path, body: {} }));
                await again();
              }}
            >
              {t('camera.code')}
            </ConfirmButton>
          </>
        )}
        {may('cameras', 'operate') && (
          <ConfirmButton
            size="small"
            title={t('camera.facts')}
            consequence={t('camera.facts.consequence')}
            act={async () => {
              await body(api.POST('/api/v1/cameras/{id}/facts', path));
              await again();
            }}
          >
            {t('camera.facts')}
          </ConfirmButton>
        )}
      </h2>
      <Loaded query={archive}>
        {(data) => (
          <>
            <p>
              {tCode('camera.stage', data.stage)}
              {data.missing.length > 0 && ` · ${t('camera.missing', { list: data.missing.map(inWords).join('、') })}`}
            </p>
            {data.warnings.map((one) => (
              <Alert key={`${one.field}${one.code}`} type="warning" showIcon title={inWords(one)} />
            ))}
            {data.differences.map((one) => (
              <Alert
                key={one.field}
                type="warning"
                showIcon
                title={t('camera.differs', {
                  field: t(`camera.${one.field}` as 'camera.model'),
                  archive: one.archive,
                  camera: one.camera,
                })}
              />
            ))}
            {editing ? (
              <Edit
                id={id}
                data={data}
                done={() => {
                  setEditing(false);
                  void again();
                }}
              />
            ) : (
              <Written data={data} />
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

const labelOf = (field: string) => tCode('camera', field);
const words = (field: string, value: unknown): string =>
  Array.isArray(value) ? value.map((one) => words(field, one)).join('、') : tCode(`camera.${field}`, String(value));

function Written({ data: { archive, missing, prefilled } }: { data: Data }) {
  const lacks = new Set(missing.map(({ field }) => field));
  return (
    <dl className="two columns-of-two">
      {FIELDS.map(([field]) => (
        <div key={field}>
          <dt>{labelOf(field)}</dt>
          <dd>
            {archive[field] == null ? (
              <span className={lacks.has(field) ? 'lacks' : 'quiet'}>
                {t(lacks.has(field) ? 'camera.lacks' : 'device.none')}
              </span>
            ) : (
              words(field, archive[field])
            )}
            {prefilled.includes(field) && <span className="quiet"> {t('camera.prefilled')}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Edit({ id, data, done }: { id: string; data: Data; done: () => void }) {
  const [form] = Form.useForm();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const save = async (values: Record<string, unknown>) => {
    setBusy(true);
    setError(undefined);
    const changed = Object.entries(values).flatMap(([name, value]) => {
      const next = value === '' || value === undefined || (Array.isArray(value) && value.length === 0) ? null : value;
      return JSON.stringify(next) === JSON.stringify(data.archive[name] ?? null) ? [] : [[name, next] as const];
    });
    try {
      await body(
        api.PATCH('/api/v1/cameras/{id}/archive', { params: { path: { id } }, body: Object.fromEntries(changed) }),
      );
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
      initialValues={data.archive}
      onFinish={(values) => void save(values)}
    >
      {FIELDS.map(([field, kind]) => (
        <Form.Item key={field} name={field} label={labelOf(field)}>
          {kind === 'text' ? (
            <Input maxLength={200} />
          ) : kind === 'number' ? (
            <InputNumber />
          ) : (
            <Select
              allowClear
              {...(field === 'functionTypes' && { mode: 'multiple' as const })}
              options={kind.map((value) => ({ value, label: words(field, value) }))}
            />
          )}
        </Form.Item>
      ))}
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
