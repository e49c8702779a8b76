import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { type Answer, api } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { exactTime } from '../../parts/time.tsx';

type Review = Answer<'ConstructionReview'>;
const DECISIONS = ['build', 'reuse', 'refuse'] as const;
const LOOK = { build: ['good', 'disc'], reuse: ['warning', 'triangle'], refuse: ['bad', 'square'] } as const;

/** What a second person decided on a review, or the button to do so. */
export function Decision({ of: { id, by, decided } }: { of: Review }) {
  const may = useMay();
  const me = useMe();
  const queries = useQueryClient();
  const [form] = Form.useForm<{ decision: (typeof DECISIONS)[number]; opinion: string }>();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  if (decided) {
    const [tone, shape] = LOOK[decided.decision];
    return (
      <>
        <Mark tone={tone} shape={shape} label={tCode('construction.decision', decided.decision)} />
        <div className="quiet">
          {decided.opinion} · {decided.byName} {exactTime(decided.at)}
        </div>
      </>
    );
  }
  const mine = by === me.id || by === `user:${me.id}`;
  if (!may('cameras', 'operate') || mine) return <span className="quiet">{t('construction.undecided')}</span>;
  const run = async (body: { decision: (typeof DECISIONS)[number]; opinion: string }) => {
    setBusy(true);
    setError(undefined);
    try {
      await api.POST('/api/v1/cameras/duplicate-construction/{id}/decision', { params: { path: { id } }, body });
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ['lists', 'construction'] });
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('construction.decide')}
      </Button>
      <Modal
        open={open}
        title={t('construction.decide')}
        okText={t('construction.decide')}
        confirmLoading={busy}
        destroyOnHidden
        onOk={() => form.submit()}
        onCancel={() => setOpen(false)}
      >
        <p className="quiet">{t('construction.decide.told')}</p>
        <Form form={form} layout="vertical" onFinish={(input) => void run(input)}>
          <Form.Item name="decision" label={t('construction.decision')} rules={[{ required: true }]}>
            <Radio.Group
              options={DECISIONS.map((value) => ({ value, label: tCode('construction.decision', value) }))}
            />
          </Form.Item>
          <Form.Item name="opinion" label={t('construction.opinion')} rules={[{ required: true, min: 2 }]}>
            <Input.TextArea rows={3} maxLength={500} />
          </Form.Item>
        </Form>
        {error !== undefined && <ProblemNotice error={error} />}
      </Modal>
    </>
  );
}
