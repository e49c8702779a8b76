import { useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { Mark } from '../../parts/mark.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import type { Ticket } from './actions.ts';
import { CodeSelect } from './field.tsx';

const STEPS = ['filed', 'dispatched', 'falseAlarm', 'cancelled', 'returned', 'assign', 'comment'] as const;
type Step = (typeof STEPS)[number];
interface Values {
  readonly step: Step;
  readonly note?: string;
  readonly cause?: string;
  readonly handlerOrgId?: string;
}
interface Result {
  readonly done: number;
  readonly refused: number;
  readonly items: readonly { id: string; ok: boolean; detail: string | null }[];
}
const MANY_MS = 120_000;

/** The same step on all chosen tickets; each goes by its own rules, and the answer says what became of each. */
export function Bulk({ tickets, done }: { tickets: readonly Ticket[]; done: () => void }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [result, setResult] = useState<Result>();
  const [error, setError] = useState<unknown>();
  const [working, setWorking] = useState(false);
  const [form] = Form.useForm<Values>();
  const step = Form.useWatch('step', form);
  const run = async (values: Values) => {
    setWorking(true);
    setError(undefined);
    try {
      const asked = { ids: tickets.map(({ id }) => id), ...stepOf(values) };
      setResult(
        await body(
          api.POST('/api/v1/tickets/bulk', {
            body: asked,
            fetch: (request) => fetch(request, { signal: AbortSignal.timeout(MANY_MS) }),
          }),
        ),
      );
      void queries.invalidateQueries({ queryKey: ['tickets'] });
    } catch (problem) {
      setError(problem);
    } finally {
      setWorking(false);
    }
  };
  const close = () => {
    setOpen(false);
    if (result) done();
    setResult(undefined);
  };
  return (
    <div className="bulk" role="status">
      {t('bulk.chosen', { n: tickets.length })}
      <Button type="primary" size="small" onClick={() => setOpen(true)}>
        {t('bulk.act')}
      </Button>
      <Button size="small" onClick={done}>
        {t('bulk.none')}
      </Button>
      <Modal
        open={open}
        title={t('bulk.title', { n: tickets.length })}
        onCancel={close}
        onOk={() => (result ? close() : form.submit())}
        okText={t(result ? 'bulk.close' : 'bulk.run')}
        confirmLoading={working}
      >
        {result ? (
          <Outcome result={result} tickets={tickets} />
        ) : (
          <Form<Values> form={form} layout="vertical" onFinish={(values) => void run(values)}>
            <Form.Item name="step" label={t('bulk.step')} rules={[{ required: true }]}>
              <Select options={STEPS.map((one) => ({ value: one, label: tCode('bulk.step', one) }))} />
            </Form.Item>
            {(step === 'dispatched' || step === 'assign') && (
              <Form.Item
                name="handlerOrgId"
                label={t('ticketField.handlerOrgId')}
                rules={[{ required: step === 'assign' }]}
              >
                <NamedSelect of="orgs" />
              </Form.Item>
            )}
            <Form.Item
              name="note"
              label={t('ticketField.note')}
              rules={[
                {
                  required: step !== 'filed' && step !== 'dispatched',
                  message: t('ticketField.required', { field: t('ticketField.note') }),
                },
              ]}
            >
              <Input.TextArea rows={3} maxLength={2_000} />
            </Form.Item>
            {step === 'dispatched' && (
              <Form.Item name="cause" label={t('bulk.causeOfReopening')}>
                <CodeSelect of="causes" module={null} />
              </Form.Item>
            )}
          </Form>
        )}
        {error !== undefined && <ProblemNotice error={error} />}
      </Modal>
    </div>
  );
}

function stepOf({ step, note, cause, handlerOrgId }: Values): Partial<Answer<'TicketBulk'>> {
  if (step === 'comment') return { comment: { note: note ?? '' } };
  if (step === 'assign') return { assign: { note: note ?? '', ...(handlerOrgId && { handlerOrgId }) } };
  return {
    transition: { to: step, ...(note && { note }), ...(cause && { cause }), ...(handlerOrgId && { handlerOrgId }) },
  };
}

function Outcome({ result, tickets }: { result: Result; tickets: readonly Ticket[] }) {
  const no = new Map(tickets.map(({ id, no: number }) => [id, number]));
  return (
    <>
      <p>{t('bulk.outcome', { done: result.done, refused: result.refused })}</p>
      <ul className="rechecked">
        {result.items.map(({ id, ok, detail }) => (
          <li key={id}>
            <Mark tone={ok ? 'good' : 'bad'} shape={ok ? 'disc' : 'cross'} label={no.get(id) ?? id} /> {detail}
          </li>
        ))}
      </ul>
    </>
  );
}
