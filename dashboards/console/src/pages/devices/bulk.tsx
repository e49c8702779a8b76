import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Progress as Bar, Button, Checkbox, Form, Input, Modal, Radio } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Refusals } from '../../parts/refusals.tsx';
import { ACTIONS, type BulkAction, carryOut, FITS, idsOf, MOST, type Order, type Progress } from './bulk-run.ts';
import { queryOf } from './filters.ts';

interface BulkProps {
  readonly chosen: readonly string[];
  readonly filters: Readonly<Record<string, string>>;
  readonly close: () => void;
}

type Target = 'chosen' | 'filter';
type State = 'asked' | 'counting' | 'running' | 'ended';

/** One step of life for many devices: how many, with what consequence, then portion by portion. */
export function Bulk({ chosen, filters, close }: BulkProps) {
  const queries = useQueryClient();
  const me = useMe();
  const [form] = Form.useForm<Order>();
  const [target, setTarget] = useState<Target>(chosen.length > 0 ? 'chosen' : 'filter');
  const [progress, setProgress] = useState<Progress | null>(null);
  const [state, setState] = useState<State>('asked');
  const [error, setError] = useState<unknown>();
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const action: BulkAction = Form.useWatch('action', form) ?? 'approve';
  const counts = useQuery({
    queryKey: ['devices', 'counts', filters, 'bulk'],
    queryFn: () => body(api.GET('/api/v1/devices/counts', { params: { query: queryOf(filters, Date.now()) } })),
  });
  const all = counts.data?.total;
  const fit = counts.data && FITS[action].reduce((sum, stage) => sum + (counts.data.byLifecycle[stage] ?? 0), 0);
  const count = target === 'chosen' ? chosen.length : all;
  const run = async (order: Order) => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    setError(undefined);
    try {
      setState('counting');
      const ids = target === 'chosen' ? chosen : await idsOf(filters, signal);
      setState('running');
      await carryOut(ids, order, setProgress, signal);
    } catch (cause) {
      if (!signal.aborted) setError(cause);
    }
    setState('ended');
    void queries.invalidateQueries({ queryKey: ['devices'] });
  };
  const busy = state === 'counting' || state === 'running';
  return (
    <Modal
      open
      width={640}
      title={t('devices.bulk')}
      onCancel={close}
      closable={!busy}
      mask={{ closable: false }}
      keyboard={!busy}
      footer={
        <Steps
          state={state}
          action={action}
          count={count ?? 0}
          close={close}
          go={() => form.submit()}
          stop={() => stop.current.abort()}
        />
      }
    >
      {state === 'asked' && (
        <Form<Order> form={form} layout="vertical" initialValues={{ action: 'approve' }} onFinish={run}>
          <Radio.Group
            aria-label={t('devices.bulk.target')}
            value={target}
            onChange={({ target: { value } }) => setTarget(value)}
            options={[
              {
                value: 'chosen',
                label: t('devices.bulk.target.chosen', { n: chosen.length }),
                disabled: chosen.length === 0,
              },
              { value: 'filter', label: t('devices.bulk.target.filter', { n: all ?? '…' }) },
            ]}
          />
          <Form.Item name="action" label={t('devices.bulk.action')}>
            <Radio.Group
              optionType="button"
              options={ACTIONS.map((value) => ({ value, label: tCode('devices.bulk', value) }))}
            />
          </Form.Item>
          <Alert
            type="info"
            showIcon
            title={tCode('devices.bulk.consequence', action)}
            description={
              target === 'filter' && fit !== undefined ? t('devices.bulk.fit', { n: fit, of: all ?? 0 }) : undefined
            }
          />
          {count !== undefined && count > MOST && (
            <Alert type="warning" title={t('devices.bulk.tooMany', { most: MOST })} />
          )}
          <Form.Item
            name="reason"
            label={t('confirm.reason')}
            rules={[{ required: true, whitespace: true, message: t('devices.bulk.reason') }]}
          >
            <Input.TextArea rows={2} maxLength={500} />
          </Form.Item>
          {action === 'approve' && me.role === 'admin' && (
            <Form.Item name="override" valuePropName="checked">
              <Checkbox>{t('devices.bulk.override')}</Checkbox>
            </Form.Item>
          )}
          {(action === 'suspend' || action === 'retire') && (
            <Form.Item name="confirm" valuePropName="checked">
              <Checkbox>{t('devices.bulk.confirm')}</Checkbox>
            </Form.Item>
          )}
        </Form>
      )}
      {state === 'counting' && <p>{t('devices.bulk.counting')}</p>}
      {progress && (
        <div aria-live="polite">
          <Bar
            percent={progress.of === 0 ? 100 : Math.floor((progress.tried / progress.of) * 100)}
            status={busy ? 'active' : error || progress.failed.length > 0 ? 'exception' : 'success'}
          />
          <p>
            {t('devices.bulk.sofar', {
              tried: progress.tried,
              of: progress.of,
              done: progress.done,
              failed: progress.failed.length,
            })}
          </p>
        </div>
      )}
      {state === 'ended' && progress !== null && progress.tried < progress.of && (
        <Alert type="warning" showIcon title={t('devices.bulk.stopped', { n: progress.of - progress.tried })} />
      )}
      {error !== undefined && <ProblemNotice error={error} />}
      {state === 'ended' && progress && progress.failed.length > 0 && <Refusals failed={progress.failed} />}
    </Modal>
  );
}

interface StepsProps {
  readonly state: State;
  readonly action: BulkAction;
  readonly count: number;
  readonly close: () => void;
  readonly go: () => void;
  readonly stop: () => void;
}

/** What one can do next. */
function Steps({ state, action, count, close, go, stop }: StepsProps) {
  if (state === 'counting' || state === 'running') return <Button onClick={stop}>{t('devices.bulk.stop')}</Button>;
  if (state === 'ended') {
    return (
      <Button type="primary" onClick={close}>
        {t('devices.bulk.close')}
      </Button>
    );
  }
  return (
    <>
      <Button onClick={close}>{t('devices.bulk.cancel')}</Button>
      <Button
        type="primary"
        danger={action === 'retire' || action === 'reject'}
        disabled={count === 0 || count > MOST}
        onClick={go}
      >
        {t('devices.bulk.go', { action: tCode('devices.bulk', action), n: count })}
      </Button>
    </>
  );
}
