import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input, Radio } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import type { Inspection } from './inspection.tsx';

interface Asked {
  readonly rest?: 'normal' | 'abnormal';
  readonly note?: string;
}

/** In one's own name, once: what nobody answered is answered together. */
export function Submit({ task }: { task: Inspection }) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const left = task.list.filter(({ result }) => result === null).length;
  const run = async ({ rest, note }: Asked) => {
    setBusy(true);
    setError(undefined);
    try {
      const data = await body(
        api.POST('/api/v1/inspections/{id}/submit', {
          params: { path: { id: task.id } },
          body: { ...(left > 0 && rest && { rest }), ...(note?.trim() && { note: note.trim() }) },
        }),
      );
      queries.setQueryData(['reports', 'inspections', 'one', task.id], data);
      message.success(t('inspections.sent'));
      void queries.invalidateQueries({ queryKey: ['reports', 'inspections'] });
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <Form<Asked> layout="vertical" className="sheet inspection-submit" onFinish={run}>
      {left > 0 && (
        <Form.Item
          name="rest"
          label={t('inspections.rest', { n: left })}
          rules={[{ required: true, message: t('inspections.rest.rule') }]}
        >
          <Radio.Group
            options={(['abnormal', 'normal'] as const).map((value) => ({
              value,
              label: tCode('inspections.restAs', value),
            }))}
          />
        </Form.Item>
      )}
      <Form.Item name="note" label={t('inspections.remark')}>
        <Input.TextArea rows={2} maxLength={500} />
      </Form.Item>
      {error !== undefined && <ProblemNotice error={error} />}
      <p className="quiet">{t('inspections.submit.final')}</p>
      <Button type="primary" htmlType="submit" size="large" loading={busy}>
        {t('inspections.submit')}
      </Button>
    </Form>
  );
}
