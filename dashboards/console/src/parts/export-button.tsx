import { Button, Form, Input, Modal, Radio } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { t } from '../language.ts';
import { saveFile } from './file.ts';
import { ProblemNotice } from './problem.tsx';

interface Asked {
  readonly purpose: string;
  readonly format?: string;
}

interface ExportButtonProps {
  /** What is taken, e.g. the people; the dialogue's name. */
  readonly title: string;
  /** Of the gateway, without a query. */
  readonly address: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** None = the file is as it is, there is nothing to choose. */
  readonly formats?: readonly ('xlsx' | 'csv' | 'gb18030')[];
  readonly label?: string;
}

/** A file that leaves the house: what for is asked, written into the file and into the audit. */
export function ExportButton({ title, address, query = {}, formats = ['xlsx', 'csv'], label }: ExportButtonProps) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [form] = Form.useForm<Asked>();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const run = async ({ purpose, format }: Asked) => {
    const asked = new URLSearchParams({ purpose: purpose.trim(), ...written(format) });
    for (const [name, value] of Object.entries(query)) if (value) asked.set(name, value);
    stop.current = new AbortController();
    setBusy(true);
    setError(undefined);
    try {
      await saveFile(`${address}?${asked}`, stop.current.signal);
      setOpen(false);
    } catch (cause) {
      if (!stop.current.signal.aborted) setError(cause);
    }
    setBusy(false);
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{label ?? t('list.export')}</Button>
      <Modal
        open={open}
        title={title}
        okText={label ?? t('list.export')}
        confirmLoading={busy}
        destroyOnHidden
        onOk={() => form.submit()}
        onCancel={() => {
          stop.current.abort();
          setOpen(false);
        }}
      >
        <p className="quiet">{t('export.marked')}</p>
        <Form<Asked>
          form={form}
          layout="vertical"
          initialValues={{ format: formats[0] }}
          onFinish={(asked) => void run(asked)}
        >
          <Form.Item
            name="purpose"
            label={t('export.purpose')}
            rules={[{ required: true, whitespace: true, min: 2, message: t('export.purpose.rule') }]}
          >
            <Input maxLength={200} />
          </Form.Item>
          {formats.length > 0 && (
            <Form.Item name="format" label={t('export.format')}>
              <Radio.Group options={formats.map((one) => ({ value: one, label: t(`export.format.${one}`) }))} />
            </Form.Item>
          )}
        </Form>
        {error !== undefined && <ProblemNotice error={error} />}
      </Modal>
    </>
  );
}

/** GB18030 is a CSV for spreadsheets of an older office. */
function written(format: string | undefined): Record<string, string> {
  if (format === undefined) return {};
  return format === 'gb18030' ? { format: 'csv', encoding: format } : { format };
}
