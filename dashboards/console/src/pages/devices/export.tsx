import { Button, Form, Input, Modal, Radio } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { t } from '../../language.ts';
import { saveFile } from '../../parts/file.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { queryOf } from './filters.ts';

interface Asked {
  readonly purpose: string;
  readonly format: 'xlsx' | 'csv' | 'gb18030';
}

/** The devices of the filters as a table; what for is asked, written into the file and into the audit. */
export function ExportButton({ filters }: { filters: Readonly<Record<string, string>> }) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [form] = Form.useForm<Asked>();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const run = async ({ purpose, format }: Asked) => {
    const query = new URLSearchParams(
      Object.entries(queryOf(filters, Date.now())).map(([name, value]): [string, string] => [name, String(value)]),
    );
    query.set('purpose', purpose.trim());
    query.set('format', format === 'xlsx' ? 'xlsx' : 'csv');
    if (format === 'gb18030') query.set('encoding', 'gb18030');
    stop.current = new AbortController();
    setBusy(true);
    setError(undefined);
    try {
      await saveFile(`/api/v1/devices/export?${query}`, stop.current.signal);
      setOpen(false);
    } catch (cause) {
      if (!stop.current.signal.aborted) setError(cause);
    }
    setBusy(false);
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('list.export')}</Button>
      <Modal
        open={open}
        title={t('devices.export')}
        okText={t('list.export')}
        confirmLoading={busy}
        destroyOnHidden
        onOk={() => form.submit()}
        onCancel={() => {
          stop.current.abort();
          setOpen(false);
        }}
      >
        <p className="quiet">{t('devices.export.words')}</p>
        <Form<Asked> form={form} layout="vertical" initialValues={{ format: 'xlsx' }} onFinish={run}>
          <Form.Item
            name="purpose"
            label={t('devices.export.purpose')}
            rules={[{ required: true, whitespace: true, min: 2, message: t('devices.export.purpose.rule') }]}
          >
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name="format" label={t('devices.export.format')}>
            <Radio.Group
              options={[
                { value: 'xlsx', label: 'Excel (.xlsx)' },
                { value: 'csv', label: 'CSV (UTF-8)' },
                { value: 'gb18030', label: 'CSV (GB18030)' },
              ]}
            />
          </Form.Item>
        </Form>
        {busy && <p aria-live="polite">{t('devices.export.busy')}</p>}
        {error !== undefined && <ProblemNotice error={error} />}
      </Modal>
    </>
  );
}
