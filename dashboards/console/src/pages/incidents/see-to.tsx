import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { t } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { lengthOf } from '../../parts/time.tsx';

const HOUR_MS = 3_600_000;
const TIMES = [4, 12, 24, 72, 168].map((hours) => hours * HOUR_MS);

/** Says that somebody knows of an incident and sees to it, for a time; still open after that, it is told again. */
export function SeeTo({ id }: { id: string }) {
  const queries = useQueryClient();
  const [form] = Form.useForm<{ note: string; forMs: number }>();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async ({ note, forMs }: { note?: string; forMs: number }) => {
    setBusy(true);
    setError(undefined);
    try {
      const said = note?.trim();
      await api.POST('/api/v1/incidents/{id}/acknowledge', {
        params: { path: { id } },
        body: { until: Date.now() + forMs, ...(said ? { note: said } : {}) },
      });
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ['incidents'] });
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('incidents.see')}
      </Button>
      <Modal
        open={open}
        title={t('incidents.see')}
        okText={t('incidents.see')}
        confirmLoading={busy}
        destroyOnHidden
        onOk={() => form.submit()}
        onCancel={() => setOpen(false)}
      >
        <p className="quiet">{t('incidents.see.told')}</p>
        <Form form={form} layout="vertical" initialValues={{ forMs: TIMES[2] }} onFinish={(input) => void run(input)}>
          <Form.Item name="forMs" label={t('incidents.see.for')} rules={[{ required: true }]}>
            <Select options={TIMES.map((value) => ({ value, label: lengthOf(value) }))} />
          </Form.Item>
          <Form.Item name="note" label={t('incidents.see.note')}>
            <Input.TextArea rows={2} maxLength={500} />
          </Form.Item>
        </Form>
        {error !== undefined && <ProblemNotice error={error} />}
      </Modal>
    </>
  );
}
