import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Checkbox, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Refusals } from '../../parts/refusals.tsx';
import { checkName } from './words.ts';

const ACTIONS = ['approve', 'return', 'reject'] as const;
type Action = (typeof ACTIONS)[number];
type Result = Answer<'BulkResult'>;
/** A bulk answer takes its time. */
const PATIENCE_MS = 120_000;

interface DecideProps {
  readonly ids: readonly string[];
  /** Of the one device. */
  readonly name?: string;
  readonly decided?: () => void;
  /** They were given back already: not once more. */
  readonly again?: boolean;
}

/** Approve, give back or reject, one or many, always with a reason. */
export function Decide({ ids, name, decided, again = false }: DecideProps) {
  const may = useMay();
  const [action, setAction] = useState<Action | null>(null);
  if (!may('devices', 'decide')) return null;
  return (
    <span className="decide">
      {ACTIONS.filter((one) => !(again && one === 'return')).map((one) => (
        <Button
          key={one}
          size="small"
          type={one === 'approve' ? 'primary' : 'default'}
          danger={one === 'reject'}
          onClick={() => setAction(one)}
        >
          {tCode('registrations.act', one)}
        </Button>
      ))}
      {action && (
        <Ask
          action={action}
          ids={ids}
          {...(name !== undefined && { name })}
          close={(done) => {
            setAction(null);
            if (done) decided?.();
          }}
        />
      )}
    </span>
  );
}

interface AskProps {
  readonly action: Action;
  readonly ids: readonly string[];
  readonly name?: string;
  readonly close: (done: boolean) => void;
}

function Ask({ action, ids, name, close }: AskProps) {
  const queries = useQueryClient();
  const { message } = App.useApp();
  const { role } = useMe();
  const [form] = Form.useForm<{ reason: string; override?: boolean }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [result, setResult] = useState<Result | null>(null);
  const run = async ({ reason, override }: { reason: string; override?: boolean }) => {
    setBusy(true);
    setError(undefined);
    try {
      const order = { reason: reason.trim(), ...(override && { override }) };
      const [only] = ids;
      if (ids.length === 1 && only !== undefined) {
        await one(action, only, order);
        message.success(tCode('registrations.done', action));
        close(true);
      } else {
        const answer = await body(
          api.POST('/api/v1/devices/bulk', {
            body: { ids: [...ids], action, ...order },
            fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) }),
          }),
        );
        setResult(answer);
      }
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
    void queries.invalidateQueries({ queryKey: ['devices'] });
  };
  // The codes of the refusal, in words.
  const missing = error instanceof Problem && Array.isArray(error.more.missing) ? error.more.missing.map(String) : [];
  const title = t('registrations.ask', {
    action: tCode('registrations.act', action),
    what: name ?? t('registrations.devices', { n: ids.length }),
  });
  return (
    <Modal
      open
      title={title}
      okText={tCode('registrations.act', action)}
      okButtonProps={{ danger: action === 'reject' }}
      confirmLoading={busy}
      onOk={() => form.submit()}
      onCancel={() => close(result !== null)}
      {...(result && {
        footer: (
          <Button type="primary" onClick={() => close(true)}>
            {t('registrations.close')}
          </Button>
        ),
      })}
    >
      {result ? (
        <>
          <Alert
            type={result.failed.length > 0 ? 'warning' : 'success'}
            showIcon
            title={t('registrations.result', { done: result.done, failed: result.failed.length })}
          />
          {result.failed.length > 0 && <Refusals failed={result.failed} />}
        </>
      ) : (
        <Form form={form} layout="vertical" onFinish={run}>
          <p className="decide-consequence">{tCode('registrations.consequence', action)}</p>
          <Form.Item
            name="reason"
            label={t('confirm.reason')}
            rules={[{ required: true, whitespace: true, message: t('registrations.reason') }]}
          >
            <Input.TextArea autoFocus rows={2} maxLength={500} placeholder={tCode('registrations.hint', action)} />
          </Form.Item>
          {action === 'approve' && role === 'admin' && (
            <Form.Item name="override" valuePropName="checked">
              <Checkbox>{t('registrations.override')}</Checkbox>
            </Form.Item>
          )}
          {error !== undefined && <ProblemNotice error={error} />}
          {missing.length > 0 && (
            <p>
              {t('registrations.missing', {
                checks: missing.map(checkName).join(t('registrations.and')),
              })}
            </p>
          )}
        </Form>
      )}
    </Modal>
  );
}

function one(action: Action, id: string, { reason, override }: { reason: string; override?: boolean }) {
  const params = { path: { id } };
  if (action === 'approve') {
    return api.POST('/api/v1/devices/{id}/approve', { params, body: { reason, ...(override && { override }) } });
  }
  return action === 'return'
    ? api.POST('/api/v1/devices/{id}/return', { params, body: { reason } })
    : api.POST('/api/v1/devices/{id}/reject', { params, body: { reason } });
}
